/** Defaults of a pod's own resources, where it states limits for the whole pod. */
import {
  type Quantity,
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
} from '#apis/kubernetes/quantity.ts';
import { type JsonObject, asObjects, isEmptyObject, isObject, objectAt } from '../json/json.ts';
import { filled } from './fill.ts';

type Amounts = Record<string, Quantity>;

function isSupported(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');
}

function amountsOf(container: JsonObject): Amounts {
  const amounts: Amounts = {};
  for (const [name, text] of Object.entries(objectAt(container, 'resources', 'requests'))) {
    amounts[name] = parseQuantity(String(text));
  }
  return amounts;
}

function combine(a: Amounts, b: Amounts, choose: (a: Quantity, b: Quantity) => Quantity): Amounts {
  const result: Amounts = { ...a };
  for (const [name, amount] of Object.entries(b)) {
    const other = result[name];
    result[name] = other === undefined ? amount : choose(other, amount);
  }
  return result;
}

const larger = (a: Quantity, b: Quantity): Quantity => (compareQuantities(a, b) >= 0 ? a : b);

/** What the scheduler counts: containers and sidecars together, or the largest init container with earlier sidecars. */
function effectiveRequests(spec: JsonObject): Amounts {
  let running: Amounts = {};
  for (const container of asObjects(spec['containers']))
    running = combine(running, amountsOf(container), addQuantities);
  let sidecars: Amounts = {};
  let starting: Amounts = {};
  for (const container of asObjects(spec['initContainers'])) {
    const own = amountsOf(container);
    const isSidecar = container['restartPolicy'] === 'Always';
    if (isSidecar) sidecars = combine(sidecars, own, addQuantities);
    starting = combine(starting, isSidecar ? sidecars : combine(own, sidecars, addQuantities), larger);
  }
  return combine(combine(running, sidecars, addQuantities), starting, larger);
}

/** The spec with its pod-level requests completed from its containers and its pod-level limits. */
export function defaultPodLevelResources(spec: JsonObject): JsonObject {
  const resources = spec['resources'];
  if (!isObject(resources)) return spec;
  const limits = objectAt(resources, 'limits');
  if (isEmptyObject(limits)) return spec;
  const fromContainers = Object.entries(effectiveRequests(spec))
    .filter(([name]) => name === 'cpu' || name === 'memory')
    .map(([name, amount]) => [name, formatQuantity(amount)]);
  const fromLimits = Object.entries(limits).filter(([name]) => isSupported(name));
  const known = objectAt(resources, 'requests');
  const requests = filled(
    filled(known, Object.fromEntries(fromContainers) as JsonObject),
    Object.fromEntries(fromLimits),
  );
  return requests === known ? spec : { ...spec, resources: { ...resources, requests } };
}
