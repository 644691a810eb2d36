import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { afterEach, describe, expect, it } from 'vitest';
import { CalibrateAnswer, CalibrationConfigAnswer, PredictAnswer } from '#apis/estimator-api/prediction.ts';
import { ClassifyAnswer, WorkloadTypesAnswer } from '#apis/estimator-api/profile.ts';
import { HOUR_MS } from '#domain/units/duration.ts';
import type { Problem } from '../rest/problem.ts';
import { type BenchOptions, EstimatorBench } from './testing.ts';

const benches: EstimatorBench[] = [];
afterEach(() => {
  for (const bench of benches.splice(0)) bench.stop();
});

function benchOf(options: BenchOptions = {}): EstimatorBench {
  const bench = new EstimatorBench(options);
  benches.push(bench);
  return bench;
}

async function ask<T>(
  bench: EstimatorBench,
  request: string,
  { schema, body }: { schema: TSchema; body?: unknown },
): Promise<T> {
  const { status, json, text } = await bench.ask(request, body);
  expect([status, status === 200 ? '' : text]).toEqual([200, '']);
  expect(Value.Errors(schema, json).slice(0, 3)).toEqual([]);
  return json as T;
}

async function refusal(bench: EstimatorBench, request: string, body: unknown) {
  const { status, json } = await bench.ask(request, body);
  const { field, code, detail } = json as Problem;
  return { status, field, code, detail };
}

/** As the seed prints it, with the dots taken out. */
const SEED_PREDICTION = {
  container_name: 'ml-trainer',
  pod_name: 'ml-trainer-abc123',
  namespace: 'default',
  historical_cpu_cores: [0.8, 0.85, 0.9],
  container_cpu_request: 1.0,
  node_current_util: 45.0,
  node_idle_util: 5.0,
  containers_on_node: [],
  prediction_horizon_minutes: 30,
};

/** As the seed prints it. */
const SEED_CALIBRATION = {
  container_node_data: [
    { container_cpu_cores: 0.5, node_cpu_util_percent: 15.2 },
    { container_cpu_cores: 1.0, node_cpu_util_percent: 28.5 },
  ],
  node_power_data: [
    { node_cpu_util_percent: 0, node_power_watts: 54.0 },
    { node_cpu_util_percent: 50, node_power_watts: 85.2 },
  ],
};

describe('POST /predict/energy', () => {
  it('answers the seed’s request with its fields, an interval in watts, and every stage', async () => {
    const bench = benchOf();
    const { prediction, status } = await ask<PredictAnswer>(bench, 'POST /predict/energy', {
      schema: PredictAnswer,
      body: SEED_PREDICTION,
    });
    expect(status).toBe('success');
    expect(prediction).toMatchObject({ container_name: 'ml-trainer', pod_name: 'ml-trainer-abc123', namespace: 'default', prediction_horizon_minutes: 30, calibration: 'built-in' }); // prettier-ignore
    const [least, most] = prediction.confidence_interval;
    expect(least).toBeLessThan(prediction.predicted_power_watts);
    expect(most).toBeGreaterThan(prediction.predicted_power_watts);
    expect(prediction.predicted_energy_wh).toBeCloseTo(prediction.predicted_power_watts / 2, 9);
    const kwh = prediction.predicted_energy_wh / 1000;
    expect(prediction.predicted_cost.total_usd).toBeCloseTo(kwh * 0.12 * 2.3 + kwh * 0.05, 9);
  });

  it('takes ninety equal values, unknown values and 100,000 of them', async () => {
    const bench = benchOf();
    const body = (cores: readonly (number | null)[]) => ({ ...SEED_PREDICTION, historical_cpu_cores: cores });
    const level = Array<number>(90).fill(0.8);
    const flat = await ask<PredictAnswer>(bench, 'POST /predict/energy', {
      schema: PredictAnswer,
      body: body(level),
    });
    // 0.8 cores: util = 23.993·0.8 + 4.5347 + 45 − 5, watts = 0.7254·util + 53.88.
    expect(flat.prediction.predicted_power_watts).toBeCloseTo(
      0.7254 * (23.993 * 0.8 + 4.5347 + 40) + 53.88,
      9,
    );
    const gaps = await ask<PredictAnswer>(bench, 'POST /predict/energy', {
      schema: PredictAnswer,
      body: body([0.8, null, 0.9, 0.7, null]),
    });
    expect(gaps.prediction.stages.cpu_forecast.samples_given).toBe(5);
    const many = Array.from({ length: 100_000 }, (_none, index) => 1 + Math.sin(index / 50));
    await ask(bench, 'POST /predict/energy', { schema: PredictAnswer, body: body(many) });
  });

  it('refuses what cannot be, naming the field as the caller wrote it', async () => {
    const bench = benchOf();
    const wrong = (change: Record<string, unknown>) =>
      refusal(bench, 'POST /predict/energy', { ...SEED_PREDICTION, ...change });
    expect(await wrong({ historical_cpu_cores: [] })).toMatchObject({
      status: 422,
      field: 'historical_cpu_cores',
    });
    expect(await wrong({ historical_cpu_cores: [0.8, -1, 0.9, 1] })).toMatchObject({
      status: 422,
      field: 'historical_cpu_cores[1]',
    });
    expect(await wrong({ container_cpu_request: 0 })).toMatchObject({
      status: 422,
      field: 'container_cpu_request',
    });
    expect(await wrong({ node_idle_util: 50 })).toMatchObject({ status: 422, field: 'node_idle_util' });
    expect(await wrong({ node_current_util: 101 })).toMatchObject({
      status: 422,
      field: 'node_current_util',
    });
    expect(await wrong({ prediction_horizon_minutes: 241 })).toMatchObject({
      status: 422,
      field: 'prediction_horizon_minutes',
    });
    const others = [{ cpu_request: 1, cpu_util: 2 }];
    expect(await wrong({ containers_on_node: others })).toMatchObject({
      status: 422,
      field: 'containers_on_node[0].cpu_util',
    });
    expect(await wrong({ historical_cpu_cores: 'many' })).toMatchObject({
      status: 422,
      field: 'historical_cpu_cores',
    });
    expect((await wrong({ node_idle_util: 50 })).detail).not.toMatch(/[a-z][A-Z]/);
    expect(await refusal(bench, 'POST /predict/energy', '{"historical_cpu_cores": [NaN]}')).toMatchObject({
      status: 400,
    });
    expect(await refusal(bench, 'POST /predict/energy', {})).toMatchObject({
      status: 422,
      field: 'container_name',
    });
  });
});

describe('calibration', () => {
  it('is fitted to the seed’s data, used by predictions, and told', async () => {
    const bench = benchOf();
    const before = await ask<CalibrationConfigAnswer>(bench, 'GET /calibration/config', {
      schema: CalibrationConfigAnswer,
    });
    expect(before.calibration).toMatchObject({
      container_to_node_slope: 23.993,
      container_to_node_intercept: 4.5347,
      node_util_to_power_slope: 0.7254,
      node_util_to_power_intercept: 53.88,
      node_idle_power_watts: 53.88,
      node_max_power_watts: 126.34,
      origin: 'default',
    });
    const { calibration } = await ask<CalibrationConfigAnswer>(bench, 'POST /calibrate', {
      schema: CalibrateAnswer,
      body: SEED_CALIBRATION,
    });
    expect(calibration.container_to_node_slope).toBeCloseTo(26.6, 9);
    expect(calibration.node_util_to_power_slope).toBeCloseTo(0.624, 9);
    expect(calibration).toMatchObject({
      node_idle_power_watts: 54,
      node_max_power_watts: 85.2,
      scope: 'cluster',
    });
    const { prediction } = await ask<PredictAnswer>(bench, 'POST /predict/energy', {
      schema: PredictAnswer,
      body: SEED_PREDICTION,
    });
    expect(prediction.calibration).toBe('cluster');
    expect(prediction.stages.node_power.max_watts).toBe(85.2);
  });

  it('of one node holds for that node only', async () => {
    const bench = benchOf();
    await ask(bench, 'POST /calibrate', {
      schema: CalibrateAnswer,
      body: { ...SEED_CALIBRATION, node_name: 'gpu-7' },
    });
    const { others, calibration } = await ask<CalibrationConfigAnswer>(bench, 'GET /calibration/config', {
      schema: CalibrationConfigAnswer,
    });
    expect([calibration.scope, others.map(({ scope }) => scope)]).toEqual(['built-in', ['node gpu-7']]);
    const asked = { schema: PredictAnswer, body: { ...SEED_PREDICTION, node_name: 'gpu-7' } };
    expect((await ask<PredictAnswer>(bench, 'POST /predict/energy', asked)).prediction.calibration).toBe(
      'node gpu-7',
    );
  });

  it('is refused where the data cannot support it, and nothing changes', async () => {
    const bench = benchOf();
    const [first] = SEED_CALIBRATION.node_power_data;
    const wrong = (change: object) => refusal(bench, 'POST /calibrate', { ...SEED_CALIBRATION, ...change });
    expect(await wrong({ node_power_data: [first] })).toMatchObject({
      status: 422,
      field: 'node_power_data',
    });
    expect(await wrong({ container_node_data: [] })).toMatchObject({
      status: 422,
      field: 'container_node_data',
    });
    expect(
      await wrong({ node_power_data: [first, { node_cpu_util_percent: 120, node_power_watts: 1 }] }),
    ).toMatchObject({
      status: 422,
      field: 'node_power_data[1].node_cpu_util_percent',
    });
    expect(await wrong({ node_power_data: [first, first] })).toMatchObject({
      status: 422,
      field: 'node_power_data',
    });
    const { calibration } = await ask<CalibrationConfigAnswer>(bench, 'GET /calibration/config', {
      schema: CalibrationConfigAnswer,
    });
    expect(calibration.origin).toBe('default');
  });
});

describe('profiles', () => {
  it('are listed, and told from names and samples', async () => {
    const bench = benchOf();
    const { profiles } = await ask<{ profiles: { type: string }[] }>(bench, 'GET /profile/workload-types', {
      schema: WorkloadTypesAnswer,
    });
    expect(profiles.map(({ type }) => type)).toEqual(['training', 'serving', 'inference', 'batch', 'idle']);
    const samples = Array.from({ length: 240 }, () => ({
      gpu_power_watts: 390,
      power_watts: 420,
      gpu_utilization: 0.97,
      cpu_utilization: 0.3,
    }));
    const body = {
      samples,
      workload_name: 'llama-finetune',
      image: 'pytorch/pytorch',
      command: 'torchrun run.py',
      gpus_requested: 8,
    };
    const answer = await ask<ClassifyAnswer>(bench, 'POST /profile/classify', {
      schema: ClassifyAnswer,
      body,
    });
    expect(answer).toMatchObject({ classification: 'training', samples_from: 'request', samples: 240 });
    expect(answer.confidence).toBeGreaterThan(0.8);
    expect(answer.evidence.length).toBeGreaterThan(0);
  });

  it('say unknown, and why, of nothing at all', async () => {
    const bench = benchOf();
    const answer = await ask<ClassifyAnswer>(bench, 'POST /profile/classify', {
      schema: ClassifyAnswer,
      body: {},
    });
    expect(answer).toMatchObject({ classification: 'unknown', confidence: 0, samples_from: 'nowhere' });
    expect(answer.reason).toBeTruthy();
  });

  it('may come from what was collected of a workload', async () => {
    const bench = benchOf();
    bench.start();
    await bench.clock.advance(2 * HOUR_MS);
    const body = { workload_id: 'default:ml-training' };
    const answer = await ask<ClassifyAnswer>(bench, 'POST /profile/classify', {
      schema: ClassifyAnswer,
      body,
    });
    expect(answer.samples_from).toBe('history');
    expect(answer.samples).toBeGreaterThanOrEqual(24);
    expect(answer.classification).toBe('training');
    const late = { samples: [{ timestamp: 'yesterday' }] };
    expect(await refusal(bench, 'POST /profile/classify', late)).toMatchObject({
      status: 422,
      field: 'samples[0].timestamp',
    });
  });
});
