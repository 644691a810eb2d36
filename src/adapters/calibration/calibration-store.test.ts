import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { calibrate } from '#domain/energy/calibrate.ts';
import { DEFAULT_CALIBRATION, type EnergyCalibration } from '#domain/energy/calibration.ts';
import { openCalibrationDatabase } from './calibration-database.ts';
import { CalibrationStore } from './calibration-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'calibration-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function calibrated(idleWatts: number): EnergyCalibration {
  const found = calibrate({
    containerNode: [0, 1, 2, 3].map((cores) => ({
      containerCpuCores: cores,
      nodeCpuUtilPercent: 3 + 20 * cores + (cores % 2),
    })),
    nodePower: [0, 20, 40, 60, 80, 100].map((util) => ({
      nodeCpuUtilPercent: util,
      nodePowerWatts: idleWatts + 10 * Math.sqrt(util),
    })),
  });
  if (found.kind === 'refused') throw new Error(found.refusals[0]?.message ?? 'refused');
  return found.calibration;
}

describe('calibrations', () => {
  test('survive a restart with everything that belongs to them', () => {
    const path = join(folder, 'restart.db');
    const before = new CalibrationStore(openCalibrationDatabase(path));
    const calibration = calibrated(100);
    expect(calibration.nodePowerCurve).toBeDefined();
    before.save({ of: { scope: 'cluster' }, atMs: 5, calibration });
    before.close();
    const after = new CalibrationStore(openCalibrationDatabase(path));
    expect(after.load({ scope: 'cluster' })).toEqual({ of: { scope: 'cluster' }, atMs: 5, calibration });
    after.close();
  });

  test('of a node come before those of its model, these before the cluster’s, these before the built-in one', () => {
    const store = new CalibrationStore(openCalibrationDatabase(':memory:'));
    const names = { node: 'gpu-7', model: 'p4d' };
    expect(store.inUse(names)).toEqual({ of: { scope: 'built-in' }, calibration: DEFAULT_CALIBRATION });
    const scopes = [
      { scope: 'cluster' },
      { scope: 'model', name: 'p4d' },
      { scope: 'node', name: 'gpu-7' },
    ] as const;
    for (const [index, of] of scopes.entries()) {
      store.save({ of, atMs: index, calibration: calibrated(100 + index) });
      expect(store.inUse(names)).toMatchObject({ of, atMs: index });
    }
    expect(store.inUse({ node: 'other', model: 'p4d' }).of).toEqual({ scope: 'model', name: 'p4d' });
    expect(store.inUse().of).toEqual({ scope: 'cluster' });
  });

  test('replace each other, are listed and can be removed', () => {
    const store = new CalibrationStore(openCalibrationDatabase(':memory:'));
    const of = { scope: 'node', name: 'a' } as const;
    store.save({ of, atMs: 1, calibration: calibrated(100) });
    store.save({ of, atMs: 2, calibration: calibrated(200) });
    expect(store.list().map(({ atMs, calibration }) => [atMs, calibration.nodeIdlePowerWatts])).toEqual([
      [2, 200],
    ]);
    expect(store.remove(of)).toBe(true);
    expect(store.remove(of)).toBe(false);
    expect(store.list()).toEqual([]);
  });

  test.each(['not JSON', '{}', '{"origin":"calibrated","containerToNodeSlope":"steep"}'])(
    'that are damaged are refused rather than used: %s',
    (document) => {
      const database = openCalibrationDatabase(':memory:');
      database.prepare("INSERT INTO calibration VALUES ('cluster', '', 1, ?)").run(document);
      const store = new CalibrationStore(database);
      expect(() => store.inUse()).toThrow(expect.objectContaining({ code: 'KC_STORE_CORRUPT' }));
    },
  );
});
