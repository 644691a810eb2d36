/** How kube-state-metrics turns fields into samples. */
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { createdMs, nameOf, namespaceOf } from '../meta.ts';
import { units } from '../resources.ts';
import type { Labels, ObjectFamily, Sample } from './metric-text.ts';

/** A gauge with any samples. */
export function family<T>(name: string, samples: (object: T) => readonly Sample[]): ObjectFamily<T> {
  return { name, type: 'gauge', samples };
}

/** A gauge per reader, named `<prefix>_<name>`, with one number where the object has it. */
export function numbers<T>(
  prefix: string,
  labels: (object: T) => Labels,
  readers: Readonly<Record<string, (object: T) => number | undefined>>,
): readonly ObjectFamily<T>[] {
  return Object.entries(readers).map(([name, read]) =>
    family(`${prefix}_${name}`, (object) => {
      const value = read(object);
      return value === undefined ? [] : [[labels(object), value]];
    }),
  );
}

/** When the object was created, in seconds since the epoch. */
export function createdSeconds(object: KubeObject): number {
  return createdMs(object) / 1000;
}

export function generation(object: KubeObject): number | undefined {
  return object.metadata?.generation;
}

/** `{namespace, <label>: name}`. */
export function named(label: string): (object: KubeObject) => Labels {
  return (object) => ({ namespace: namespaceOf(object), [label]: nameOf(object) });
}

/** Seconds since the epoch of an RFC 3339 time; undefined where there is none. */
export function seconds(time: string | undefined): number | undefined {
  const ms = Date.parse(time ?? '');
  return Number.isNaN(ms) ? undefined : ms / 1000;
}

/** One sample for each of the values that a state can have: 1 for the one that it has. */
export function oneOf(
  labels: Labels,
  label: string,
  states: { readonly all: readonly string[]; readonly is: string },
): readonly Sample[] {
  return states.all.map((state) => [{ ...labels, [label]: state }, state === states.is ? 1 : 0]);
}

const CONDITION_STATUSES = ['true', 'false', 'unknown'] as const;

/** One sample for each status that each condition could have. */
export function conditionSamples(
  labels: Labels,
  conditions: readonly { readonly type: string; readonly status: string }[] | undefined,
): readonly Sample[] {
  return (conditions ?? []).flatMap(({ type, status }) =>
    oneOf({ ...labels, condition: type }, 'status', { all: CONDITION_STATUSES, is: status.toLowerCase() }),
  );
}

/** Amounts by resource, with the unit that kube-state-metrics gives: `core`, `byte` or `integer`. */
export function amountSamples(
  labels: Labels,
  list: Readonly<Record<string, string>> | undefined,
): readonly Sample[] {
  return Object.entries(list ?? {}).map(([resource, text]) => [
    { ...labels, resource: resource.replaceAll(/[^a-zA-Z0-9_]/g, '_'), unit: unitOf(resource) },
    units(text),
  ]);
}

function unitOf(resource: string): string {
  if (resource === 'cpu') return 'core';
  return /^(memory|ephemeral-storage|storage|hugepages-.*)$/.test(resource) ? 'byte' : 'integer';
}

/** `owner_kind` and so on of the owners; `<none>` where there are none, as kube-state-metrics writes it. */
export function ownerSamples(labels: Labels, object: KubeObject): readonly Sample[] {
  const owners = object.metadata?.ownerReferences ?? [];
  const [first] = owners;
  if (first === undefined) {
    const none = '<none>';
    return [[{ ...labels, owner_kind: none, owner_name: none, owner_is_controller: none }, 1]];
  }
  return owners.map((owner) => [
    {
      ...labels,
      owner_kind: owner.kind,
      owner_name: owner.name,
      owner_is_controller: String(owner.controller ?? false),
    },
    1,
  ]);
}
