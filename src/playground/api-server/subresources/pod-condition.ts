/** Conditions of pods, as the API server itself sets them. */
import { type Clock, rfc3339 } from '#platform/clock.ts';
import { type JsonObject, asObject, asObjects } from '../json/json.ts';
import { withField } from '../resources/kind-rules.ts';
import type { ApiObject } from '../storage/api-object.ts';

export interface PodCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** The pod with the condition set; the time of transition is kept where the status stays. */
export function withPodCondition(clock: Clock, pod: ApiObject, condition: PodCondition): ApiObject {
  const status = asObject(pod['status']);
  const conditions = asObjects(status['conditions']);
  const index = conditions.findIndex(({ type }) => type === condition.type);
  const before = conditions[index];
  const isSame = before?.['status'] === condition.status;
  const next: JsonObject = {
    ...condition,
    lastProbeTime: before?.['lastProbeTime'] ?? null,
    lastTransitionTime: isSame ? before['lastTransitionTime'] : rfc3339(clock.now()),
    ...(before?.['observedGeneration'] === undefined
      ? {}
      : { observedGeneration: before['observedGeneration'] }),
  };
  const list = before === undefined ? [...conditions, next] : conditions.with(index, next);
  return withField(pod, 'status', { ...status, conditions: list });
}
