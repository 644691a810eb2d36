/** Changes of objects: the one way by which updates, patches, applies and subresources reach the storage. */
import type { ManagedFieldsEntry } from '#apis/kubernetes/object.ts';
import type { Admission, WriteAttributes } from '../admission/admission.ts';
import type { JsonObject } from '../json/json.ts';
import { deepEqual, share } from '../json/equality.ts';
import { type Resource, updateRulesOf } from '../resources/resource.ts';
import { type ApiObject, storageKey, withMeta, withoutMeta } from '../storage/api-object.ts';
import { type FieldErrors, invalid, invalidObject } from '../validation/field-error.ts';
import { IMMUTABLE, metaChangeErrors, metaErrors } from '../validation/object-meta.ts';
import type { Call } from '../wire/call.ts';
import { MODIFIED, type StatusError, conflict, notFound } from '../wire/status-error.ts';
import { writeOptions } from './create.ts';
import { type ServerParts, fromStorage, toStorage } from './write-parts.ts';

/** Makes the new object from the stored one. Called anew where the stored one changed meanwhile. */
export type Change = (previous: ApiObject) => ApiObject | Promise<ApiObject>;

/** How admission sees a change that is made through a subresource of another kind, such as a Scale. */
export interface AdmissionView {
  readonly call: Call;
  readonly show: (object: ApiObject) => ApiObject;
  /** The object with what admission made of what it was shown. */
  readonly read: (object: ApiObject, shown: ApiObject) => ApiObject;
}

/** So often a change is made anew where others keep changing the object. */
const MAX_ATTEMPTS = 20;

/** The stored object of a call; undefined where there is none. */
export function findStored(parts: ServerParts, call: Call): ApiObject | undefined {
  const key = storageKey(call.resource.namespaced ? call.namespace : '', call.name);
  return parts.store.collection(call.resource.stored).get(key);
}

/** The object of a call in the version of the call; NotFound where there is none. */
export function requireObject(parts: ServerParts, call: Call): ApiObject {
  const stored = findStored(parts, call);
  if (stored === undefined) throw notFound(call.resource, call.name);
  return fromStorage(call.resource, stored);
}

/** Changes the object of a call. Resolves with the stored result, which is the same object where nothing changed. */
export function updateObject(parts: ServerParts, call: Call, change: Change): Promise<ApiObject> {
  return updateThrough(parts, { call, change, view: undefined });
}

/** Changes the object of a call, while admission sees the change through a view. */
export async function updateThrough(parts: ServerParts, update: Update): Promise<ApiObject> {
  const { call } = update;
  for (let attempt = 1; ; attempt += 1) {
    const stored = findStored(parts, call);
    if (stored === undefined) throw notFound(call.resource, call.name);
    const outcome = await attemptUpdate(parts, { ...update, stored });
    if (outcome !== undefined) return outcome;
    if (attempt === MAX_ATTEMPTS) throw conflict(call.resource, call.name, MODIFIED);
  }
}

export interface Update {
  readonly call: Call;
  readonly change: Change;
  readonly view: AdmissionView | undefined;
}

interface Attempt extends Update {
  readonly stored: ApiObject;
}

/** One attempt; undefined where the stored object changed meanwhile. */
async function attemptUpdate(parts: ServerParts, attempt: Attempt): Promise<ApiObject | undefined> {
  const { call, stored } = attempt;
  const { resource } = call;
  const previous = fromStorage(resource, stored);
  const candidate = await attempt.change(previous);
  const seen = viewed(attempt, {
    kind: 'UpdateOptions',
    apiVersion: 'meta.k8s.io/v1',
    ...writeOptions(call),
  });
  const admitted = await seen.admit(parts.admission, candidate, previous);
  checkVersion(call, admitted, previous);
  const object = prepared(call, admitted, previous);
  checkChange(call, object, previous);
  await parts.admission.validate(seen.attributes(object, previous));
  if (findStored(parts, call) !== stored) return undefined;
  return commit(parts, { call, stored, previous, object });
}

/** Admission of an update, through the view that it is made through. */
function viewed({ call, view }: Attempt, options: JsonObject) {
  const show = view?.show ?? ((object: ApiObject): ApiObject => object);
  const attributes = (object: ApiObject, previous: ApiObject): WriteAttributes => ({
    operation: 'UPDATE',
    call: view?.call ?? call,
    object: show(object),
    previous: show(previous),
    options,
  });
  const admit = async (admission: Admission, object: ApiObject, previous: ApiObject): Promise<ApiObject> => {
    const admitted = await admission.admit(attributes(object, previous));
    return view === undefined ? admitted : view.read(object, admitted);
  };
  return { attributes, admit };
}

interface Commit {
  readonly call: Call;
  readonly stored: ApiObject;
  readonly previous: ApiObject;
  readonly object: ApiObject;
}

function commit(parts: ServerParts, { call, stored, previous, object }: Commit): ApiObject {
  const { resource } = call;
  if (object === previous && !endsWithUpdate(resource, object, previous)) return previous;
  if (call.dryRun) return object;
  if (endsWithUpdate(resource, object, previous)) {
    parts.store.remove(resource.stored, stored, toStorage(resource, object));
    return object;
  }
  return fromStorage(resource, parts.store.update(resource.stored, stored, toStorage(resource, object)));
}

/** The last that kept an object which is being deleted is gone: the object goes too. */
function endsWithUpdate(resource: Resource, object: ApiObject, previous: ApiObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = previous.metadata;
  const isDeleting = deletionTimestamp !== undefined && deletionGracePeriodSeconds === 0;
  return isDeleting && (object.metadata.finalizers ?? []).length === 0 && !resource.rules.isHeld(object);
}

/** Refuses what is based on another version, or is about another object of the same name. */
function checkVersion(call: Call, object: ApiObject, previous: ApiObject): void {
  const { uid = '', resourceVersion = '' } = object.metadata;
  if (uid !== '' && uid !== previous.metadata.uid) throw anotherUid(call, uid);
  if (resourceVersion === '' || resourceVersion === '0') {
    if (call.resource.rules.unconditionalUpdate) return;
    const error = invalid('metadata.resourceVersion', 0, 'must be specified for an update');
    throw invalidObject({ group: call.resource.group, kind: call.resource.plural }, call.name, [error]);
  }
  if (resourceVersion !== previous.metadata.resourceVersion)
    throw conflict(call.resource, call.name, MODIFIED);
}

/** Every update is checked twice: as any object's, and as one of its kind. */
function anotherUid({ resource, name }: Call, uid: string): StatusError {
  const error = invalid('metadata.uid', uid, IMMUTABLE);
  return invalidObject(resource, name, [error, error]);
}

/** The object as it would be stored: system fields from the stored one, unchanged parts shared with it. */
function prepared(call: Call, object: ApiObject, previous: ApiObject): ApiObject {
  const kept = keepSystemFields(object, previous);
  const shared = share(previous, kept) as ApiObject;
  const rules = updateRulesOf(call.resource, call.subresource) ?? call.resource.rules.update;
  return ignoreTimes(share(previous, rules.prepare(shared, previous)) as ApiObject, previous);
}

const SYSTEM_FIELDS = [
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'generation',
  'deletionTimestamp',
] as const;

function keepSystemFields(object: ApiObject, previous: ApiObject): ApiObject {
  const metadata: Record<string, unknown> = { ...object.metadata };
  for (const name of SYSTEM_FIELDS) {
    if (previous.metadata[name] === undefined) Reflect.deleteProperty(metadata, name);
    else metadata[name] = previous.metadata[name];
  }
  const grace = previous.metadata.deletionGracePeriodSeconds;
  if (grace === undefined) Reflect.deleteProperty(metadata, 'deletionGracePeriodSeconds');
  else metadata['deletionGracePeriodSeconds'] = grace;
  return { ...object, metadata };
}

/** The previous object where only the times of field managers differ. */
function ignoreTimes(object: ApiObject, previous: ApiObject): ApiObject {
  const fields = object.metadata.managedFields;
  const before = previous.metadata.managedFields;
  if (object === previous || fields === before) return object;
  const restored =
    before === undefined ? withoutMeta(object, 'managedFields') : withMeta(object, { managedFields: before });
  const isSame = share(previous, restored) === previous && deepEqual(timeless(fields), timeless(before));
  return isSame ? previous : object;
}

function timeless(entries: readonly ManagedFieldsEntry[] | undefined): readonly JsonObject[] {
  return (entries ?? []).map(({ time: _time, ...entry }) => ({ ...entry }));
}

function checkChange(call: Call, object: ApiObject, previous: ApiObject): void {
  const errors = changeErrors(call.resource, call.subresource, { object, previous });
  if (errors.length > 0) throw invalidObject(call.resource, call.name, errors);
  call.warnings.push(...call.resource.rules.warnings(object, previous));
}

const CHECKED_META = ['name', 'namespace', 'labels', 'annotations', 'ownerReferences', 'finalizers'] as const;

function changeErrors(
  resource: Resource,
  subresource: string,
  { object, previous }: { readonly object: ApiObject; readonly previous: ApiObject },
): FieldErrors {
  const rules = updateRulesOf(resource, subresource) ?? resource.rules.update;
  const isMetaSame = CHECKED_META.every((name) => object.metadata[name] === previous.metadata[name]);
  const own = isMetaSame ? [] : metaErrors(object.metadata, resource.namespaced);
  const changed = isMetaSame ? [] : metaChangeErrors(object.metadata, previous.metadata);
  return [...own, ...changed, ...changed, ...rules.validate(object, previous)];
}
