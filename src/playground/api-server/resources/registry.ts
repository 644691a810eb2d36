/** Every resource that is served at the moment. Custom resources come and go. */
import type { Resource } from './resource.ts';

export interface KindReference {
  readonly apiVersion: string;
  readonly kind: string;
}

export class Registry {
  readonly #byPath = new Map<string, Resource>();
  readonly #byKind = new Map<string, Resource>();
  /** Grows with every change, so that what is made of the registry can be made anew. */
  #version = 0;

  get version(): number {
    return this.#version;
  }

  add(resource: Resource): void {
    this.#byPath.set(pathKey(resource.group, resource.version, resource.plural), resource);
    this.#byKind.set(kindKey(resource), resource);
    this.#version += 1;
  }

  remove(resource: Resource): void {
    this.#byPath.delete(pathKey(resource.group, resource.version, resource.plural));
    this.#byKind.delete(kindKey(resource));
    this.#version += 1;
  }

  find(group: string, version: string, plural: string): Resource | undefined {
    return this.#byPath.get(pathKey(group, version, plural));
  }

  ofKind(reference: KindReference): Resource | undefined {
    return this.#byKind.get(kindKey(reference));
  }

  /** In the order in which they were added. */
  all(): readonly Resource[] {
    return [...this.#byPath.values()];
  }

  /** One resource per collection: the version in which its objects are stored. */
  stored(): readonly Resource[] {
    return this.all().filter(({ view }) => view === undefined);
  }
}

function pathKey(group: string, version: string, plural: string): string {
  return `${group}/${version}/${plural}`;
}

function kindKey(reference: KindReference): string {
  return `${reference.apiVersion}/${reference.kind}`;
}
