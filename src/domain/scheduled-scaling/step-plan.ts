/** The next plan on the way to a wanted one: in no window does the count move further than `maxChangePercent` allows. */
import { capCount } from '../change/step.ts';
import { type PlanWindow, type ScalingPlan, weekSegments } from './plan.ts';

/** `base` is the count outside of windows; `inForce` the plan of the last step. Windows without effect are dropped. */
export function stepPlan(
  wanted: ScalingPlan,
  base: number,
  {
    inForce,
    maxChangePercent,
  }: { readonly inForce: ScalingPlan | undefined; readonly maxChangePercent: number },
): ScalingPlan {
  const share = maxChangePercent / 100;
  const windows = wanted.windows.map((window) => {
    const counts = countsWithin(inForce, window, base);
    const highest = Math.max(...counts);
    const from = window.replicas < highest ? highest : Math.min(...counts);
    return { ...window, replicas: capCount({ from, to: window.replicas, share }) };
  });
  return { ...wanted, windows: windows.filter(({ replicas }) => replicas !== base) };
}

/** The counts that hold at present during a window. */
function countsWithin(inForce: ScalingPlan | undefined, window: PlanWindow, base: number): number[] {
  if (inForce === undefined) return [base];
  const own = weekSegments({ timeZone: inForce.timeZone, windows: [window] }).filter(
    ({ replicas }) => replicas !== undefined,
  );
  return weekSegments(inForce)
    .filter((segment) => own.some(({ from, to }) => from < segment.to && segment.from < to))
    .map(({ replicas }) => replicas ?? base);
}
