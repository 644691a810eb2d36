/**
 * A thin client: raw wire JSON in and out, one method per verb. Objects are never mapped to classes, so
 * fields that are newer than this code survive a round trip.
 */
import type { KubeList, KubeObject, ObjectKey, StatusObject } from '#apis/kubernetes/object.ts';
import type { Pod } from '#apis/kubernetes/builtin.ts';
import { keyOf, keyText } from '#apis/kubernetes/object.ts';
import { KcError } from '#errors/kc-error.ts';
import type { HttpMethod, Transport, WireRequest, WireResponse } from '../transport/transport.ts';
import { ApiError } from './api-error.ts';
import { PODS } from './builtin-types.ts';
import {
  type ApplyOptions,
  type DeleteOptions,
  type GetOptions,
  type ListOptions,
  type LogOptions,
  type PatchOptions,
  type WantedScale,
  type WatchOptions,
  type WriteOptions,
  deleteBody,
  listQuery,
  patchContentType,
  patchQuery,
  queryText,
  watchQuery,
  writeQuery,
} from './options.ts';
import { listAllPages } from './paging.ts';
import { type ResourceType, apiVersionOf, qualifiedName, resourcePath } from './resource-type.ts';

/** Scale, as served by every scalable kind. */
export interface ScaleValue extends KubeObject {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly replicas?: number; readonly selector?: string };
}

interface Call {
  readonly method: HttpMethod;
  readonly path: string;
  readonly describes: string;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

const JSON_TYPE = 'application/json';
/** A list of 10,000 pods takes seconds; a call that takes a minute is lost. */
const DEFAULT_TIMEOUT_MS = 60_000;

/** Speaks to one API server through one transport. Every method throws ApiError or KC_API_UNREACHABLE. */
export class KubeClient {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async get<T extends KubeObject>(
    type: ResourceType<T>,
    key: ObjectKey,
    options: GetOptions = {},
  ): Promise<T> {
    const path = resourcePath(type, { ...key, ...subresourceOf(options) });
    return this.#json<T>({ method: 'GET', path, describes: describe('get', type, key), ...options });
  }

  /** The object, or undefined where it does not exist. */
  async find<T extends KubeObject>(
    type: ResourceType<T>,
    key: ObjectKey,
    options: GetOptions = {},
  ): Promise<T | undefined> {
    try {
      return await this.get(type, key, options);
    } catch (error) {
      if (error instanceof ApiError && error.httpStatus === 404) return undefined;
      throw error;
    }
  }

  /** One page. Ask for the next with `continue` from the list's metadata. */
  async listPage<T extends KubeObject>(
    type: ResourceType<T>,
    options: ListOptions = {},
  ): Promise<KubeList<T>> {
    const path = resourcePath(type, { namespace: options.namespace }) + queryText(listQuery(options));
    const describes = describe('list', type);
    const list = await this.#json<KubeList<T>>({ method: 'GET', path, describes, ...options });
    return uniformList(type, list, describes);
  }

  /** Every page as one list; `keep` is applied to each object as its page arrives, to drop what is not needed. */
  async list<T extends KubeObject>(
    type: ResourceType<T>,
    options: ListOptions = {},
    keep?: (object: T) => T,
  ): Promise<KubeList<T>> {
    return listAllPages((page) => this.listPage(type, page), options, keep);
  }

  async create<T extends KubeObject>(
    type: ResourceType<T>,
    object: T,
    options: WriteOptions = {},
  ): Promise<T> {
    const namespace = options.namespace ?? object.metadata?.namespace;
    const body = { apiVersion: apiVersionOf(type), kind: type.kind, ...object };
    const path = resourcePath(type, { namespace }) + queryText(writeQuery(options));
    const describes = describe('create', type, { namespace, name: object.metadata?.name ?? '' });
    return this.#json<T>({ method: 'POST', path, describes, body, ...options });
  }

  /** Replaces the object; refused with a conflict unless its resource version is current. */
  async update<T extends KubeObject>(
    type: ResourceType<T>,
    object: T,
    options: WriteOptions = {},
  ): Promise<T> {
    const key = { namespace: object.metadata?.namespace, name: object.metadata?.name ?? '' };
    const body = { apiVersion: apiVersionOf(type), kind: type.kind, ...object };
    const path = resourcePath(type, { ...key, ...subresourceOf(options) }) + queryText(writeQuery(options));
    return this.#json<T>({ method: 'PUT', path, describes: describe('update', type, key), body, ...options });
  }

  /** Patches the object, or the subresource named in the options. */
  async patch<T extends KubeObject>(
    type: ResourceType<T>,
    key: ObjectKey,
    options: PatchOptions,
  ): Promise<T> {
    const path = resourcePath(type, { ...key, ...subresourceOf(options) }) + queryText(patchQuery(options));
    const contentType = patchContentType(options.patch);
    const describes = describe('patch', type, key);
    return this.#json<T>({ method: 'PATCH', path, describes, ...options, body: options.body, contentType });
  }

  /**
   * Server-side apply: creates the object, or makes the fields in `object` so and ours. Fields that we applied before
   * and that are missing now are removed.
   */
  async apply<T extends KubeObject>(type: ResourceType<T>, object: T, options: ApplyOptions): Promise<T> {
    const { managedFields: _managed, resourceVersion: _version, ...metadata } = object.metadata ?? {};
    const body = { apiVersion: apiVersionOf(type), kind: type.kind, ...object, metadata };
    return this.patch(type, keyOf(object), { patch: 'apply', body, ...options });
  }

  /** How many replicas the object asks for and has, whatever its kind. */
  async scale(type: ResourceType, key: ObjectKey, options: GetOptions = {}): Promise<ScaleValue> {
    return this.get<ScaleValue>(type, key, { ...options, subresource: 'scale' });
  }

  /** Asks for `replicas`; refused with a conflict where `resourceVersion` is given and not current. */
  async setScale(type: ResourceType, key: ObjectKey, wanted: WantedScale): Promise<ScaleValue> {
    const { replicas, resourceVersion, ...options } = wanted;
    const body = {
      spec: { replicas },
      ...(resourceVersion === undefined ? {} : { metadata: { resourceVersion } }),
    };
    return this.patch<ScaleValue>(type, key, { ...options, patch: 'merge', subresource: 'scale', body });
  }

  /** Changes the resources of a running pod's containers in place; `body` is a strategic merge patch. */
  async resizePod(key: ObjectKey, body: unknown, options: WriteOptions = {}): Promise<Pod> {
    return this.patch(PODS, key, { ...options, patch: 'strategic', subresource: 'resize', body });
  }

  /** Deletes the object. Resolves with the object (while finalizers hold it) or the server's Status. */
  async delete(
    type: ResourceType,
    key: ObjectKey,
    options: DeleteOptions = {},
  ): Promise<KubeObject | StatusObject> {
    const path = resourcePath(type, key);
    const describes = describe('delete', type, key);
    return this.#json({ method: 'DELETE', path, describes, body: deleteBody(options), ...options });
  }

  /** Evicts a pod through the Eviction API: a PodDisruptionBudget may refuse with 429. */
  async evict(key: ObjectKey, options: DeleteOptions = {}): Promise<void> {
    const body = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: key.name, namespace: key.namespace },
      deleteOptions: deleteBody(options),
    };
    const path = resourcePath(PODS, { ...key, subresource: 'eviction' });
    await this.#json({ method: 'POST', path, describes: `evict pod ${keyText(key)}`, body, ...options });
  }

  /** The log of a container, as text. */
  async logs(pod: ObjectKey, options: LogOptions = {}): Promise<string> {
    const { signal, timeoutMs, ...query } = options;
    const path = resourcePath(PODS, { ...pod, subresource: 'log' }) + queryText({ ...query });
    const describes = `read the log of pod ${keyText(pod)}`;
    return (await this.#send({ method: 'GET', path, describes, signal, timeoutMs })).text();
  }

  /** Opens a watch. The answer's chunks carry one JSON event per line. */
  async watch(type: ResourceType, options: WatchOptions): Promise<WireResponse> {
    const path = resourcePath(type, { namespace: options.namespace }) + queryText(watchQuery(options));
    const { signal, timeoutMs } = options;
    return this.#send({ method: 'GET', path, describes: describe('watch', type), signal, timeoutMs }, true);
  }

  /** Reads any path as JSON: `/version`, `/apis`, a proxied service. */
  async raw(path: string, signal?: AbortSignal): Promise<unknown> {
    return this.#json({ method: 'GET', path, describes: `get ${path}`, signal });
  }

  async #json<R>(call: Call): Promise<R> {
    const response = await this.#send(call);
    return parseBody(await response.text(), call.describes) as R;
  }

  async #send(call: Call, stream = false): Promise<WireResponse> {
    const response = await this.#transport.send(wireRequest(call, stream));
    if (response.status < 400) return response;
    const body = await response.text();
    throw new ApiError(call.describes, { status: response.status, headers: response.headers, body });
  }
}

/** A proxy or a dying server may answer anything at all, with status 200. */
function parseBody(body: string, describes: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    const problem = `the answer is not JSON: ${body.slice(0, 80)}`;
    throw new KcError('KC_API_UNREACHABLE', { object: describes, problem, cause });
  }
}

/** Lists leave out kind and apiVersion of the objects of built-in kinds; ours always carry them, as watches do. */
function uniformList<T extends KubeObject>(
  type: ResourceType<T>,
  list: Partial<KubeList<T>>,
  describes: string,
): KubeList<T> {
  // The server writes an empty list of some kinds as null.
  const { items = [], metadata } = list;
  if (metadata === undefined) {
    throw new KcError('KC_API_UNREACHABLE', { object: describes, problem: 'the answer is not a list' });
  }
  const named = { apiVersion: apiVersionOf(type), kind: type.kind };
  return {
    ...list,
    metadata,
    items: ((items as typeof items | null) ?? []).map((item) => ({ ...named, ...item })),
  };
}

function subresourceOf(options: { readonly subresource?: string }): { readonly subresource?: string } {
  return options.subresource === undefined ? {} : { subresource: options.subresource };
}

function wireRequest(call: Call, stream: boolean): WireRequest {
  const headers: Record<string, string> = { accept: JSON_TYPE };
  if (call.body !== undefined) headers['content-type'] = call.contentType ?? JSON_TYPE;
  return {
    method: call.method,
    path: call.path,
    headers,
    timeoutMs: call.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    ...(call.signal === undefined ? {} : { signal: call.signal }),
    ...(stream ? { stream } : {}),
  };
}

function describe(verb: string, type: ResourceType, key?: ObjectKey): string {
  const target = key === undefined ? '' : ` ${keyText(key)}`;
  return `${verb} ${qualifiedName(type)}${target}`;
}
