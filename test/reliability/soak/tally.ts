/** Counts what the seeds of a soak run brought: a line of progress on the way, a table at the end. */
import { describeFailure, type Outcome, reproduction } from '../harness.ts';
import type { Job } from './play-seed.ts';

const DAY_MS = 86_400_000;
const PROGRESS_EVERY_MS = 5_000;

interface Line {
  seeds: number;
  virtualMs: number;
  faults: number;
  checks: number;
  readonly failed: { readonly seed: number; readonly problems: readonly string[] }[];
  readonly numbers: Record<string, number>;
}

export class Tally {
  readonly #total: number;
  readonly #lines = new Map<string, Line>();
  readonly #startMs = Date.now();
  #done = 0;
  #shownMs = 0;

  constructor(total: number) {
    this.#total = total;
  }

  get failures(): number {
    return [...this.#lines.values()].reduce((sum, line) => sum + line.failed.length, 0);
  }

  add({ harness, seed }: Job, outcome: Outcome): void {
    const line = this.#line(harness);
    line.seeds += 1;
    line.virtualMs += outcome.virtualMs;
    line.faults += outcome.faults;
    line.checks += outcome.checks;
    for (const [name, value] of Object.entries(outcome.numbers ?? {})) {
      line.numbers[name] = Math.max(line.numbers[name] ?? -Infinity, value);
    }
    if (outcome.problems.length > 0) {
      line.failed.push({ seed, problems: outcome.problems });
      process.stderr.write(`\r${describeFailure(harness, seed, outcome)}\n`);
    }
    this.#done += 1;
    this.#progress();
  }

  finish(): void {
    this.#progress(true);
    process.stderr.write('\n');
  }

  /** Everything, for a machine. */
  summary(): object {
    const harnesses = [...this.#lines].map(([harness, line]) => ({
      harness,
      seeds: line.seeds,
      virtualDays: round(line.virtualMs / DAY_MS),
      faultsInjected: line.faults,
      invariantsChecked: line.checks,
      highest: line.numbers,
      failed: line.failed.map(({ seed, problems }) => ({
        seed,
        problems,
        again: reproduction(harness, seed),
      })),
    }));
    return { seconds: round((Date.now() - this.#startMs) / 1000), failures: this.failures, harnesses };
  }

  table(): string {
    const header = ['harness', 'seeds', 'virtual days', 'faults', 'invariants checked', 'failures'];
    const rows = [...this.#lines].map(([harness, line]) =>
      [harness, line.seeds, round(line.virtualMs / DAY_MS), line.faults, line.checks, line.failed.length].map(
        String,
      ),
    );
    const widths = header.map((title, column) =>
      Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
    );
    const print = (row: readonly string[]): string =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ');
    const numbers = [...this.#lines].flatMap(([harness, line]) =>
      Object.entries(line.numbers).map(
        ([name, value]) => `${harness}: highest ${name} ${String(round(value))}`,
      ),
    );
    return `${[header, ...rows].map(print).join('\n')}\n${numbers.map((text) => `${text}\n`).join('')}`;
  }

  #line(harness: string): Line {
    const found = this.#lines.get(harness);
    if (found !== undefined) return found;
    const line: Line = { seeds: 0, virtualMs: 0, faults: 0, checks: 0, failed: [], numbers: {} };
    this.#lines.set(harness, line);
    return line;
  }

  #progress(now = false): void {
    const nowMs = Date.now();
    if (!now && nowMs - this.#shownMs < PROGRESS_EVERY_MS) return;
    this.#shownMs = nowMs;
    const perSecond = this.#done / Math.max(1, (nowMs - this.#startMs) / 1000);
    const text = `${String(this.#done)}/${String(this.#total)} seeds, ${perSecond.toFixed(1)}/s, ${String(this.failures)} failed`;
    process.stderr.write(process.stderr.isTTY ? `\r${text}  ` : `${text}\n`);
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
