/** A definition stays until its instances are gone. */
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
export function holdDefinition(definition: ApiObject): ApiObject {
  const finalizers = definition.metadata.finalizers ?? [];
  const status = asObject(definition['status']);
  const conditions = [...asObjects(status['conditions']), TERMINATING];
  const held = finalizers.includes(CLEANUP)
    ? definition
    : withMeta(definition, { finalizers: [...finalizers, CLEANUP] });
  return withField(held, 'status', { ...status, conditions });
}
