/** Brings the cluster's CRDs up to what this process speaks, before anything is watched. */
import type { CustomResourceDefinition } from '#apis/kubernetes/builtin.ts';
import { KcError } from '#errors/kc-error.ts';
import { type Clock, sleep } from '#platform/clock.ts';
import { CUSTOM_RESOURCE_DEFINITIONS } from '../client/builtin-types.ts';
import type { KubeClient } from '../client/kube-client.ts';

export interface InstallOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  /** The field manager of the definitions. */
  readonly fieldManager: string;
  /** How long the API server may take to serve a new resource; default 30 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 30_000;
const POLL_MS = 200;

/**
 * Applies the definitions (server-side apply) and waits until each is served. May be called at every start and by
 * several replicas at once. Rejects with KC_API_UNREACHABLE where one is not served in time.
 */
export async function installCrds(
  crds: readonly CustomResourceDefinition[],
  options: InstallOptions,
): Promise<void> {
  const { client, fieldManager } = options;
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  for (const crd of crds) {
    await client.apply(CUSTOM_RESOURCE_DEFINITIONS, crd, { fieldManager, force: true, ...signal });
  }
  for (const crd of crds) await established(crd.metadata?.name ?? '', options);
}

async function established(name: string, options: InstallOptions): Promise<void> {
  const { client, clock, timeoutMs = TIMEOUT_MS, signal } = options;
  const deadlineMs = clock.now() + timeoutMs;
  for (;;) {
    const crd = await client.get(CUSTOM_RESOURCE_DEFINITIONS, { name });
    const problem = problemOf(crd);
    if (problem === undefined) return;
    if (clock.now() >= deadlineMs) {
      throw new KcError('KC_API_UNREACHABLE', { object: `customresourcedefinition ${name}`, problem });
    }
    await sleep(clock, POLL_MS, signal);
  }
}

/** Why a definition is not served yet; undefined where it is. */
function problemOf(crd: CustomResourceDefinition): string | undefined {
  const conditions = crd.status?.conditions ?? [];
  const refused = conditions.find(({ type, status }) => type === 'NamesAccepted' && status === 'False');
  if (refused !== undefined) return `its names are taken: ${refused.message ?? ''}`;
  const isServed = conditions.some(({ type, status }) => type === 'Established' && status === 'True');
  return isServed ? undefined : 'the API server does not serve it yet';
}
