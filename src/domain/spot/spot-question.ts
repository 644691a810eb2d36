/** What is asked when a workload might move to spot nodes, and views of it that several rules share. */
import type { PodSpec } from '#apis/kubernetes/builtin.ts';
import type { FieldMap } from '../change/field.ts';
import { podTemplateOf, type WorkloadObject } from '../change/workload-objects.ts';
import { podFootprint } from '../cost/workload-cost.ts';
import type { OptimizationPolicy } from '../policy/optimization-policy.ts';
import type { DisruptionBudgetFacts } from '../protection/disruption-budget.ts';
import type { CapacityLabel } from './capacity-label.ts';
import type { Interruption } from './interruptions.ts';
import { repellingTaints, suits, type Taint } from './node-match.ts';
import type { SpotNode } from './spot-node.ts';

export interface SpotQuestion {
  readonly nowMs: number;
  readonly policy: OptimizationPolicy;
  readonly workload: WorkloadObject;
  /** Sizes, replicas and placement in force. */
  readonly present: FieldMap;
  readonly replicas: number;
  /** The fewest replicas that an autoscaler may leave; `replicas` without one. */
  readonly minReplicas: number;
  readonly budgets: readonly DisruptionBudgetFacts[];
  /** The label that marks spot nodes; undefined where no node is spot. */
  readonly label: CapacityLabel | undefined;
  readonly nodes: readonly SpotNode[];
  /** The nodes under the live pods. */
  readonly hosts: readonly string[];
  /** Placement fields that we wrote. */
  readonly ours: FieldMap;
  readonly interruptions: readonly Interruption[];
  /** When moves of this workload to spot were rolled back for interruptions or lost pods. */
  readonly harmedAtMs: readonly number[];
}

/** Set to "true" on a pod template: its pods lose nothing that matters when they are killed. */
export const SPOT_TOLERANT = 'optimization.k8s.io/spot-tolerant';
/** Set to "true" on a pod template: it saves its progress and goes on from there (training, batch on GPUs). */
export const CHECKPOINTS = 'optimization.k8s.io/checkpoints';

export function podSpecOf({ workload }: SpotQuestion): PodSpec | undefined {
  return podTemplateOf(workload)?.spec;
}

export function templateAnnotations({ workload }: SpotQuestion): Readonly<Record<string, string>> {
  return podTemplateOf(workload)?.metadata?.annotations ?? {};
}

/** True where the owner says that losing a pod costs nothing that matters. */
export function isTolerant(question: SpotQuestion): boolean {
  const annotations = templateAnnotations(question);
  return annotations[SPOT_TOLERANT] === 'true' || annotations[CHECKPOINTS] === 'true';
}

/** Devices that a pod asks for, by resource name (`nvidia.com/gpu`). */
export function devicesOf(question: SpotQuestion): Readonly<Record<string, number>> {
  const containers = podSpecOf(question)?.containers ?? [];
  const named = containers.flatMap(({ resources }) => Object.entries(resources?.limits ?? {}));
  const devices: Record<string, number> = {};
  for (const [name, amount] of named) {
    if (name.includes('/')) devices[name] = (devices[name] ?? 0) + Number(amount);
  }
  return devices;
}

/** Taints that only say "this is spot": ours to tolerate. Any other taint has another meaning and another owner. */
export function capacityTaints(node: SpotNode, label: CapacityLabel, spec: PodSpec | undefined): Taint[] {
  return repellingTaints(node.taints, spec).filter((taint) => isCapacityTaint(taint, label));
}

function isCapacityTaint({ key, value }: Taint, label: CapacityLabel): boolean {
  return key === label.key || (/spot|preemptible/i.test(key) && ['', 'true', 'spot'].includes(value ?? ''));
}

/** The nodes of one kind that a pod of this template could run on, once it tolerates what says "spot". */
export function placesFor(question: SpotQuestion, capacity: SpotNode['capacity']): SpotNode[] {
  const { label, present } = question;
  const spec = podSpecOf(question);
  const pod = podFootprint(present);
  const asked = { ...devicesOf(question), cpu: pod.cpuCores ?? 0, memory: pod.memoryBytes ?? 0 };
  return question.nodes.filter((node) => {
    const ownTaints = label === undefined ? [] : capacityTaints(node, label, spec);
    const repelled = repellingTaints(node.taints, spec).length > ownTaints.length;
    const fits = Object.entries(asked).every(([name, amount]) => (node.allocatable[name] ?? 0) >= amount);
    return node.capacity === capacity && node.usable && !repelled && fits && suits(node, spec);
  });
}
