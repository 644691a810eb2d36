/** What can be done to a pod besides reading and writing it. */
import type { JsonObject } from '../json/json.ts';
import { asObjects, objectAt, textAt } from '../json/json.ts';
import type { ApiObject } from '../storage/api-object.ts';
import { postBinding } from '../subresources/binding.ts';
import { evictPod } from '../subresources/eviction.ts';
import { parseBody } from '../wire/body.ts';
import { StreamResponse, TextResponse, jsonResponse } from '../wire/response.ts';
import { badRequest } from '../wire/status-error.ts';
import type { Call } from '../wire/call.ts';
import { requireObject } from '../writes/update.ts';
import type { Actions } from './actions.ts';
import { type ParsedRequest, contentTypeOf } from './request.ts';
import type { HandlerParts } from './resource-handler.ts';

/** What somebody wants to read of a container's log. */
export interface LogRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly previous: boolean;
  readonly tailLines: number | undefined;
  readonly sinceSeconds: number | undefined;
  readonly follow: boolean;
  readonly timestamps: boolean;
}

/** Reads logs. Pieces are sent as they come; without `follow` the end comes by itself. */
export type LogProvider = (request: LogRequest) => AsyncIterable<string> | string | Promise<string>;

const SUCCESS = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };

export function addPodActions(actions: Actions, parts: HandlerParts, logs: LogProvider): void {
  const read = (request: ParsedRequest, kind: string): JsonObject =>
    parseBody(request.body, contentTypeOf(request), kind);
  actions.add('/pods/eviction', async (_verb, call, request) => {
    await evictPod(parts, call, read(request, 'Eviction'));
    return jsonResponse(201, JSON.stringify(SUCCESS));
  });
  actions.add('/pods/binding', async (_verb, call, request) => {
    await postBinding(parts, call, read(request, 'Binding'));
    return jsonResponse(201, JSON.stringify(SUCCESS));
  });
  actions.add('/bindings/', async (_verb, call, request) => {
    const binding = read(request, 'Binding');
    await postBinding(parts, { ...call, name: textAt(binding, 'metadata', 'name') }, binding);
    return jsonResponse(201, JSON.stringify(SUCCESS));
  });
  actions.add('/pods/log', async (_verb, call) => {
    const content = logs(logRequestOf(call, requireObject(parts, call)));
    const headers = { 'content-type': 'text/plain' };
    if (typeof content === 'object' && Symbol.asyncIterator in content)
      return new StreamResponse(headers, content);
    return new TextResponse(200, headers, await content);
  });
}

function logRequestOf(call: Call, pod: ApiObject): LogRequest {
  const { query, namespace, name } = call;
  const number = (key: string): number | undefined => (query.has(key) ? Number(query.get(key)) : undefined);
  return {
    namespace,
    pod: name,
    container: containerOf(call, pod),
    previous: query.get('previous') === 'true',
    tailLines: number('tailLines'),
    sinceSeconds: number('sinceSeconds'),
    follow: query.get('follow') === 'true',
    timestamps: query.get('timestamps') === 'true',
  };
}

/** The container that is meant; with several, one has to be named. */
function containerOf(call: Call, pod: ApiObject): string {
  const lists = ['initContainers', 'containers', 'ephemeralContainers'].map((list) =>
    asObjects(objectAt(pod, 'spec')[list]).map((container) => String(container['name'])),
  );
  const wanted = call.query.get('container') ?? '';
  if (wanted !== '') {
    if (lists.flat().includes(wanted)) return wanted;
    throw badRequest(`container ${wanted} is not valid for pod ${call.name}`);
  }
  const [init = [], main = []] = lists;
  const [only, ...others] = main;
  if (only !== undefined && others.length === 0) return only;
  const tail = init.length === 0 ? '' : ` or one of the init containers: [${init.join(' ')}]`;
  throw badRequest(
    `a container name must be specified for pod ${call.name}, choose one of: [${main.join(' ')}]${tail}`,
  );
}
