/** Reads the stored original of a target, and finds out where one is missing that must be there. */
import { type KubeObject, keyOf, keyText } from '#apis/kubernetes/object.ts';
import { type CostOptimization, OPTIMIZED_BY } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { WorkloadObject } from '#domain/change/workload-objects.ts';
import type { OptimizationPolicy } from '#domain/policy/optimization-policy.ts';
import type { RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import type { RollbackStore, VersionFloor } from '#domain/rollback/rollback-store.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import { COST_OPTIMIZATIONS } from './stores.ts';
import { WORKLOAD_TYPES } from './write-objects.ts';

export interface OriginalDependencies {
  readonly client: KubeClient;
  readonly rollback: RollbackStore;
}

export interface Original {
  readonly entry: RollbackEntry | undefined;
  /** The workload says that we changed it, and no store knows what it was before. */
  readonly lost: boolean;
}

export interface OriginalQuestion {
  readonly optimization: CostOptimization;
  readonly policy: OptimizationPolicy;
  readonly workload: WorkloadObject | undefined;
}

export async function readOriginal(
  question: OriginalQuestion,
  deps: OriginalDependencies,
): Promise<Original> {
  if (!canHaveOne(question)) return { entry: undefined, lost: false };
  const { optimization, policy } = question;
  const floor = versionFloor(optimization, deps.client);
  const entry = await deps.rollback.load(policy.target, optimization.metadata.uid ?? '', floor);
  return { entry, lost: entry === undefined && (await isMarkedForSure(question, deps)) };
}

/**
 * The status says `Applying` before the first entry is stored, and the workload carries our mark after it, so any other
 * status without an applied step on a workload without a mark has none.
 */
function canHaveOne(question: OriginalQuestion): boolean {
  const { metadata, status } = question.optimization;
  if (metadata.deletionTimestamp !== undefined || (status?.appliedOptimizations ?? 0) > 0) return true;
  return (
    ['Applying', 'Applied', 'RolledBack', 'Failed'].includes(status?.phase ?? '') ||
    isMarked(question.workload, question.optimization)
  );
}

/** What the status knows of versions: this copy of it, and the API server's. Of an optimization that is gone, all are old. */
function versionFloor(optimization: CostOptimization, client: KubeClient): VersionFloor {
  return {
    seen: optimization.status?.originalVersion ?? 0,
    ask: async () => {
      const live = await client.find(COST_OPTIMIZATIONS, keyOf(optimization));
      if (live?.metadata.uid !== optimization.metadata.uid) return Infinity;
      return live?.status?.originalVersion ?? 0;
    },
  };
}

/** The mark comes with the first write and goes with the last one: a change of annotations alone is seen late. */
async function isMarkedForSure(
  { optimization, policy, workload }: OriginalQuestion,
  { client }: OriginalDependencies,
): Promise<boolean> {
  if (!isMarked(workload, optimization)) return false;
  const { kind, namespace, name } = policy.target;
  return isMarked(await client.find(WORKLOAD_TYPES[kind], { namespace, name }), optimization);
}

function isMarked(
  workload: KubeObject | WorkloadObject | undefined,
  optimization: CostOptimization,
): boolean {
  return workload?.metadata?.annotations?.[OPTIMIZED_BY] === keyText(keyOf(optimization));
}
