/** The demo as a newcomer without a terminal runs it: a process of its own, read by its output and exit code. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '#commands/demo/story/report.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const LIMIT_MS = 900_000;

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function demo(...args: readonly string[]): Promise<Run> {
  const { promise, resolve } = Promise.withResolvers<Run>();
  execFile(process.execPath, ['src/main.ts', 'demo', ...args], { cwd: ROOT }, (error, stdout, stderr) => {
    resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
  });
  return promise;
}

const within = (value: number, of: number, share: number): boolean => Math.abs(value - of) <= share * of;

let told: Run;
let reported: Run;
let report: Report;

/** Two runs of one seed; the machine may be slow or busy. */
beforeAll(async () => {
  [told, reported] = await Promise.all([demo(), demo('-o', 'json')]);
  expect(told).toMatchObject({ code: 0, stderr: '' });
  expect(reported.code).toBe(0);
  report = JSON.parse(reported.stdout) as Report;
}, LIMIT_MS);

describe('kcloud demo without a terminal', () => {
  it('tells all scenes in plain text: what was applied, what was rolled back, what was left alone and why', () => {
    expect(told.stdout).not.toContain('\u001b');
    expect(told.stdout).toMatch(/inference\s+reranker\s+MEMORY\s+rolled back .*OOMKilled/);
    expect(told.stdout).toContain('kcloud explain reranker -n inference');
    expect(told.stdout).toMatch(/web\s+billing\s+ALL\s+left alone .*Argo CD/);
    expect(report.rows.filter(({ outcome }) => outcome === 'verified').length).toBeGreaterThanOrEqual(8);
  });

  it('tells the same on every run with the same seed', () => {
    expect(reported.stderr.length).toBeGreaterThan(5000);
    expect(told.stdout.startsWith(reported.stderr)).toBe(true);
  });

  it('measures what it predicted, and the pods and the books bear it out', () => {
    const { predictedUsdPerMonth: predicted, measuredUsdPerMonth: measured } = report;
    expect(measured).toBeGreaterThan(1000);
    expect(within(measured, predicted, 0.1)).toBe(true);
    expect(within(report.beforeUsdPerMonth - report.afterUsdPerMonth, measured, 0.05)).toBe(true);
    expect(within((report.bookedUsd / report.hours) * 730, measured, 0.2)).toBe(true);
    expect(told.stdout).toContain(`$${Math.round(measured).toLocaleString('en-US')} a month measured`);
  });

  it('goes another way with another seed, and still comes about', { timeout: LIMIT_MS }, async () => {
    const other = await demo('-o', 'json', '--seed', '2');
    expect(other.code).toBe(0);
    expect((JSON.parse(other.stdout) as Report).digest).not.toBe(report.digest);
  });

  it('fails, and says at what, where it is given what it cannot use', async () => {
    const [traces, flag] = await Promise.all([demo('--traces', 'docs'), demo('--speed')]);
    expect(traces.code).toBe(1);
    expect(traces.stderr).toContain('KC_TRACE_INVALID');
    expect(flag.code).toBe(2);
  });
});
