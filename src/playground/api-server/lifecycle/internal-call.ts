/** Requests that the control plane makes of itself. */
import { CONTROLLER_MANAGER } from '../access/user-info.ts';
import type { Resource } from '../resources/resource.ts';
import type { Call } from '../wire/call.ts';

const NO_QUERY = new URLSearchParams();

/** A call of a built-in controller to an object. */
export function internalCall(
  resource: Resource,
  key: { readonly namespace?: string; readonly name?: string },
): Call {
  const { namespace = '', name = '' } = key;
  return {
    resource,
    subresource: '',
    namespace,
    name,
    user: CONTROLLER_MANAGER,
    query: NO_QUERY,
    dryRun: false,
    fieldManager: 'kube-controller-manager',
    fieldValidation: 'Ignore',
    warnings: [],
    signal: undefined,
  };
}
