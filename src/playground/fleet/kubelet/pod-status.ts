/** The status object of a pod, from what its kubelet knows. Pure. */
import type { Node, Pod } from '#apis/kubernetes/builtin.ts';
import { rfc3339 } from '#platform/clock.ts';
import { qosClassOf } from '../resources.ts';
import type { ContainerRunner } from './container-runner.ts';
import {
  type PodCondition,
  type PodView,
  type WantedCondition,
  mergeConditions,
  phaseOf,
  wantedConditions,
} from './pod-conditions.ts';

export interface PodStatusInput {
  readonly pod: Pod;
  readonly node: Node | undefined;
  readonly podIp: string;
  readonly startedMs: number;
  readonly nowMs: number;
  readonly view: PodView;
  readonly init: readonly ContainerRunner[];
  readonly main: readonly ContainerRunner[];
  readonly resize: readonly WantedCondition[];
}

/** A pod status with the fields that are newer than the types. */
export type PodStatus = NonNullable<Pod['status']> & { readonly observedGeneration?: number };

export function buildPodStatus(input: PodStatusInput): PodStatus {
  const { pod, view } = input;
  const phase = phaseOf(view);
  const generation = pod.metadata?.generation;
  const conditions = mergeConditions(
    pod.status?.conditions ?? [],
    [...wantedConditions(view, phase), ...input.resize],
    {
      time: rfc3339(input.nowMs),
      generation,
    },
  );
  return {
    phase,
    conditions: [...conditions],
    startTime: rfc3339(input.startedMs),
    qosClass: pod.status?.qosClass ?? qosClassOf(pod),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...addresses(input),
    ...(input.init.length === 0
      ? {}
      : { initContainerStatuses: input.init.map((runner) => runner.status()) }),
    containerStatuses: input.main.map((runner) => runner.status()),
  };
}

function addresses({ node, podIp, view }: PodStatusInput): Partial<PodStatus> {
  const hostIp = node?.status?.addresses?.find((address) => address.type === 'InternalIP')?.address;
  return {
    ...(hostIp === undefined ? {} : { hostIP: hostIp, hostIPs: [{ ip: hostIp }] }),
    ...(view.hasSandbox ? { podIP: podIp, podIPs: [{ ip: podIp }] } : {}),
  };
}

/** The status of a pod that the node turned away. */
export function rejectedStatus(
  pod: Pod,
  nowMs: number,
  rejection: { readonly reason: string; readonly message: string },
): PodStatus {
  const scheduled = (pod.status?.conditions ?? []).filter(
    (condition: PodCondition) => condition.type === 'PodScheduled',
  );
  return {
    phase: 'Failed',
    reason: rejection.reason,
    message: `Pod was rejected: ${rejection.message}`,
    startTime: rfc3339(nowMs),
    conditions: scheduled,
    qosClass: pod.status?.qosClass ?? qosClassOf(pod),
  };
}
