/** What must hold of every write of an operator, looked at as the write takes effect. */
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { HorizontalPodAutoscaler, Pod } from '#apis/kubernetes/builtin.ts';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { podIndexValue } from '#controllers/cost-optimization/target-index.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { changedFields, type FieldMap } from '#domain/change/field.ts';
import { readHpaFields } from '#domain/change/hpa-objects.ts';
import { readDesiredPodFields } from '#domain/change/pod-objects.ts';
import { readWorkloadFields, type WorkloadObject } from '#domain/change/workload-objects.ts';
import { targetOf } from '#domain/policy/optimization-policy.ts';
import type { RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import type { WorkloadUsage } from '#domain/usage/usage.ts';
import { type WorkloadKind, workloadKey, type WorkloadRef } from '#domain/workload/workload-ref.ts';
import {
  DAEMON_SETS,
  DEPLOYMENTS,
  HORIZONTAL_POD_AUTOSCALERS,
  PODS,
  STATEFUL_SETS,
} from '#kube/client/builtin-types.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import type { ClusterAccess } from '#playground/fleet/cluster-access.ts';
import type { RollbackRecords } from '../stage/rollback-records.ts';
import type { Write } from '../stage/write-log.ts';

export interface Evidence {
  readonly write: Write;
  /** What the metrics source answered about a workload to what was asked at a moment. */
  readonly usageOf: (target: WorkloadRef, askedAtMs: number) => readonly WorkloadUsage[];
  readonly access: ClusterAccess;
  readonly records: RollbackRecords;
}

/** What is wrong with a write; nothing where it is sound. */
export type Invariant = (evidence: Evidence) => readonly string[];

export const WORKLOAD_TYPES: Readonly<Record<WorkloadKind, ResourceType<WorkloadObject>>> = {
  Deployment: DEPLOYMENTS,
  StatefulSet: STATEFUL_SETS,
  DaemonSet: DAEMON_SETS,
};

/** A write that changes what a workload is: of its object, of its autoscaler, or the size of one of its pods. */
export interface WorkloadWrite {
  readonly target: WorkloadRef;
  readonly changed: FieldMap;
  readonly before: FieldMap;
  readonly onPod: boolean;
}

/** The workload write that this is; undefined where it is none, or changes none of the fields that we manage. */
export function workloadWrite(evidence: Evidence): WorkloadWrite | undefined {
  const { write, access } = evidence;
  if (write.before === undefined || write.after === undefined || write.method === 'DELETE') return undefined;
  const target = targetOfWrite(write, access);
  if (target === undefined) return undefined;
  const before = fieldsOf(write.type, write.before);
  const changed = changedFields(before, fieldsOf(write.type, write.after));
  return Object.keys(changed).length === 0
    ? undefined
    : { target, changed, before, onPod: write.type === PODS };
}

function fieldsOf(type: ResourceType, object: KubeObject): FieldMap {
  if (type === PODS) return readDesiredPodFields(object as Pod);
  if (type === HORIZONTAL_POD_AUTOSCALERS) return readHpaFields(object as HorizontalPodAutoscaler);
  return readWorkloadFields(object as WorkloadObject, type.kind as WorkloadKind);
}

function targetOfWrite({ type, key, before }: Write, access: ClusterAccess): WorkloadRef | undefined {
  const { namespace = '', name } = key;
  const kind = Object.keys(WORKLOAD_TYPES).find((candidate) => candidate === type.kind);
  if (kind !== undefined) return { kind: kind as WorkloadKind, namespace, name };
  const known = access.list<CostOptimization>(COST_OPTIMIZATIONS).map(targetOf);
  if (type === PODS) {
    const index = podIndexValue(before ?? {});
    return known.find((target) => workloadKey(target) === index);
  }
  if (type !== HORIZONTAL_POD_AUTOSCALERS) return undefined;
  const scaled = (before as { readonly spec?: { readonly scaleTargetRef?: { readonly name?: string } } })
    .spec;
  return known.find(
    (target) => target.namespace === namespace && target.name === scaled?.scaleTargetRef?.name,
  );
}

/** Every entry stored for a workload. */
export function entriesOf({ records }: Evidence, target: WorkloadRef): readonly RollbackEntry[] {
  return Object.values(records.of(target));
}

/** The fields of a workload's own object as they are now; undefined where it is gone, and its pods with it. */
export function templateFields({ access }: Evidence, target: WorkloadRef): FieldMap | undefined {
  const found = access.get(WORKLOAD_TYPES[target.kind], target);
  return found === undefined ? undefined : readWorkloadFields(found, target.kind);
}
