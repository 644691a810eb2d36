/** Scene 3: CostOptimizations are created; the operator analyses, applies and verifies them. */
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { HOUR_MS, MINUTE_MS } from '#domain/units/duration.ts';
import type { DemoWorld } from '../demo-world.ts';
import { demoOptimizations } from '../fleet/optimizations.ts';
import { must } from './must.ts';
import type { PassingTime } from './passing-time.ts';
import type { Stage } from './stage.ts';
import { dollars, perMonth } from './telling.ts';

const LIMIT_MS = 2 * HOUR_MS;
const ENOUGH = 8;

export async function optimize(demo: DemoWorld, stage: Stage, time: PassingTime): Promise<void> {
  stage.heading('3  The operator at work');
  const wishes = demoOptimizations();
  stage.say(
    `${wishes.length} CostOptimizations are created (autoApply, everything else as by default). Watch the operator:`,
    '',
  );
  const before = demo.money().usdPerHour;
  for (const wish of wishes) {
    await demo.optimize(wish);
    await time.pass({ forMs: MINUTE_MS, stepMs: MINUTE_MS, paceMs: 200 });
  }
  const settled = await time.pass({
    forMs: LIMIT_MS,
    stepMs: MINUTE_MS,
    until: () => demo.optimizations().every(isSettled),
    paceMs: 80,
  });
  must(settled, 'scene 3', 'every CostOptimization came to an end');
  const verified = demo.optimizations().filter(isVerified).length;
  must(verified >= ENOUGH, 'scene 3', `${ENOUGH} changes were verified; ${verified} were`);
  const after = demo.money().usdPerHour;
  must(after < before, 'scene 3', 'the cluster reserves less money');
  stage.say(
    '',
    `${verified} changes applied and verified; pods were resized in place, none was restarted.`,
    `Reserved: ${dollars(perMonth(before))} → ${dollars(perMonth(after))} a month.`,
  );
  await stage.pause(2000);
}

export function isVerified({ status }: CostOptimization): boolean {
  return status?.phase === 'Applied' && status.verification?.result === 'Passed';
}

/** Verified, or seen and left as it is. */
function isSettled(optimization: CostOptimization): boolean {
  const { phase, lastAnalysis } = optimization.status ?? {};
  const left = (phase === 'Ready' || phase === 'Pending') && lastAnalysis !== undefined;
  return left || isVerified(optimization);
}
