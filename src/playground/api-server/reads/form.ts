/** The forms in which objects and lists are sent. */
import { stringify } from 'yaml';
import type { Clock } from '#platform/clock.ts';
import type { JsonObject } from '../json/json.ts';
import { isObject } from '../json/json.ts';
import type { Resource } from '../resources/resource.ts';
import { type ApiObject, jsonText } from '../storage/api-object.ts';
import { type Table, tableOf } from '../tables/table.ts';
import type { Tables } from '../tables/tables.ts';
import type { Accepted } from '../wire/accept.ts';
import type { Call } from '../wire/call.ts';
import type { ListResult } from './list.ts';

/** The text of one object in a watch. */
export type WatchForm = (object: ApiObject) => string;

export interface FormContext {
  readonly clock: Clock;
  readonly tables: Tables;
  readonly call: Call;
  readonly accepted: Accepted;
}

/** The text of an object. */
export function objectText(context: FormContext, object: JsonObject): string {
  const { call, accepted } = context;
  if (!isApiObject(object)) return encode(object, accepted);
  if (accepted.form === 'Table')
    return encode(table(context, [object], { resourceVersion: object.metadata.resourceVersion }), accepted);
  if (accepted.form === 'PartialObjectMetadata') return encode(partial(object), accepted);
  if (accepted.isYaml || call.query.has('pretty'))
    return encode(object, accepted, call.query.get('pretty') !== 'false');
  return jsonText(object);
}

/** The text of a list. */
export function listText(context: FormContext, { items, metadata }: ListResult): string {
  const { call, accepted } = context;
  const { resource } = call;
  if (accepted.form === 'Table') return encode(table(context, items, metadata), accepted);
  if (accepted.form === 'PartialObjectMetadata') {
    const kind = { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' };
    // Go's encoding of a list that nothing was added to.
    return encode({ ...kind, metadata, items: items.length === 0 ? null : items.map(partial) }, accepted);
  }
  const head = {
    kind: resource.listKind,
    apiVersion: resource.apiVersion,
    metadata: listMeta(resource, metadata),
  };
  if (accepted.isYaml)
    return encode({ ...head, items: items.map((item) => itemOf(resource, item)) }, accepted);
  const open = JSON.stringify(head).slice(0, -1);
  return `${open},"items":[${items.map((item) => itemText(resource, item)).join(',')}]}`;
}

/** Lists of custom resources say that they do not go on, others leave that out. */
function listMeta({ customSchema }: Resource, metadata: ListResult['metadata']): ListResult['metadata'] {
  return customSchema === undefined ? metadata : { continue: '', ...metadata };
}

/** An object as it stands in a list: a list of a built-in kind says once for all what its items are. */
export function itemOf({ customSchema }: Resource, object: ApiObject): JsonObject {
  if (customSchema !== undefined) return object;
  const { kind: _kind, apiVersion: _apiVersion, ...item } = object;
  return item;
}

/** The same as text, cut from that of the whole object, which is made once. */
function itemText(resource: Resource, object: ApiObject): string {
  const { kind, apiVersion } = resource;
  const text = jsonText(object);
  const head = JSON.stringify({ kind, apiVersion }).slice(0, -1);
  if (resource.customSchema !== undefined) return text;
  return text.startsWith(`${head},`)
    ? `{${text.slice(head.length + 1)}`
    : JSON.stringify(itemOf(resource, object));
}

/** The form of the objects of a watch. Only the first table carries the columns. */
export function watchForm(context: FormContext): WatchForm {
  const { form } = context.accepted;
  if (form === 'PartialObjectMetadata') return (object) => JSON.stringify(partial(object));
  if (form === 'Object') return jsonText;
  let isFirst = true;
  return (object) => {
    const { resourceVersion } = object.metadata;
    const built = table(context, isBookmark(object) ? [] : [object], { resourceVersion });
    const text = JSON.stringify(isFirst ? built : { ...built, columnDefinitions: null });
    isFirst = false;
    return text;
  };
}

/** Bookmarks have no name. */
function isBookmark(object: ApiObject): boolean {
  return object.metadata.name === undefined;
}

function isApiObject(object: JsonObject): object is ApiObject {
  return isObject(object['metadata']) && object['kind'] !== 'Status';
}

function partial(object: ApiObject): JsonObject {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}

function table(context: FormContext, items: readonly ApiObject[], metadata: object): Table {
  const { call, tables, clock } = context;
  const include = call.query.get('includeObject') ?? 'Metadata';
  return tableOf(tables.of(call.resource), { items, metadata, include, nowMs: clock.now() });
}

function encode(value: unknown, accepted: Accepted, isPretty = false): string {
  if (accepted.isYaml)
    return stringify(value, {
      version: '1.1',
      aliasDuplicateObjects: false,
      sortMapEntries: true,
      indentSeq: false,
    });
  return isPretty ? JSON.stringify(value, null, 2) : JSON.stringify(value);
}
