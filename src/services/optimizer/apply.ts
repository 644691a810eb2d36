/** Applies a recommendation: through a CostOptimization, so that the operator stores, watches and can undo it. */
import type { ApplyAnswer } from '#apis/optimizer-api/recommendation.ts';
import type { ApplyRequest } from '#apis/optimizer-api/requests.ts';
import { RECOMMENDATION_TYPES, type RecommendationTypeName } from '#apis/optimizer-api/vocabulary.ts';
import { APPROVE, type CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { ContainerPolicy } from '#apis/optimization.k8s.io/v1/container-policy.ts';
import { parseResourcePath } from '#domain/change/field.ts';
import { KcError } from '#errors/kc-error.ts';
import { ApiError, isAlreadyExists } from '#kube/client/api-error.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import { type Clock, sleep } from '#platform/clock.ts';
import type { Finding } from './analysis/findings.ts';
import { lookFor } from './analysis/plan.ts';
import { optimizationName, ownerOf } from './answers/recommendation-answer.ts';
import { rollbackPlan } from './answers/risk-answer.ts';
import type { Optimizer } from './optimizer.ts';

export interface ApplierOptions {
  readonly optimizer: Optimizer;
  readonly client: KubeClient;
  readonly type: ResourceType<CostOptimization>;
  /** Whether the API server knows CostOptimizations. */
  readonly installed: boolean;
  readonly clock: Clock;
}

export interface ApplyOrder {
  readonly recommendationId: string;
  readonly request: ApplyRequest;
  /** In whose name, for the audit trail. */
  readonly requestedBy: string;
  readonly signal: AbortSignal;
}

const REQUESTED_BY = 'optimization.k8s.io/requested-by';
const FIELD_MANAGER = 'optimizer-api';
const POLL_MS = 250;
const WRITE_TIMEOUT_MS = 10_000;

export class Applier {
  readonly #options: ApplierOptions;

  constructor(options: ApplierOptions) {
    this.#options = options;
  }

  /** Throws KC_NOT_FOUND, KC_RECOMMENDATION_CHANGED, and what keeps usage from being known. */
  async apply(order: ApplyOrder): Promise<ApplyAnswer> {
    const finding = await this.#find(order.recommendationId);
    const applied = await this.#hand(finding, order);
    const seen = order.request.dry_run === true ? applied : await this.#await(applied, order);
    return answerOf(seen, { finding, order });
  }

  /** The recommendation as it is found now: what changed since it was shown must not be applied under its name. */
  async #find(id: string): Promise<Finding> {
    const { uid, type } = partsOf(id);
    const { optimizer, installed } = this.#options;
    const facts = optimizer.byId(uid);
    const { findings } = await optimizer.report(facts, { types: [type] });
    const found = findings.find((finding) => finding.id === id);
    if (!installed)
      throw refusal('CostOptimization is not installed in this cluster: kcloud crds installs it');
    if (found === undefined) throw refusal('the analysis of now does not recommend this any more');
    if (type === 'delete_unused')
      throw refusal('deletions are reported only: KCloud never deletes a workload');
    if (facts.protectedBecause !== undefined) throw refusal(facts.protectedBecause);
    return found;
  }

  async #hand(finding: Finding, order: ApplyOrder): Promise<CostOptimization> {
    const standing = ownerOf(finding);
    return standing === undefined ? this.#create(finding, order) : this.#approve(standing, order);
  }

  async #create(finding: Finding, order: ApplyOrder): Promise<CostOptimization> {
    const { client, type, optimizer } = this.#options;
    const object = optimizationFor(finding, order, optimizer.window);
    const dryRun = order.request.dry_run === true;
    const options = { fieldManager: FIELD_MANAGER, dryRun, timeoutMs: WRITE_TIMEOUT_MS };
    try {
      return await client.create(type, object, options);
    } catch (error) {
      if (isAlreadyExists(error))
        throw refusal(`CostOptimization ${object.metadata.name ?? ''} exists already`);
      throw refused(error);
    }
  }

  /** One that stands is the owner's: it is asked to carry out what it found itself, and nothing else of it is touched. */
  async #approve(
    standing: CostOptimization,
    { request, requestedBy }: ApplyOrder,
  ): Promise<CostOptimization> {
    const { client, type } = this.#options;
    const { namespace = '', name = '' } = standing.metadata;
    const { currentRecommendation } = standing.status ?? {};
    const owner = `CostOptimization ${namespace}/${name}`;
    if (currentRecommendation === undefined)
      throw refusal(`${owner} has this in hand and recommends nothing now`);
    if (standing.spec.dryRun !== false) throw refusal(`${owner} has this in hand and is in dryRun`);
    const annotations = { [APPROVE]: currentRecommendation.id, [REQUESTED_BY]: requestedBy };
    const patch = {
      patch: 'merge',
      body: { metadata: { annotations } },
      fieldManager: FIELD_MANAGER,
    } as const;
    try {
      return await client.patch(type, { namespace, name }, { ...patch, dryRun: request.dry_run === true });
    } catch (error) {
      throw refused(error);
    }
  }

  /** Looks at the copy of the cluster until the operator is done or the caller's patience is over. */
  async #await(applied: CostOptimization, order: ApplyOrder): Promise<CostOptimization> {
    const { clock, optimizer } = this.#options;
    const endMs = clock.now() + (order.request.wait_seconds ?? 0) * 1000;
    let latest = applied;
    while (!isSettled(latest) && clock.now() < endMs) {
      try {
        await sleep(clock, POLL_MS, order.signal);
      } catch {
        // The caller hung up: the operator goes on all the same.
        return latest;
      }
      const { uid } = applied.metadata;
      latest = optimizer.optimizations().find(({ metadata }) => metadata.uid === uid) ?? latest;
    }
    return latest;
  }
}

function partsOf(id: string): { readonly uid: string; readonly type: RecommendationTypeName } {
  const match = /^(.{1,100})\.([a-z_]+)\.[0-9a-f]{8}$/.exec(id);
  const type = RECOMMENDATION_TYPES.find((one) => one === match?.[2]);
  const uid = match?.[1];
  if (type === undefined || uid === undefined) {
    throw new KcError('KC_NOT_FOUND', { problem: 'there is no such recommendation' });
  }
  return { uid, type };
}

/** Approved from the start; its bounds hold the operator to exactly what was shown. */
function optimizationFor(finding: Finding, order: ApplyOrder, metricsWindow: string): CostOptimization {
  const { kind, namespace, name } = finding.facts.ref;
  const {
    auto_rollback_on_failure: wanted = true,
    auto_rollback: older,
    validation_timeout_seconds: seconds = 300,
  } = order.request;
  const containers = exactSizes(finding);
  return {
    metadata: {
      name: optimizationName(finding),
      namespace,
      annotations: { [APPROVE]: 'true', [REQUESTED_BY]: order.requestedBy },
    },
    spec: {
      targetWorkload: { kind, namespace, name },
      optimizationType: lookFor(finding.type),
      maxChangePercent: 100,
      dryRun: false,
      autoApply: false,
      rollbackOnFailure: older ?? wanted,
      metricsWindow,
      verificationWindow: `${String(seconds)}s`,
      ...(containers.length === 0 ? {} : { containers }),
    },
  };
}

function exactSizes({ target }: Finding): ContainerPolicy[] {
  const policies = new Map<string, ContainerPolicy>();
  for (const [path, value] of Object.entries(target)) {
    const field = parseResourcePath(path);
    if (field?.list !== 'requests' || value === null) continue;
    const bounds =
      field.resource === 'cpu' ? { minCpu: value, maxCpu: value } : { minMemory: value, maxMemory: value };
    policies.set(field.container, { ...policies.get(field.container), name: field.container, ...bounds });
  }
  return [...policies.values()];
}

function isSettled({ status }: CostOptimization): boolean {
  return status?.phase === 'Applied' || status?.phase === 'Failed' || status?.phase === 'RolledBack';
}

interface Told {
  readonly finding: Finding;
  readonly order: ApplyOrder;
}

function answerOf(applied: CostOptimization, told: Told): ApplyAnswer {
  const { namespace = '', name = '' } = applied.metadata;
  return {
    recommendation_id: told.order.recommendationId,
    ...progressOf(applied, told.order),
    rollback_plan: rollbackPlan(told.finding, name),
    cost_optimization: { namespace, name },
  };
}

type Progress = Pick<ApplyAnswer, 'status' | 'message' | 'applied_at'>;

function progressOf({ metadata, status }: CostOptimization, { request }: ApplyOrder): Progress {
  const object = `CostOptimization ${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
  if (request.dry_run === true) {
    const message = `${object} would be accepted; nothing was changed`;
    return { status: 'dry_run_success', message, applied_at: null };
  }
  const { phase, message = 'the operator has it now', lastApplied } = status ?? {};
  const told = `${object}: ${message}`;
  if (phase === 'Applied') return { status: 'applied', message: told, applied_at: lastApplied ?? null };
  return { status: phase === 'Applying' ? 'applying' : 'accepted', message: told, applied_at: null };
}

function refusal(problem: string): KcError {
  return new KcError('KC_RECOMMENDATION_CHANGED', { problem });
}

/** What admission refuses is the caller's to know; what is broken stays broken. */
function refused(error: unknown): unknown {
  const caller = error instanceof ApiError && [400, 403, 404, 409, 422].includes(error.httpStatus);
  return caller ? refusal(error.problem) : error;
}
