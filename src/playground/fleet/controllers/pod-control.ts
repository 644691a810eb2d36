/** How controllers make, count and choose pods. */
import type { Pod, PodTemplateSpec } from '#apis/kubernetes/builtin.ts';
import { type KubeObject, keyOf } from '#apis/kubernetes/object.ts';
import { isNotFound } from '#kube/client/api-error.ts';
import { PODS } from '#kube/client/builtin-types.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import { messageOf } from '#errors/kc-error.ts';
import type { FleetContext } from '../fleet-context.ts';
import { annotationsOf, createdMs, isDeleting, nameOf, namespaceOf } from '../meta.ts';
import { isFinished, isReady } from '../resources.ts';
import { controllerReference } from './writing.ts';

export interface PodOwner {
  readonly context: FleetContext;
  readonly type: ResourceType;
  readonly owner: KubeObject;
  /** The controller's name in events. */
  readonly component: string;
}

export interface PodDraft {
  readonly template: PodTemplateSpec;
  /** A fixed name; without it the server makes one from the owner's. */
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: Pod['spec'];
}

/** Creates a pod of the owner and tells the event; a refusal is told too, and thrown. */
export async function createPod(
  { context, type, owner, component }: PodOwner,
  draft: PodDraft,
): Promise<Pod> {
  const { metadata, spec } = draft.template;
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(draft.name === undefined ? { generateName: `${nameOf(owner)}-` } : { name: draft.name }),
      namespace: namespaceOf(owner),
      labels: { ...metadata?.labels, ...draft.labels },
      ...(metadata?.annotations === undefined ? {} : { annotations: metadata.annotations }),
      ...(metadata?.finalizers === undefined ? {} : { finalizers: metadata.finalizers }),
      ownerReferences: [controllerReference(type, owner)],
    },
    spec: draft.spec ?? spec ?? { containers: [] },
  };
  try {
    const created = await context.access.create(PODS, pod);
    context.events.emit(owner, {
      type: 'Normal',
      reason: 'SuccessfulCreate',
      message: `Created pod: ${nameOf(created)}`,
      component,
    });
    return created;
  } catch (error) {
    const message = `Error creating: ${messageOf(error)}`;
    context.events.emit(owner, { type: 'Warning', reason: 'FailedCreate', message, component });
    throw error;
  }
}

/** Deletes a pod gracefully and tells the event; one that is gone already is fine. */
export async function deletePod({ context, owner, component }: PodOwner, pod: Pod): Promise<void> {
  try {
    await context.access.delete(PODS, keyOf(pod), { graceful: true, uid: pod.metadata?.uid ?? '' });
  } catch (error) {
    if (isNotFound(error)) return;
    throw error;
  }
  const message = `Deleted pod: ${nameOf(pod)}`;
  context.events.emit(owner, { type: 'Normal', reason: 'SuccessfulDelete', message, component });
}

/** Pods that count: neither over nor on their way out. */
export function isActive(pod: Pod): boolean {
  return !isFinished(pod) && !isDeleting(pod);
}

/** Since when the pod has been ready; undefined where it is not. */
export function readySinceMs(pod: Pod): number | undefined {
  const ready = pod.status?.conditions?.find((condition) => condition.type === 'Ready');
  if (ready?.status !== 'True') return undefined;
  const ms = Date.parse(ready.lastTransitionTime ?? '');
  return Number.isNaN(ms) ? 0 : ms;
}

/** Ready for at least `minReadySeconds`. */
export function isAvailable(pod: Pod, minReadySeconds: number, nowMs: number): boolean {
  const sinceMs = readySinceMs(pod);
  return sinceMs !== undefined && sinceMs + minReadySeconds * 1000 <= nowMs;
}

/** When the next pod becomes available by having been ready long enough, in milliseconds from now. */
export function nextAvailableMs(
  pods: readonly Pod[],
  minReadySeconds: number,
  nowMs: number,
): number | undefined {
  const waits = pods
    .map((pod) => readySinceMs(pod))
    .filter((sinceMs) => sinceMs !== undefined)
    .map((sinceMs) => sinceMs + minReadySeconds * 1000 - nowMs)
    .filter((waitMs) => waitMs > 0);
  return waits.length === 0 ? undefined : Math.min(...waits);
}

const PHASE_RANK: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

/** The order in which pods are given up (pkg/controller ActivePodsWithRanks): the first is the least missed. */
export function byDispensability(pods: readonly Pod[]): readonly Pod[] {
  const onNode = (pod: Pod): number =>
    pods.filter((other) => other.spec?.nodeName === pod.spec?.nodeName && isReady(other)).length;
  const ranked = pods.map((pod) => ({ pod, rank: ranks(pod, onNode(pod)) }));
  return ranked.sort((a, b) => compareRanks(a.rank, b.rank)).map(({ pod }) => pod);
}

/** Smaller goes first, one number after the other. */
function ranks(pod: Pod, neighbours: number): readonly number[] {
  const restarts = (pod.status?.containerStatuses ?? []).map((status) => status.restartCount);
  const isPlaced = (pod.spec?.nodeName ?? '') !== '';
  return [
    Number(isPlaced),
    PHASE_RANK[pod.status?.phase ?? 'Pending'] ?? 0,
    Number(isReady(pod)),
    Number(annotationsOf(pod)[DELETION_COST] ?? 0),
    -neighbours,
    -logarithmicAge(readySinceMs(pod) ?? 0),
    -Math.max(0, ...restarts),
    -logarithmicAge(createdMs(pod)),
  ];
}

/** Younger pods go first, but only differences of magnitude count (KEP-2185): seconds are rounded to 10 s here. */
function logarithmicAge(ms: number): number {
  return Math.floor(ms / 10_000);
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
