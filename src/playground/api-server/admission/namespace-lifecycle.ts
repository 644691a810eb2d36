/** Nothing is created in a namespace that does not exist or is about to go, and some namespaces never go. */
import { objectAt } from '../json/json.ts';
import { StatusError, forbidden, notFound } from '../wire/status-error.ts';
import type { Attributes } from './admission.ts';
import type { AdmissionPlugin, PluginContext } from './plugin.ts';

const NAMESPACES = { group: '', plural: 'namespaces' };
const IMMORTAL = new Set(['default', 'kube-system', 'kube-public']);

function validate(attributes: Attributes, { store }: PluginContext): void {
  const { operation, call } = attributes;
  const { resource } = call;
  if (operation === 'DELETE' && resource.plural === 'namespaces' && resource.group === '') {
    if (IMMORTAL.has(call.name)) throw forbidden(NAMESPACES, call.name, 'this namespace may not be deleted');
    return;
  }
  if (operation !== 'CREATE' || !resource.namespaced) return;
  const namespace = store.collection(NAMESPACES).get(call.namespace);
  if (namespace === undefined) throw notFound(NAMESPACES, call.namespace);
  if (objectAt(namespace, 'status')['phase'] === 'Terminating') throw terminating(attributes);
}

function terminating({ call, object }: Attributes): StatusError {
  const { namespace } = call;
  const problem = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const error = forbidden(call.resource, object?.metadata.name ?? '', problem);
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${namespace} is being terminated`,
    field: 'metadata.namespace',
  };
  return new StatusError(403, 'Forbidden', {
    message: error.message,
    details: { ...error.status.details, causes: [cause] },
  });
}

export const namespaceLifecycle: AdmissionPlugin = {
  admit: (attributes, context) => {
    validate(attributes, context);
    return attributes.object;
  },
  validate,
};
