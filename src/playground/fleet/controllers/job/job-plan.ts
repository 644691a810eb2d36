/** How a Job's pods are counted, and how many it starts or stops next. Pure. */
import type { Job, Pod } from '#apis/kubernetes/builtin.ts';
import { annotationsOf, isDeleting } from '../../meta.ts';
import { isFinished, isReady } from '../../resources.ts';
import { isActive } from '../pod-control.ts';

export const INDEX_ANNOTATION = 'batch.kubernetes.io/job-completion-index';
const DEFAULT_BACKOFF_LIMIT = 6;

export interface JobCounts {
  readonly active: readonly Pod[];
  readonly succeeded: number;
  readonly failed: number;
  readonly ready: number;
  /** On their way out, and not over yet. */
  readonly terminating: number;
  /** Indexes that have succeeded; only for indexed Jobs. */
  readonly doneIndexes: ReadonlySet<number>;
}

export function indexOf(pod: Pod): number | undefined {
  const text = annotationsOf(pod)[INDEX_ANNOTATION];
  return text === undefined ? undefined : Number(text);
}

export function isIndexed(job: Job): boolean {
  return job.spec?.completionMode === 'Indexed';
}

export function countPods(job: Job, pods: readonly Pod[]): JobCounts {
  const succeeded = pods.filter((pod) => pod.status?.phase === 'Succeeded');
  const failed = pods.filter(
    (pod) => pod.status?.phase === 'Failed' || (isDeleting(pod) && pod.status?.phase !== 'Succeeded'),
  );
  const active = pods.filter(isActive);
  const doneIndexes = new Set(succeeded.map(indexOf).filter((index) => index !== undefined));
  return {
    active,
    succeeded: isIndexed(job) ? doneIndexes.size : succeeded.length,
    failed: failed.length,
    ready: active.filter(isReady).length,
    terminating: pods.filter((pod) => isDeleting(pod) && !isFinished(pod)).length,
    doneIndexes,
  };
}

/** Container restarts count against the limit as well (restartPolicy OnFailure). */
export function isOverBackoffLimit(job: Job, counts: JobCounts): boolean {
  const limit = job.spec?.backoffLimit ?? DEFAULT_BACKOFF_LIMIT;
  const restarts = counts.active
    .flatMap((pod) => pod.status?.containerStatuses ?? [])
    .reduce((sum, status) => sum + status.restartCount, 0);
  return counts.failed > limit || restarts > limit;
}

/** A Job without completions is done when one pod succeeded and none is left. */
export function isComplete(job: Job, counts: JobCounts): boolean {
  const wanted = job.spec?.completions;
  if (wanted === undefined) return counts.succeeded > 0 && counts.active.length === 0;
  return counts.succeeded >= wanted;
}

export interface JobStep {
  /** How many pods to start; for indexed Jobs, their indexes. */
  readonly start: readonly (number | undefined)[];
  readonly stop: readonly Pod[];
}

export function planJob(job: Job, counts: JobCounts): JobStep {
  if (job.spec?.suspend === true) return { start: [], stop: counts.active };
  const running = counts.active.length;
  const wanted = wantedPods(job, counts);
  if (running > wanted) return { start: [], stop: counts.active.slice(wanted) };
  const missing = wanted - running;
  if (isIndexed(job)) return { start: freeIndexes(job, counts, missing), stop: [] };
  return { start: Array.from({ length: missing }, () => undefined), stop: [] };
}

/** Without completions, no pod is started any more once one has succeeded. */
function wantedPods(job: Job, counts: JobCounts): number {
  const { parallelism = 1, completions } = job.spec ?? {};
  if (completions !== undefined) return Math.min(parallelism, Math.max(0, completions - counts.succeeded));
  return counts.succeeded > 0 ? Math.min(parallelism, counts.active.length) : parallelism;
}

function freeIndexes(job: Job, counts: JobCounts, count: number): readonly number[] {
  const taken = new Set([...counts.doneIndexes, ...counts.active.map(indexOf)]);
  const all = Array.from({ length: job.spec?.completions ?? 0 }, (_, index) => index);
  return all.filter((index) => !taken.has(index)).slice(0, count);
}

/** `0,2-4`: how a status lists indexes. */
export function indexText(indexes: ReadonlySet<number>): string {
  const sorted = [...indexes].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let at = 0; at < sorted.length;) {
    let end = at;
    while (sorted[end + 1] === (sorted[end] ?? 0) + 1) end += 1;
    parts.push(
      end === at ? String(sorted[at]) : `${sorted[at] ?? 0}${end === at + 1 ? ',' : '-'}${sorted[end] ?? 0}`,
    );
    at = end + 1;
  }
  return parts.join(',');
}

/** When the next pod may be started after failures: 10 s, doubling up to 10 min, from the last failure. */
export function retryDelayMs(counts: JobCounts, lastFailureMs: number | undefined, nowMs: number): number {
  if (counts.failed === 0 || lastFailureMs === undefined) return 0;
  const waitMs = Math.min(600_000, 10_000 * 2 ** (counts.failed - 1));
  return Math.max(0, lastFailureMs + waitMs - nowMs);
}
