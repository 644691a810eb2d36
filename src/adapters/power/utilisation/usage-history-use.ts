/**
 * What containers used in the past, from a usage history of workloads: every pod of a workload counts for the mean over
 * its pods. Pods that are gone, and pods of no workload (bare pods, jobs), are not in such a history.
 */
import type { Pod } from '#apis/kubernetes/builtin.ts';
import type { ClusterUse, ContainerUse } from '#domain/power/inventory.ts';
import type { PowerHistoryQuery } from '#domain/power/power.ts';
import { queryGrid, stepEndMs } from '#domain/usage/series.ts';
import type { UsageSource, WorkloadUsage } from '#domain/usage/usage.ts';
import { type WorkloadRef, describeWorkload } from '#domain/workload/workload-ref.ts';
import { messageOf } from '#errors/kc-error.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import { Owners } from '../../metrics/embedded/collector/owners.ts';
import { ListedPods } from '../../metrics/embedded/collector/pod-source.ts';
import { type UseAnswer, unknownUse } from './use-source.ts';

const LIMITS = { timeoutMs: 30_000, signal: new AbortController().signal };

interface OwnedPod {
  readonly workload: WorkloadRef;
  readonly namespace: string;
  readonly pod: string;
  readonly createdMs: number;
}

export class UsageHistoryUse {
  readonly #client: KubeClient;
  readonly #usage: UsageSource;
  readonly #owners: Owners;

  constructor(client: KubeClient, usage: UsageSource) {
    this.#client = client;
    this.#usage = usage;
    this.#owners = new Owners(client);
  }

  async history(query: PowerHistoryQuery): Promise<readonly UseAnswer[]> {
    const { steps } = queryGrid(query);
    try {
      const pods = await this.#ownedPods();
      const workloads = [
        ...new Map(pods.map(({ workload }) => [describeWorkload(workload), workload])).values(),
      ];
      const { fromMs, toMs, stepMs } = query;
      const answers = await this.#usage.usage({ workloads, fromMs, toMs, stepMs });
      const byWorkload = new Map(answers.map((answer) => [describeWorkload(answer.workload), answer]));
      return Array.from({ length: steps }, (_, step) => this.#at(pods, byWorkload, { query, step }));
    } catch (error) {
      return Array.from({ length: steps }, () => unknownUse(this.#usage.name, messageOf(error)));
    }
  }

  #at(
    pods: readonly OwnedPod[],
    usages: ReadonlyMap<string, WorkloadUsage>,
    { query, step }: { readonly query: PowerHistoryQuery; readonly step: number },
  ): UseAnswer {
    const atMs = stepEndMs(queryGrid(query), step);
    const containers = pods
      .filter(({ createdMs }) => createdMs < atMs)
      .flatMap((pod) => usesOf(pod, usages.get(describeWorkload(pod.workload)), step));
    if (containers.length === 0) return unknownUse(this.#usage.name, 'it has no samples of this time');
    const use: ClusterUse = { source: this.#usage.name, atMs, containers };
    return { use };
  }

  async #ownedPods(): Promise<readonly OwnedPod[]> {
    const pods = await new ListedPods(this.#client).pods(LIMITS);
    await this.#owners.learn(pods, LIMITS);
    return pods.flatMap((pod) => {
      const workload = this.#owners.ownerOf(pod);
      return workload === undefined ? [] : [{ workload, ...identityOf(pod) }];
    });
  }
}

function identityOf({ metadata }: Pod): Omit<OwnedPod, 'workload'> {
  const createdMs = Date.parse(metadata?.creationTimestamp ?? '');
  return {
    namespace: metadata?.namespace ?? '',
    pod: metadata?.name ?? '',
    createdMs: Number.isNaN(createdMs) ? 0 : createdMs,
  };
}

function usesOf(
  { namespace, pod }: OwnedPod,
  usage: WorkloadUsage | undefined,
  step: number,
): readonly ContainerUse[] {
  return (usage?.containers ?? []).flatMap(({ container, cpuCores }) => {
    const cores = cpuCores?.mean[step] ?? Number.NaN;
    return Number.isNaN(cores) ? [] : [{ namespace, pod, container, cpuCores: cores }];
  });
}
