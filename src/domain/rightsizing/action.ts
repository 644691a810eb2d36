/** Whether a new size is worth a change. */
import type { SizeAction } from './outcome.ts';

/** Autopilot (EuroSys 2020, section 3.1) leaves a limit alone while a change would move it by less than a tenth. */
const WORTH_LOWERING = 0.1;
/** A size that is too small does harm, one that is too large only costs: raise sooner. */
const WORTH_RAISING = 0.03;

/** What the step from the present request to `request` is. Undefined or zero means that there is none. */
export function actionFor(request: number, present: number | undefined): SizeAction {
  if (present === undefined || !(present > 0)) return 'set';
  const change = request / present - 1;
  if (change <= -WORTH_LOWERING) return 'lower';
  return change >= WORTH_RAISING ? 'raise' : 'keep';
}
