/** The history between processes: one writes and dies without warning, others read meanwhile. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HistoryReader } from '#adapters/metrics/embedded/history/history-reader.ts';
import { UsageHistory } from '#adapters/metrics/embedded/history/usage-history.ts';
import type { UsageSource, WorkloadUsage } from '#domain/usage/usage.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';

const STEP_MS = 30_000;
const APPS: readonly WorkloadRef[] = [0, 7, 49].map((index) => ({
  kind: 'Deployment',
  namespace: 'shop',
  name: `app-${String(index)}`,
}));

let folder = '';
let path = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kcloud-processes-'));
  path = join(folder, 'usage.db');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A writer and the last step that it says to have stored. */
class Writer {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  lastStep: number;

  constructor(start: number) {
    this.lastStep = start - 1;
    const program = join(import.meta.dirname, 'history-writer.ts');
    this.#child = spawn(process.execPath, [program, path, String(start)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#ended = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#child.stdout === null) throw new Error('the writer has no output');
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.lastStep = Number(line);
    });
  }

  async reaches(step: number): Promise<void> {
    while (this.lastStep < step) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}

async function ask(source: UsageSource, steps: number): Promise<readonly WorkloadUsage[]> {
  return source.usage({ workloads: APPS, fromMs: 0, toMs: steps * STEP_MS, stepMs: STEP_MS });
}

/** Every workload knows the same steps, from the first on, each with its own amounts; returns how many. */
function expectWhole(usages: readonly WorkloadUsage[]): number {
  const lengths = usages.map(({ containers }) => {
    const [app] = containers;
    const known = app?.cpuCores?.max.findIndex(Number.isNaN) ?? 0;
    for (const [step, cores] of app?.cpuCores?.max.subarray(0, known).entries() ?? []) {
      expect([step, cores, app?.memoryBytes?.max[step]]).toEqual([
        step,
        ((step % 4000) + 1) / 1000,
        ((step % 4000) + 1) * 2 ** 20,
      ]);
    }
    return known;
  });
  expect(new Set(lengths).size).toBe(1);
  return lengths[0] ?? 0;
}

describe('the history', () => {
  it('is read by another process while it is written, one state at a time', async () => {
    const writer = new Writer(0);
    await writer.reaches(0);
    const { reader, database } = HistoryReader.openFile(path);
    let seen = 0;
    while (seen < 400) {
      const atLeast = writer.lastStep + 1;
      const known = expectWhole(await ask(reader, 2000));
      expect(known).toBeGreaterThanOrEqual(Math.max(seen, atLeast));
      seen = known;
    }
    await writer.kill();
    expect(expectWhole(await ask(reader, 2000))).toBeGreaterThan(writer.lastStep);
    database.close();
  });

  it('has every step that was stored after its writer is killed, again and again', async () => {
    let stored = 0;
    for (let round = 0; round < 4; round += 1) {
      const writer = new Writer(stored);
      await writer.reaches(stored + 130);
      await writer.kill();
      const history = UsageHistory.open(path);
      const usages = await ask(history.reader, 3000);
      const known = expectWhole(usages);
      expect(known).toBeGreaterThan(writer.lastStep);
      const restarts = usages[0]?.containers[0]?.restarts?.max.subarray(0, known) ?? new Float64Array();
      expect(restarts.every((count) => count === 1)).toBe(true);
      expect(history.containerStates()).toEqual([{ uid: 'u', container: 'app', restarts: known - 1 }]);
      history.close();
      stored = known;
    }
  });
});
