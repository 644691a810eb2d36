/** The way of every request: who asks, may they, what is it about, and who answers. */
import type { WireRequest, WireResponse } from '#kube/transport/transport.ts';
import { abortReason } from '#platform/clock.ts';
import { type Authenticator, type Authorizer, refusalText } from '../access/access.ts';
import type { AccessRequest } from '../access/access-request.ts';
import { actingUser } from '../access/impersonation.ts';
import type { UserInfo } from '../access/user-info.ts';
import type { Registry } from '../resources/registry.ts';
import type { Resource } from '../resources/resource.ts';
import { type ResourcePath, parseResourcePath } from '../wire/request-info.ts';
import { plainResponse, statusResponse, warningHeaders } from '../wire/response.ts';
import {
  StatusError,
  forbidden,
  internalError,
  methodNotAllowed,
  notFound,
  pathNotFound,
} from '../wire/status-error.ts';
import type { Actions } from './actions.ts';
import { type ParsedRequest, callOf, parseRequest } from './request.ts';
import type { ResourceHandler } from './resource-handler.ts';
import { type Verb, verbOf } from './verbs.ts';

/** Answers paths that are about no resource; undefined where it knows nothing of the path. */
export type PathHandler = (
  request: ParsedRequest,
) => Promise<WireResponse | undefined> | WireResponse | undefined;

export interface DispatchParts {
  readonly registry: Registry;
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly resources: ResourceHandler;
  readonly actions: Actions;
  readonly paths: readonly PathHandler[];
}

export class Dispatcher {
  readonly #parts: DispatchParts;

  constructor(parts: DispatchParts) {
    this.#parts = parts;
  }

  /** Answers a request. Rejects only where the request was aborted. */
  async handle(wire: WireRequest): Promise<WireResponse> {
    if (wire.signal?.aborted === true) throw abortReason(wire.signal);
    try {
      return await this.#route(parseRequest(wire));
    } catch (error) {
      return statusResponse(toStatusError(error).status);
    }
  }

  async #route(request: ParsedRequest): Promise<WireResponse> {
    const { authenticator, authorizer } = this.#parts;
    const user = actingUser(authenticator.authenticate(request.headers), request.headers, authorizer);
    const path = parseResourcePath(request.path);
    if (path === undefined) return this.#answerPath(request, user);
    const isWatch = path.isWatch || (path.name === '' && isWatchQuery(request.query));
    const verb = verbOf(request.method, path.name, isWatch);
    const resource = this.#parts.registry.find(path.group, path.version, path.plural);
    this.#authorize({ ...pathOnly(request), ...target(path, request.query), user, verb });
    if (resource === undefined) return this.#answerUnknown(request, path);
    return this.#answerResource(request, { path, resource, verb, user });
  }

  async #answerPath(request: ParsedRequest, user: UserInfo): Promise<WireResponse> {
    this.#authorize({ ...NOWHERE, ...pathOnly(request), user, verb: request.method.toLowerCase() });
    const answer = await this.#askPaths(request);
    if (answer !== undefined) return answer;
    if (request.path.startsWith('/api/')) throw pathNotFound();
    return plainResponse(404, '404 page not found\n');
  }

  async #askPaths(request: ParsedRequest): Promise<WireResponse | undefined> {
    for (const handler of this.#parts.paths) {
      const answer = await handler(request);
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  /** Paths below a group may be served by others than the registry; unknown groups are no API at all. */
  async #answerUnknown(request: ParsedRequest, { group }: ResourcePath): Promise<WireResponse> {
    const answer = await this.#askPaths(request);
    if (answer !== undefined) return answer;
    const isBuiltin = this.#parts.registry
      .all()
      .some((resource) => resource.group === group && resource.customSchema === undefined);
    if (!isBuiltin) return plainResponse(404, '404 page not found\n');
    throw pathNotFound();
  }

  async #answerResource(
    request: ParsedRequest,
    target: { path: ResourcePath; resource: Resource; verb: Verb; user: UserInfo },
  ): Promise<WireResponse> {
    const { path, resource, verb } = target;
    checkServed(resource, path, verb);
    const call = callOf(request, resource, target);
    try {
      const action = this.#parts.actions.find(call);
      if (action !== undefined) return await action(verb, call, request);
      return await this.#parts.resources.handle(verb, call, request);
    } catch (error) {
      return statusResponse(toStatusError(error).status, warningHeaders(call.warnings));
    }
  }

  #authorize(request: AccessRequest): void {
    const decision = this.#parts.authorizer.decide(request);
    if (decision.isAllowed) return;
    const text = refusalText(request, decision.reason);
    if (request.resource === '') {
      throw new StatusError(403, 'Forbidden', { message: `forbidden: ${text}`, details: {} });
    }
    throw forbidden({ group: request.group, plural: request.resource }, request.name, text);
  }
}

const NOWHERE = { group: '', version: '', resource: '', subresource: '', namespace: '', name: '' };

function pathOnly(request: ParsedRequest): { readonly path: string } {
  return { path: request.path };
}

function target(path: ResourcePath, query: URLSearchParams): Omit<AccessRequest, 'user' | 'verb' | 'path'> {
  const { group, version, plural, subresource, namespace } = path;
  return { group, version, resource: plural, subresource, namespace, name: path.name || selectedName(query) };
}

/** Whoever lists or watches one object by its name needs the right to that one only. */
function selectedName(query: URLSearchParams): string {
  const [, name = ''] = /(?:^|,)metadata\.name==?([^,]+)/.exec(query.get('fieldSelector') ?? '') ?? [];
  return name;
}

function isWatchQuery(query: URLSearchParams): boolean {
  const watch = query.get('watch');
  return watch === 'true' || watch === '1';
}

/** Throws where the resource has no such subresource, or does not know the verb. */
function checkServed(resource: Resource, path: ResourcePath, verb: Verb): void {
  const wanted = path.subresource === '' ? resource.plural : `${resource.plural}/${path.subresource}`;
  const found = resource.discovery.find(({ name }) => name === wanted);
  if (found === undefined) {
    throw resource.customSchema === undefined ? pathNotFound() : notFound(resource, path.name);
  }
  const isOutside = resource.namespaced && path.namespace === '';
  if (isOutside && path.name !== '') throw pathNotFound();
  if (!found.verbs.includes(verb) || isMisplaced(path, verb, isOutside)) throw methodNotAllowed();
}

/** Objects are created in collections of one namespace, and replaced by name. */
function isMisplaced({ name, subresource }: ResourcePath, verb: Verb, isOutside: boolean): boolean {
  if (subresource !== '') return false;
  if (verb === 'create') return name !== '' || isOutside;
  if (verb === 'deletecollection') return isOutside;
  return name === '' && (verb === 'update' || verb === 'patch');
}

/** What went wrong inside of the server is an internal error; the message helps whoever debugs it. */
function toStatusError(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  return internalError(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
