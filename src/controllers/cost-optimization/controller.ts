/**
 * The CostOptimization controller: Observe → Price → Predict → Decide → Act → Verify → Keep or Roll back → Report.
 * One reconcile gathers, decides, carries out, and patches the status once.
 */
import { keyOf, keyText, type ObjectKey } from '#apis/kubernetes/object.ts';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { CostOptimizationStatus } from '#apis/optimization.k8s.io/v1/status.ts';
import { isKcError } from '#errors/kc-error.ts';
import { isNotFound } from '#kube/client/api-error.ts';
import { apiVersionOf } from '#kube/client/resource-type.ts';
import { isNewer } from '#kube/store/resource-version.ts';
import type { ControllerSpec } from '#runtime/controller/controller-spec.ts';
import { patchStatus } from '#runtime/conditions/status-patch.ts';
import { DONE, type ReconcileContext, type Result, requeueAfter } from '#runtime/controller/reconcile.ts';
import type { EventRecorder } from '#runtime/events/event-recorder.ts';
import { type ApplyDependencies, carryOut, type Outcome } from './apply.ts';
import { failedStatus } from './conditions.ts';
import { decide } from './decide.ts';
import type { Decision, EventNote } from './decision.ts';
import { gather } from './gather.ts';
import type { GatherDependencies } from './gather-dependencies.ts';
import type { CostOptimizationMetrics } from './metrics.ts';
import type { Observation } from './observation.ts';
import { PERMISSIONS } from './permissions.ts';
import { costOptimizationSources } from './sources.ts';
import { COST_OPTIMIZATIONS } from './stores.ts';
import { FIELD_MANAGER } from './write-objects.ts';

export interface CostOptimizationDependencies extends GatherDependencies, ApplyDependencies {
  readonly events: EventRecorder;
  readonly metrics: CostOptimizationMetrics;
  readonly workers?: number;
}

/** The watch of our own write usually arrives sooner and leads on; this is for when it does not. */
const OWN_WRITE_MS = 1_000;
const STALE_MS = 100;
/** Watches lag by milliseconds. After this long, versions went back (a restored etcd) and the copy is believed. */
const CATCH_UP_MS = 30_000;
const REFUSED_MS = 5_000;

export function costOptimizationController(deps: CostOptimizationDependencies): ControllerSpec {
  const reconciler = new CostOptimizationReconciler(deps);
  return {
    name: 'cost-optimization',
    sources: costOptimizationSources(deps.cluster),
    workers: deps.workers ?? 8,
    resyncEveryMs: deps.settings.analysisIntervalMs,
    permissions: PERMISSIONS,
    reconcile: (key, context) => reconciler.reconcile(key, context),
  };
}

interface OwnWrite {
  readonly resourceVersion: string | undefined;
  readonly atMs: number;
}

interface Conclusion {
  readonly observation: Observation;
  readonly decision: Decision;
}

class CostOptimizationReconciler {
  readonly #deps: CostOptimizationDependencies;
  /** What we last wrote, by key: what is older in the local copy is not decided on. */
  readonly #written = new Map<string, OwnWrite>();

  constructor(deps: CostOptimizationDependencies) {
    this.#deps = deps;
  }

  async reconcile(key: ObjectKey, context: ReconcileContext): Promise<Result> {
    const optimization = this.#deps.cluster.optimizations.store.get(key);
    if (optimization === undefined) {
      this.#written.delete(keyText(key));
      return DONE;
    }
    if (this.#isStale(optimization)) return requeueAfter(STALE_MS);
    const found = await this.#decide(optimization);
    if (found === undefined) return DONE;
    const { observation, decision } = found;
    const outcome = await carryOut(observation, decision.actions, this.#deps);
    context.logger.debug('decided', { rule: decision.rule, phase: decision.status.phase });
    if (outcome.refused) return requeueAfter(REFUSED_MS);
    return this.#conclude(observation, decision, outcome);
  }

  /** What was seen and decided; undefined where no decision can be made, which the status then says. */
  async #decide(optimization: CostOptimization): Promise<Conclusion | undefined> {
    try {
      const observation = await gather(optimization, this.#deps);
      return { observation, decision: decide(observation) };
    } catch (error) {
      // Only a person can mend an unreadable spec, original or amount: it is shown, not retried in a loop.
      if (!isKcError(error) || error.retry !== 'never') throw error;
      const status = failedStatus(optimization, error, this.#deps.clock.now());
      await this.#patchStatus(optimization, status);
      this.#record(optimization, { type: 'Warning', reason: 'OptimizationFailed', message: error.message });
      return undefined;
    }
  }

  async #conclude(o: Observation, decision: Decision, outcome: Outcome): Promise<Result> {
    const { status, requeueAfterMs } = decision;
    const { resourceVersion } = outcome;
    const written =
      resourceVersion !== undefined &&
      (await this.#patchStatus(o.optimization, withOutcome(status, outcome), resourceVersion));
    for (const note of [...decision.events, ...refusals(status, outcome)]) this.#record(o.optimization, note);
    for (const count of decision.counts) this.#deps.metrics.count(count);
    if (requeueAfterMs === undefined) return DONE;
    return requeueAfter(written ? Math.max(requeueAfterMs, OWN_WRITE_MS) : requeueAfterMs);
  }

  /** True while the local copy has not caught up with our own last write. */
  #isStale(optimization: CostOptimization): boolean {
    const written = this.#written.get(keyText(keyOf(optimization)));
    if (written === undefined || this.#deps.clock.now() - written.atMs > CATCH_UP_MS) return false;
    return isNewer(written.resourceVersion, optimization.metadata.resourceVersion);
  }

  /** One merge patch under an optimistic lock; true where anything was written. */
  async #patchStatus(
    optimization: CostOptimization,
    status: CostOptimizationStatus,
    resourceVersion = optimization.metadata.resourceVersion ?? '',
  ): Promise<boolean> {
    const object = { ...optimization, metadata: { ...optimization.metadata, resourceVersion } };
    const write = { type: COST_OPTIMIZATIONS, object, status, fieldManager: FIELD_MANAGER };
    try {
      const updated = await patchStatus(this.#deps.client, write);
      this.#written.set(keyText(keyOf(optimization)), {
        resourceVersion: updated.metadata.resourceVersion,
        atMs: this.#deps.clock.now(),
      });
      return updated !== object;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  #record(optimization: CostOptimization, note: EventNote): void {
    const object = {
      ...optimization,
      apiVersion: apiVersionOf(COST_OPTIMIZATIONS),
      kind: COST_OPTIMIZATIONS.kind,
    };
    this.#deps.events.record({ object, ...note });
  }
}

/**
 * Remembers which version of the original was written last, and a refused resize with the apply that wanted it: the
 * next decision rolls out instead.
 */
function withOutcome(status: CostOptimizationStatus, outcome: Outcome): CostOptimizationStatus {
  const { originalVersion, resizeRefused } = outcome;
  const { applying } = status;
  return {
    ...status,
    ...(originalVersion === 0 ? {} : { originalVersion }),
    ...(resizeRefused === undefined || applying === undefined
      ? {}
      : { applying: { ...applying, resizeRefused } }),
  };
}

/** A refusal outside of an apply has nothing to fall back to: a person is told. */
function refusals({ applying }: CostOptimizationStatus, { resizeRefused }: Outcome): readonly EventNote[] {
  if (resizeRefused === undefined || applying !== undefined) return [];
  return [{ type: 'Warning', reason: 'ResizeRefused', message: resizeRefused }];
}
