/** How HTTP methods on resources are called, for authorization and routing. */
import type { HttpMethod } from '#kube/transport/transport.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

const VERBS: Readonly<Record<HttpMethod, { readonly one: Verb; readonly many: Verb }>> = {
  GET: { one: 'get', many: 'list' },
  POST: { one: 'create', many: 'create' },
  PUT: { one: 'update', many: 'update' },
  PATCH: { one: 'patch', many: 'patch' },
  DELETE: { one: 'delete', many: 'deletecollection' },
};

/** The verb of a request to an object, where it has a name, or to a collection. */
export function verbOf(method: HttpMethod, name: string, isWatch: boolean): Verb {
  if (method === 'GET' && isWatch) return 'watch';
  return name === '' ? VERBS[method].many : VERBS[method].one;
}
