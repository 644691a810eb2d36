/** SelfSubjectRulesReview: everything that the caller may do in a namespace. */
import type { Authorizer } from '../access/access.ts';
import type { PolicyRule } from '../access/rbac-rules.ts';
import type { UserInfo } from '../access/user-info.ts';
import type { JsonObject } from '../json/json.ts';
import { badRequest } from '../wire/status-error.ts';

export function reviewRules(authorizer: Authorizer, caller: UserInfo, namespace: string): JsonObject {
  if (namespace === '') throw badRequest('no namespace on request');
  const rules = authorizer.rulesFor?.(caller, namespace);
  const known = rules ?? [];
  return {
    resourceRules: known.filter(({ resources }) => resources.length > 0).map(resourceRule),
    nonResourceRules: known.filter(({ nonResourceURLs }) => nonResourceURLs.length > 0).map(pathRule),
    incomplete: rules === undefined,
    ...(rules === undefined
      ? { evaluationError: 'the authorizer does not support user rule resolution' }
      : {}),
  };
}

function resourceRule({ verbs, apiGroups, resources, resourceNames }: PolicyRule): JsonObject {
  return { verbs, apiGroups, resources, ...(resourceNames.length === 0 ? {} : { resourceNames }) };
}

function pathRule({ verbs, nonResourceURLs }: PolicyRule): JsonObject {
  return { verbs, nonResourceURLs };
}
