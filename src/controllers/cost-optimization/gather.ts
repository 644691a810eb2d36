/** Reads everything a decision needs: local copies, the stored original, the ledger, and usage where it is due. */
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { placementOf } from '#domain/change/placement-objects.ts';
import { podTemplateOf, readScalingPlan, type WorkloadObject } from '#domain/change/workload-objects.ts';
import type { ResourcePrices } from '#domain/cost/resource-prices.ts';
import { workloadPrices } from '#domain/cost/workload-prices.ts';
import type { LedgerState } from '#domain/ledger/ledger-store.ts';
import { type OptimizationPolicy, readPolicy } from '#domain/policy/optimization-policy.ts';
import { type RollbackEntry, yieldToOthers } from '#domain/rollback/rollback-entry.ts';
import { customLabel } from '#domain/spot/capacity-label.ts';
import { type PodFacts, readPod } from '#domain/workload/pod-facts.ts';
import { readTarget, type TargetFacts } from '#domain/workload/target-facts.ts';
import { messageOf } from '#errors/kc-error.ts';
import { isAnalysisDue } from './decide-analysis.ts';
import type { GatherDependencies } from './gather-dependencies.ts';
import type { Observation, Surroundings } from './observation.ts';
import { readOriginal } from './read-original.ts';
import { podsOf, readSurroundings } from './read-surroundings.ts';
import { readPlacement, readSpot } from './read-spot.ts';
import { readAnalysis, readEvidence } from './read-usage.ts';
import { objectFields } from './sizes.ts';
import { findWorkload } from './stores.ts';

/** Throws what makes a decision impossible: an unreadable spec, or a stored original that cannot be read. */
export async function gather(optimization: CostOptimization, deps: GatherDependencies): Promise<Observation> {
  const nowMs = deps.clock.now();
  const policy = policyOf(optimization);
  const workload = findWorkload(deps.cluster, policy.target);
  const pods = workload === undefined ? [] : podsOf(deps.cluster, workload, policy.target).map(readPod);
  const surroundings = readSurroundings(deps.cluster, policy.target, deps.operatorNamespace);
  const original = await readOriginal({ optimization, policy, workload }, deps);
  const stored = original.entry;
  const target = workload === undefined ? undefined : readWhole(workload, { policy, entry: stored }, deps);
  const seen = {
    nowMs,
    settings: deps.settings,
    optimization,
    policy,
    target,
    pods,
    surroundings,
    entry: withoutForeignFields(stored, target, surroundings),
    canResizeInPlace: deps.canResizeInPlace,
    prices: pricesFor({ workload, pods, policy }, deps),
    originalLost: original.lost,
    ledger: await readLedger(optimization, deps),
    activeChanges: deps.active.list(),
    analysis: undefined,
    evidence: undefined,
  };
  const spot = readSpot(seen, workload, deps);
  const due = seen.target !== undefined && isAnalysisDue(seen);
  return {
    ...seen,
    spot,
    analysis: due ? await readAnalysis({ ...seen, spot }, deps) : undefined,
    evidence: isUnderWatch(seen) ? await readEvidence(seen, deps) : undefined,
  };
}

/** A spec that cannot be read must not keep an object from being deleted: its target is all that counts then. */
function policyOf(optimization: CostOptimization): OptimizationPolicy {
  if (optimization.metadata.deletionTimestamp === undefined) return readPolicy(optimization);
  const { targetWorkload, optimizationType } = optimization.spec;
  return readPolicy({ ...optimization, spec: { targetWorkload, optimizationType } });
}

/** Savings that cannot be read are unknown, and keep nothing from being undone. */
async function readLedger(
  { metadata }: CostOptimization,
  { ledger, logger }: GatherDependencies,
): Promise<LedgerState | undefined> {
  try {
    return await ledger.state(metadata.uid ?? '');
  } catch (error) {
    logger.warn('the savings ledger cannot be read', { problem: messageOf(error) });
    return undefined;
  }
}

/** What others have set since is theirs: no decision holds on to it. */
function withoutForeignFields(
  entry: RollbackEntry | undefined,
  target: TargetFacts | undefined,
  surroundings: Surroundings,
): RollbackEntry | undefined {
  if (entry === undefined || target?.uid !== entry.targetUid) return entry;
  return yieldToOthers(entry, objectFields({ surroundings }, target));
}

/** True where metrics say something about a change: while it is applied and while it is in force. */
function isUnderWatch({ entry, target }: Pick<Observation, 'entry' | 'target'>): boolean {
  return entry !== undefined && target !== undefined && entry.restoring === null;
}

/** The workload with the fields that its optimization type adds to sizes and replicas. */
function readWhole(
  workload: WorkloadObject,
  seen: Pick<Observation, 'policy' | 'entry'>,
  deps: GatherDependencies,
): TargetFacts {
  const target = readTarget(workload, seen.policy.target.kind);
  if (seen.policy.type === 'SCHEDULED_SCALING') return { ...target, declared: readScalingPlan(workload) };
  if (seen.policy.type !== 'SPOT_INSTANCES') return target;
  const placement = placementOf(podTemplateOf(workload)?.spec);
  return { ...target, declared: readPlacement(seen, workload, deps), placement };
}

interface Priced {
  readonly workload: WorkloadObject | undefined;
  readonly pods: readonly PodFacts[];
  readonly policy: OptimizationPolicy;
}

function pricesFor(
  { workload, pods, policy }: Priced,
  { cluster, prices }: GatherDependencies,
): ResourcePrices {
  const { nodeLabel } = policy.spot;
  return workloadPrices({
    template: workload === undefined ? undefined : podTemplateOf(workload)?.spec,
    hosts: pods.flatMap((pod) => pod.nodeName ?? []),
    nodeOf: (name) => cluster.nodes.store.get({ name }),
    book: prices,
    label: nodeLabel === undefined ? undefined : customLabel(nodeLabel),
  });
}
