/** A definition stays until its instances are gone. */
import { rfc3339 } from '#platform/clock.ts';
import { asObject, asObjects } from '../json/json.ts';
import { withField } from '../resources/kind-rules.ts';
import { type ApiObject, withMeta } from '../storage/api-object.ts';

export const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io';

const TERMINATING = {
  type: 'Terminating',
  status: 'True',
  reason: 'InstanceDeletionPending',
  message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
};

/** What the first deletion of a definition changes: its instances go before it. */
export function holdDefinition(definition: ApiObject, nowMs: number): ApiObject {
  const finalizers = definition.metadata.finalizers ?? [];
  const status = asObject(definition['status']);
  const terminating = { lastTransitionTime: rfc3339(nowMs), ...TERMINATING };
  const conditions = [...asObjects(status['conditions']), terminating];
  const held = finalizers.includes(CLEANUP)
    ? definition
    : withMeta(definition, { finalizers: [...finalizers, CLEANUP] });
  return withField(held, 'status', { ...status, conditions });
}
