/** Deletion: at once, after a grace period, or when the finalizers are gone. */
import type { ObjectMeta } from '#apis/kubernetes/object.ts';
import { rfc3339 } from '#platform/clock.ts';
import type { JsonObject } from '../json/json.ts';
import { asNumber, asText, isPresent, objectAt } from '../json/json.ts';
import { type ApiObject, withMeta, withoutMeta } from '../storage/api-object.ts';
import { invalid, invalidObject, notSupported } from '../validation/field-error.ts';
import type { Call } from '../wire/call.ts';
import { type StatusError, conflict, notFound } from '../wire/status-error.ts';
import { findStored } from './update.ts';
import { type ServerParts, fromStorage } from './write-parts.ts';

export interface DeleteRequest {
  readonly gracePeriodSeconds: number | undefined;
  readonly propagation: Propagation | undefined;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  /** Admission has had its say already. */
  readonly isAdmitted?: boolean;
  /** The options as they came, for webhooks. */
  readonly options: JsonObject;
}

const PROPAGATIONS = ['Foreground', 'Background', 'Orphan'] as const;
export type Propagation = (typeof PROPAGATIONS)[number];

export const ORPHAN = 'orphan';
export const FOREGROUND = 'foregroundDeletion';

/** Reads DeleteOptions. Throws a StatusError where they make no sense. */
export function readDeleteOptions(options: JsonObject): DeleteRequest {
  const policy = options['propagationPolicy'] ?? legacyPropagation(options['orphanDependents']);
  const propagation = PROPAGATIONS.find((name) => name === policy);
  if (policy !== undefined && propagation === undefined) {
    const error = notSupported('propagationPolicy', policy, [...PROPAGATIONS, 'nil']);
    throw invalidObject({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', [error]);
  }
  if (isPresent(options['propagationPolicy']) && isPresent(options['orphanDependents'])) {
    const problem = 'orphanDependents and deletionPropagation cannot be both set';
    const error = invalid('propagationPolicy', policy, problem);
    throw invalidObject({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', [error]);
  }
  const seconds = asNumber(options['gracePeriodSeconds']);
  const preconditions = objectAt(options, 'preconditions');
  return {
    gracePeriodSeconds: seconds === undefined ? undefined : seconds < 0 ? 1 : seconds,
    propagation,
    uid: asText(preconditions['uid']) || undefined,
    resourceVersion: asText(preconditions['resourceVersion']) || undefined,
    options,
  };
}

function legacyPropagation(orphan: unknown): string | undefined {
  if (orphan === undefined || orphan === null) return undefined;
  return orphan === true ? 'Orphan' : 'Background';
}

export interface DeleteOutcome {
  readonly object: ApiObject;
  /** The object is gone, not merely about to go. */
  readonly isGone: boolean;
}

/** Deletes the object of a call. Throws NotFound, or Conflict where a precondition does not hold. */
export async function deleteObject(
  parts: ServerParts,
  call: Call,
  request: DeleteRequest,
): Promise<DeleteOutcome> {
  let checked: ApiObject | undefined;
  for (;;) {
    const stored = findStored(parts, call);
    if (stored === undefined) throw notFound(call.resource, call.name);
    if (stored === checked) return carryOut(parts, call, { stored, request });
    checkPreconditions(call, stored, request);
    if (request.isAdmitted === true) return carryOut(parts, call, { stored, request });
    const previous = fromStorage(call.resource, stored);
    const { options } = request;
    await parts.admission.validate({ operation: 'DELETE', call, object: undefined, previous, options });
    checked = stored;
  }
}

interface Deletion {
  readonly stored: ApiObject;
  readonly request: DeleteRequest;
}

function carryOut(parts: ServerParts, call: Call, { stored, request }: Deletion): DeleteOutcome {
  const { resource } = call;
  const next = markedForDeletion(parts, call, { stored, request });
  const isGone = next === undefined;
  if (next === stored || call.dryRun) return { object: fromStorage(resource, next ?? stored), isGone };
  const object = isGone ? removeNow(parts, call, stored) : parts.store.update(resource.stored, stored, next);
  return { object: fromStorage(resource, object), isGone };
}

/** Kinds that end gracefully are seen ending, with no time left, before they are gone. */
function removeNow(parts: ServerParts, call: Call, stored: ApiObject): ApiObject {
  const { stored: collection, rules } = call.resource;
  if (rules.gracePeriodSeconds === undefined || secondsLeft(stored) === 0)
    return parts.store.remove(collection, stored);
  const ending = withDeletion(stored, deletionTimes(parts, stored, 0));
  return parts.store.remove(collection, parts.store.update(collection, stored, ending));
}

/** Throws Conflict where the object is not the one that the request means. */
export function checkPreconditions(call: Call, stored: ApiObject, request: DeleteRequest): void {
  const { uid, resourceVersion } = stored.metadata;
  if (request.uid !== undefined && request.uid !== uid) throw failed(call, 'UID', request.uid, uid);
  if (request.resourceVersion === undefined || request.resourceVersion === resourceVersion) return;
  throw failed(call, 'ResourceVersion', request.resourceVersion, resourceVersion);
}

// eslint-disable-next-line max-params -- one sentence with four blanks
function failed(call: Call, what: string, wanted: string, found: string | undefined): StatusError {
  const tail = what === 'UID' ? 'deleted and then recreated' : 'modified';
  const problem = `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${found ?? ''}). The object might have been ${tail}`;
  return conflict({ group: call.resource.group, plural: call.resource.kind }, call.name, problem);
}

/** The object with its deletion noted; the same object where it is noted already, undefined where it goes at once. */
function markedForDeletion(
  parts: ServerParts,
  call: Call,
  { stored, request }: Deletion,
): ApiObject | undefined {
  const grace = graceOf(call, stored, request);
  const left = secondsLeft(stored);
  if (left !== undefined && left > 0 && grace >= left) return stored;
  const { rules } = call.resource;
  const finalized = withFinalizers(stored, finalizersFor(call, stored, request));
  const prepared = left === undefined ? rules.prepareDelete(finalized, parts.clock.now()) : finalized;
  const isKept = (prepared.metadata.finalizers ?? []).length > 0 || rules.isHeld(prepared);
  if (grace === 0 && !isKept) return undefined;
  return left === 0 ? prepared : noted(prepared, deletionTimes(parts, stored, grace), call);
}

/** Who is ended by a controller has no grace period and no new generation. */
function noted(object: ApiObject, times: Partial<ObjectMeta>, { resource }: Call): ApiObject {
  if (!resource.rules.isEndedByController) return withDeletion(object, times);
  return withoutMeta(withMeta(object, times), 'deletionGracePeriodSeconds');
}

/** The grace period of a deletion that is under way; undefined where none is. */
function secondsLeft(stored: ApiObject): number | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds } = stored.metadata;
  return deletionTimestamp === undefined ? undefined : (deletionGracePeriodSeconds ?? 0);
}

/** Seconds until the object ends. Only some kinds end gracefully; the period can only be made shorter later. */
function graceOf(call: Call, stored: ApiObject, request: DeleteRequest): number {
  const { gracePeriodSeconds } = call.resource.rules;
  if (gracePeriodSeconds === undefined) return 0;
  const left = secondsLeft(stored);
  if (left !== undefined) return request.gracePeriodSeconds ?? left;
  return gracePeriodSeconds(stored, request.gracePeriodSeconds);
}

function deletionTimes(parts: ServerParts, stored: ApiObject, grace: number): Partial<ObjectMeta> {
  const nowMs = parts.clock.now();
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = stored.metadata;
  if (deletionTimestamp === undefined) {
    return { deletionTimestamp: rfc3339(nowMs + grace * 1000), deletionGracePeriodSeconds: grace };
  }
  const endMs = Date.parse(deletionTimestamp) - deletionGracePeriodSeconds * 1000 + grace * 1000;
  const isOver = endMs < nowMs;
  return {
    deletionTimestamp: rfc3339(isOver ? nowMs : endMs),
    deletionGracePeriodSeconds: isOver && grace > 0 ? 1 : grace,
  };
}

/** The first deletion is a new generation for kinds that count them. */
function withDeletion(object: ApiObject, times: Partial<ObjectMeta>): ApiObject {
  const { generation = 0, deletionTimestamp } = object.metadata;
  const isFirst = deletionTimestamp === undefined && generation > 0;
  return withMeta(object, { ...times, ...(isFirst ? { generation: generation + 1 } : {}) });
}

function withFinalizers(object: ApiObject, finalizers: readonly string[]): ApiObject {
  const present = object.metadata.finalizers ?? [];
  if (present.length === finalizers.length && finalizers.every((name) => present.includes(name)))
    return object;
  return finalizers.length === 0 ? withoutMeta(object, 'finalizers') : withMeta(object, { finalizers });
}

/** The finalizers with those of the garbage collector set as the propagation asks. */
function finalizersFor(call: Call, stored: ApiObject, request: DeleteRequest): readonly string[] {
  const present = stored.metadata.finalizers ?? [];
  const others = present.filter((name) => name !== ORPHAN && name !== FOREGROUND);
  const propagation = propagationOf(call, present, request);
  if (propagation === 'Orphan') return [...others, ORPHAN];
  return propagation === 'Foreground' ? [...others, FOREGROUND] : others;
}

function propagationOf(call: Call, present: readonly string[], request: DeleteRequest): Propagation {
  const { propagation } = call.resource.rules;
  if (propagation === 'Never') return 'Background';
  if (request.propagation !== undefined) return request.propagation;
  if (present.includes(ORPHAN)) return 'Orphan';
  return present.includes(FOREGROUND) ? 'Foreground' : propagation;
}
