/** Who owns which fields: metadata.managedFields, read and written. */
import type { ManagedFieldsEntry } from '#apis/kubernetes/object.ts';
import { asObject, isEmptyObject } from '../json/json.ts';
import { type FieldSet, EMPTY_SET, union } from './field-set.ts';

/** One owner of fields. Appliers are the same whatever version they apply; updaters differ by version. */
export interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  readonly fields: FieldSet;
  /** RFC 3339; absent where it is not known. */
  readonly time: string | undefined;
}

/** By identity. */
export type Managers = ReadonlyMap<string, Manager>;

/** Updaters beyond this number are merged, the oldest first. */
const MAX_UPDATERS = 10;
const MERGED_UPDATERS = 'ancient-changes';

export function managerKey(manager: Omit<Manager, 'fields' | 'time'>): string {
  const version = manager.operation === 'Apply' ? '' : manager.apiVersion;
  return JSON.stringify([manager.name, manager.operation, version, manager.subresource]);
}

/** The managers of an object; undefined where the entries cannot be read. */
export function readManagers(entries: readonly ManagedFieldsEntry[] | undefined): Managers | undefined {
  const managers = new Map<string, Manager>();
  for (const entry of entries ?? []) {
    const manager = readManager(entry);
    if (manager === undefined) return undefined;
    managers.set(managerKey(manager), manager);
  }
  return managers;
}

function readManager(entry: ManagedFieldsEntry): Manager | undefined {
  const { operation, apiVersion = '', fieldsType } = entry;
  if (operation !== 'Apply' && operation !== 'Update') return undefined;
  if (apiVersion === '' || fieldsType !== 'FieldsV1') return undefined;
  return {
    name: entry.manager ?? '',
    operation,
    apiVersion,
    subresource: entry.subresource ?? '',
    fields: entry.fieldsV1 === undefined ? EMPTY_SET : asObject(entry.fieldsV1),
    time: entry.time,
  };
}

/** The entries of metadata.managedFields, in their order; undefined where there are none. */
export function writeManagers(managers: Managers): readonly ManagedFieldsEntry[] | undefined {
  const entries = [...managers.values()].filter(({ fields }) => !isEmptyObject(fields)).sort(compareManagers);
  return entries.length === 0 ? undefined : entries.map(writeManager);
}

function writeManager(manager: Manager): ManagedFieldsEntry {
  return {
    ...(manager.name === '' ? {} : { manager: manager.name }),
    operation: manager.operation,
    apiVersion: manager.apiVersion,
    ...(manager.time === undefined ? {} : { time: manager.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: manager.fields,
    ...(manager.subresource === '' ? {} : { subresource: manager.subresource }),
  };
}

function compareManagers(a: Manager, b: Manager): number {
  return (
    compareTexts(a.operation, b.operation) ||
    compareTexts(a.time ?? '', b.time ?? '') ||
    compareTexts(a.name, b.name) ||
    compareTexts(a.apiVersion, b.apiVersion) ||
    compareTexts(a.subresource, b.subresource)
  );
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Merges the oldest updaters of a version into one, until no more than ten updaters are left. */
export function capUpdaters(managers: Managers): Managers {
  const updaters = [...managers.values()].filter(({ operation }) => operation === 'Update');
  if (updaters.length <= MAX_UPDATERS) return managers;
  const capped = new Map(managers);
  const firstOfVersion = new Map<string, Manager>();
  let count = updaters.length;
  for (const updater of updaters.sort(
    (a, b) => compareTexts(a.time ?? '', b.time ?? '') || compareTexts(a.name, b.name),
  )) {
    if (count <= MAX_UPDATERS) break;
    const first = firstOfVersion.get(updater.apiVersion);
    if (first === undefined) {
      firstOfVersion.set(updater.apiVersion, updater);
      continue;
    }
    const bucket = mergedUpdater(capped, first, updater);
    capped.set(managerKey(bucket), bucket);
    count -= 1;
  }
  return capped;
}

/** The bucket of a version with one more updater in it; the updater itself is removed from `managers`. */
function mergedUpdater(managers: Map<string, Manager>, first: Manager, updater: Manager): Manager {
  const name = MERGED_UPDATERS;
  const identity = { name, operation: 'Update', apiVersion: updater.apiVersion, subresource: '' } as const;
  const key = managerKey(identity);
  const bucket = managers.get(key) ?? first;
  if (!managers.has(key)) managers.delete(managerKey(first));
  managers.delete(managerKey(updater));
  return { ...identity, fields: union(updater.fields, bucket.fields), time: updater.time };
}
