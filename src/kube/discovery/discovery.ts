/**
 * What an API server offers: versions, resources, subresources. Features differ between clusters and change under a
 * running process, so answers are remembered for a while only. A server that cannot say is an error, never a no.
 */
import type { Clock } from '#platform/clock.ts';
import { isNotFound } from '../client/api-error.ts';
import type { KubeClient } from '../client/kube-client.ts';
import type { ResourceType } from '../client/resource-type.ts';

/** A resource or a subresource (`pods/resize`) as the server lists it. */
export interface ApiResource {
  readonly name: string;
  readonly singularName?: string;
  readonly namespaced: boolean;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
}

export interface ServerVersion {
  readonly major: number;
  readonly minor: number;
  /** e.g. `v1.36.3`. */
  readonly gitVersion: string;
}

interface Remembered {
  readonly answer: Promise<unknown>;
  readonly untilMs: number;
}

const REMEMBER_MS = 300_000;

export class Discovery {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #remembered = new Map<string, Remembered>();

  constructor(client: KubeClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  async serverVersion(): Promise<ServerVersion> {
    const version = (await this.#ask('/version')) as
      { major?: string; minor?: string; gitVersion?: string } | undefined;
    const { major = '', minor = '', gitVersion = '' } = version ?? {};
    // Some providers write `28+`.
    return { major: parseInt(major, 10), minor: parseInt(minor, 10), gitVersion };
  }

  /** The versions of a group, the preferred one first; none where the server does not know the group. */
  async versions(group: string): Promise<readonly string[]> {
    if (group === '') return ['v1'];
    const found = (await this.#ask(`/apis/${group}`)) as
      { versions?: readonly { version: string }[]; preferredVersion?: { version: string } } | undefined;
    const all = found?.versions?.map(({ version }) => version) ?? [];
    const preferred = found?.preferredVersion?.version;
    return preferred === undefined ? all : [preferred, ...all.filter((version) => version !== preferred)];
  }

  /** Every resource of a group version, subresources too; none where the server does not know it. */
  async resources(group: string, version: string): Promise<readonly ApiResource[]> {
    const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
    const found = (await this.#ask(path)) as { resources?: readonly ApiResource[] } | undefined;
    return found?.resources ?? [];
  }

  /** Whether the server has the type, or the subresource of it. */
  async offers(type: ResourceType, subresource?: string): Promise<boolean> {
    const name = subresource === undefined ? type.plural : `${type.plural}/${subresource}`;
    return (await this.resources(type.group, type.version)).some((resource) => resource.name === name);
  }

  /** Forgets what it knows, after a CRD was installed for instance. */
  forget(): void {
    this.#remembered.clear();
  }

  /** The answer to a path, undefined for 404; from memory while it is fresh. */
  #ask(path: string): Promise<unknown> {
    const known = this.#remembered.get(path);
    if (known !== undefined && this.#clock.now() < known.untilMs) return known.answer;
    const answer = this.#client.raw(path).catch((error: unknown) => {
      if (isNotFound(error)) return undefined;
      this.#remembered.delete(path);
      throw error;
    });
    this.#remembered.set(path, { answer, untilMs: this.#clock.now() + REMEMBER_MS });
    return answer;
  }
}
