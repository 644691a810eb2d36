/** Scene 3: CostOptimizations are created; the operator analyses, applies and verifies them. */
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { HOUR_MS, MINUTE_MS } from '#domain/units/duration.ts';
import { PODS } from '#kube/client/builtin-types.ts';
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
  stage.say(`${wishes.length} CostOptimizations are created, with autoApply on. Watch the operator:`, '');
  const before = demo.money().usdPerHour;
  const podsBefore = podsOf(demo);
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
    `${verified} changes applied and verified; ${disturbance(podsBefore, podsOf(demo))}.`,
    `Reserved: ${dollars(perMonth(before))} → ${dollars(perMonth(after))} a month.`,
  );
  await stage.pause(2000);
}

/** How often the containers of each pod were restarted, by the pod's uid. */
type Pods = ReadonlyMap<string, number>;

function podsOf(demo: DemoWorld): Pods {
  return new Map(
    demo.cluster.stored(PODS).map(({ metadata, status }) => {
      const restarts = (status?.containerStatuses ?? []).map(({ restartCount }) => restartCount);
      return [metadata?.uid ?? '', restarts.reduce((sum, count) => sum + count, 0)];
    }),
  );
}

/** What it cost the pods that were there before. */
export function disturbance(before: Pods, after: Pods): string {
  const disturbed = [...before].filter(([uid, restarts]) => after.get(uid) !== restarts).length;
  return disturbed === 0
    ? 'pods were resized in place, none was restarted or replaced'
    : `${disturbed} of ${before.size} pods were restarted or replaced`;
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
