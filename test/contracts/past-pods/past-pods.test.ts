/** Pods that the API server has forgotten, from the kube-state-metrics of a real Prometheus. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDirectly } from '#adapters/metrics/prometheus/client/connection.ts';
import { PromqlClient } from '#adapters/metrics/prometheus/client/promql-client.ts';
import { type PastPodsQuery, readPastPods } from '#adapters/past-pods/past-pods.ts';
import { HOUR_MS, MINUTE_MS } from '#domain/units/duration.ts';
import { SystemClock } from '#platform/clock.ts';
import { systemRandom } from '#platform/random.ts';
import { whyNoPrometheus } from '../../servers/prometheus/binaries.ts';
import { type OpenMetricsSeries, writeOpenMetrics } from '../../servers/prometheus/open-metrics.ts';
import { PrometheusServer } from '../../servers/prometheus/prometheus-server.ts';
import { removeAtExit } from '../../testenv/processes/reaper.ts';
import { skipReason } from '../../testenv/real-components.ts';

const TO_MS = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
const FROM_MS = TO_MS - 4 * HOUR_MS;

interface Told {
  readonly uid: string;
  readonly pod: string;
  readonly owner: readonly [kind: string, name: string];
  readonly requests: Readonly<Record<string, number>>;
  /** Minutes after FROM_MS. */
  readonly ran: readonly [from: number, to: number];
  /** Until when it is told of, ended. */
  readonly toldUntil?: number;
}

const PODS: readonly Told[] = [
  { uid: 'u-train', pod: 'train-x7k2p', owner: ['Job', 'train'], requests: { cpu: 4, memory: 8 * 2 ** 30, nvidia_com_gpu: 2 }, ran: [60, 120], toldUntil: 200 },
  { uid: 'u-web', pod: 'web-7d9f8c6b5d-abcde', owner: ['ReplicaSet', 'web-7d9f8c6b5d'], requests: { cpu: 0.5 }, ran: [0, 90] },
  { uid: 'u-here', pod: 'db-0', owner: ['StatefulSet', 'db'], requests: { cpu: 1 }, ran: [0, 240] },
]; // prettier-ignore

/** What kube-state-metrics says of a pod, once a minute. */
function seriesOf({ uid, pod, owner, requests, ran, toldUntil = ran[1] }: Told): OpenMetricsSeries[] {
  const id = { namespace: 'ml', pod, uid };
  const samples = (last: number, valueAt: (minute: number) => number) =>
    Array.from({ length: last - ran[0] + 1 }, (_, index): [number, number] => [
      FROM_MS + (ran[0] + index) * MINUTE_MS,
      valueAt(ran[0] + index),
    ]);
  const containers = Object.entries(requests).map(([resource, amount]) => ({
    name: 'kube_pod_container_resource_requests',
    labels: { ...id, container: 'main', node: 'gpu-1', resource, unit: 'core' },
    samples: samples(toldUntil, () => amount),
  }));
  const [owner_kind, owner_name] = owner;
  return [
    ...containers,
    { name: 'kube_pod_status_phase', labels: { ...id, phase: 'Running' }, samples: samples(toldUntil, (minute) => (minute <= ran[1] ? 1 : 0)) },
    { name: 'kube_pod_owner', labels: { ...id, owner_kind, owner_name, owner_is_controller: 'true' }, samples: samples(toldUntil, () => 1) },
    { name: 'kube_pod_container_status_restarts_total', labels: { ...id, container: 'main' }, samples: samples(toldUntil, () => 0) },
  ]; // prettier-ignore
}

const reason = skipReason('past pods', whyNoPrometheus());

describe.skipIf(reason !== undefined)(
  `pods that are gone${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    let server: PrometheusServer;
    let client: PromqlClient;

    beforeAll(async () => {
      const folder = mkdtempSync(join(tmpdir(), 'kcloud-past-pods-'));
      removeAtExit(folder);
      const file = join(folder, 'kube-state-metrics.txt');
      writeOpenMetrics(file, PODS.flatMap(seriesOf));
      server = await PrometheusServer.start({ history: [file] });
      const clock = new SystemClock();
      client = new PromqlClient({
        endpoint: connectDirectly({ url: server.url, clock }),
        clock,
        random: systemRandom,
      });
    });
    afterAll(() => server.stop());

    const query = (more: Partial<PastPodsQuery> = {}): PastPodsQuery => ({
      fromMs: FROM_MS,
      toMs: TO_MS,
      matchers: {},
      known: new Set(['u-here']),
      gpusOf: () => ({ devices: 1, product: undefined, memoryMib: undefined, unit: 0.25 }),
      ...more,
    });

    it('are found with where they ran, what they asked for and what made them', async () => {
      const found = await readPastPods(client, query());
      expect(found?.map(({ uid }) => uid).sort()).toEqual(['u-train', 'u-web']);
      expect(found?.find(({ uid }) => uid === 'u-train')).toMatchObject({
        namespace: 'ml',
        name: 'train-x7k2p',
        node: 'gpu-1',
        owner: { kind: 'Job', name: 'train' },
        // Two of the four slots that each GPU of the node has.
        requests: { cpu: 4, memory: 8 * 2 ** 30, gpu: 0.5 },
      });
      expect(found?.find(({ uid }) => uid === 'u-web')?.owner).toEqual({ kind: 'Deployment', name: 'web' });
    });

    it('held their place while they ran, to a step, and not while they only were told of', async () => {
      const [train] = (await readPastPods(client, query({ known: new Set(['u-here', 'u-web']) }))) ?? [];
      const minutes = (ms: number | undefined) => ((ms ?? Number.NaN) - FROM_MS) / MINUTE_MS;
      expect(Math.abs(minutes(train?.fromMs) - 60)).toBeLessThanOrEqual(5);
      expect(Math.abs(minutes(train?.toMs) - 120)).toBeLessThanOrEqual(10);
    });

    it('are none of another cluster, and unknown where there is no kube-state-metrics', async () => {
      expect(await readPastPods(client, query({ matchers: { cluster: 'other' } }))).toBeUndefined();
      const before = { fromMs: FROM_MS - 48 * HOUR_MS, toMs: FROM_MS - 24 * HOUR_MS };
      expect(await readPastPods(client, query(before))).toBeUndefined();
    });
  },
);
