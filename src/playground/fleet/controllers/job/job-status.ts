/** The conditions of a Job (KEP-3998: the criteria are met first, then the Job is over). */
import type { Job } from '#apis/kubernetes/builtin.ts';
import { rfc3339 } from '#platform/clock.ts';

export type JobCondition = NonNullable<NonNullable<Job['status']>['conditions']>[number];

export function jobCondition(
  type: 'SuccessCriteriaMet' | 'Complete' | 'FailureTarget' | 'Failed' | 'Suspended',
  why: { readonly reason: string; readonly message: string; readonly status?: 'True' | 'False' },
  nowMs: number,
): JobCondition {
  const time = rfc3339(nowMs);
  return {
    type,
    status: why.status ?? 'True',
    lastProbeTime: time,
    lastTransitionTime: time,
    reason: why.reason,
    message: why.message,
  };
}

/** The condition by which a Job is over; undefined while it is not. */
export function endOf(job: Job): JobCondition | undefined {
  return job.status?.conditions?.find(
    (condition) =>
      (condition.type === 'Complete' || condition.type === 'Failed') && condition.status === 'True',
  );
}
