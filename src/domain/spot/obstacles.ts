/** Why a workload must not be moved to spot nodes. All that apply are told at once, each with the way out. */
import type { PodSpec } from '#apis/kubernetes/builtin.ts';
import { parsePlacementPath } from '../change/field.ts';
import { healthyNeeded } from '../protection/disruption-budget.ts';
import type { CapacityLabel } from './capacity-label.ts';
import { floorOf } from './split.ts';
import {
  CHECKPOINTS,
  devicesOf,
  isTolerant,
  podSpecOf,
  SPOT_TOLERANT,
  type SpotQuestion,
  templateAnnotations,
} from './spot-question.ts';

export interface Obstacle {
  readonly rule: string;
  readonly message: string;
}

type Rule = readonly [name: string, says: (question: SpotQuestion) => string | undefined];

/** Marks by which others keep a pod from being moved. */
const KEEP_MARKS: readonly (readonly [key: string, value: string])[] = [
  ['cluster-autoscaler.kubernetes.io/safe-to-evict', 'false'],
  ['karpenter.sh/do-not-disrupt', 'true'],
  ['karpenter.sh/do-not-evict', 'true'],
];

const RULES: readonly Rule[] = [
  ['kind', ({ policy }) => (policy.target.kind === 'DaemonSet' ? 'a DaemonSet runs on every node' : undefined)],
  ['singleton', ({ minReplicas }) => minReplicas < 2 ? 'one replica has no stand-in while its node is taken away; run two' : undefined],
  ['stateful', (question) => question.policy.target.kind === 'StatefulSet' && !isTolerant(question) ? `a StatefulSet keeps state; annotate its pod template with ${SPOT_TOLERANT}: "true" if losing pods is harmless` : undefined],
  ['recreate', isRecreated],
  ['kept', keptByOthers],
  ['volumes', localVolumes],
  ['claims', claims],
  ['critical', ({ workload }) => (workload.spec?.template.spec?.priorityClassName ?? '').startsWith('system-') ? 'its priority class marks it as a part of the system' : undefined],
  ['devices', devicesWithoutCheckpoints],
  ['pinned', pinned],
  ['placement', placedByOthers],
  ['budget', tightBudget],
  ['floor', impossibleFloor],
]; // prettier-ignore

export function obstaclesOf(question: SpotQuestion): Obstacle[] {
  return RULES.flatMap(([rule, says]) => {
    const message = says(question);
    return message === undefined ? [] : [{ rule, message }];
  });
}

function isRecreated({ workload }: SpotQuestion): string | undefined {
  const spec = workload.spec;
  const strategy = spec !== undefined && 'strategy' in spec ? spec.strategy : undefined;
  const recreated = strategy?.type === 'Recreate';
  return recreated ? 'strategy Recreate says that two of its pods must never run at once' : undefined;
}

function keptByOthers(question: SpotQuestion): string | undefined {
  const annotations = templateAnnotations(question);
  const mark = KEEP_MARKS.find(([key, value]) => annotations[key] === value);
  return mark === undefined ? undefined : `annotation ${mark[0]} asks not to disturb its pods`;
}

function localVolumes(question: SpotQuestion): string | undefined {
  const local = (podSpecOf(question)?.volumes ?? []).find(({ hostPath }) => hostPath !== undefined);
  return local === undefined ? undefined : `volume ${local.name} lies on its node and is lost with it`;
}

function claims(question: SpotQuestion): string | undefined {
  const claimed = (podSpecOf(question)?.volumes ?? []).find(
    (volume) => volume.persistentVolumeClaim !== undefined,
  );
  if (claimed === undefined || isTolerant(question)) return undefined;
  return `volume ${claimed.name} is a claim that may be tied to a place; annotate the pod template with ${SPOT_TOLERANT}: "true" if any node will do`;
}

function devicesWithoutCheckpoints(question: SpotQuestion): string | undefined {
  const [device] = Object.keys(devicesOf(question));
  if (device === undefined || isTolerant(question)) return undefined;
  return `work on ${device} is lost when its node is taken away; annotate the pod template with ${CHECKPOINTS}: "true" if it saves its progress`;
}

/** The owner chose a kind of capacity already. */
function pinned(question: SpotQuestion): string | undefined {
  const key = question.label?.key;
  const spec = podSpecOf(question);
  if (key === undefined) return undefined;
  const chosen = key in (spec?.nodeSelector ?? {}) || requiredKeys(spec).includes(key);
  return chosen ? `its owner chose by ${key} where it runs` : undefined;
}

function requiredKeys(spec: PodSpec | undefined): string[] {
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const terms = required?.nodeSelectorTerms ?? [];
  return terms.flatMap(({ matchExpressions = [] }) => matchExpressions.map(({ key }) => key));
}

/** Wishes of others about the same label stay; two of one key would contradict each other. */
function placedByOthers({ present, ours, label }: SpotQuestion): string | undefined {
  if (label === undefined) return undefined;
  const foreign = Object.entries(present).find(([path, value]) => {
    const field = parsePlacementPath(path);
    const ownWord = field !== undefined && field.part !== 'toleration' && field.key === label.key;
    return ownWord && value !== null && ours[path] !== value;
  });
  return foreign === undefined ? undefined : `its template says itself how to use ${label.key}`;
}

function tightBudget({ budgets, minReplicas }: SpotQuestion): string | undefined {
  const tight = budgets.find((budget) => healthyNeeded(budget, minReplicas) >= minReplicas);
  if (tight === undefined) return undefined;
  return `PodDisruptionBudget ${tight.name} allows no disruption: its pods could not leave a node in time`;
}

/** What one workload cannot do is refused instead of promised. */
function impossibleFloor(question: SpotQuestion): string | undefined {
  const { policy, minReplicas, label } = question;
  const floor = floorOf(policy.spot.minOnDemand, minReplicas);
  if (floor * 2 > minReplicas) {
    return `kube-scheduler cannot keep ${String(floor)} of ${String(minReplicas)} pods on-demand for certain: lower spec.spot.minOnDemand to half, or run two workloads`;
  }
  const freely = floor === 0 && policy.maxChangePercent === 100;
  return label === undefined || freely ? undefined : unevenLabel(question, label);
}

/** A constraint spreads over exactly two values; nodes without the label are closed to its pods. */
function unevenLabel({ nodes }: SpotQuestion, { key }: CapacityLabel): string | undefined {
  const way =
    'label both kinds of nodes and name the label in spec.spot.nodeLabel, or set spec.spot.minOnDemand to 0 and maxChangePercent to 100';
  const usable = nodes.filter((node) => node.usable);
  if (usable.some(({ labels }) => !(key in labels))) return `some nodes carry no label ${key}: ${way}`;
  const values = new Set(usable.map(({ labels }) => labels[key]));
  return values.size > 2
    ? `label ${key} has ${String(values.size)} values (${[...values].join(', ')}): ${way}`
    : undefined;
}
