/**
 * More CPU for pods while they start, as `containers[].startupBoost` of a CostOptimization asks for: one reconcile per
 * pod, one step of `nextBoostStep` carried out. Pods are resized in place after their containers began, never at
 * admission: nothing stands in the way of a pod that is created.
 */
import type { Pod } from '#apis/kubernetes/builtin.ts';
import { keyOf, type ObjectKey } from '#apis/kubernetes/object.ts';
import type { ContainerPolicy } from '#apis/optimization.k8s.io/v1/container-policy.ts';
import { type CostOptimization, STARTUP_BOOST } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { resizePatch } from '#domain/change/pod-objects.ts';
import type { FieldMap } from '#domain/change/field.ts';
import { targetOf } from '#domain/policy/optimization-policy.ts';
import { BOOST_DONE, boostText, isMarked } from '#domain/startup-boost/boost.ts';
import { type BoostStep, nextBoostStep } from '#domain/startup-boost/next-step.ts';
import { isDenied, isInvalid, isNotFound } from '#kube/client/api-error.ts';
import { PODS } from '#kube/client/builtin-types.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import type { Clock } from '#platform/clock.ts';
import type { ControllerSpec } from '#runtime/controller/controller-spec.ts';
import { DONE, type ReconcileContext, type Result, requeueAfter } from '#runtime/controller/reconcile.ts';
import { watchMapped, watchOwn } from '#runtime/controller/source.ts';
import { allow, type Permission, READ } from '#runtime/rbac/permission.ts';
import { readSurroundings } from '../cost-optimization/read-surroundings.ts';
import type { ClusterInformers } from '../cost-optimization/stores.ts';
import { byTarget, podIndexValue } from '../cost-optimization/target-index.ts';
import { FIELD_MANAGER } from '../cost-optimization/write-objects.ts';

export interface StartupBoostDependencies {
  readonly client: KubeClient;
  readonly cluster: ClusterInformers;
  readonly clock: Clock;
  readonly operatorNamespace: string;
}

export const PERMISSIONS: readonly Permission[] = [
  // The mark is an annotation; the size has a door of its own.
  allow(PODS, [...READ, 'patch']),
  allow(PODS, ['patch'], { subresource: 'resize' }),
];

export function startupBoostController(deps: StartupBoostDependencies): ControllerSpec {
  const { cluster } = deps;
  return {
    name: 'startup-boost',
    sources: [
      watchOwn(
        cluster.pods,
        ({ object }) => isMarked(object) || optimizationsOf(cluster, object).some(boosts),
      ),
      watchMapped(cluster.optimizations, (optimization) => markedPodsOf(cluster, optimization)),
    ],
    permissions: PERMISSIONS,
    reconcile: (key, context) => reconcile(key, context, deps),
  };
}

function optimizationsOf(cluster: ClusterInformers, pod: Pod): readonly CostOptimization[] {
  const target = podIndexValue(pod);
  return target === undefined ? [] : cluster.optimizations.store.byIndex(byTarget, target);
}

function boosts({ spec }: CostOptimization): boolean {
  return spec.containers?.some(({ startupBoost }) => startupBoost !== undefined) ?? false;
}

/** Pods that may have to give their boost back because an optimization has changed. */
function markedPodsOf(cluster: ClusterInformers, optimization: CostOptimization): readonly ObjectKey[] {
  const target = targetOf(optimization);
  const [index] = byTarget(optimization);
  return cluster.pods.store
    .list(target.namespace)
    .filter((pod) => isMarked(pod) && podIndexValue(pod) === index)
    .map(keyOf);
}

async function reconcile(
  key: ObjectKey,
  { logger }: ReconcileContext,
  deps: StartupBoostDependencies,
): Promise<Result> {
  const pod = deps.cluster.pods.store.get(key);
  if (pod === undefined) return DONE;
  const step = nextBoostStep({ pod, policies: policiesFor(pod, deps), nowMs: deps.clock.now() });
  if (step.kind === 'none') return step.againMs === undefined ? DONE : requeueAfter(step.againMs);
  const refusal = await carryOut(pod, step, deps.client);
  if (refusal !== undefined) logger.warn('a startup boost was refused', { problem: refusal });
  else if (step.kind === 'boost') logger.info('more CPU while the pod starts', { ...step.boost.boosted });
  else logger.info('the startup boost ends', { why: step.why });
  return DONE;
}

/** Of the optimizations that may act on the pod's workload. */
function policiesFor(
  pod: Pod,
  { cluster, operatorNamespace }: StartupBoostDependencies,
): readonly ContainerPolicy[] {
  return optimizationsOf(cluster, pod)
    .filter(({ metadata, spec }) => {
      const acts = spec.dryRun === false && spec.suspend !== true && metadata.deletionTimestamp === undefined;
      return acts && boosts({ metadata, spec });
    })
    .filter((optimization) => {
      const around = readSurroundings(cluster, targetOf(optimization), operatorNamespace);
      return around.protectedBecause === undefined && around.verticalAutoscaler === undefined;
    })
    .flatMap(({ spec }) => spec.containers ?? []);
}

type Act = Exclude<BoostStep, { kind: 'none' }>;

/** Returns what the API server said against it; the pod is then left as it is for good. */
async function carryOut(pod: Pod, step: Act, client: KubeClient): Promise<string | undefined> {
  const refusal =
    step.kind === 'boost' ? await boost(pod, step, client) : await resize(pod, step.sizes, client);
  if (step.kind === 'unboost' || refusal !== undefined) await mark(pod, { text: BOOST_DONE }, client);
  return refusal;
}

async function boost(
  pod: Pod,
  step: Extract<Act, { kind: 'boost' }>,
  client: KubeClient,
): Promise<string | undefined> {
  // Under the version that was decided on: an old copy must not announce a second time.
  if (!step.announced) await mark(pod, { text: boostText(step.boost), locked: true }, client);
  return resize(pod, step.boost.boosted, client);
}

async function resize(pod: Pod, sizes: FieldMap, client: KubeClient): Promise<string | undefined> {
  const body = resizePatch(pod, sizes);
  if (body === undefined) return undefined;
  try {
    await client.resizePod(keyOf(pod), body, { fieldManager: FIELD_MANAGER });
    return undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    if (isInvalid(error) || isDenied(error)) return error.problem;
    throw error;
  }
}

interface Mark {
  readonly text: string;
  /** Only under the version of the local copy. */
  readonly locked?: boolean;
}

async function mark(pod: Pod, { text, locked = false }: Mark, client: KubeClient): Promise<void> {
  const version = locked ? { resourceVersion: pod.metadata?.resourceVersion } : {};
  const body = { metadata: { ...version, annotations: { [STARTUP_BOOST]: text } } };
  try {
    await client.patch(PODS, keyOf(pod), { patch: 'merge', body, fieldManager: FIELD_MANAGER });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
