/**
 * Whether a workload has settled: what `kubectl rollout status` waits for, plus why not and whether it failed.
 * (Rules: k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go.)
 */
import type { DaemonSet, Deployment, StatefulSet } from '#apis/kubernetes/builtin.ts';
import type { WorkloadObject } from '../change/workload-objects.ts';
import type { WorkloadKind } from './workload-ref.ts';

export interface RolloutState {
  /** Undefined when every pod has the newest template and is available; else what is still missing. */
  readonly unsettledBecause: string | undefined;
  /** Set when the rollout will not complete by itself. */
  readonly failure: string | undefined;
  /** Pods wanted, surge not counted. */
  readonly desiredReplicas: number;
  /** Set when a change of the template would not reach the pods by itself. */
  readonly blockedBecause: string | undefined;
}

/** Reads the state of any of the three kinds. */
export function rolloutState(workload: WorkloadObject, kind: WorkloadKind): RolloutState {
  if (kind === 'Deployment') return deploymentState(workload as Deployment);
  return kind === 'StatefulSet'
    ? statefulSetState(workload as StatefulSet)
    : daemonSetState(workload as DaemonSet);
}

/** A counter of a status; one that is missing is zero, as the API defines it. */
function count(value: number | undefined): number {
  return value ?? 0;
}

function notObserved(workload: WorkloadObject): string | undefined {
  const seen = count(workload.status?.observedGeneration);
  return seen < count(workload.metadata?.generation)
    ? 'its controller has not seen the latest spec yet'
    : undefined;
}

/** What is missing where fewer pods than `wanted` are in a state. */
function shortage(wanted: number, present: number, state: string): string | undefined {
  return present < wanted ? `${present} of ${wanted} pods are ${state}` : undefined;
}

function deploymentState(deployment: Deployment): RolloutState {
  const { spec, status = {} } = deployment;
  const desiredReplicas = spec?.replicas ?? 1;
  const updated = count(status.updatedReplicas);
  const surplus = count(status.replicas) - updated;
  return {
    desiredReplicas,
    failure: deadlineExceeded(status),
    blockedBecause: spec?.paused === true ? 'the Deployment is paused' : undefined,
    unsettledBecause:
      notObserved(deployment) ??
      shortage(desiredReplicas, updated, 'updated') ??
      (surplus > 0 ? `${surplus} old pods are still there` : undefined) ??
      shortage(desiredReplicas, count(status.availableReplicas), 'available'),
  };
}

function deadlineExceeded(status: NonNullable<Deployment['status']>): string | undefined {
  const progressing = status.conditions?.find((condition) => condition.type === 'Progressing');
  if (progressing?.reason !== 'ProgressDeadlineExceeded') return undefined;
  return `the rollout exceeded its progress deadline: ${progressing.message ?? ''}`;
}

function statefulSetState(statefulSet: StatefulSet): RolloutState {
  const { spec, status = { replicas: 0 } } = statefulSet;
  const desiredReplicas = spec?.replicas ?? 1;
  const strategy = updateHold(spec?.updateStrategy);
  const current = strategy.onDelete || status.updateRevision === status.currentRevision;
  const updated = current ? desiredReplicas : count(status.updatedReplicas);
  return {
    desiredReplicas,
    failure: undefined,
    blockedBecause: strategy.because,
    unsettledBecause:
      notObserved(statefulSet) ??
      shortage(desiredReplicas - strategy.partition, updated, 'updated') ??
      shortage(desiredReplicas, count(status.readyReplicas), 'ready'),
  };
}

interface UpdateHold {
  readonly onDelete: boolean;
  readonly partition: number;
  readonly because: string | undefined;
}

/** What keeps a StatefulSet from updating its pods by itself. */
function updateHold(strategy: NonNullable<StatefulSet['spec']>['updateStrategy']): UpdateHold {
  const partition = strategy?.rollingUpdate?.partition ?? 0;
  if (strategy?.type === 'OnDelete') {
    return {
      onDelete: true,
      partition: 0,
      because: 'the StatefulSet updates pods only when they are deleted (OnDelete)',
    };
  }
  const because = partition > 0 ? `the StatefulSet holds back pods below partition ${partition}` : undefined;
  return { onDelete: false, partition, because };
}

function daemonSetState(daemonSet: DaemonSet): RolloutState {
  const { spec, status } = daemonSet;
  const desiredReplicas = count(status?.desiredNumberScheduled);
  const onDelete = spec?.updateStrategy?.type === 'OnDelete';
  return {
    desiredReplicas,
    failure: undefined,
    blockedBecause: onDelete ? 'the DaemonSet updates pods only when they are deleted (OnDelete)' : undefined,
    unsettledBecause:
      notObserved(daemonSet) ??
      shortage(
        desiredReplicas,
        onDelete ? desiredReplicas : count(status?.updatedNumberScheduled),
        'updated',
      ) ??
      shortage(desiredReplicas, count(status?.numberAvailable), 'available'),
  };
}
