/** A request taken apart. */
import type { HttpMethod, WireRequest } from '#kube/transport/transport.ts';
import type { UserInfo } from '../access/user-info.ts';
import type { Resource } from '../resources/resource.ts';
import {
  type FieldErrors,
  NO_ERRORS,
  invalidObject,
  notSupported,
  prohibited,
  tooLong,
} from '../validation/field-error.ts';
import { mediaTypeOf } from '../wire/body.ts';
import type { Call, FieldValidation } from '../wire/call.ts';
import type { ResourcePath } from '../wire/request-info.ts';
import type { Headers } from '../wire/response.ts';
import type { Verb } from './verbs.ts';

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
  target: { path: ResourcePath; user: UserInfo; verb: Verb },
): Call {
  const { query, headers, signal } = request;
  checkOptions(target.verb, request);
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

const OPTION_KINDS: Partial<Record<Verb, string>> = {
  create: 'CreateOptions',
  update: 'UpdateOptions',
  patch: 'PatchOptions',
  delete: 'DeleteOptions',
};

/** Throws Invalid where the options of a write make no sense. */
function checkOptions(verb: Verb, request: ParsedRequest): void {
  const kind = OPTION_KINDS[verb];
  if (kind === undefined) return;
  const { query } = request;
  const errors = [
    ...forceErrors(request),
    ...managerErrors(verb, request),
    ...dryRunErrors(query),
    ...validationErrors(query),
  ];
  if (errors.length > 0) throw invalidObject({ group: 'meta.k8s.io', kind }, '', errors);
}

function forceErrors(request: ParsedRequest): FieldErrors {
  const isMeant = request.method !== 'PATCH' || contentTypeOf(request) === 'application/apply-patch+yaml';
  if (isMeant || !request.query.has('force')) return NO_ERRORS;
  return [prohibited('force', 'may not be specified for non-apply patch')];
}

function managerErrors(verb: Verb, { query }: ParsedRequest): FieldErrors {
  const name = query.get('fieldManager') ?? '';
  const isTooLong = verb !== 'delete' && name.length > MAX_MANAGER_LENGTH;
  return isTooLong ? [tooLong('fieldManager', MAX_MANAGER_LENGTH)] : NO_ERRORS;
}

function dryRunErrors(query: URLSearchParams): FieldErrors {
  const values = query.getAll('dryRun').filter((value) => value !== '');
  return values.every((value) => value === 'All') ? NO_ERRORS : [notSupported('dryRun', values, ['All'])];
}

function validationErrors(query: URLSearchParams): FieldErrors {
  const wanted = query.get('fieldValidation') ?? '';
  const known: readonly string[] = ['', 'Ignore', 'Strict', 'Warn'];
  return known.includes(wanted) ? NO_ERRORS : [notSupported('fieldValidation', wanted, known)];
}

function isDryRun(query: URLSearchParams): boolean {
  return query.getAll('dryRun').includes('All');
}

function fieldManagerOf(query: URLSearchParams, headers: Headers): string {
  const named = query.get('fieldManager') ?? '';
  if (named !== '') return named;
  const [agent = ''] = (headers['user-agent'] ?? '').split('/', 1);
  return agent.slice(0, MAX_MANAGER_LENGTH);
}

function fieldValidationOf(query: URLSearchParams): FieldValidation {
  const wanted = query.get('fieldValidation');
  return FIELD_VALIDATIONS.find((name) => name === wanted) ?? 'Warn';
}

export function contentTypeOf(request: ParsedRequest): string {
  return mediaTypeOf(request.headers['content-type']);
}
