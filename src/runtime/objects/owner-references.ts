/** Owner references: what the garbage collector deletes with an object. */
import type { KubeObject, OwnerReference } from '#apis/kubernetes/object.ts';
import { type ResourceType, apiVersionOf } from '#kube/client/resource-type.ts';

/** A reference to `owner`. Throws RangeError where the owner has not been created yet. */
export function ownerReference<T extends KubeObject>(
  type: ResourceType<T>,
  owner: T,
  options: { readonly controller?: boolean; readonly blockOwnerDeletion?: boolean } = {},
): OwnerReference {
  const { name, uid } = owner.metadata ?? {};
  if (name === undefined || uid === undefined) throw new RangeError('an owner must exist on the server');
  const { controller = true, blockOwnerDeletion = true } = options;
  return { apiVersion: apiVersionOf(type), kind: type.kind, name, uid, controller, blockOwnerDeletion };
}

/** The object as owned by `owner` too. A reference to the same owner is replaced. */
export function ownedBy<T extends KubeObject>(object: T, owner: OwnerReference): T {
  const others = (object.metadata?.ownerReferences ?? []).filter(({ uid }) => uid !== owner.uid);
  return { ...object, metadata: { ...object.metadata, ownerReferences: [...others, owner] } };
}

/** True where `owner` owns the object (by uid: a namesake that came later does not). */
export function isOwnedBy(object: KubeObject, owner: KubeObject): boolean {
  const uid = owner.metadata?.uid;
  return (
    uid !== undefined && object.metadata?.ownerReferences?.some((reference) => reference.uid === uid) === true
  );
}
