/** What a PodDisruptionBudget says to an eviction. */
import { rfc3339 } from '#platform/clock.ts';
import { type JsonObject, asNumber, asObject, asObjects, asText, isObject, objectAt } from '../json/json.ts';
import { withField } from '../resources/kind-rules.ts';
import { labelsOf, selectorTest } from '../selectors/label-selector.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { type StatusError, forbidden, tooManyRequests } from '../wire/status-error.ts';
import { tracked } from '../writes/track.ts';
import type { ServerParts } from '../writes/write-parts.ts';

const BUDGETS = { group: 'policy', version: 'v1', plural: 'poddisruptionbudgets' };
const VIOLATION = "Cannot evict pod as it would violate the pod's disruption budget.";
/** More evictions than this that nobody has confirmed are too many. */
const MAX_DISRUPTED_PODS = 2000;
const RETRY_SECONDS = 10;

/** The budgets that cover a pod. */
export function budgetsOf(parts: ServerParts, pod: ApiObject): readonly ApiObject[] {
  return parts.store
    .collection(BUDGETS)
    .list(pod.metadata.namespace)
    .filter((budget) => {
      const selector = objectAt(budget, 'spec')['selector'];
      return isObject(selector) && selectorTest(selector)(labelsOf(pod));
    });
}

function count(budget: ApiObject, name: string): number {
  return asNumber(objectAt(budget, 'status')[name]) ?? 0;
}

/** An unready pod does not count as available, so its end costs the budget nothing. */
export function sparesUnready(budget: ApiObject): boolean {
  if (objectAt(budget, 'spec')['unhealthyPodEvictionPolicy'] === 'AlwaysAllow') return true;
  const desired = count(budget, 'desiredHealthy');
  return desired > 0 && count(budget, 'currentHealthy') >= desired;
}

function violation(message: string, retryAfterSeconds: number): StatusError {
  const causes = [{ reason: 'DisruptionBudget', message }];
  return tooManyRequests(VIOLATION, { causes, ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}) });
}

/** The answer where the budget's controller has not yet looked at it. */
export function stillProcessed(budget: ApiObject): StatusError {
  const name = budget.metadata.name ?? '';
  return violation(`The disruption budget ${name} is still being processed by the server.`, RETRY_SECONDS);
}

function refusal(budget: ApiObject): StatusError {
  const name = budget.metadata.name ?? '';
  const conditions = asObjects(objectAt(budget, 'status')['conditions']);
  const condition = conditions.find(({ type }) => type === 'DisruptionAllowed');
  const reason = asText(condition?.['reason']);
  const message = condition?.['status'] === 'False' ? asText(condition['message']) : '';
  const healthy = count(budget, 'currentHealthy');
  const desired = count(budget, 'desiredHealthy');
  const head = `The disruption budget ${name} does not allow evicting pods currently`;
  if (message !== '' && reason === 'SyncFailed')
    return violation(`${head} because it failed sync: ${message}`, 0);
  if (healthy <= desired) {
    return violation(
      `The disruption budget ${name} needs ${desired} healthy pods and has ${healthy} currently`,
      0,
    );
  }
  return violation(message === '' ? head : `${head} (${reason}): ${message}`, 0);
}

/** Takes one disruption from the budget. Throws where it has none to give. */
export function takeDisruption(parts: ServerParts, budget: ApiObject, pod: ApiObject): () => void {
  const name = budget.metadata.name ?? '';
  if (count(budget, 'observedGeneration') < (budget.metadata.generation ?? 0)) throw stillProcessed(budget);
  const allowed = count(budget, 'disruptionsAllowed');
  const resource = { group: 'policy', plural: 'poddisruptionbudget' };
  if (allowed < 0) throw forbidden(resource, name, 'pdb disruptions allowed is negative');
  const disrupted = objectAt(budget, 'status', 'disruptedPods');
  if (Object.keys(disrupted).length > MAX_DISRUPTED_PODS) {
    throw forbidden(
      resource,
      name,
      'DisruptedPods map too big - too many evictions not confirmed by PDB controller',
    );
  }
  if (allowed === 0) throw refusal(budget);
  const disruptedPods = { ...disrupted, [pod.metadata.name ?? '']: rfc3339(parts.clock.now()) };
  const status = { ...asObject(budget['status']), disruptionsAllowed: allowed - 1, disruptedPods };
  const next = allowed === 1 ? { ...status, conditions: exhausted(parts, budget) } : status;
  return () => {
    const object = withField(budget, 'status', next);
    const change = { live: budget, object, name: 'kube-apiserver', subresource: 'status' };
    parts.store.update(BUDGETS, budget, tracked(parts, BUDGETS, change));
  };
}

/** The conditions of a budget whose last disruption was taken. */
function exhausted(parts: ServerParts, budget: ApiObject): readonly JsonObject[] {
  const conditions = asObjects(objectAt(budget, 'status')['conditions']);
  const before = conditions.find(({ type }) => type === 'DisruptionAllowed');
  const isNew = before?.['status'] !== 'False';
  const condition = {
    type: 'DisruptionAllowed',
    status: 'False',
    observedGeneration: count(budget, 'observedGeneration'),
    lastTransitionTime: isNew ? rfc3339(parts.clock.now()) : before['lastTransitionTime'],
    reason: 'InsufficientPods',
    message: '',
  };
  return [...conditions.filter(({ type }) => type !== 'DisruptionAllowed'), condition];
}
