/** Requests that ask who somebody is and what they may do. */
import type { Authorizer } from '../access/access.ts';
import type { ServiceAccountTokens } from '../access/service-account-tokens.ts';
import { rfc3339 } from '#platform/clock.ts';
import { type JsonObject, objectAt, textAt } from '../json/json.ts';
import { fieldScopeOf } from '../resources/resource.ts';
import { type ReviewKind, reviewAccess } from '../reviews/access-review.ts';
import { reviewRules } from '../reviews/rules-review.ts';
import { reviewToken } from '../reviews/token-review.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { requestToken } from '../subresources/token-request.ts';
import { negotiate } from '../wire/accept.ts';
import type { Call } from '../wire/call.ts';
import { inNamespace, readBody } from '../writes/write-parts.ts';
import type { Action, Actions } from './actions.ts';
import { type HandlerParts, bodyOf, respond } from './resource-handler.ts';

export interface ReviewParts extends HandlerParts {
  readonly authorizer: Authorizer;
  readonly tokens: ServiceAccountTokens;
}

const ACCESS_REVIEWS: Readonly<Record<string, ReviewKind>> = {
  subjectaccessreviews: 'subject',
  selfsubjectaccessreviews: 'self',
  localsubjectaccessreviews: 'local',
};

export function addReviewActions(actions: Actions, parts: ReviewParts): void {
  const { authorizer, tokens, clock } = parts;
  const tracked = (statusOf: (call: Call, review: ApiObject) => JsonObject): Action =>
    answer(parts, (call, review) => ({ ...owned(parts, call, review), status: statusOf(call, review) }));
  for (const [plural, kind] of Object.entries(ACCESS_REVIEWS)) {
    const statusOf = ({ user: caller, namespace }: Call, review: ApiObject): JsonObject =>
      reviewAccess(authorizer, objectAt(review, 'spec'), { kind, caller, namespace });
    actions.add(`authorization.k8s.io/${plural}/`, tracked(statusOf));
  }
  actions.add(
    'authentication.k8s.io/tokenreviews/',
    tracked((_call, review) => reviewToken(tokens, objectAt(review, 'spec'))),
  );
  actions.add(
    'authorization.k8s.io/selfsubjectrulesreviews/',
    answer(parts, ({ user }, review) => ({
      ...review,
      spec: {},
      status: reviewRules(authorizer, user, textAt(review, 'spec', 'namespace')),
    })),
  );
  actions.add(
    'authentication.k8s.io/selfsubjectreviews/',
    answer(parts, ({ user }, review) => ({
      ...review,
      metadata: { ...review.metadata, creationTimestamp: rfc3339(clock.now()) },
      status: { userInfo: user },
    })),
  );
  actions.add('/serviceaccounts/token', async (_verb, call, request) => {
    const accepted = negotiate(request.headers['accept']);
    const object = await requestToken(parts, call, bodyOf(call, request));
    return respond({ clock, tables: parts.tables, call, accepted }, 201, object);
  });
}

/** Answers with what is made of the review that was posted. */
function answer(parts: ReviewParts, make: (call: Call, review: ApiObject) => JsonObject): Action {
  return (_verb, call, request) => {
    const accepted = negotiate(request.headers['accept']);
    const review = inNamespace(call, readBody(call, bodyOf(call, request)));
    return respond({ clock: parts.clock, tables: parts.tables, call, accepted }, 201, make(call, review));
  };
}

/** With the owners of its fields, as everything that is created has them. */
function owned(parts: ReviewParts, call: Call, object: ApiObject): ApiObject {
  const scope = fieldScopeOf(call.resource, '');
  return parts.fields.update(scope, { live: undefined, object, name: call.fieldManager });
}
