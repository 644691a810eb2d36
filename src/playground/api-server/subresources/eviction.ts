/** `pods/eviction`: a deletion that asks the disruption budgets first. */
import { admitAction } from '../admission/action-admission.ts';
import { type JsonObject, asObject, asObjects, objectAt, textAt } from '../json/json.ts';
import { type ApiObject, storageKey } from '../storage/api-object.ts';
import type { Call } from '../wire/call.ts';
import { StatusError, badRequest, notFound } from '../wire/status-error.ts';
import { type DeleteRequest, checkPreconditions, deleteObject, readDeleteOptions } from '../writes/delete.ts';
import type { ServerParts } from '../writes/write-parts.ts';
import { withPodCondition } from './pod-condition.ts';
import { budgetsOf, sparesUnready, stillProcessed, takeDisruption } from './disruption-budget.ts';

const PODS = { group: '', plural: 'pods' };

/** Evicts the pod of a call. Throws 429 where a budget does not allow it. */
export async function evictPod(parts: ServerParts, call: Call, eviction: JsonObject): Promise<void> {
  if (textAt(eviction, 'metadata', 'name') !== call.name) {
    throw badRequest('name in URL does not match name in Eviction object');
  }
  const admitted = await admitAction(parts, call, eviction);
  const options = asObject(admitted['deleteOptions']);
  const request = { ...readDeleteOptions(options), isAdmitted: true };
  const isDryRun = call.dryRun || Array.isArray(options['dryRun']);
  const pod = podOf(parts, call);
  if (isBeyondBudgets(pod)) {
    await end(parts, { ...call, dryRun: isDryRun }, request);
    return;
  }
  const isSpared = askBudgets(parts, pod, isDryRun);
  await end(parts, { ...call, dryRun: isDryRun }, request).catch((error: unknown) => {
    const isRace = error instanceof StatusError && error.code === 409 && isSpared;
    const [budget] = budgetsOf(parts, pod);
    throw isRace && budget !== undefined ? stillProcessed(budget) : error;
  });
}

function podOf(parts: ServerParts, call: Call): ApiObject {
  const pod = parts.store.collection(PODS).get(storageKey(call.namespace, call.name));
  if (pod === undefined) throw notFound(PODS, call.name);
  return pod;
}

/** Pods that serve nobody: not yet, or not any more. */
function isBeyondBudgets(pod: ApiObject): boolean {
  const phase = textAt(pod, 'status', 'phase');
  return pod.metadata.deletionTimestamp !== undefined || ['Succeeded', 'Failed', 'Pending'].includes(phase);
}

function isReady(pod: ApiObject): boolean {
  const conditions = asObjects(objectAt(pod, 'status')['conditions']);
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

/** Takes a disruption from the pod's budget; says whether the pod could go without one. */
function askBudgets(parts: ServerParts, pod: ApiObject, isDryRun: boolean): boolean {
  const [budget, ...others] = budgetsOf(parts, pod);
  if (budget === undefined) return false;
  if (others.length > 0) {
    const message =
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
    throw new StatusError(500, '', { message });
  }
  if (!isReady(pod) && sparesUnready(budget)) return true;
  const commit = takeDisruption(parts, budget, pod);
  if (!isDryRun) commit();
  return false;
}

const DISRUPTION = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'EvictionByEvictionAPI',
  message: 'Eviction API: evicting',
};

/** Notes on the pod why it ends, and deletes it. */
async function end(parts: ServerParts, call: Call, request: DeleteRequest): Promise<void> {
  const pod = podOf(parts, call);
  checkPreconditions(call, pod, request);
  if (!call.dryRun) parts.store.update(PODS, pod, withPodCondition(parts.clock, pod, DISRUPTION));
  await deleteObject(parts, call, { ...request, resourceVersion: undefined });
}
