/** Decides by the roles and bindings that are stored in the cluster. */
import type { Store } from '../storage/store.ts';
import { ALL_RULES, type Authorizer, type Decision } from './access.ts';
import type { AccessRequest } from './access-request.ts';
import { RbacIndex } from './rbac-index.ts';
import { type PolicyRule, ruleAllows } from './rbac-rules.ts';
import { MASTERS_GROUP, type UserInfo } from './user-info.ts';

export class RbacAuthorizer implements Authorizer {
  readonly #index: RbacIndex;

  constructor(store: Store) {
    this.#index = new RbacIndex(store);
  }

  decide(request: AccessRequest): Decision {
    if (request.user.groups.includes(MASTERS_GROUP)) return { isAllowed: true, reason: '' };
    const grants = this.#index.grantsOf(request.user, request.namespace);
    for (const { rules, source } of grants) {
      if (rules.some((rule) => ruleAllows(rule, request))) {
        return { isAllowed: true, reason: `RBAC: allowed by ${source}` };
      }
    }
    const problems = grants.map(({ problem }) => problem).filter((problem) => problem !== undefined);
    return { isAllowed: false, reason: problems.length === 0 ? '' : `RBAC: ${aggregate(problems)}` };
  }

  rulesFor(user: UserInfo, namespace: string): readonly PolicyRule[] {
    const granted = this.#index.grantsOf(user, namespace).flatMap(({ rules }) => rules);
    return user.groups.includes(MASTERS_GROUP) ? [...ALL_RULES, ...granted] : granted;
  }
}

function aggregate(problems: readonly string[]): string {
  const [only = ''] = problems;
  return problems.length === 1 ? only : `[${[...new Set(problems)].join(', ')}]`;
}
