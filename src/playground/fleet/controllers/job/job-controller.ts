/** Runs the pods of Jobs to completion. */
import type { Job, Pod } from '#apis/kubernetes/builtin.ts';
import { keyOf } from '#apis/kubernetes/object.ts';
import { isNotFound } from '#kube/client/api-error.ts';
import { JOBS, PODS } from '#kube/client/builtin-types.ts';
import { rfc3339 } from '#platform/clock.ts';
import type { Component, FleetContext } from '../../fleet-context.ts';
import type { ChangeIndex } from '../../fleet-indexes.ts';
import { createdMs, isDeleting, nameOf, uidOf } from '../../meta.ts';
import { ControlLoop } from '../control-loop.ts';
import { type PodDraft, createPod, deletePod } from '../pod-control.ts';
import { withoutZeros, writeStatus } from '../writing.ts';
import {
  INDEX_ANNOTATION,
  type JobCounts,
  countPods,
  indexText,
  isComplete,
  isIndexed,
  isOverBackoffLimit,
  planJob,
  retryDelayMs,
} from './job-plan.ts';
import { type JobCondition, endOf, jobCondition } from './job-status.ts';

const COMPONENT = 'job-controller';

type JobStatus = NonNullable<Job['status']>;

/** Why a Job ends. */
interface Verdict {
  readonly type: 'Complete' | 'Failed';
  readonly reason: string;
  readonly message: string;
}

export class JobController implements Component {
  readonly #context: FleetContext;
  readonly #pods: ChangeIndex<Pod>;
  readonly #loop: ControlLoop<Job>;

  constructor(context: FleetContext) {
    this.#context = context;
    this.#pods = context.indexes.podsByOwner;
    this.#loop = new ControlLoop({
      name: COMPONENT,
      context,
      type: JOBS,
      owned: [PODS],
      reconcile: (job) => this.#reconcile(job),
    });
  }

  stop(): void {
    this.#loop.stop();
  }

  async #reconcile(job: Job): Promise<number | undefined> {
    if (isDeleting(job)) return undefined;
    if (endOf(job) !== undefined) return this.#expire(job);
    const counts = countPods(job, this.#pods.get(uidOf(job)));
    const verdict = this.#judge(job, counts);
    const againMs = verdict === undefined ? await this.#advance(job, counts) : undefined;
    if (verdict !== undefined) await this.#stop(job, counts.active);
    const after = countPods(job, this.#pods.get(uidOf(job)));
    await writeStatus(this.#context, { type: JOBS, object: job }, this.#status(job, after, verdict));
    if (verdict !== undefined) this.#tellEnd(job, verdict);
    return earliest(againMs, this.#deadlineIn(job));
  }

  #judge(job: Job, counts: JobCounts): Verdict | undefined {
    if (job.spec?.suspend === true) return undefined;
    if (isComplete(job, counts)) {
      return {
        type: 'Complete',
        reason: 'CompletionsReached',
        message: 'Reached expected number of succeeded pods',
      };
    }
    if (isOverBackoffLimit(job, counts)) {
      const message = 'Job has reached the specified backoff limit';
      return { type: 'Failed', reason: 'BackoffLimitExceeded', message };
    }
    const leftMs = this.#deadlineIn(job);
    if (leftMs === undefined || leftMs > 0) return undefined;
    const message = 'Job was active longer than specified deadline';
    return { type: 'Failed', reason: 'DeadlineExceeded', message };
  }

  #deadlineIn(job: Job): number | undefined {
    const seconds = job.spec?.activeDeadlineSeconds;
    const startedMs = Date.parse(job.status?.startTime ?? '');
    if (seconds === undefined || Number.isNaN(startedMs)) return undefined;
    return Math.max(0, startedMs + seconds * 1000 - this.#context.clock.now());
  }

  /** Starts and stops pods; resolves with when failed ones may be replaced. */
  async #advance(job: Job, counts: JobCounts): Promise<number | undefined> {
    const step = planJob(job, counts);
    await this.#stop(job, step.stop);
    if (step.start.length === 0) return undefined;
    const waitMs = retryDelayMs(counts, this.#lastFailureMs(job), this.#context.clock.now());
    if (waitMs > 0) return waitMs;
    const owner = { context: this.#context, type: JOBS, owner: job, component: COMPONENT };
    for (const index of step.start) await createPod(owner, draftOf(job, index));
    return undefined;
  }

  #lastFailureMs(job: Job): number | undefined {
    const times = this.#pods
      .get(uidOf(job))
      .filter((pod) => pod.status?.phase === 'Failed')
      .flatMap((pod) => pod.status?.containerStatuses ?? [])
      .map((status) => Date.parse(status.state?.terminated?.finishedAt ?? ''))
      .filter((ms) => !Number.isNaN(ms));
    return times.length === 0 ? undefined : Math.max(...times);
  }

  async #stop(job: Job, pods: readonly Pod[]): Promise<void> {
    const owner = { context: this.#context, type: JOBS, owner: job, component: COMPONENT };
    for (const pod of pods) await deletePod(owner, pod);
  }

  #status(job: Job, counts: JobCounts, verdict: Verdict | undefined): JobStatus {
    const nowMs = this.#context.clock.now();
    const { startTime } = job.status ?? {};
    const isSuspended = job.spec?.suspend === true;
    const isEnded = verdict !== undefined;
    return {
      ...(isSuspended ? {} : { startTime: startTime ?? rfc3339(nowMs) }),
      ...withoutZeros({
        active: isEnded ? 0 : counts.active.length,
        succeeded: counts.succeeded,
        failed: counts.failed,
      }),
      terminating: counts.terminating,
      ready: isEnded ? 0 : counts.ready,
      ...(isIndexed(job) ? { completedIndexes: indexText(counts.doneIndexes) } : {}),
      ...(verdict?.type === 'Complete' ? { completionTime: rfc3339(nowMs) } : {}),
      uncountedTerminatedPods: {},
      ...this.#conditions(job, verdict),
    };
  }

  #conditions(job: Job, verdict: Verdict | undefined): { readonly conditions?: JobCondition[] } {
    const nowMs = this.#context.clock.now();
    const before = job.status?.conditions ?? [];
    if (verdict !== undefined) {
      const criterion = verdict.type === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
      return {
        conditions: [
          ...before,
          jobCondition(criterion, verdict, nowMs),
          jobCondition(verdict.type, verdict, nowMs),
        ],
      };
    }
    const suspended = before.find((condition) => condition.type === 'Suspended');
    const isSuspended = job.spec?.suspend === true;
    if (isSuspended === (suspended?.status === 'True'))
      return before.length === 0 ? {} : { conditions: before };
    const why = isSuspended
      ? ({ status: 'True', reason: 'JobSuspended', message: 'Job suspended' } as const)
      : ({ status: 'False', reason: 'JobResumed', message: 'Job resumed' } as const);
    const others = before.filter((condition) => condition !== suspended);
    return { conditions: [...others, jobCondition('Suspended', why, nowMs)] };
  }

  #tellEnd(job: Job, verdict: Verdict): void {
    const isGood = verdict.type === 'Complete';
    this.#context.events.emit(job, {
      type: isGood ? 'Normal' : 'Warning',
      reason: isGood ? 'Completed' : verdict.reason,
      message: isGood ? 'Job completed' : verdict.message,
      component: COMPONENT,
    });
  }

  /** A finished Job is deleted after its time to live. */
  async #expire(job: Job): Promise<number | undefined> {
    const seconds = job.spec?.ttlSecondsAfterFinished;
    if (seconds === undefined) return undefined;
    const endedMs = Date.parse(endOf(job)?.lastTransitionTime ?? '');
    const leftMs =
      (Number.isNaN(endedMs) ? createdMs(job) : endedMs) + seconds * 1000 - this.#context.clock.now();
    if (leftMs > 0) return leftMs;
    await this.#context.access.delete(JOBS, keyOf(job)).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
    return undefined;
  }
}

/** The labels are those that the API server gives to the Job's selector. */
function draftOf(job: Job, index: number | undefined): PodDraft {
  const template = job.spec?.template ?? {};
  const labels = {
    'batch.kubernetes.io/controller-uid': uidOf(job),
    'batch.kubernetes.io/job-name': nameOf(job),
    'controller-uid': uidOf(job),
    'job-name': nameOf(job),
  };
  if (index === undefined) return { template, labels };
  const metadata = {
    ...template.metadata,
    annotations: { ...template.metadata?.annotations, [INDEX_ANNOTATION]: String(index) },
  };
  return { template: { ...template, metadata }, labels: { ...labels, [INDEX_ANNOTATION]: String(index) } };
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}
