/** Tells the test report what ran on real components and what was skipped, and why. */
import { appendFileSync } from 'node:fs';

/** The file of JSON lines that the report reads; unset when vitest is run by hand. */
export const COMPONENTS_FILE_VARIABLE = 'KCLOUD_TEST_COMPONENTS';

export interface ComponentRecord {
  readonly kind: 'ran' | 'skipped';
  /** `kube-apiserver v1.36.3` or the title of the suite that was skipped. */
  readonly what: string;
  /** Why it was skipped. */
  readonly reason?: string;
}

function write(record: ComponentRecord): void {
  const file = process.env[COMPONENTS_FILE_VARIABLE] ?? '';
  if (file !== '') appendFileSync(file, `${JSON.stringify(record)}\n`);
}

/** To be called by whatever starts a real server for tests, with its name and version. */
export function recordRealComponent(what: string): void {
  write({ kind: 'ran', what });
}

/** On the project's own CI nothing may be skipped for want of a component. */
function isStrict(): boolean {
  return !['', '0', 'false'].includes(process.env['CI'] ?? '');
}

/**
 * What to give to `describe.skipIf`: the problem, which is then recorded, or undefined where there is none and on
 * CI, so that the suite runs there and fails with it.
 */
export function skipReason(what: string, problem: string | undefined): string | undefined {
  if (problem === undefined || isStrict()) return undefined;
  write({ kind: 'skipped', what, reason: problem });
  return problem;
}
