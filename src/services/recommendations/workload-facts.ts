/** One workload with all that its analysis needs, read at one moment. */
import type { Pod, PodDisruptionBudget } from '#apis/kubernetes/builtin.ts';
import { matchesSelector } from '#apis/kubernetes/label-selector.ts';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { type FieldMap, sameValue } from '#domain/change/field.ts';
import { readDesiredPodFields } from '#domain/change/pod-objects.ts';
import { podTemplateOf, type WorkloadObject } from '#domain/change/workload-objects.ts';
import type { NodePriceList } from '#domain/cost/node-prices.ts';
import type { ResourcePrices } from '#domain/cost/resource-prices.ts';
import { workloadPrices } from '#domain/cost/workload-prices.ts';
import { gitOpsOwner } from '#domain/protection/gitops.ts';
import type { DisruptionBudgetFacts } from '#domain/protection/disruption-budget.ts';
import { protectionOf } from '#domain/protection/protected.ts';
import { type HpaFacts, readHpa, scalesWorkload } from '#domain/workload/hpa-facts.ts';
import { readTarget, type TargetFacts } from '#domain/workload/target-facts.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import type { ClusterView, ClusterWorkload } from './cluster-view.ts';

export interface PriceBook {
  readonly base: ResourcePrices;
  readonly nodes: NodePriceList;
}

export interface WorkloadFacts {
  readonly ref: WorkloadRef;
  readonly uid: string;
  readonly object: WorkloadObject;
  readonly target: TargetFacts;
  /** The sizes and replicas in force: the template's, or what every pod was resized to. */
  readonly present: FieldMap;
  readonly hpas: readonly HpaFacts[];
  readonly disruptionBudgets: readonly DisruptionBudgetFacts[];
  /** The nodes under its pods. */
  readonly hosts: readonly string[];
  readonly prices: ResourcePrices;
  /** `aws`, `gce`, `azure`, …, as the cloud's own names for nodes begin; undefined where not known. */
  readonly provider: string | undefined;
  readonly protectedBecause: string | undefined;
  readonly gitOpsOwner: string | undefined;
  readonly optimizations: readonly CostOptimization[];
}

export interface FactsOptions {
  readonly cluster: ClusterView;
  readonly prices: PriceBook;
  /** Where KCloud runs: it does not optimize itself. */
  readonly ownNamespace: string;
}

export function readFacts({ ref, object }: ClusterWorkload, options: FactsOptions): WorkloadFacts {
  const { cluster, prices, ownNamespace } = options;
  const target = readTarget(object, ref.kind);
  const pods = cluster.podsOf(ref);
  const nodeNames = pods.flatMap((pod) => pod.spec?.nodeName ?? []);
  const { labels, annotations } = object.metadata ?? {};
  return {
    ref,
    uid: target.uid,
    object,
    target,
    present: { ...target.fields, ...unanimousSizes(pods, target.fields) },
    hpas: cluster
      .hpasOf(ref.namespace)
      .filter((hpa) => scalesWorkload(hpa, ref))
      .map(readHpa),
    disruptionBudgets: cluster
      .disruptionBudgetsOf(ref.namespace)
      .filter(({ spec }) => matchesSelector(spec?.selector, podTemplateOf(object)?.metadata?.labels))
      .map(budgetFacts),
    hosts: nodeNames,
    prices: workloadPrices({
      template: podTemplateOf(object)?.spec,
      hosts: nodeNames,
      nodeOf: (name) => cluster.node(name),
      book: prices,
    }),
    provider: providerOf(cluster, nodeNames),
    protectedBecause: protectionOf({
      target: ref,
      labels,
      annotations,
      namespaceAnnotations: cluster.namespace(ref.namespace)?.metadata?.annotations,
      operatorNamespace: ownNamespace,
    }),
    gitOpsOwner: gitOpsOwner(labels, annotations),
    optimizations: cluster.optimizationsOf(ref),
  };
}

function budgetFacts({ metadata, spec }: PodDisruptionBudget): DisruptionBudgetFacts {
  const { minAvailable, maxUnavailable } = spec ?? {};
  return { name: metadata?.name ?? '', minAvailable, maxUnavailable };
}

/**
 * Sizes that every running pod asks for and the template does not: they were resized in place, which leaves the
 * template as it is. While a rollout mixes sizes, the template is what counts.
 */
function unanimousSizes(pods: readonly Pod[], template: FieldMap): FieldMap {
  const carried = pods
    .filter((pod) => pod.status?.phase === 'Running' && pod.metadata?.deletionTimestamp === undefined)
    .map(readDesiredPodFields);
  const [first, ...others] = carried;
  if (first === undefined) return {};
  const agreed = Object.entries(first).filter(
    ([path, value]) => path in template && others.every((pod) => sameValue(pod[path], value)),
  );
  return Object.fromEntries(agreed);
}

/** `aws:///eu-west-1a/i-0123`, `gce://project/zone/name`, `azure:///subscriptions/…`. */
function providerOf(cluster: ClusterView, nodeNames: readonly string[]): string | undefined {
  for (const name of nodeNames) {
    const id = cluster.node(name)?.spec?.providerID;
    const scheme = /^([a-z][a-z0-9.+-]*):\/\//.exec(id ?? '')?.[1];
    if (scheme !== undefined) return scheme === 'gce' ? 'gcp' : scheme;
  }
  return undefined;
}
