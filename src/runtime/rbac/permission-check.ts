/**
 * Compares the rights that were used with the rights that were declared. Tests run the product through a recording
 * transport: what it used and nobody declared would fail on a cluster; what was declared and never used is too much.
 */
import type { Transport, WireRequest, WireResponse } from '#kube/transport/transport.ts';
import type { Permission, Verb } from './permission.ts';

/** One call, as the API server's authorizer sees it. */
export interface UsedRight {
  readonly group: string;
  /** With its subresource: `pods/eviction`. */
  readonly resource: string;
  readonly verb: Verb;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
}

const PATH =
  /^\/(?:api|apis\/([^/]+))\/[^/]+(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+)(?:\/([^/]+))?)?$/;
/** The namespace itself is a cluster-scoped resource whose path looks like the prefix of others. */
const NAMESPACE_PATH = /^\/api\/v1\/namespaces(?:\/([^/]+)(?:\/(status|finalize))?)?$/;

/** The right that a request needs; undefined for what is no resource (`/version`, discovery). */
export function rightOf(request: WireRequest): UsedRight | undefined {
  const [path = '', query = ''] = request.path.split('?', 2);
  const parts = partsOf(path);
  if (parts === undefined) return undefined;
  const { group, namespace, plural, name, subresource } = parts;
  const resource = subresource === undefined ? plural : `${plural}/${subresource}`;
  return { group, resource, verb: verbOf(request.method, name, query), namespace, name };
}

interface PathParts {
  readonly group: string;
  readonly namespace: string | undefined;
  readonly plural: string;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

function partsOf(path: string): PathParts | undefined {
  const namespaces = NAMESPACE_PATH.exec(path);
  if (namespaces !== null) {
    const [, name, subresource] = namespaces;
    return { group: '', namespace: undefined, plural: 'namespaces', name, subresource };
  }
  const match = PATH.exec(path);
  if (match === null) return undefined;
  const [, group = '', namespace, plural = '', name, subresource] = match;
  return { group, namespace, plural, name, subresource };
}

function verbOf(method: WireRequest['method'], name: string | undefined, query: string): Verb {
  switch (method) {
    case 'GET':
      if (name !== undefined) return 'get';
      return /(?:^|&)watch=(?:true|1)/.test(query) ? 'watch' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === undefined ? 'deletecollection' : 'delete';
  }
}

/** Passes every request on and remembers the right that it needed. */
export class RecordingTransport implements Transport {
  readonly #inner: Transport;
  readonly #used = new Map<string, UsedRight>();

  constructor(inner: Transport) {
    this.#inner = inner;
  }

  /** The rights used so far, each once. */
  get used(): readonly UsedRight[] {
    return [...this.#used.values()];
  }

  async send(request: WireRequest): Promise<WireResponse> {
    const right = rightOf(request);
    this.#note(right);
    const response = await this.#inner.send(request);
    // An apply of what did not exist needs the right to create, too.
    if (right?.verb === 'patch' && response.status === 201) this.#note({ ...right, verb: 'create' });
    return response;
  }

  #note(right: UsedRight | undefined): void {
    if (right !== undefined) this.#used.set(JSON.stringify(right), right);
  }
}

/** Whether a permission covers a right; `ownNamespace` is where the product runs. */
export function covers(permission: Permission, right: UsedRight, ownNamespace: string): boolean {
  return (
    permission.group === right.group &&
    permission.resources.includes(right.resource) &&
    permission.verbs.includes(right.verb) &&
    (permission.names === undefined || (right.name !== undefined && permission.names.includes(right.name))) &&
    (permission.ownNamespace !== true || right.namespace === ownNamespace)
  );
}

/** Used, but covered by no permission. */
export function undeclared(
  used: readonly UsedRight[],
  permissions: readonly Permission[],
  ownNamespace: string,
): readonly UsedRight[] {
  return used.filter((right) => !permissions.some((permission) => covers(permission, right, ownNamespace)));
}

/** Declared, but never used: one text per verb and resource, e.g. `delete pods`. */
export function unused(
  used: readonly UsedRight[],
  permissions: readonly Permission[],
  ownNamespace: string,
): readonly string[] {
  return permissions.flatMap((permission) =>
    permission.resources.flatMap((resource) =>
      permission.verbs
        .filter((verb) => {
          const single = { ...permission, resources: [resource], verbs: [verb] };
          return !used.some((right) => covers(single, right, ownNamespace));
        })
        .map((verb) => `${verb} ${permission.group === '' ? resource : `${resource}.${permission.group}`}`),
    ),
  );
}
