/**
 * The shape of a server's power curve from nothing but its idle and its maximum watts. Both tell how old and how large a
 * server is, and servers of an age bend alike: those of 2008 nearly not, those of 2020 use half of their range at 50 % load and rise
 * steeply at either end. The shape is a mean curve plus two components, whose amounts are smooth functions (linear, and Gaussian
 * bumps) of idle over maximum and of the logarithm of the maximum. `bench/power` fits it to published SPECpower_ssj2008
 * results by least absolute relative errors, and measures it on servers that it was not fitted to.
 */
import { clamp } from '../clamp.ts';
import { type Curve, smooth } from './interpolate.ts';
import { SHAPE } from './shape-numbers.ts';
import type { ShapeModel } from './shape-model.ts';

/** The width of the bumps. */
export const BUMP = { ratio: 0.03, logMax: 0.175 };
/** What the model was fitted to; beyond, the nearest is taken. */
const KNOWN = { ratio: [0.08, 0.8], logMax: [3.5, 9.5] } as const;

/** The functions whose weighted sums are the amounts. */
export function features(ratio: number, logMax: number, centres: ShapeModel['centres']): number[] {
  const bumps = centres.map(([r, l]) =>
    Math.exp(-(((ratio - r) / BUMP.ratio) ** 2 + ((logMax - l) / BUMP.logMax) ** 2) / 2),
  );
  return [1, ratio, logMax, ...bumps];
}

/** Fractions of the range from idle to maximum at 0, 10, … 100 % utilisation: from 0 to 1, never falling. */
export function fractionsOf(
  { idleWatts, maxWatts }: { readonly idleWatts: number; readonly maxWatts: number },
  model: ShapeModel = SHAPE,
): number[] {
  const ratio = clamp(idleWatts / maxWatts, ...KNOWN.ratio);
  const columns = features(ratio, clamp(Math.log(maxWatts), ...KNOWN.logMax), model.centres);
  const amounts = model.amounts.map((weights) =>
    weights.reduce((sum, w, index) => sum + w * (columns[index] ?? 0), 0),
  );
  let most = 0;
  return model.mean.map((fraction, step) => {
    const bent = amounts.reduce(
      (sum, amount, k) => sum + amount * (model.components[k]?.[step] ?? 0),
      fraction,
    );
    most = clamp(bent, most, 1);
    return step === model.mean.length - 1 ? 1 : step === 0 ? 0 : most;
  });
}

/** Watts over utilisation in percent, from idle at 0 to maximum at 100. */
export function shapedCurve(limits: { readonly idleWatts: number; readonly maxWatts: number }): Curve {
  const { idleWatts, maxWatts } = limits;
  const fraction = fractionCurve(fractionsOf(limits));
  return (percent) => idleWatts + (maxWatts - idleWatts) * fraction(percent);
}

/** The fractions as a smooth curve over percent. */
export function fractionCurve(fractions: readonly number[]): Curve {
  return smooth(fractions.map((y, step) => ({ x: 10 * step, y })));
}
