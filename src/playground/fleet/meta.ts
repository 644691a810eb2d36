/** The parts of an object's metadata that stored objects always have. */
import type { KubeObject, ObjectKey } from '#apis/kubernetes/object.ts';

export function nameOf(object: KubeObject): string {
  return object.metadata?.name ?? '';
}

export function namespaceOf(object: KubeObject): string {
  return object.metadata?.namespace ?? '';
}

export function uidOf(object: KubeObject): string {
  return object.metadata?.uid ?? '';
}

export function labelsOf(object: KubeObject): Readonly<Record<string, string>> {
  return object.metadata?.labels ?? {};
}

export function annotationsOf(object: KubeObject): Readonly<Record<string, string>> {
  return object.metadata?.annotations ?? {};
}

/** When it was created, in milliseconds since the epoch; 0 where that is not said. */
export function createdMs(object: KubeObject): number {
  const ms = Date.parse(object.metadata?.creationTimestamp ?? '');
  return Number.isNaN(ms) ? 0 : ms;
}

export function isDeleting(object: KubeObject): boolean {
  return object.metadata?.deletionTimestamp !== undefined;
}

export function isOwnedBy(object: KubeObject, owner: KubeObject): boolean {
  const uid = uidOf(owner);
  return object.metadata?.ownerReferences?.some((reference) => reference.uid === uid) ?? false;
}

export function keyIn(namespace: string, name: string): ObjectKey {
  return { namespace, name };
}
