/** Which objects are owned by which, kept up to date with every change of any kind. */
import type { Resource } from '../resources/resource.ts';

import type { Change } from '../storage/history.ts';

/** An object by its place. */
export interface ObjectPlace {
  readonly resource: Resource;
  readonly key: string;
}

export class OwnerIndex {
  /** Owner uid → place text → place. */
  readonly #dependents = new Map<string, Map<string, ObjectPlace>>();

  apply(resource: Resource, change: Change): void {
    const { type, object, previous, key } = change;
    const place = { resource, key };
    const before = previous?.metadata.ownerReferences ?? [];
    const after = type === 'DELETED' ? [] : (object.metadata.ownerReferences ?? []);
    if (before === after) return;
    for (const { uid } of before) this.#remove(uid, place);
    for (const { uid } of after) this.#add(uid, place);
  }

  dependentsOf(uid: string): readonly ObjectPlace[] {
    return [...(this.#dependents.get(uid)?.values() ?? [])];
  }

  #add(uid: string, place: ObjectPlace): void {
    let places = this.#dependents.get(uid);
    if (places === undefined) {
      places = new Map();
      this.#dependents.set(uid, places);
    }
    places.set(placeText(place), place);
  }

  #remove(uid: string, place: ObjectPlace): void {
    const places = this.#dependents.get(uid);
    places?.delete(placeText(place));
    if (places?.size === 0) this.#dependents.delete(uid);
  }
}

function placeText({ resource, key }: ObjectPlace): string {
  return `${resource.group}/${resource.plural}/${key}`;
}
