/** Amounts of resources as numbers: what pods ask for and what nodes have. */
import type { Container, Node, Pod, ResourceRequirements } from '#apis/kubernetes/builtin.ts';
import { unitsOf } from '#apis/kubernetes/quantity.ts';

/** Whole units by resource name: cores of `cpu`, bytes of `memory`, pieces of `nvidia.com/gpu`. */
export type Amounts = Readonly<Record<string, number>>;

const parsed = new Map<string, number>();
const MAX_PARSED = 10_000;

/** The units of a quantity's text. The same few texts come again and again, so they are remembered. */
export function units(text: string | number): number {
  const key = String(text);
  let value = parsed.get(key);
  if (value === undefined) {
    if (parsed.size >= MAX_PARSED) parsed.clear();
    value = unitsOf(key);
    parsed.set(key, value);
  }
  return value;
}

/** The amounts of a resource list. */
export function amountsOf(list: Readonly<Record<string, string>> | undefined): Amounts {
  const amounts: Record<string, number> = {};
  for (const [name, text] of Object.entries(list ?? {})) amounts[name] = units(text);
  return amounts;
}

export function addAmounts(a: Amounts, b: Amounts): Amounts {
  const sum: Record<string, number> = { ...a };
  for (const [name, value] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + value;
  return sum;
}

export function subtractAmounts(a: Amounts, b: Amounts): Amounts {
  const rest: Record<string, number> = { ...a };
  for (const [name, value] of Object.entries(b)) rest[name] = (rest[name] ?? 0) - value;
  return rest;
}

export function mostAmounts(a: Amounts, b: Amounts): Amounts {
  const most: Record<string, number> = { ...a };
  for (const [name, value] of Object.entries(b)) most[name] = Math.max(most[name] ?? 0, value);
  return most;
}

const NOTHING: Amounts = {};
/** Objects never change once they are stored, and the same ones are asked about all the time. */
const requestsByResources = new WeakMap<ResourceRequirements, Amounts>();

/** Requests; a limit without a request is the request, as the API server defaults it. */
export function requestsOf(resources: ResourceRequirements | undefined): Amounts {
  if (resources === undefined) return NOTHING;
  let requests = requestsByResources.get(resources);
  if (requests === undefined) {
    requests = { ...amountsOf(resources.limits), ...amountsOf(resources.requests) };
    requestsByResources.set(resources, requests);
  }
  return requests;
}

export function limitsOf(resources: ResourceRequirements | undefined): Amounts {
  return amountsOf(resources?.limits);
}

/** An init container that keeps running beside the others. */
export function isSidecar(container: Container): boolean {
  return (container as { readonly restartPolicy?: string }).restartPolicy === 'Always';
}

/**
 * What a pod occupies on its node (KEP-1287): per container the larger of what is wished, allocated and in
 * effect, except for wishes that the node can never fulfil; all containers together, or the largest init
 * container if that is more (KEP-753 for sidecars).
 */
export function podRequests(pod: Pod): Amounts {
  const isInfeasible = pod.status?.conditions?.some(
    (condition) => condition.type === 'PodResizePending' && condition.reason === 'Infeasible',
  );
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
  const effective = (container: Container): Amounts => {
    const wished = requestsOf(container.resources);
    const status = statuses.find((candidate) => candidate.name === container.name);
    if (status?.allocatedResources === undefined) return wished;
    const held = mostAmounts(amountsOf(status.allocatedResources), amountsOf(status.resources?.requests));
    return isInfeasible === true ? held : mostAmounts(wished, held);
  };
  return combine(pod, effective);
}

/** What a node has promised to a pod: what its kubelet counts. */
export function allocatedRequests(pod: Pod): Amounts {
  return combine(pod, (container) => {
    const status = pod.status?.containerStatuses?.find((candidate) => candidate.name === container.name);
    const wished = requestsOf(container.resources);
    return { ...wished, ...amountsOf(status?.allocatedResources) };
  });
}

/** What a pod's spec alone asks for. */
export function specRequests(pod: Pod): Amounts {
  return combine(pod, (container) => requestsOf(container.resources));
}

function combine(pod: Pod, amounts: (container: Container) => Amounts): Amounts {
  let sidecars: Amounts = {};
  let initial: Amounts = {};
  for (const container of pod.spec?.initContainers ?? []) {
    if (isSidecar(container)) sidecars = addAmounts(sidecars, amounts(container));
    else initial = mostAmounts(initial, addAmounts(sidecars, amounts(container)));
  }
  const running = (pod.spec?.containers ?? []).map(amounts).reduce(addAmounts, sidecars);
  return addAmounts(mostAmounts(running, initial), amountsOf(pod.spec?.overhead));
}

/** What a node offers to pods. */
export function allocatableOf(node: Node): Amounts {
  return amountsOf(node.status?.allocatable ?? node.status?.capacity);
}

/** Whether the pod is over: nothing of it runs or will run again. */
export function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

export function isReady(pod: Pod): boolean {
  return (
    pod.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ??
    false
  );
}

/** The QoS class, from the CPU and memory of all containers (core/v1 helper/qos). */
export function qosClassOf(pod: Pod): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  const sizes = containers.map(({ resources }) => ({
    requests: requestsOf(resources),
    limits: limitsOf(resources),
  }));
  const names = ['cpu', 'memory'] as const;
  const isAsking = sizes.some(({ requests }) => names.some((name) => (requests[name] ?? 0) > 0));
  if (!isAsking) return 'BestEffort';
  const isEqual = sizes.every(({ requests, limits }) =>
    names.every((name) => (limits[name] ?? 0) > 0 && limits[name] === requests[name]),
  );
  return isEqual ? 'Guaranteed' : 'Burstable';
}
