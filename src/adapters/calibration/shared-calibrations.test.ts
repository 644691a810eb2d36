import { describe, expect, it } from 'vitest';
import { DEFAULT_CALIBRATION } from '#domain/energy/calibration.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import { FakeApiServer } from '#kube/testing/fake-api-server.ts';
import { ManualClock } from '#kube/testing/manual-clock.ts';
import { silentLogger } from '#platform/logger.ts';
import { openCalibrationDatabase } from './calibration-database.ts';
import { CalibrationStore } from './calibration-store.ts';
import { SharedCalibrations } from './shared-calibrations.ts';

const AT_MS = Date.UTC(2026, 10, 21);

function replicaOf(api: FakeApiServer, clock = new ManualClock(AT_MS)) {
  const store = new CalibrationStore(openCalibrationDatabase(':memory:'));
  const client = new KubeClient(api);
  const shared = new SharedCalibrations({
    store,
    client,
    namespace: 'kcloud-system',
    name: 'calibrations',
    clock,
    logger: silentLogger,
  });
  return { store, shared, clock };
}

const calibrated = (watts: number) =>
  ({ ...DEFAULT_CALIBRATION, origin: 'calibrated', nodeMaxPowerWatts: watts }) as const;

describe('shared calibrations', () => {
  it('reach the other replicas, and pods that come later', async () => {
    const api = new FakeApiServer();
    const [one, two] = [replicaOf(api), replicaOf(api)];
    await one.shared.save({ of: { scope: 'cluster' }, atMs: AT_MS, calibration: calibrated(200) });
    await two.shared.save({
      of: { scope: 'node', name: 'gpu 7/ü' },
      atMs: AT_MS,
      calibration: calibrated(900),
    });
    const later = replicaOf(api);
    for (const { shared, store } of [one, two, later]) {
      await shared.refresh();
      expect(store.inUse().calibration.nodeMaxPowerWatts).toBe(200);
      expect(store.inUse({ node: 'gpu 7/ü' }).calibration.nodeMaxPowerWatts).toBe(900);
    }
  });

  it('never replace a newer one', async () => {
    const api = new FakeApiServer();
    const { shared, store } = replicaOf(api);
    await shared.save({ of: { scope: 'cluster' }, atMs: AT_MS, calibration: calibrated(200) });
    store.save({ of: { scope: 'cluster' }, atMs: AT_MS + 1, calibration: calibrated(300) });
    await shared.refresh();
    expect(store.inUse().calibration.nodeMaxPowerWatts).toBe(300);
  });

  it('change nothing where the API server does not take them, and are looked at again', async () => {
    const api = new FakeApiServer();
    const { shared, store, clock } = replicaOf(api);
    const broken = new KubeClient({ send: () => Promise.reject(new Error('unreachable')) });
    const cut = new SharedCalibrations({
      store,
      client: broken,
      namespace: 'x',
      name: 'y',
      clock,
      logger: silentLogger,
    });
    await expect(
      cut.save({ of: { scope: 'cluster' }, atMs: AT_MS, calibration: calibrated(1) }),
    ).rejects.toThrow();
    expect(store.inUse().of).toEqual({ scope: 'built-in' });
    const stop = new AbortController();
    const running = shared.run(stop.signal);
    await replicaOf(api).shared.save({ of: { scope: 'cluster' }, atMs: AT_MS, calibration: calibrated(7) });
    await clock.advance(31_000);
    expect(store.inUse().calibration.nodeMaxPowerWatts).toBe(7);
    stop.abort(new Error('over'));
    await running;
  });
});
