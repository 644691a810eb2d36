/** A history in a file of its own, for tests: polls go in, answers come out. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ContainerUsage, UsageSeries, UsageSource, WorkloadUsage } from '#domain/usage/usage.ts';
import type { HeadRow } from '../history/head-store.ts';
import type { Incident } from '../history/incident-store.ts';
import { DAY_MS } from '../history/levels.ts';
import type { SeriesName } from '../history/series-index.ts';
import { type HistoryOptions, UsageHistory } from '../history/usage-history.ts';

export const STEP_MS = 30_000;
export const FIVE_MS = 300_000;
export const MIB = 2 ** 20;
/** A whole week since the epoch, so that every block begins here. */
export const T0 = 2_900 * 7 * DAY_MS;
export const WEB = { kind: 'Deployment', namespace: 'shop', name: 'web' } as const;
export const APP: SeriesName = { workload: WEB, container: 'app' };

/** What a poll sees of pods of which the busiest uses so much and the average one half. */
export function row(cpuCores: number, memoryMib: number, pods = 1): HeadRow {
  return {
    cpuMaxCores: cpuCores,
    cpuMeanCores: cpuCores / 2,
    memoryMaxBytes: memoryMib * MIB,
    memoryMeanBytes: (memoryMib * MIB) / 2,
    pods,
  };
}

export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

export class HistoryFixture {
  readonly folder = mkdtempSync(join(tmpdir(), 'kcloud-history-'));
  readonly path = join(this.folder, 'usage.db');
  history = UsageHistory.open(this.path);

  reopen(options: HistoryOptions = {}): void {
    this.history.close();
    this.history = UsageHistory.open(this.path, options);
  }

  restartEmpty(): void {
    this.history.close();
    rmSync(this.path, { force: true });
    this.history = UsageHistory.open(this.path);
  }

  dispose(): void {
    this.history.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  record(
    endMs: number,
    usage: readonly (readonly [SeriesName, HeadRow])[],
    incidents: readonly Incident[] = [],
  ): void {
    const named = incidents.map((incident) => [APP, incident] as const);
    this.history.record({ endMs, usage, incidents: named, states: [], gone: [] });
    this.history.upkeep(endMs);
  }

  /** Polls every step in (fromMs, toMs], with what `usage` gives for it. */
  play(fromMs: number, toMs: number, usage: (endMs: number) => HeadRow | undefined): void {
    for (let endMs = fromMs + STEP_MS; endMs <= toMs; endMs += STEP_MS) {
      const seen = usage(endMs);
      this.record(endMs, seen === undefined ? [] : [[APP, seen]]);
    }
  }

  async ask(window: Window, source: UsageSource = this.history.reader): Promise<WorkloadUsage> {
    const [usage] = await source.usage({ workloads: [WEB], ...window });
    if (usage === undefined) throw new Error('no answer');
    return usage;
  }

  async container(window: Window): Promise<ContainerUsage | undefined> {
    return (await this.ask(window)).containers[0];
  }
}

/** Equal but for rounding to the units of the store. */
export function expectAlike(
  actual: UsageSeries | undefined,
  expected: UsageSeries | undefined,
  unit: number,
): void {
  if (actual === undefined || expected === undefined) throw new Error('a series is missing');
  expect(actual.pods).toEqual(expected.pods);
  expectClose(actual.max, expected.max, unit);
  expectClose(actual.mean, expected.mean, unit);
}

function expectClose(actual: Float64Array, expected: Float64Array, tolerance: number): void {
  expect(actual).toHaveLength(expected.length);
  for (const [step, value] of expected.entries()) {
    const seen = actual[step] ?? Number.NaN;
    if (Number.isNaN(value)) expect(seen).toBeNaN();
    else expect(Math.abs(seen - value)).toBeLessThanOrEqual(tolerance);
  }
}
