/** The quality of service class of a pod: what its requests and limits amount to. */
import { sameQuantity, tryParseQuantity } from '#apis/kubernetes/quantity.ts';
import { type JsonObject, asObjects, asText, isEmptyObject, objectAt } from '../json/json.ts';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const COUNTED = ['cpu', 'memory'] as const;

function isPositive(value: unknown): boolean {
  const quantity = tryParseQuantity(asText(value));
  return quantity !== undefined && quantity.nano > 0n;
}

function asksForAnything(resources: JsonObject): boolean {
  return COUNTED.some(
    (name) =>
      isPositive(objectAt(resources, 'requests')[name]) || isPositive(objectAt(resources, 'limits')[name]),
  );
}

/** Both resources are limited, and what is requested is the limit. */
function isGuaranteed(resources: JsonObject): boolean {
  const requests = objectAt(resources, 'requests');
  const limits = objectAt(resources, 'limits');
  return COUNTED.every(
    (name) =>
      isPositive(limits[name]) && sameQuantity(asText(requests[name] ?? limits[name]), asText(limits[name])),
  );
}

export function qosClassOf(pod: JsonObject): QosClass {
  const spec = objectAt(pod, 'spec');
  const own = objectAt(spec, 'resources');
  const containers = [...asObjects(spec['initContainers']), ...asObjects(spec['containers'])];
  const all = isEmptyObject(own) ? containers.map((container) => objectAt(container, 'resources')) : [own];
  if (!all.some(asksForAnything)) return 'BestEffort';
  return all.every(isGuaranteed) ? 'Guaranteed' : 'Burstable';
}
