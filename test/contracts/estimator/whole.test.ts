/** The estimator as a process of its own on a real Prometheus with mixed exporters, a real Redis and a real InfluxDB. */
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CostCurrentAnswer, CostHourlyAnswer, CostWorkloadAnswer } from '#apis/estimator-api/cost.ts';
import { PowerContainersAnswer, PowerCurrentAnswer, PowerNodesAnswer } from '#apis/estimator-api/power.ts';
import { CalibrateAnswer, CalibrationConfigAnswer, PredictAnswer } from '#apis/estimator-api/prediction.ts';
import { ClassifyAnswer, WorkloadTypesAnswer } from '#apis/estimator-api/profile.ts';
import {
  CollectAnswer,
  HealthAnswer,
  InfoAnswer,
  LiveAnswer,
  ReadyAnswer,
  SummaryAnswer,
} from '#apis/estimator-api/service.ts';
import { whyNoInfluxdb } from '../../servers/influxdb/binaries.ts';
import { InfluxdbServer } from '../../servers/influxdb/influxdb-server.ts';
import { whyNoPrometheus } from '../../servers/prometheus/binaries.ts';
import { RedisServer, whyNoRedis } from '../../servers/redis/redis-server.ts';
import { eventually } from '../../testenv/processes/eventually.ts';
import { skipReason } from '../../testenv/real-components.ts';
import { describeTargets } from '../../testenv/targets/describe-targets.ts';
import { GPU_WATTS, KEPLER_NODE, LEGACY_NODE, NPU_WATTS } from './exporters.ts';
import { ask, type EstimatorProcess, setStage, type Stage, startEstimator } from './stage.ts';

const missing = [whyNoPrometheus(), whyNoRedis(), whyNoInfluxdb()].find((reason) => reason !== undefined);
const skipped = skipReason('the estimator on real servers', missing);
const NODE_WATTS = {
  'gpu-1': KEPLER_NODE.idle + KEPLER_NODE.active + GPU_WATTS,
  'kepler-1': KEPLER_NODE.idle + KEPLER_NODE.active,
  'legacy-1': Object.values(LEGACY_NODE).reduce((sum, watts) => sum + watts, 0),
  'npu-1': KEPLER_NODE.idle + KEPLER_NODE.active + NPU_WATTS,
} as const;

/** As the seed prints them. */
const SEED_PREDICTION = { container_name: 'ml-trainer', pod_name: 'ml-trainer-abc123', namespace: 'default', historical_cpu_cores: Array<number>(90).fill(0.8), container_cpu_request: 1.0, node_current_util: 45.0, node_idle_util: 5.0, containers_on_node: [], prediction_horizon_minutes: 30 }; // prettier-ignore
const SEED_CALIBRATION = {
  container_node_data: [{ container_cpu_cores: 0.5, node_cpu_util_percent: 15.2 }, { container_cpu_cores: 1.0, node_cpu_util_percent: 28.5 }],
  node_power_data: [{ node_cpu_util_percent: 0, node_power_watts: 54.0 }, { node_cpu_util_percent: 50, node_power_watts: 85.2 }],
}; // prettier-ignore

if (skipped !== undefined) it.skip(`the estimator on real servers (skipped: ${skipped})`, () => undefined);
else
  describeTargets(
    'the estimator',
    (target) => {
      let stage: Stage;
      let estimator: EstimatorProcess;
      let redis: RedisServer;
      let influx: InfluxdbServer;

      beforeAll(async () => {
        redis = await RedisServer.start();
        influx = await InfluxdbServer.start();
        await influx.createBucket('power_metrics');
        stage = await setStage(target());
        const sinks = { REDIS_URL: `redis://127.0.0.1:${String(redis.port)}`, INFLUXDB_URL: influx.url };
        stage = { ...stage, env: { ...stage.env, ...sinks } };
        estimator = await startEstimator(stage.directory, stage.env);
        await eventually('a collection', async () => (await health()).collection.collections > 0);
      });

      afterAll(async () => {
        await estimator.process.kill();
        await Promise.all([stage.prometheus.stop(), redis.stop(), influx.stop()]);
      });

      async function get<T>(request: string, schema: TSchema, body?: unknown): Promise<T> {
        const answer = await ask(estimator.url, request.includes(' ') ? request : `GET ${request}`, body);
        expect([request, answer.status, answer.status === 200 ? '' : answer.text]).toEqual([
          request,
          200,
          '',
        ]);
        expect([request, Value.Errors(schema, answer.json).slice(0, 3)]).toEqual([request, []]);
        expect(answer.headers.get('x-request-id')).toBe('test-1');
        return answer.json as T;
      }
      const health = () =>
        get<{
          status: string;
          collection: { collections: number };
          sinks: { waiting_batches: number; delivered_batches: number }[];
        }>('/health', HealthAnswer);

      it('answers every endpoint of the seed and of its repository', async () => {
        const current = await get<PowerCurrentAnswer>(
          '/power/current?workload=ml-training&namespace=default',
          PowerCurrentAnswer,
        );
        expect(current.data.map(({ pod_name }) => pod_name)).toEqual(['ml-training-0']);
        const { containers } = await get<PowerContainersAnswer>(
          '/power/containers?namespace=kcloud-workloads',
          PowerContainersAnswer,
        );
        expect(containers.map(({ pod_name }) => pod_name)).toEqual(['ml-training-1', 'npu-serving-0']);
        await get('/cost/current?namespace=default', CostCurrentAnswer);
        await get('/cost/hourly?start=2025-01-01T00:00:00Z', CostHourlyAnswer);
        const workload = await get<CostWorkloadAnswer>('/cost/workload/web', CostWorkloadAnswer);
        expect(workload.cost_breakdown.containers.length).toBeGreaterThanOrEqual(2);
        await get('/profile/workload-types', WorkloadTypesAnswer);
        await get('POST /profile/classify', ClassifyAnswer, { workload_id: 'default:ml-training' });
        const { prediction } = await get<PredictAnswer>(
          'POST /predict/energy',
          PredictAnswer,
          SEED_PREDICTION,
        );
        expect(prediction.predicted_power_watts).toBeCloseTo(100.109, 3);
        await get('/calibration/config', CalibrationConfigAnswer);
        for (const [path, schema] of [['/ready', ReadyAnswer], ['/live', LiveAnswer], ['/info', InfoAnswer], ['/metrics/summary', SummaryAnswer]] as const) await get(path, schema); // prettier-ignore
        expect((await ask(estimator.url, 'GET /metrics')).text).toMatch(
          /kcloud_node_power_watts\{node="gpu-1"/,
        );
        expect((await ask(estimator.url, 'GET /openapi.json')).status).toBe(200);
        expect(await get('POST /collect/stop', CollectAnswer)).toMatchObject({ status: 'stopped' });
        expect(await get('POST /collect/start', CollectAnswer)).toMatchObject({ status: 'started' });
      });

      it('tells the watts of each exporter, of a node that none measures nothing, and conserves all of it', async () => {
        const { nodes, total, problems } = await get<PowerNodesAnswer>('/power/nodes', PowerNodesAnswer);
        const near = (a: number, b: number) => {
          expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(b)));
        };
        expect(nodes.map(({ node_name }) => node_name).sort()).toEqual(Object.keys(NODE_WATTS).sort());
        const { containers } = await get<PowerContainersAnswer>('/power/containers', PowerContainersAnswer);
        for (const node of nodes) {
          expect(node.power_watts).toBeCloseTo(NODE_WATTS[node.node_name as keyof typeof NODE_WATTS], 6);
          const own = containers.filter(({ node_name }) => node_name === node.node_name);
          near(own.reduce((sum, one) => sum + one.power_watts, 0) + node.system_watts, node.power_watts);
          near(node.active_watts + node.idle_watts, node.power_watts);
          near(Object.values(node.parts).reduce((sum, watts) => sum + watts, 0), node.power_watts); // prettier-ignore
          for (const { sharers, idle_watts, power_watts } of node.devices) near(sharers.reduce((sum, one) => sum + one.power_watts, 0) + idle_watts, power_watts); // prettier-ignore
        }
        near(nodes.reduce((sum, node) => sum + node.power_watts, 0), total.power_watts ?? Number.NaN); // prettier-ignore
        const { cost } = await get<CostCurrentAnswer>('/cost/current', CostCurrentAnswer);
        const parts = [...cost.namespaces, cost.system].reduce(
          (sum, part) => sum + (part?.total_usd ?? Number.NaN),
          0,
        );
        near(parts, cost.total_usd ?? Number.NaN);
        expect(problems.map(({ subject }) => subject)).toContain('bare-1');
      });

      it('knows the hours before it was started from the past of Prometheus, and no others', async () => {
        const hours = await eventually('the past to be filled in', async () => {
          const { cost_analysis: found } = await get<CostHourlyAnswer>('/cost/hourly', CostHourlyAnswer);
          return found.length >= 2 ? found : undefined;
        });
        const watts = Object.values(NODE_WATTS).reduce((sum, one) => sum + one, 0);
        expect(hours.at(-2)?.power_watts ?? 0).toBeCloseTo(watts, 3);
        expect(hours.length).toBeLessThanOrEqual(3);
      });

      it('brings everything that it collects to Redis and InfluxDB, once, also over a restart of all of them', async () => {
        await influx.kill();
        const before = (await health()).collection.collections;
        await eventually(
          'collections without InfluxDB',
          async () => (await health()).collection.collections > before + 1,
        );
        await estimator.process.kill();
        await influx.restart();
        estimator = await startEstimator(stage.directory, stage.env);
        await eventually('a collection', async () => (await health()).collection.collections > 1);
        await get('POST /collect/stop', CollectAnswer);
        const { sinks } = await eventually('all to be delivered', async () => {
          const now = await health();
          return now.sinks.length === 2 && now.sinks.every(({ waiting_batches: waiting }) => waiting === 0)
            ? now
            : undefined;
        });
        await get('POST /collect/start', CollectAnswer);
        const [inRedis, inInflux] = sinks;
        const nodes = await influx.query(
          'SELECT watts FROM kcloud_node_power WHERE "node" = \'gpu-1\' ORDER BY time',
          'power_metrics',
        );
        expect(new Set(nodes.map(({ time }) => time)).size).toBe(nodes.length);
        expect(nodes.length).toBe(inInflux?.delivered_batches);
        expect(nodes.every(({ time }) => Number(time) % 2_000 === 0)).toBe(true);
        const length = Number(/:(\d+)/.exec(await redis.ask('XLEN kcloud:power'))?.[1]);
        // Each batch: five containers, four nodes, two devices.
        expect(length).toBe(11 * (inRedis?.delivered_batches ?? 0));
      });

      it('keeps a calibration over a restart', async () => {
        await get('POST /calibrate', CalibrateAnswer, SEED_CALIBRATION);
        await estimator.process.kill();
        estimator = await startEstimator(stage.directory, stage.env);
        const { calibration } = await get<CalibrationConfigAnswer>(
          '/calibration/config',
          CalibrationConfigAnswer,
        );
        expect(calibration).toMatchObject({ origin: 'calibrated', node_max_power_watts: 85.2 });
      });

      it('is a 503 with Retry-After while Prometheus hangs, and answers again when it is back', async () => {
        await eventually('power', async () => (await ask(estimator.url, 'GET /power/nodes')).status === 200);
        stage.prometheus.pause();
        const down = await eventually('a 503', async () => {
          const answer = await ask(estimator.url, 'GET /power/nodes');
          return answer.status === 200 ? undefined : answer;
        });
        expect([down.status, down.headers.get('retry-after')]).toEqual([503, '10']);
        expect(down.json).toMatchObject({ code: 'KC_METRICS_UNAVAILABLE' });
        expect((await health()).status).toBe('degraded');
        stage.prometheus.resume();
        await eventually(
          'power again',
          async () => (await ask(estimator.url, 'GET /power/nodes')).status === 200,
          {
            hopeless: () => (estimator.process.running ? undefined : 'the estimator ended'),
            evidence: () => estimator.process.tail(),
          },
        );
      });
    },
    { only: 'playground' },
  );
