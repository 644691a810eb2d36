/** Tells the type of a workload from its shape and its names, with what speaks for and against it. */
import { featuresOf, type ShapeFeatures } from './features.ts';
import { type ProfileObservation } from './observation.ts';
import { SHAPE_RULES } from './rules.ts';
import { wordHints } from './words.ts';
import { WORKLOAD_TYPES, type WorkloadType } from './workload-types.ts';

export interface ProfileEvidence {
  readonly feature: string;
  /** What was found. */
  readonly value: number | string;
  /** What it is taken as a sign of. */
  readonly sign: string;
  /** How much it moves the odds of the answer against the runner-up: |log-odds|. */
  readonly weight: number;
  readonly direction: 'for' | 'against';
}

export interface Classification {
  /** `unknown` where the evidence does not tell. */
  readonly type: WorkloadType | 'unknown';
  /** The chance that the most likely type is right, 0–1; 0 where there is no evidence at all. */
  readonly confidence: number;
  /** Of every type; they sum to 1. Empty where there is no evidence. */
  readonly probabilities: Readonly<Partial<Record<WorkloadType, number>>>;
  /** Heaviest first, about the most likely type. */
  readonly evidence: readonly ProfileEvidence[];
  /** Absent where the samples have no shape. */
  readonly features?: ShapeFeatures;
  /** Why the type is unknown, or what the answer had to do without. */
  readonly reason?: string;
}

/** Below this, saying nothing is better. */
export const LEAST_CONFIDENCE = 0.5;

interface Sign {
  readonly feature: string;
  readonly value: number | string;
  readonly sign: string;
  readonly logOdds: Readonly<Partial<Record<WorkloadType, number>>>;
}

/** Never throws; samples that say nothing leave the names, and if those say nothing either the answer is `unknown`. */
export function classify(observation: ProfileObservation): Classification {
  const shape = featuresOf(observation);
  if ('unknown' in shape) return judged(wordSigns(observation), { without: shape.unknown });
  return { ...judged([...shapeSigns(shape), ...wordSigns(observation)], {}), features: shape };
}

function judged(signs: readonly Sign[], { without }: { readonly without?: string }): Classification {
  const probabilities = softmax(signs);
  const [first, second] = [...WORKLOAD_TYPES].sort((a, b) => probabilities[b] - probabilities[a]);
  if (signs.length === 0 || first === undefined || second === undefined)
    return nothing(without ?? 'neither shape nor names speak for any type');
  const confidence = probabilities[first];
  const sure = confidence >= LEAST_CONFIDENCE;
  const reason = sure ? without : undecided(first, second, probabilities);
  return {
    type: sure ? first : 'unknown',
    confidence,
    probabilities,
    evidence: evidenceFor(signs, first, second),
    ...(reason === undefined ? {} : { reason }),
  };
}

function nothing(reason: string): Classification {
  return { type: 'unknown', confidence: 0, probabilities: {}, evidence: [], reason };
}

function undecided(
  first: WorkloadType,
  second: WorkloadType,
  probabilities: Readonly<Record<WorkloadType, number>>,
): string {
  const share = (type: WorkloadType): string => `${type} (${(100 * probabilities[type]).toFixed(0)} %)`;
  return `${share(first)} and ${share(second)} are too close`;
}

function shapeSigns(features: ShapeFeatures): Sign[] {
  return SHAPE_RULES.flatMap((rule) => {
    const degree = rule.degree(features) ?? 0;
    if (degree < 0.01) return [];
    const logOdds = Object.fromEntries(
      Object.entries(rule.logOdds).map(([type, odds]) => [type, odds * degree]),
    );
    return [{ feature: rule.feature, value: rule.value(features) ?? Number.NaN, sign: rule.sign, logOdds }];
  });
}

function wordSigns(observation: ProfileObservation): Sign[] {
  return wordHints(observation).map(({ feature, value, type, weight }) => ({
    feature,
    value,
    sign: `speaks of ${type}`,
    logOdds: { [type]: weight },
  }));
}

function softmax(signs: readonly Sign[]): Record<WorkloadType, number> {
  const sums = WORKLOAD_TYPES.map((type) =>
    signs.reduce((sum, { logOdds }) => sum + (logOdds[type] ?? 0), 0),
  );
  const most = Math.max(...sums);
  const odds = sums.map((sum) => Math.exp(sum - most));
  const total = odds.reduce((sum, each) => sum + each, 0);
  const share = (index: number): number => (odds[index] ?? 0) / total;
  return { training: share(0), serving: share(1), inference: share(2), batch: share(3), idle: share(4) };
}

function evidenceFor(signs: readonly Sign[], first: WorkloadType, second: WorkloadType): ProfileEvidence[] {
  return signs
    .map(({ feature, value, sign, logOdds }): ProfileEvidence => {
      const difference = (logOdds[first] ?? 0) - (logOdds[second] ?? 0);
      return {
        feature,
        value,
        sign,
        weight: Math.abs(difference),
        direction: difference >= 0 ? 'for' : 'against',
      };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
}
