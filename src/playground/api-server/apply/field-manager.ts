/**
 * Server-side apply and the tracking of who owns which field, after k8s.io/apimachinery/pkg/util/managedfields and
 * sigs.k8s.io/structured-merge-diff. Objects have one version here: the one they are stored in.
 */
import type { Clock } from '#platform/clock.ts';
import { rfc3339 } from '#platform/clock.ts';
import type { JsonObject } from '../json/json.ts';
import { EMPTY_OBJECT, isEmptyObject } from '../json/json.ts';
import { deepEqual } from '../json/equality.ts';
import type { SchemaNode } from '../schema/schema-node.ts';
import { type ApiObject, withMeta, withoutMeta } from '../storage/api-object.ts';
import { changedFields, compare, filtered } from './compare.ts';
import { type FieldSet, difference, intersection, setOfFields, union } from './field-set.ts';
import {
  type Manager,
  type Managers,
  capUpdaters,
  managerKey,
  readManagers,
  writeManagers,
} from './managers.ts';
import { merge } from './merge.ts';
import { fieldsOf } from './owned-fields.ts';
import { prune } from './prune.ts';
import type { FieldFilter } from './field-filter.ts';
import type { FieldConflict } from './apply-conflict.ts';

/** What nobody owns. */
const SYSTEM_FIELDS = setOfFields(
  ['apiVersion'],
  ['kind'],
  ['metadata'],
  ...[
    'name',
    'namespace',
    'creationTimestamp',
    'selfLink',
    'uid',
    'clusterName',
    'generation',
    'managedFields',
  ].map((name) => ['metadata', name]),
  ['metadata', 'resourceVersion'],
);

/** How an endpoint tracks ownership. */
export interface FieldScope {
  readonly node: SchemaNode;
  /** The version of the endpoint, which managers are recorded with. */
  readonly apiVersion: string;
  readonly subresource: string;
  /** Which fields can come to be owned through the endpoint. */
  readonly filter: FieldFilter;
  /** An object of the kind that nobody has filled in. */
  readonly blank: JsonObject;
}

export interface ApplyOutcome {
  /** The live object itself where the configuration changes nothing. */
  readonly object: JsonObject;
  readonly managers: Managers;
  readonly conflicts: readonly FieldConflict[];
}

export class FieldManager {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The object with its managedFields brought up to date after an update by `name`; `live` is absent on creation. */
  update(
    scope: FieldScope,
    change: { live: ApiObject | undefined; object: ApiObject; name: string },
  ): ApiObject {
    const { live, object, name } = change;
    const managers = managersBefore(scope, live, object);
    const before = live === undefined ? scope.blank : withoutMeta(live, 'managedFields');
    const after = withoutMeta(object, 'managedFields');
    if (live !== undefined && managers.size === 0) return after;
    const updated = this.#track(scope, { before, after, managers, name });
    return withManagers(after, updated);
  }

  #track(
    scope: FieldScope,
    change: { before: JsonObject; after: JsonObject; managers: Managers; name: string },
  ): Managers {
    const comparison = filtered(compare(scope.node, change.before, change.after), scope.filter);
    const changed = changedFields(comparison);
    const updated = new Map(withdraw(change.managers, { changed, removed: comparison.removed }));
    const own = difference(changed, SYSTEM_FIELDS);
    if (!isEmptyObject(own)) {
      const identity = this.#identity(scope, change.name, 'Update');
      const key = managerKey(identity);
      const previous = updated.get(key)?.fields ?? EMPTY_OBJECT;
      updated.set(key, { ...identity, fields: union(own, previous), time: this.#timeOf(scope) });
    }
    return capUpdaters(updated);
  }

  /** What is changed through a scale is recorded without a time. */
  #timeOf({ subresource }: FieldScope): string | undefined {
    return subresource === 'scale' ? undefined : rfc3339(this.#clock.now());
  }

  /** Applies a configuration. Where there are conflicts and no force, the object is not to be stored. */
  apply(
    scope: FieldScope,
    change: {
      readonly live: ApiObject;
      readonly applied: JsonObject;
      readonly name: string;
      readonly force: boolean;
    },
  ): ApplyOutcome {
    const live = withoutMeta(change.live, 'managedFields');
    const managers = this.#managersToApply(scope, change.live);
    const identity = this.#identity(scope, change.name, 'Apply');
    const key = managerKey(identity);
    const last = managers.get(key);
    const own = scope.filter(fieldsOf(scope.node, change.applied));
    const claimed = new Map(managers).set(key, { ...identity, fields: own, time: last?.time });
    const merged = merge(scope.node, live, change.applied) as JsonObject;
    const object = prune(scope.node, { merged, managers: claimed, last: last?.fields ?? EMPTY_OBJECT });
    const comparison = filtered(compare(scope.node, live, object), scope.filter);
    const changed = changedFields(comparison);
    const conflicts = conflictsOf(claimed, key, changed);
    const kept = new Map(withdraw(claimed, { changed, removed: comparison.removed, except: key }));
    const isNoop = deepEqual(live, object);
    const time = isNoop ? last?.time : rfc3339(this.#clock.now());
    kept.set(key, { ...identity, fields: difference(own, SYSTEM_FIELDS), time });
    return { object: isNoop ? live : object, managers: kept, conflicts };
  }

  /** An object that was never applied is owned by its past. */
  #managersToApply(scope: FieldScope, live: ApiObject): Managers {
    const managers = readManagers(live.metadata.managedFields) ?? new Map<string, Manager>();
    if (managers.size > 0 || live.metadata.uid === undefined) return managers;
    const after = withoutMeta(live, 'managedFields');
    return this.#track(scope, { before: scope.blank, after, managers, name: 'before-first-apply' });
  }

  #identity(
    scope: FieldScope,
    name: string,
    operation: 'Apply' | 'Update',
  ): Omit<Manager, 'fields' | 'time'> {
    const { apiVersion, subresource } = scope;
    return { name: name === '' ? 'unknown' : name, operation, apiVersion, subresource };
  }
}

/** The object with the managers as its managedFields. */
export function withManagers(object: ApiObject, managers: Managers): ApiObject {
  const managedFields = writeManagers(managers);
  return managedFields === undefined
    ? withoutMeta(object, 'managedFields')
    : withMeta(object, { managedFields });
}

/** Subresources keep the live entries; elsewhere a client may set them, or clear them with an empty list. */
function managersBefore(scope: FieldScope, live: ApiObject | undefined, object: ApiObject): Managers {
  const liveEntries = live?.metadata.managedFields;
  const given = object.metadata.managedFields;
  if (scope.subresource !== '' || given === liveEntries)
    return readManagers(liveEntries) ?? new Map<string, Manager>();
  if (given !== undefined && isReset(given)) return new Map();
  const managers = readManagers(given);
  if (managers !== undefined && managers.size > 0) return managers;
  return readManagers(liveEntries) ?? new Map<string, Manager>();
}

function isReset(entries: readonly object[]): boolean {
  const [only] = entries;
  return (
    entries.length === 0 || (entries.length === 1 && only !== undefined && Object.keys(only).length === 0)
  );
}

interface Loss {
  readonly changed: FieldSet;
  readonly removed: FieldSet;
  /** Who made the change and keeps what it has. */
  readonly except?: string;
}

/** Takes from every manager what was changed or removed under it. */
function withdraw(managers: Managers, loss: Loss): Managers {
  if (isEmptyObject(loss.changed) && isEmptyObject(loss.removed)) return managers;
  const lost = union(loss.changed, loss.removed);
  return new Map(
    [...managers].map(([key, manager]) =>
      key === loss.except ? [key, manager] : [key, { ...manager, fields: difference(manager.fields, lost) }],
    ),
  );
}

function conflictsOf(managers: Managers, key: string, changed: FieldSet): readonly FieldConflict[] {
  return [...managers]
    .filter(([other]) => other !== key)
    .map(([, manager]) => ({ manager, fields: intersection(manager.fields, changed) }))
    .filter(({ fields }) => !isEmptyObject(fields));
}
