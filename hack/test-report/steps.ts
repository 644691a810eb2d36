/** Runs the steps of a test run one after the other, their output in sight. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StepOutcome } from './closing.ts';
import { NOTHING, type VitestReport, countTests, failedTests, skippedGroups } from './vitest-report.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** Tests have deadlines of their own; this one ends a run that hangs around them. */
const STEP_TIMEOUT_MS = 30 * 60_000;

export interface Step {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where vitest writes its JSON report; without it the step is one check that passes or fails. */
  readonly reportFile?: string;
}

function run({ command: [program = '', ...args], env }: Step): Promise<number> {
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: STEP_TIMEOUT_MS,
  });
  return new Promise((resolve) => {
    child
      .once('error', (error) => {
        process.stdout.write(`${program}: ${error.message}\n`);
        resolve(1);
      })
      .once('exit', (code) => {
        resolve(code ?? 1);
      });
  });
}

function announce({ name }: Step): void {
  process.stdout.write(`\n── ${name} ──\n`);
}

/** Runs what is not a test itself; true where it succeeded. */
export async function prepare(step: Step): Promise<boolean> {
  announce(step);
  return (await run(step)) === 0;
}

export async function runStep(step: Step): Promise<StepOutcome> {
  announce(step);
  const startedMs = performance.now();
  const exitCode = await run(step);
  return { name: step.name, durationMs: performance.now() - startedMs, ...outcomeOf(step, exitCode) };
}

function outcomeOf(step: Step, exitCode: number): Pick<StepOutcome, 'counts' | 'skipped' | 'failed'> {
  const { reportFile } = step;
  if (reportFile !== undefined && existsSync(reportFile)) {
    const report = JSON.parse(readFileSync(reportFile, 'utf8')) as VitestReport;
    return {
      counts: countTests(report, exitCode),
      skipped: skippedGroups(report),
      failed: failedTests(report),
    };
  }
  const passed = exitCode === 0 && reportFile === undefined;
  return { counts: { ...NOTHING, [passed ? 'passed' : 'failed']: 1 }, skipped: new Map(), failed: [] };
}
