/** Cluster roles that are the sum of others: those that their selectors choose. */
import { type JsonObject, asList, asObjects, isObject } from '../json/json.ts';
import { deepEqual } from '../json/equality.ts';
import { withField } from '../resources/kind-rules.ts';
import { labelsOf, selectorTest } from '../selectors/label-selector.ts';
import type { ApiObject } from '../storage/api-object.ts';
import type { Store } from '../storage/store.ts';

const ROLES = { group: 'rbac.authorization.k8s.io', plural: 'clusterroles' };

/** Keeps the rules of aggregated roles up to date. */
export function aggregateRoles(store: Store): void {
  const collection = store.collection(ROLES);
  collection.listen(() => {
    for (const role of collection.list()) {
      if (!isObject(role['aggregationRule'])) continue;
      const rules = sumOf(role, collection.list());
      if (!deepEqual(rules, asList(role['rules'])))
        store.update(ROLES, role, withField(role, 'rules', rules));
    }
  });
}

function sumOf(role: ApiObject, roles: readonly ApiObject[]): readonly JsonObject[] {
  const selectors = asObjects((role['aggregationRule'] as JsonObject)['clusterRoleSelectors']).map(
    selectorTest,
  );
  const rules: JsonObject[] = [];
  for (const other of roles) {
    if (other === role || !selectors.some((test) => test(labelsOf(other)))) continue;
    for (const rule of asObjects(other['rules'])) {
      if (!rules.some((known) => deepEqual(known, rule))) rules.push(rule);
    }
  }
  return rules;
}
