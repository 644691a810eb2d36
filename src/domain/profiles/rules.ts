/**
 * What each feature of the shape speaks for. A rule holds to a degree between 0 and 1 (so that nothing flips at a
 * threshold) and then adds its log-odds to the types it names.
 */
import { type ShapeFeatures } from './features.ts';
import { type WorkloadType } from './workload-types.ts';

export interface ShapeRule {
  /** What it reads. */
  readonly feature: string;
  /** What it takes for a sign. */
  readonly sign: string;
  /** The value shown as evidence. */
  readonly value: (features: ShapeFeatures) => number | undefined;
  /** 0–1; undefined where the features do not tell. */
  readonly degree: (features: ShapeFeatures) => number | undefined;
  /** Log-odds when it holds fully. */
  readonly logOdds: Readonly<Partial<Record<WorkloadType, number>>>;
}

/** 0 below `from`, 1 above `to`, straight between; falling where `from` is the greater. */
function ramp(value: number | undefined, from: number, to: number): number | undefined {
  return value === undefined ? undefined : Math.min(Math.max((value - from) / (to - from), 0), 1);
}

/** All of them hold: the least degree; unknown as soon as one is. */
function all(...degrees: readonly (number | undefined)[]): number | undefined {
  return degrees.some((degree) => degree === undefined) ? undefined : Math.min(...degrees.map((d) => d ?? 0));
}

export const SHAPE_RULES: readonly ShapeRule[] = [
  {
    feature: 'peak activity',
    sign: 'hardly ever above a few percent',
    value: ({ peak }) => peak,
    degree: ({ peak }) => ramp(peak, 0.08, 0.03),
    logOdds: { idle: 6, training: -3, batch: -2 },
  },
  {
    feature: 'peak activity',
    sign: 'works now and then',
    value: ({ peak }) => peak,
    degree: ({ peak }) => ramp(peak, 0.05, 0.15),
    logOdds: { idle: -5 },
  },
  {
    feature: 'mean activity',
    sign: 'high, level and without rest',
    value: ({ level }) => level,
    degree: ({ level, dutyCycle, variation, slowVariation }) =>
      all(
        ramp(level, 0.45, 0.65),
        ramp(dutyCycle, 0.75, 0.9),
        ramp(variation, 0.4, 0.2),
        ramp(slowVariation, 0.25, 0.1),
      ),
    logOdds: { training: 2.5, batch: 0.5, inference: -1, serving: -0.5 },
  },
  {
    feature: 'variation at work',
    sign: 'level while at work, whatever the height of it is',
    value: ({ variation }) => variation,
    degree: ({ variation, dutyCycle, level, dailyRhythm }) =>
      level === undefined
        ? all(ramp(variation, 0.3, 0.1), ramp(dutyCycle, 0.8, 0.95), ramp(dailyRhythm ?? 0, 0.5, 0.2))
        : undefined,
    logOdds: { training: 1.2 },
  },
  {
    feature: 'mean activity',
    sign: 'moderate with reserve, and never off',
    value: ({ level }) => level,
    degree: ({ level, dutyCycle }) =>
      all(ramp(level, 0.03, 0.12), ramp(level, 0.7, 0.5), ramp(dutyCycle, 0.6, 0.9)),
    logOdds: { serving: 2, training: -1, inference: -0.5 },
  },
  {
    feature: 'accelerator share of power',
    sign: 'works on accelerators',
    value: ({ gpuShare }) => gpuShare,
    degree: ({ gpuShare }) => ramp(gpuShare, 0.1, 0.4),
    logOdds: { training: 1, inference: 1.2, batch: -0.7 },
  },
  {
    feature: 'accelerator share of power',
    sign: 'has no accelerators',
    value: ({ gpuShare }) => gpuShare,
    degree: ({ gpuShare }) => ramp(gpuShare, 0.05, 0),
    logOdds: { training: -1, inference: -2, serving: 0.5, batch: 0.7 },
  },
  {
    feature: 'stretches of work',
    sign: 'short bursts between pauses',
    value: ({ burstMinutes }) => burstMinutes,
    degree: ({ burstMinutes, dutyCycle, burstsPerHour, peak }) =>
      all(
        ramp(burstMinutes, 12, 4),
        ramp(dutyCycle, 0.85, 0.6),
        ramp(burstsPerHour, 0.5, 2),
        ramp(peak ?? 1, 0.05, 0.15),
      ),
    logOdds: { inference: 2.5, training: -2, batch: -1, serving: -0.3 },
  },
  {
    feature: 'stretches of work',
    sign: 'long stretches between long rests',
    value: ({ burstMinutes }) => burstMinutes,
    degree: ({ burstMinutes, dutyCycle, peak }) =>
      all(ramp(burstMinutes, 4, 12), ramp(dutyCycle, 0.85, 0.6), ramp(peak ?? 1, 0.08, 0.3)),
    logOdds: { batch: 2.5, training: -1, serving: -1.5, inference: -1 },
  },
  {
    feature: 'periodicity',
    sign: 'works at regular times',
    value: ({ periodicity }) => periodicity,
    degree: ({ periodicity, dutyCycle, burstMinutes }) =>
      all(ramp(periodicity, 0.3, 0.7), ramp(dutyCycle, 0.8, 0.5), ramp(burstMinutes, 2, 6)),
    logOdds: { batch: 1.5, inference: -0.7, serving: -0.5 },
  },
  {
    feature: 'daily rhythm',
    sign: 'follows the day without stopping',
    value: ({ dailyRhythm }) => dailyRhythm,
    degree: ({ dailyRhythm, dutyCycle, slowVariation }) =>
      all(ramp(dailyRhythm, 0.2, 0.5), ramp(dutyCycle, 0.5, 0.75), ramp(slowVariation, 0.05, 0.15)),
    logOdds: { serving: 2.5, training: -2, batch: -0.5, inference: 0.3 },
  },
  {
    feature: 'time since it last worked',
    sign: 'worked and then ended',
    value: ({ endedShare }) => endedShare,
    degree: ({ endedShare, burstMinutes, peak }) =>
      all(ramp(endedShare, 0.1, 0.3), ramp(burstMinutes, 4, 15), ramp(peak ?? 1, 0.08, 0.3)),
    logOdds: { batch: 1.5, training: 0.5, serving: -2, inference: -0.5 },
  },
];
