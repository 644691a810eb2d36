/**
 * A small API server in memory for the tests of this layer: create, read, update, merge and apply patch, status,
 * delete with finalizers, paged lists, watches with bookmarks, WatchList and 410. It validates nothing; the
 * playground does. It is held to the same contract suite as the playground and a real kube-apiserver.
 */
import { type KubeObject, type ObjectMeta, keyText } from '#apis/kubernetes/object.ts';
import type { Clock } from '#platform/clock.ts';
import { sameJson } from '../patch/json-equal.ts';
import { applyMergePatch } from '../patch/merge-patch.ts';
import type { Transport, WireRequest, WireResponse } from '../transport/transport.ts';
import { FakeStorage, type StoredChange } from './fake-storage.ts';
import { type FakeRoute, parseRoute } from './fake-route.ts';
import { TextStream } from './text-stream.ts';

export interface FakeApiServerOptions {
  /** Whether it understands `sendInitialEvents`; default true. */
  readonly watchList?: boolean;
  readonly clock?: Clock;
}

/** Answers instead of the server where it returns something; for faults. */
export type Intercept = (
  request: WireRequest,
) => Promise<WireResponse | undefined> | WireResponse | undefined;

interface OpenWatch {
  readonly route: FakeRoute;
  readonly stream: TextStream;
}

export class FakeApiServer implements Transport {
  readonly storage = new FakeStorage();
  /** Every request that arrived. */
  readonly requests: WireRequest[] = [];
  intercept: Intercept | undefined;
  /** What becomes of each live watch line; a middleman that loses, doubles or reorders. */
  tamper: ((line: string) => readonly string[]) | undefined;
  readonly #options: FakeApiServerOptions;
  readonly #watches = new Set<OpenWatch>();

  constructor(options: FakeApiServerOptions = {}) {
    this.#options = options;
    this.storage.onChange((change) => {
      for (const watch of this.#watches) deliver(watch, change, this.tamper);
    });
  }

  async send(request: WireRequest): Promise<WireResponse> {
    this.requests.push(request);
    request.signal?.throwIfAborted();
    const intercepted = await this.intercept?.(request);
    if (intercepted !== undefined) return intercepted;
    const route = parseRoute(request.path);
    if (route === undefined) return failure(404, 'NotFound', `no route ${request.path}`);
    return this.#answer(request, route);
  }

  /** The open watch streams. */
  get watchCount(): number {
    return this.#watches.size;
  }

  /** Ends all watches, in order or with an error. */
  endWatches(error?: Error): void {
    for (const watch of [...this.#watches]) watch.stream.end(error);
    this.#watches.clear();
  }

  /** Writes a raw line into every watch. */
  sendLine(line: string): void {
    for (const watch of this.#watches) watch.stream.push(`${line}\n`);
  }

  /** Sends a bookmark to every watch. */
  bookmark(): void {
    for (const watch of this.#watches) watch.stream.push(bookmarkLine(this.storage.version));
  }

  #answer(request: WireRequest, route: FakeRoute): WireResponse {
    if (route.query.get('watch') === 'true') return this.#watch(request, route);
    if (request.method === 'POST') return this.#create(request, route);
    if (route.name === undefined) return this.#list(route);
    const object = this.storage.get(route.collection, route.key);
    if (object === undefined) {
      if (isApply(request)) return this.#create(request, route);
      return failure(404, 'NotFound', `${route.collection} ${route.key} not found`);
    }
    if (request.method === 'GET') return success(object);
    if (request.method === 'DELETE') return this.#delete(route, object);
    return this.#write(request, route, object);
  }

  #list(route: FakeRoute): WireResponse {
    const all = this.storage.list(route.collection).filter((object) => route.selects(object));
    const limit = Number(route.query.get('limit') ?? 0);
    const [from = 0, version = this.storage.version] = (route.query.get('continue') ?? '')
      .split('@')
      .filter((part) => part !== '')
      .map(Number);
    if (route.query.has('continue') && this.storage.since(route.collection, version) === undefined) {
      return failure(410, 'Expired', 'the continue token is too old');
    }
    const items = limit > 0 ? all.slice(from, from + limit) : all;
    const more = limit > 0 && from + limit < all.length;
    const metadata = {
      resourceVersion: String(version),
      ...(more ? { continue: `${String(from + limit)}@${String(version)}` } : {}),
    };
    return success({ apiVersion: 'v1', kind: 'List', metadata, items });
  }

  #create(request: WireRequest, route: FakeRoute): WireResponse {
    const body = JSON.parse(request.body ?? '{}') as KubeObject;
    const name = body.metadata?.name ?? `${body.metadata?.generateName ?? ''}${String(this.storage.version)}`;
    const namespace = route.namespace;
    const metadata = { ...body.metadata, name, ...(namespace === undefined ? {} : { namespace }) };
    if (this.storage.get(route.collection, keyText({ namespace, name })) !== undefined) {
      return failure(409, 'AlreadyExists', `${name} already exists`);
    }
    const nowMs = this.#options.clock?.now() ?? 0;
    return success(this.storage.create(route.collection, { ...body, metadata }, nowMs), 201);
  }

  #write(request: WireRequest, route: FakeRoute, object: KubeObject): WireResponse {
    const body = JSON.parse(request.body ?? '{}') as KubeObject;
    if (isOutdated(body, object)) {
      return failure(409, 'Conflict', 'the object has been modified');
    }
    const asked = request.method === 'PUT' ? body : (applyMergePatch(object, body) as KubeObject);
    const next = mergeSubresource(object, asked, route.subresource);
    if (sameJson(next, object)) return success(object);
    if (isReleased(next)) return success(this.storage.delete(route.collection, next));
    const generation = (object.metadata?.generation ?? 1) + (sameJson(specOf(next), specOf(object)) ? 0 : 1);
    return success(this.storage.update(route.collection, next, generation));
  }

  #delete(route: FakeRoute, object: KubeObject): WireResponse {
    if ((object.metadata?.finalizers ?? []).length === 0) {
      return success(this.storage.delete(route.collection, object));
    }
    const deletionTimestamp = new Date(this.#options.clock?.now() ?? 0).toISOString();
    const metadata = { ...object.metadata, deletionTimestamp };
    return success(
      this.storage.update(route.collection, { ...object, metadata }, object.metadata?.generation ?? 1),
    );
  }

  #watch(request: WireRequest, route: FakeRoute): WireResponse {
    const initial = route.query.get('sendInitialEvents') === 'true';
    if (initial && this.#options.watchList === false) {
      return failure(422, 'Invalid', 'sendInitialEvents is forbidden for watch');
    }
    const stream = new TextStream();
    const from = Number(route.query.get('resourceVersion') ?? this.storage.version);
    const missed = this.storage.since(route.collection, from);
    if (!initial && missed === undefined) {
      return failure(410, 'Expired', `too old resource version: ${String(from)}`);
    }
    const watch = { route, stream };
    if (initial) this.#sendInitial(watch);
    else for (const change of missed ?? []) deliver(watch, change);
    this.#watches.add(watch);
    request.signal?.addEventListener('abort', () => {
      this.#watches.delete(watch);
      stream.end(new Error('aborted'));
    });
    return { status: 200, headers: {}, text: () => Promise.resolve(''), chunks: () => stream };
  }

  #sendInitial(watch: OpenWatch): void {
    for (const object of this.storage.list(watch.route.collection)) {
      deliver(watch, { type: 'ADDED', collection: watch.route.collection, object, version: 0 });
    }
    watch.stream.push(bookmarkLine(this.storage.version, true));
  }
}

function deliver(watch: OpenWatch, change: StoredChange, tamper?: (line: string) => readonly string[]): void {
  if (change.collection !== watch.route.collection || !watch.route.selects(change.object)) return;
  const line = `${JSON.stringify({ type: change.type, object: change.object })}\n`;
  for (const sent of tamper?.(line) ?? [line]) watch.stream.push(sent);
}

function bookmarkLine(version: number, initialEnd = false): string {
  const annotations = initialEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
  const object = { metadata: { resourceVersion: String(version), ...annotations } };
  return `${JSON.stringify({ type: 'BOOKMARK', object })}\n`;
}

function isOutdated(asked: KubeObject, object: KubeObject): boolean {
  const version = asked.metadata?.resourceVersion;
  return version !== undefined && version !== object.metadata?.resourceVersion;
}

/** Being deleted, and held by no finalizer any more. */
function isReleased(object: KubeObject): boolean {
  return object.metadata?.deletionTimestamp !== undefined && (object.metadata.finalizers ?? []).length === 0;
}

function isApply(request: WireRequest): boolean {
  return request.headers['content-type']?.startsWith('application/apply-patch') === true;
}

/** The status subresource changes only the status, the object itself everything else. */
function mergeSubresource(object: KubeObject, asked: KubeObject, subresource?: string): KubeObject {
  if (subresource === 'status') return { ...object, ...('status' in asked ? { status: asked.status } : {}) };
  const keepsStatus = 'status' in object ? { status: object.status } : {};
  return { ...asked, ...keepsStatus, metadata: { ...asked.metadata, ...ownedByServer(object.metadata) } };
}

/** What a writer cannot change. */
function ownedByServer(metadata: ObjectMeta = {}): ObjectMeta {
  const { namespace, name, uid, creationTimestamp, deletionTimestamp, generation, resourceVersion } =
    metadata;
  const fields = { namespace, name, uid, creationTimestamp, deletionTimestamp, generation, resourceVersion };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function specOf(object: KubeObject): unknown {
  const { metadata: _metadata, ...rest } = object;
  return 'status' in rest ? { ...rest, status: undefined } : rest;
}

/** An answer with a JSON body. */
export function success(body: unknown, status = 200): WireResponse {
  return response(status, JSON.stringify(body));
}

/** An error answer with a Status body. */
export function failure(code: number, reason: string, message: string): WireResponse {
  const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message };
  return response(code, JSON.stringify(body));
}

export function response(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): WireResponse {
  const stream = new TextStream();
  stream.push(body);
  stream.end();
  return { status, headers, text: () => Promise.resolve(body), chunks: () => stream };
}
