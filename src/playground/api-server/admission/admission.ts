/** What may change or refuse a request between its being understood and its being stored. */
import type { JsonObject } from '../json/json.ts';
import type { Resource } from '../resources/resource.ts';
import type { ApiObject } from '../storage/api-object.ts';
import type { GroupVersionKind } from '../schema/raw-definition.ts';
import type { Call } from '../wire/call.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

export interface Attributes {
  readonly operation: Operation;
  readonly call: Call;
  /** Absent for deletions. */
  readonly object: ApiObject | undefined;
  /** Absent for creations. */
  readonly previous: ApiObject | undefined;
  /** CreateOptions, DeleteOptions, … as webhooks see them. */
  readonly options: JsonObject;
}

/** Attributes of an operation that has an object. */
export interface WriteAttributes extends Attributes {
  readonly object: ApiObject;
}

export interface Admission {
  /** The object, changed by whoever may change it. Rejects with a StatusError. */
  admit(attributes: WriteAttributes): Promise<ApiObject>;
  /** Rejects with a StatusError where the operation is refused. */
  validate(attributes: Attributes): Promise<void>;
}

/** The namespace of an operation; for a namespace, that is its own name. */
export function namespaceOf({ call, object }: Attributes): string {
  const isNamespace = call.resource.group === '' && call.resource.plural === 'namespaces';
  if (!isNamespace || call.namespace !== '') return call.namespace;
  return call.name === '' ? (object?.metadata.name ?? '') : call.name;
}

/** The kind of what is sent to a resource or to one of its subresources. */
export function kindOf({ subresource }: Call, resource: Resource): GroupVersionKind {
  const name = `${resource.plural}/${subresource}`;
  const found = subresource === '' ? undefined : resource.discovery.find((entry) => entry.name === name);
  const { group = resource.group, version = resource.version, kind } = found ?? resource;
  return { group, version, kind };
}

/** Whether what is sent is of the kind of the resource, rather than a Scale, an Eviction or a Binding. */
export function isOwnKind(call: Call): boolean {
  return kindOf(call, call.resource).kind === call.resource.kind;
}
