/** How many replicas a metric calls for (pkg/controller/podautoscaler/replica_calculator.go). Pure. */
import type { PodMetric } from './pod-metrics.ts';

export type MetricTarget =
  | { readonly kind: 'Utilization'; readonly percent: number }
  | { readonly kind: 'AverageValue'; readonly value: number };

export interface ReplicaProposal {
  readonly replicas: number;
  /** Mean use as a share of requests in percent; only for utilization targets. */
  readonly utilizationPercent: number | undefined;
  /** Mean use per pod. */
  readonly averageValue: number;
}

/** Changes smaller than this are noise. */
export const DEFAULT_TOLERANCE = 0.1;

export interface CalculatorInput {
  readonly metrics: readonly PodMetric[];
  readonly target: MetricTarget;
  readonly currentReplicas: number;
  readonly tolerance?: { readonly up: number; readonly down: number };
}

/** Undefined where no pod has a metric. */
export function proposeReplicas(input: CalculatorInput): ReplicaProposal | undefined {
  const { metrics, target } = input;
  const known = metrics.filter((metric) => metric.isReady && metric.usage !== undefined);
  if (known.length === 0) return undefined;
  const percent = Math.floor((sumUsage(known) * 100) / sumRequests(known));
  return {
    replicas: propose(input, known),
    utilizationPercent: target.kind === 'Utilization' ? percent : undefined,
    averageValue: sumUsage(known) / known.length,
  };
}

function propose(input: CalculatorInput, known: readonly PodMetric[]): number {
  const { metrics, target, currentReplicas } = input;
  const ratio = usageRatio(known, target);
  const unready = ratio > 1 ? metrics.filter((metric) => !metric.isReady) : [];
  const missing = metrics.filter((metric) => metric.isReady && metric.usage === undefined);
  if (unready.length + missing.length === 0) {
    return isTolerated(ratio, input) ? currentReplicas : roundUp(ratio * known.length);
  }
  const idle = unready.map((metric) => ({ ...metric, usage: 0 }));
  const filled = [...known, ...guesses(missing, ratio, target), ...idle];
  const newRatio = usageRatio(filled, target);
  const replicas = roundUp(newRatio * filled.length);
  const isKept =
    isTolerated(newRatio, input) || isContradiction({ ratio, newRatio }, replicas - currentReplicas);
  return isKept ? currentReplicas : replicas;
}

/** With the guesses the metric points the other way, or the size would move against it. */
function isContradiction(
  { ratio, newRatio }: { readonly ratio: number; readonly newRatio: number },
  change: number,
): boolean {
  const isTurned = (ratio < 1 && newRatio > 1) || (ratio > 1 && newRatio < 1);
  return isTurned || (newRatio < 1 ? change > 0 : change < 0);
}

/** The conservative guess: a pod without metrics is full when we shrink and empty when we grow. */
function guesses(missing: readonly PodMetric[], ratio: number, target: MetricTarget): readonly PodMetric[] {
  const full = (metric: PodMetric): number => {
    return target.kind === 'Utilization'
      ? (metric.request * Math.max(100, target.percent)) / 100
      : target.value;
  };
  return missing.map((metric) => ({ ...metric, usage: ratio < 1 ? full(metric) : 0 }));
}

function sumUsage(metrics: readonly PodMetric[]): number {
  return metrics.reduce((sum, metric) => sum + (metric.usage ?? 0), 0);
}

function sumRequests(metrics: readonly PodMetric[]): number {
  return metrics.reduce((sum, metric) => sum + metric.request, 0);
}

/** Utilization is compared in whole percent, as the real one does. */
function usageRatio(metrics: readonly PodMetric[], target: MetricTarget): number {
  if (target.kind === 'AverageValue') return sumUsage(metrics) / metrics.length / target.value;
  return Math.floor((sumUsage(metrics) * 100) / sumRequests(metrics)) / target.percent;
}

function isTolerated(ratio: number, { tolerance }: CalculatorInput): boolean {
  const { up = DEFAULT_TOLERANCE, down = DEFAULT_TOLERANCE } = tolerance ?? {};
  return 1 - down <= ratio && ratio <= 1 + up;
}

/** Floating point must not add a pod. */
function roundUp(value: number): number {
  return Math.max(0, Math.ceil(value - 1e-9));
}
