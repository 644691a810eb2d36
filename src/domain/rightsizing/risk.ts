/**
 * How much harm a change may do: points for what makes it dangerous, summed up to one of four levels. A table instead
 * of a formula, so that `kcloud explain` can show which line decided.
 *
 *   points  0–2 LOW, 3–4 MEDIUM, 5–6 HIGH, 7 and more CRITICAL
 *   raising a size takes nothing from anybody but the node: only the lines marked * apply
 */
import { RISK_LEVELS, type RiskLevel } from '#apis/optimization.k8s.io/v1/spec.ts';
import type { WorkloadKind } from '../workload/workload-ref.ts';

export interface RiskQuestion {
  readonly what: 'cpu' | 'memory' | 'replicas';
  /** New size divided by the old one, minus 1. */
  readonly change: number;
  readonly workloadKind: WorkloadKind;
  /** Replicas at present. */
  readonly replicas: number;
  /** 0–1. */
  readonly confidence: number;
  /** Highest sample divided by the 95th percentile; undefined where unknown. */
  readonly burstiness?: number | undefined;
  /** 95th percentile of usage divided by the present request; undefined where unknown. */
  readonly utilisation?: number | undefined;
  readonly oomKills: number;
  /** 95th percentile of the share of throttled periods, 0–1; undefined where unknown. */
  readonly throttledRatio?: number | undefined;
  /** The new size lies below the highest sample of the window. */
  readonly belowPeak: boolean;
}

export interface RiskFactor {
  readonly name: string;
  readonly points: number;
  readonly why: string;
}

export interface Risk {
  readonly level: RiskLevel;
  readonly points: number;
  /** Those that apply, heaviest first. */
  readonly factors: readonly RiskFactor[];
}

interface Line extends RiskFactor {
  /** Also counts when a size grows. */
  readonly always?: boolean;
  readonly applies: (question: RiskQuestion) => boolean;
}

const cut = (question: RiskQuestion) => -question.change;

const TABLE: readonly Line[] = [
  { name: 'reduction', points: 1, why: 'at least a tenth less', applies: (q) => cut(q) >= 0.1 && cut(q) < 0.4 },
  { name: 'large reduction', points: 2, why: 'at least two fifths less', applies: (q) => cut(q) >= 0.4 && cut(q) < 0.7 },
  { name: 'drastic reduction', points: 3, why: 'at least seven tenths less', applies: (q) => cut(q) >= 0.7 },
  { name: 'memory', points: 1, why: 'too little memory kills, too little CPU slows down', applies: (q) => q.what === 'memory' },
  { name: 'below peak', points: 4, why: 'less memory than was seen in use', applies: (q) => q.what === 'memory' && q.belowPeak },
  { name: 'OOM kills', points: 3, why: 'it was killed for memory in the window', applies: (q) => q.what === 'memory' && q.oomKills > 0 },
  { name: 'throttled', points: 3, why: 'it is short of CPU already', applies: (q) => q.what === 'cpu' && (q.throttledRatio ?? 0) >= 0.05 },
  { name: 'bursts', points: 1, why: 'peaks are more than twice the 95th percentile', applies: (q) => (q.burstiness ?? 1) > 2 },
  { name: 'in use', points: 1, why: 'more than four fifths of the request are in use', applies: (q) => (q.utilisation ?? 0) > 0.8 },
  { name: 'last replica', points: 2, why: 'one replica is left: nothing stands in for it', applies: leavesOne },
  { name: 'single replica', points: 1, why: 'nothing stands in while it is changed', always: true, applies: (q) => q.what !== 'replicas' && q.replicas <= 1 },
  { name: 'stateful', points: 1, why: 'a StatefulSet recovers slowly', always: true, applies: (q) => q.workloadKind === 'StatefulSet' },
  { name: 'every node', points: 1, why: 'a DaemonSet is missed on each node', always: true, applies: (q) => q.workloadKind === 'DaemonSet' },
  { name: 'doubt', points: 1, why: 'confidence is below 0.85', applies: (q) => q.confidence < 0.85 && q.confidence >= 0.6 },
  { name: 'great doubt', points: 3, why: 'confidence is below 0.6', applies: (q) => q.confidence < 0.6 },
]; // prettier-ignore

function leavesOne({ what, replicas, change }: RiskQuestion): boolean {
  return what === 'replicas' && replicas > 1 && Math.round(replicas * (1 + change)) <= 1;
}

/** From these points on a change is MEDIUM, HIGH, CRITICAL. */
const THRESHOLDS = [3, 5, 7] as const;

export function assessRisk(question: RiskQuestion): Risk {
  const factors = TABLE.filter(
    (line) => (line.always === true || question.change < 0) && line.applies(question),
  )
    .map(({ name, points, why }) => ({ name, points, why }))
    .sort((a, b) => b.points - a.points);
  const points = factors.reduce((sum, factor) => sum + factor.points, 0);
  return { level: riskLevelOf(points), points, factors };
}

/** The level of so many points. */
export function riskLevelOf(points: number): RiskLevel {
  const place = THRESHOLDS.filter((threshold) => points >= threshold).length;
  return RISK_LEVELS[place] ?? 'CRITICAL';
}

/** Negative where `a` is the lesser risk, 0 where equal: for sorting and bounds; levels never compare as texts. */
export function compareRisk(a: RiskLevel, b: RiskLevel): number {
  return RISK_LEVELS.indexOf(a) - RISK_LEVELS.indexOf(b);
}

/** The highest of several levels; LOW for none. */
export function highestRisk(levels: readonly RiskLevel[]): RiskLevel {
  return levels.reduce<RiskLevel>((most, level) => (compareRisk(level, most) > 0 ? level : most), 'LOW');
}
