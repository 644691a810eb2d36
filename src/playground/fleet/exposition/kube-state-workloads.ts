/** kube_deployment_*, kube_replicaset_* and the like: what kube-state-metrics says of what makes pods. */
import type {
  CronJob,
  DaemonSet,
  Deployment,
  Job,
  ReplicaSet,
  StatefulSet,
} from '#apis/kubernetes/builtin.ts';
import { rolloutBounds } from '../controllers/deployment/replica-sets.ts';
import {
  conditionSamples,
  createdSeconds,
  family,
  generation,
  named,
  numbers,
  oneOf,
  ownerSamples,
  seconds,
} from './kube-state-samples.ts';
import type { ObjectFamily, Sample } from './metric-text.ts';

const ofDeployment = named('deployment');
const ofReplicaSet = named('replicaset');
const ofStatefulSet = named('statefulset');
const ofDaemonSet = named('daemonset');
const ofJob = named('job_name');
const ofCronJob = named('cronjob');

export const DEPLOYMENT_FAMILIES: readonly ObjectFamily<Deployment>[] = [
  ...numbers<Deployment>('kube_deployment', ofDeployment, {
    created: createdSeconds,
    metadata_generation: generation,
    spec_replicas: ({ spec }) => spec?.replicas ?? 1,
    spec_paused: ({ spec }) => Number(spec?.paused === true),
    spec_strategy_rollingupdate_max_unavailable: (one) => rolloutBounds(one).maxUnavailable,
    spec_strategy_rollingupdate_max_surge: (one) => rolloutBounds(one).maxSurge,
    status_replicas: ({ status }) => status?.replicas ?? 0,
    status_replicas_ready: ({ status }) => status?.readyReplicas ?? 0,
    status_replicas_available: ({ status }) => status?.availableReplicas ?? 0,
    status_replicas_unavailable: ({ status }) => status?.unavailableReplicas ?? 0,
    status_replicas_updated: ({ status }) => status?.updatedReplicas ?? 0,
    status_observed_generation: ({ status }) => status?.observedGeneration,
  }),
  family('kube_deployment_status_condition', (one) =>
    conditionSamples(ofDeployment(one), one.status?.conditions),
  ),
];

export const REPLICA_SET_FAMILIES: readonly ObjectFamily<ReplicaSet>[] = [
  ...numbers<ReplicaSet>('kube_replicaset', ofReplicaSet, {
    created: createdSeconds,
    metadata_generation: generation,
    spec_replicas: ({ spec }) => spec?.replicas ?? 1,
    status_replicas: ({ status }) => status?.replicas ?? 0,
    status_fully_labeled_replicas: ({ status }) => status?.fullyLabeledReplicas ?? 0,
    status_ready_replicas: ({ status }) => status?.readyReplicas ?? 0,
    status_observed_generation: ({ status }) => status?.observedGeneration,
  }),
  family('kube_replicaset_owner', (one) => ownerSamples(ofReplicaSet(one), one)),
];

export const STATEFUL_SET_FAMILIES: readonly ObjectFamily<StatefulSet>[] = [
  ...numbers<StatefulSet>('kube_statefulset', ofStatefulSet, {
    created: createdSeconds,
    metadata_generation: generation,
    replicas: ({ spec }) => spec?.replicas ?? 1,
    status_replicas: ({ status }) => status?.replicas ?? 0,
    status_replicas_ready: ({ status }) => status?.readyReplicas ?? 0,
    status_replicas_available: ({ status }) => status?.availableReplicas ?? 0,
    status_replicas_current: ({ status }) => status?.currentReplicas ?? 0,
    status_replicas_updated: ({ status }) => status?.updatedReplicas ?? 0,
    status_observed_generation: ({ status }) => status?.observedGeneration,
  }),
  family('kube_statefulset_status_current_revision', (one) => [
    [{ ...ofStatefulSet(one), revision: one.status?.currentRevision ?? '' }, 1],
  ]),
  family('kube_statefulset_status_update_revision', (one) => [
    [{ ...ofStatefulSet(one), revision: one.status?.updateRevision ?? '' }, 1],
  ]),
];

export const DAEMON_SET_FAMILIES: readonly ObjectFamily<DaemonSet>[] = numbers<DaemonSet>(
  'kube_daemonset',
  ofDaemonSet,
  {
    created: createdSeconds,
    metadata_generation: generation,
    status_current_number_scheduled: ({ status }) => status?.currentNumberScheduled ?? 0,
    status_desired_number_scheduled: ({ status }) => status?.desiredNumberScheduled ?? 0,
    status_number_available: ({ status }) => status?.numberAvailable ?? 0,
    status_number_misscheduled: ({ status }) => status?.numberMisscheduled ?? 0,
    status_number_ready: ({ status }) => status?.numberReady ?? 0,
    status_number_unavailable: ({ status }) => status?.numberUnavailable ?? 0,
    status_updated_number_scheduled: ({ status }) => status?.updatedNumberScheduled ?? 0,
    status_observed_generation: ({ status }) => status?.observedGeneration,
  },
);

export const JOB_FAMILIES: readonly ObjectFamily<Job>[] = [
  ...numbers<Job>('kube_job', ofJob, {
    info: () => 1,
    created: createdSeconds,
    spec_parallelism: ({ spec }) => spec?.parallelism ?? 1,
    spec_completions: ({ spec }) => spec?.completions,
    spec_active_deadline_seconds: ({ spec }) => spec?.activeDeadlineSeconds,
    status_active: ({ status }) => status?.active ?? 0,
    status_succeeded: ({ status }) => status?.succeeded ?? 0,
    status_failed: ({ status }) => status?.failed ?? 0,
    status_start_time: ({ status }) => seconds(status?.startTime),
    status_completion_time: ({ status }) => seconds(status?.completionTime),
  }),
  family('kube_job_owner', (one) => ownerSamples(ofJob(one), one)),
  family('kube_job_complete', (one) => endSamples(one, 'Complete')),
  family('kube_job_failed', (one) => endSamples(one, 'Failed')),
];

/** `condition="true"` and so on: here the label says the status, not the type. */
function endSamples(job: Job, type: 'Complete' | 'Failed'): readonly Sample[] {
  const condition = job.status?.conditions?.find((candidate) => candidate.type === type);
  if (condition === undefined) return [];
  const all = ['true', 'false', 'unknown'];
  return oneOf(ofJob(job), 'condition', { all, is: condition.status.toLowerCase() });
}

export const CRON_JOB_FAMILIES: readonly ObjectFamily<CronJob>[] = [
  ...numbers<CronJob>('kube_cronjob', ofCronJob, {
    created: createdSeconds,
    spec_suspend: ({ spec }) => Number(spec?.suspend === true),
    status_active: ({ status }) => status?.active?.length ?? 0,
    status_last_schedule_time: ({ status }) => seconds(status?.lastScheduleTime),
    status_last_successful_time: ({ status }) => seconds(status?.lastSuccessfulTime),
  }),
  family('kube_cronjob_info', (one) => {
    const { schedule = '', concurrencyPolicy = 'Allow', timeZone = 'local' } = one.spec ?? {};
    return [[{ ...ofCronJob(one), schedule, concurrency_policy: concurrencyPolicy, timezone: timeZone }, 1]];
  }),
];
