/** Runs one suite on the playground and on a real API server. */
import { beforeAll, describe } from 'vitest';
import { skipReason } from '../real-components.ts';
import type { ApiTarget, TargetLevel, TargetName, TargetStarter } from './api-target.ts';
import { PLAYGROUND_TARGET } from './playground-target.ts';
import { REAL_TARGET } from './real-target.ts';

const STARTERS: readonly TargetStarter[] = [PLAYGROUND_TARGET, REAL_TARGET];

export interface DescribeOptions {
  /** `api` by default. */
  readonly level?: TargetLevel;
  /** Both by default. */
  readonly only?: TargetName;
}

/**
 * `suite` gets a function that returns the running target; it may be called inside tests and hooks only. Where a
 * target cannot be started the suite is skipped with the reason in its title, except on CI, where that fails.
 */
export function describeTargets(
  name: string,
  suite: (target: () => ApiTarget) => void,
  options: DescribeOptions = {},
): void {
  for (const starter of STARTERS.filter(({ name }) => options.only === undefined || options.only === name)) {
    describeTarget(name, { suite, starter, level: options.level ?? 'api' });
  }
}

interface TargetSuite {
  readonly suite: (target: () => ApiTarget) => void;
  readonly starter: TargetStarter;
  readonly level: TargetLevel;
}

function describeTarget(name: string, { suite, starter, level }: TargetSuite): void {
  const title = `${name} on ${starter.name}`;
  const reason = skipReason(title, starter.unavailable());
  if (reason !== undefined) {
    describe.skip(`${title} (skipped: ${reason})`, () => {
      suite(notRunning);
    });
    return;
  }
  describe(title, () => {
    let running: ApiTarget | undefined;
    beforeAll(async () => {
      const started = await starter.start(level);
      running = started;
      return () => started.stop();
    });
    suite(() => running ?? notRunning());
  });
}

function notRunning(): never {
  throw new Error('the target is running inside tests and hooks only');
}
