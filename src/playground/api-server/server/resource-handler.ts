/** Requests to resources: reading and writing of objects, and what their subresources do. */
import type { WireResponse } from '#kube/transport/transport.ts';
import type { JsonObject } from '../json/json.ts';
import { asText, objectAt } from '../json/json.ts';
import { duplicateFields } from '../json/duplicate-fields.ts';
import { type FormContext, itemOf, listText, objectText, watchForm } from '../reads/form.ts';
import { type ListOptions, readListOptions } from '../reads/list-options.ts';
import { listObjects } from '../reads/list.ts';
import { watchObjects } from '../reads/watch.ts';
import type { ApiObject } from '../storage/api-object.ts';
import type { Tables } from '../tables/tables.ts';
import { negotiate } from '../wire/accept.ts';
import { parseBody, parseYaml } from '../wire/body.ts';
import type { Call } from '../wire/call.ts';
import { StreamResponse, jsonResponse, warningHeaders } from '../wire/response.ts';
import { StatusError, badRequest } from '../wire/status-error.ts';
import { applyObject } from '../writes/apply.ts';
import { createObject } from '../writes/create.ts';
import { deleteObject, readDeleteOptions } from '../writes/delete.ts';
import { APPLY_PATCH, patchObject, readPatch } from '../writes/patch.ts';
import { putObject } from '../writes/put.ts';
import { requireObject } from '../writes/update.ts';
import { type ServerParts, reportFields } from '../writes/write-parts.ts';
import { type ParsedRequest, contentTypeOf } from './request.ts';
import type { Verb } from './verbs.ts';

export interface HandlerParts extends ServerParts {
  readonly tables: Tables;
}

/** What became of a request: the status code and the object to show. */
export interface Outcome {
  readonly code: number;
  readonly object: JsonObject;
}

/** Serves the verbs that every kind of object has. */
export class ResourceHandler {
  readonly #parts: HandlerParts;

  constructor(parts: HandlerParts) {
    this.#parts = parts;
  }

  async handle(verb: Verb, call: Call, request: ParsedRequest): Promise<WireResponse> {
    const accepted = negotiate(request.headers['accept']);
    const context: FormContext = { clock: this.#parts.clock, tables: this.#parts.tables, call, accepted };
    if (verb === 'list') return this.#list(context, readListOptions(call));
    if (verb === 'watch') return this.#watch(context, readListOptions(call, true));
    const { code, object } = await this.#carryOut(verb, call, request);
    return respond(context, code, object);
  }

  async #carryOut(verb: Verb, call: Call, request: ParsedRequest): Promise<Outcome> {
    switch (verb) {
      case 'get':
        checkGetVersion(call);
        return { code: 200, object: requireObject(this.#parts, call) };
      case 'create':
        return { code: 201, object: await createObject(this.#parts, call, bodyOf(call, request)) };
      case 'update':
        return this.#update(call, request);
      case 'patch':
        return this.#patch(call, request);
      case 'deletecollection':
        return this.#deleteCollection(call, request);
      default:
        return this.#delete(call, request);
    }
  }

  async #update(call: Call, request: ParsedRequest): Promise<Outcome> {
    const { object, isNew } = await putObject(this.#parts, call, bodyOf(call, request));
    return { code: isNew ? 201 : 200, object };
  }

  async #patch(call: Call, request: ParsedRequest): Promise<Outcome> {
    const type = contentTypeOf(request);
    if (type !== APPLY_PATCH) {
      return { code: 200, object: await patchObject(this.#parts, call, readPatch(call, type, request.body)) };
    }
    const applied = parseYaml(request.body, call.resource.kind);
    const { object, isNew } = await applyObject(this.#parts, call, applied);
    return { code: isNew ? 201 : 200, object };
  }

  async #delete(call: Call, request: ParsedRequest): Promise<Outcome> {
    const options = deleteOptionsOf(request);
    const outcome = await deleteObject(this.#parts, dryRunCall(call, options), readDeleteOptions(options));
    const isShown = !outcome.isGone || call.resource.rules.returnsDeleted;
    return { code: 200, object: isShown ? outcome.object : deletedStatus(call, outcome.object) };
  }

  async #deleteCollection(call: Call, request: ParsedRequest): Promise<Outcome> {
    const options = deleteOptionsOf(request);
    const { items } = listObjects(this.#parts, call, readListOptions(call));
    const deleted: ApiObject[] = [];
    for (const { metadata } of items) {
      const one = {
        ...dryRunCall(call, options),
        name: metadata.name ?? '',
        namespace: metadata.namespace ?? '',
      };
      const outcome = await deleteObject(this.#parts, one, readDeleteOptions(options)).catch(ignoreNotFound);
      if (outcome !== undefined) deleted.push(outcome.object);
    }
    const { listKind, apiVersion } = call.resource;
    const metadata = { resourceVersion: String(this.#parts.store.revision) };
    return {
      code: 200,
      object: {
        kind: listKind,
        apiVersion,
        metadata,
        items: deleted.map((object) => itemOf(call.resource, object)),
      },
    };
  }

  #list(context: FormContext, options: ListOptions): WireResponse {
    if (options.isWatch) return this.#watch(context, options);
    const { call } = context;
    return jsonResponse(200, listText(context, listObjects(this.#parts, call, options)), headersOf(context));
  }

  #watch(context: FormContext, options: ListOptions): WireResponse {
    const chunks = watchObjects(this.#parts, context.call, { options, form: watchForm(context) });
    return new StreamResponse({ 'content-type': 'application/json', 'transfer-encoding': 'chunked' }, chunks);
  }
}

/** The answer that shows an object in the form that was asked for. */
export function respond(context: FormContext, code: number, object: JsonObject): WireResponse {
  return jsonResponse(code, objectText(context, object), headersOf(context));
}

function headersOf({ call, accepted }: FormContext): Readonly<Record<string, string>> {
  return {
    ...warningHeaders(call.warnings),
    ...(accepted.isYaml ? { 'content-type': 'application/yaml' } : {}),
  };
}

export function bodyOf(call: Call, request: ParsedRequest): JsonObject {
  const body = parseBody(request.body, contentTypeOf(request), call.resource.kind);
  if (contentTypeOf(request) !== 'application/yaml') reportDuplicates(call, request.body);
  return body;
}

function reportDuplicates(call: Call, text: string): void {
  if (call.fieldValidation === 'Ignore') return;
  reportFields(
    call,
    duplicateFields(text).map((field) => `duplicate field ${JSON.stringify(field)}`),
  );
}

/** Options of a deletion come in the body or in the query. */
function deleteOptionsOf(request: ParsedRequest): JsonObject {
  const body = request.body === '' ? {} : parseBody(request.body, contentTypeOf(request), 'DeleteOptions');
  const query: Record<string, unknown> = {};
  const grace = request.query.get('gracePeriodSeconds');
  if (grace !== null) query['gracePeriodSeconds'] = integer(grace);
  for (const name of ['propagationPolicy', 'dryRun']) {
    const value = request.query.get(name);
    if (value !== null) query[name] = name === 'dryRun' ? [value] : value;
  }
  const orphan = request.query.get('orphanDependents');
  if (orphan !== null) query['orphanDependents'] = orphan === 'true';
  return { ...query, ...body };
}

function dryRunCall(call: Call, options: JsonObject): Call {
  const values = options['dryRun'];
  const isDryRun = Array.isArray(values) && values.includes('All');
  return isDryRun && !call.dryRun ? { ...call, dryRun: true } : call;
}

function deletedStatus(call: Call, object: ApiObject): JsonObject {
  const { group, plural } = call.resource;
  const details = {
    name: asText(objectAt(object, 'metadata')['name']),
    ...(group === '' ? {} : { group }),
    kind: plural,
    uid: object.metadata.uid,
  };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}

function ignoreNotFound(error: unknown): undefined {
  if (error instanceof StatusError && error.code === 404) return undefined;
  throw error;
}

function integer(text: string): number {
  if (/^[-+]?\d+$/.test(text)) return Number(text);
  throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
}

function checkGetVersion({ query }: Call): void {
  const version = query.get('resourceVersion') ?? '';
  if (/^\d*$/.test(version)) return;
  const shown = JSON.stringify(version);
  const problem = `strconv.ParseUint: parsing ${shown}: invalid syntax`;
  throw new StatusError(500, '', { message: `resourceVersion: Invalid value: ${shown}: ${problem}` });
}
