/** A request taken apart. */
import type { HttpMethod, WireRequest } from '#kube/transport/transport.ts';
import type { UserInfo } from '../access/user-info.ts';
import type { Resource } from '../resources/resource.ts';
import { mediaTypeOf } from '../wire/body.ts';
import type { Call, FieldValidation } from '../wire/call.ts';
import type { ResourcePath } from '../wire/request-info.ts';
import type { Headers } from '../wire/response.ts';
import { badRequest } from '../wire/status-error.ts';

export interface ParsedRequest {
  readonly method: HttpMethod;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: string;
  readonly signal: AbortSignal | undefined;
}

const NO_QUERY = new URLSearchParams();

export function parseRequest(request: WireRequest): ParsedRequest {
  const mark = request.path.indexOf('?');
  return {
    method: request.method,
    path: mark < 0 ? request.path : request.path.slice(0, mark),
    query: mark < 0 ? NO_QUERY : new URLSearchParams(request.path.slice(mark + 1)),
    headers: request.headers,
    body: request.body ?? '',
    signal: request.signal,
  };
}

const FIELD_VALIDATIONS = ['Strict', 'Warn', 'Ignore'] as const;
const MAX_MANAGER_LENGTH = 128;

/** The request as a call to a resource. Throws BadRequest where its options make no sense. */
export function callOf(
  request: ParsedRequest,
  resource: Resource,
  target: { path: ResourcePath; user: UserInfo },
): Call {
  const { query, headers, signal } = request;
  const { namespace, name, subresource } = target.path;
  return {
    resource,
    subresource,
    namespace: resource.namespaced || resource.plural === 'namespaces' ? namespace : '',
    name,
    user: target.user,
    query,
    dryRun: isDryRun(query),
    fieldManager: fieldManagerOf(query, headers),
    fieldValidation: fieldValidationOf(query),
    warnings: [],
    signal,
  };
}

function isDryRun(query: URLSearchParams): boolean {
  const values = query.getAll('dryRun').filter((value) => value !== '');
  const wrong = values.find((value) => value !== 'All');
  if (wrong !== undefined)
    throw badRequest(`dryRun: Unsupported value: ${JSON.stringify(wrong)}: supported values: "All"`);
  return values.length > 0;
}

function fieldManagerOf(query: URLSearchParams, headers: Headers): string {
  const named = query.get('fieldManager') ?? '';
  if (named !== '') return named;
  const [agent = ''] = (headers['user-agent'] ?? '').split('/', 1);
  return agent.slice(0, MAX_MANAGER_LENGTH);
}

function fieldValidationOf(query: URLSearchParams): FieldValidation {
  const wanted = query.get('fieldValidation') ?? '';
  if (wanted === '') return 'Warn';
  const known = FIELD_VALIDATIONS.find((name) => name === wanted);
  if (known === undefined) throw badRequest(`fieldValidation: Unsupported value: ${JSON.stringify(wanted)}`);
  return known;
}

export function contentTypeOf(request: ParsedRequest): string {
  return mediaTypeOf(request.headers['content-type']);
}
