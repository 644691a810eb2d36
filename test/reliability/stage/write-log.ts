/**
 * Sees every write of the processes under test where it takes effect: between the network, which may lose requests and
 * answers, and the API server. Who writes is told by a header that `signed` puts on.
 */
import type { Clock } from '#platform/clock.ts';
import type { KubeObject, ObjectKey } from '#apis/kubernetes/object.ts';
import type { Transport, WireRequest, WireResponse } from '#kube/transport/transport.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import type { ClusterAccess } from '#playground/fleet/cluster-access.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import {
  CONFIG_MAPS,
  DAEMON_SETS,
  DEPLOYMENTS,
  HORIZONTAL_POD_AUTOSCALERS,
  LEASES,
  PODS,
  STATEFUL_SETS,
} from '#kube/client/builtin-types.ts';

const SIGNATURE = 'x-simulated-process';

/** One write that the API server accepted. */
export interface Write {
  readonly atMs: number;
  /** The process that sent it. */
  readonly source: string;
  readonly method: string;
  readonly type: ResourceType;
  readonly key: ObjectKey;
  readonly subresource: string | undefined;
  /** The object right before and after; undefined where there was none. */
  readonly before: KubeObject | undefined;
  readonly after: KubeObject | undefined;
}

export type WriteListener = (write: Write) => void;

const SEEN_TYPES: readonly ResourceType[] = [
  DEPLOYMENTS,
  STATEFUL_SETS,
  DAEMON_SETS,
  HORIZONTAL_POD_AUTOSCALERS,
  PODS,
  CONFIG_MAPS,
  LEASES,
  COST_OPTIMIZATIONS,
];

/** Puts the name of a process on everything that it sends. */
export function signed(transport: Transport, source: string): Transport {
  return {
    send: (request) => transport.send({ ...request, headers: { ...request.headers, [SIGNATURE]: source } }),
  };
}

export interface WriteLogParts {
  readonly inner: Transport;
  readonly access: ClusterAccess;
  readonly clock: Clock;
}

export class WriteLog implements Transport {
  readonly #parts: WriteLogParts;
  readonly #listeners: WriteListener[] = [];
  #count = 0;

  constructor(parts: WriteLogParts) {
    this.#parts = parts;
  }

  /** How many signed writes took effect. */
  get count(): number {
    return this.#count;
  }

  onWrite(listener: WriteListener): void {
    this.#listeners.push(listener);
  }

  async send(request: WireRequest): Promise<WireResponse> {
    const source = request.headers[SIGNATURE];
    const place = source === undefined || request.method === 'GET' ? undefined : placeOf(request);
    if (source === undefined || place === undefined) return this.#parts.inner.send(request);
    const before = this.#read(place);
    const response = await this.#parts.inner.send(request);
    if (response.status < 300) this.#tell(request, { source, place, before });
    return response;
  }

  #read({ type, key }: Place): KubeObject | undefined {
    return key.name === '' ? undefined : this.#parts.access.get(type, key);
  }

  #tell(
    { method }: WireRequest,
    {
      source,
      place,
      before,
    }: { readonly source: string; readonly place: Place; readonly before: KubeObject | undefined },
  ): void {
    this.#count += 1;
    const write: Write = {
      atMs: this.#parts.clock.now(),
      source,
      method,
      ...place,
      before,
      after: this.#read(place),
    };
    for (const listener of this.#listeners) listener(write);
  }
}

interface Place {
  readonly type: ResourceType;
  readonly key: ObjectKey;
  readonly subresource: string | undefined;
}

/** `/apis/<group>/<version>/namespaces/<namespace>/<plural>/<name>/<subresource>`, for the types that we look at. */
function placeOf({ path, body }: WireRequest): Place | undefined {
  const match =
    /^\/apis?\/(?:[^/?]+\/)?v[^/?]+\/namespaces\/([^/?]+)\/([^/?]+)(?:\/([^/?]+))?(?:\/([^/?]+))?/.exec(path);
  if (match === null) return undefined;
  const [, namespace = '', plural, name = '', subresource] = match;
  const type = SEEN_TYPES.find((candidate) => candidate.plural === plural);
  if (type === undefined) return undefined;
  return { type, key: { namespace, name: name === '' ? nameIn(body) : name }, subresource };
}

function nameIn(body = '{}'): string {
  const { metadata } = JSON.parse(body) as KubeObject;
  return metadata?.name ?? '';
}
