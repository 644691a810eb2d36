/** Scales workloads by the usage of their pods (autoscaling/v2, resource metrics). */
import type { HorizontalPodAutoscaler, LabelSelector, Pod } from '#apis/kubernetes/builtin.ts';
import { type KubeObject, keyOf } from '#apis/kubernetes/object.ts';
import {
  DEPLOYMENTS,
  HORIZONTAL_POD_AUTOSCALERS,
  REPLICA_SETS,
  STATEFUL_SETS,
} from '#kube/client/builtin-types.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import { rfc3339 } from '#platform/clock.ts';
import type { Component, FleetContext } from '../../fleet-context.ts';
import type { SelectorIndex } from '../../selector-index.ts';
import { isDeleting, namespaceOf, uidOf } from '../../meta.ts';
import { isFinished } from '../../resources.ts';
import type { FleetUsage } from '../../usage/fleet-usage.ts';
import { ControlLoop } from '../control-loop.ts';
import { observed, writeStatus } from '../writing.ts';
import { type Measured, measure } from './autoscaler-metrics.ts';
import {
  type AutoscalerStatus,
  type ConditionWish,
  limitedWish,
  metricStatus,
  withConditions,
} from './autoscaler-status.ts';
import { type BoundedSize, boundSize } from './scaling-behavior.ts';
import { SizeHistory } from './size-history.ts';

const COMPONENT = 'horizontal-pod-autoscaler';
const SYNC_MS = 15_000;

/** Anything that has replicas. */
interface Scalable extends KubeObject {
  readonly spec?: { readonly replicas?: number; readonly selector?: LabelSelector };
}

interface Target {
  readonly type: ResourceType<Scalable>;
  readonly object: Scalable;
  readonly replicas: number;
  readonly pods: readonly Pod[];
}

/** What a round found out, before it is written. */
interface Round {
  readonly status: Partial<AutoscalerStatus>;
  readonly conditions: readonly ConditionWish[];
}

const TYPES: Readonly<Record<string, ResourceType>> = {
  Deployment: DEPLOYMENTS,
  StatefulSet: STATEFUL_SETS,
  ReplicaSet: REPLICA_SETS,
};

export class AutoscalerController implements Component {
  readonly #context: FleetContext;
  readonly #usage: FleetUsage;
  readonly #pods: SelectorIndex<Pod>;
  readonly #loop: ControlLoop<HorizontalPodAutoscaler>;
  readonly #histories = new Map<string, SizeHistory>();

  constructor(context: FleetContext, usage: FleetUsage) {
    this.#context = context;
    this.#usage = usage;
    this.#pods = context.indexes.podsByLabels;
    this.#loop = new ControlLoop({
      name: COMPONENT,
      context,
      type: HORIZONTAL_POD_AUTOSCALERS,
      reconcile: (autoscaler) => this.#reconcile(autoscaler),
    });
  }

  stop(): void {
    this.#loop.stop();
  }

  async #reconcile(autoscaler: HorizontalPodAutoscaler): Promise<number | undefined> {
    if (isDeleting(autoscaler)) return undefined;
    const target = this.#findTarget(autoscaler);
    const round = target === undefined ? noTarget(autoscaler) : await this.#round(autoscaler, target);
    const current = this.#context.access.get(HORIZONTAL_POD_AUTOSCALERS, keyOf(autoscaler)) ?? autoscaler;
    const { conditions: before, ...kept } = current.status ?? {};
    await writeStatus(
      this.#context,
      { type: HORIZONTAL_POD_AUTOSCALERS, object: current },
      {
        ...kept,
        ...round.status,
        ...observed(current),
        conditions: withConditions(before, round.conditions, this.#context.clock.now()),
      },
    );
    return SYNC_MS;
  }

  #findTarget(autoscaler: HorizontalPodAutoscaler): Target | undefined {
    const reference = autoscaler.spec?.scaleTargetRef;
    const type = TYPES[reference?.kind ?? ''];
    if (reference === undefined || type === undefined) return undefined;
    const namespace = namespaceOf(autoscaler);
    const object = this.#context.access.get<Scalable>(type, { namespace, name: reference.name });
    if (object === undefined) return undefined;
    const pods = this.#pods
      .select(namespace, object.spec?.selector)
      .filter((pod) => !isDeleting(pod) && !isFinished(pod));
    return { type, object, replicas: object.spec?.replicas ?? 1, pods };
  }

  async #round(autoscaler: HorizontalPodAutoscaler, target: Target): Promise<Round> {
    const { minReplicas = 1, maxReplicas = 1 } = autoscaler.spec ?? {};
    const { replicas } = target;
    if (replicas === 0 && minReplicas !== 0) return disabled();
    if (replicas > maxReplicas || replicas < minReplicas) return this.#force(autoscaler, target);
    const nowMs = this.#context.clock.now();
    const measured = measure({ autoscaler, usage: this.#usage, pods: target.pods, replicas, nowMs });
    if (measured.kind === 'none')
      return { status: sizes(replicas, replicas), conditions: measured.conditions };
    return this.#follow(autoscaler, target, measured);
  }

  /** Brings the target to the size that its metrics call for, as far as the bounds allow. */
  async #follow(
    autoscaler: HorizontalPodAutoscaler,
    target: Target,
    measured: Extract<Measured, { kind: 'some' }>,
  ): Promise<Round> {
    const { replicas } = target;
    const size = this.#bound(autoscaler, replicas, measured.replicas);
    const why = `${measured.name} ${size.replicas > replicas ? 'above' : 'below'} target`;
    const able = await this.#apply(autoscaler, target, { ...size, why });
    const active: ConditionWish = {
      type: 'ScalingActive',
      status: 'True',
      reason: 'ValidMetricFound',
      message: `the HPA was able to successfully calculate a replica count from ${measured.name}`,
    };
    const scaledAt = rfc3339(this.#context.clock.now());
    return {
      status: {
        ...sizes(replicas, size.replicas),
        ...(size.replicas === replicas ? {} : { lastScaleTime: scaledAt }),
        currentMetrics: measured.metrics.map(metricStatus),
      },
      conditions: [able, active, limitedWish(size.limit)],
    };
  }

  #bound(autoscaler: HorizontalPodAutoscaler, current: number, wished: number): BoundedSize {
    const { minReplicas = 1, maxReplicas = 1, behavior } = autoscaler.spec ?? {};
    const nowMs = this.#context.clock.now();
    const history = this.#history(autoscaler);
    history.propose(wished, nowMs);
    const { proposals, changes } = history;
    return boundSize({ current, wished, minReplicas, maxReplicas, behavior, proposals, changes, nowMs });
  }

  #history(autoscaler: HorizontalPodAutoscaler): SizeHistory {
    const uid = uidOf(autoscaler);
    let history = this.#histories.get(uid);
    if (history === undefined) this.#histories.set(uid, (history = new SizeHistory()));
    return history;
  }

  /** Outside of its bounds the size is corrected without looking at metrics. */
  async #force(autoscaler: HorizontalPodAutoscaler, target: Target): Promise<Round> {
    const { minReplicas = 1, maxReplicas = 1 } = autoscaler.spec ?? {};
    const isAbove = target.replicas > maxReplicas;
    const replicas = isAbove ? maxReplicas : minReplicas;
    const why = isAbove
      ? 'Current number of replicas above Spec.MaxReplicas'
      : 'Current number of replicas below Spec.MinReplicas';
    const able = await this.#apply(autoscaler, target, { replicas, why, stabilized: undefined });
    const lastScaleTime = rfc3339(this.#context.clock.now());
    return { status: { ...sizes(target.replicas, replicas), lastScaleTime }, conditions: [able] };
  }

  async #apply(
    autoscaler: HorizontalPodAutoscaler,
    target: Target,
    size: { readonly replicas: number; readonly why: string; readonly stabilized: BoundedSize['stabilized'] },
  ): Promise<ConditionWish> {
    const { access, clock, events } = this.#context;
    if (size.replicas === target.replicas) return ready(size.stabilized);
    const body = { spec: { replicas: size.replicas } };
    await access.mergePatch(target.type, keyOf(target.object), { body, subresource: 'scale' });
    this.#history(autoscaler).change(size.replicas - target.replicas, clock.now());
    events.emit(autoscaler, {
      type: 'Normal',
      reason: 'SuccessfulRescale',
      message: `New size: ${size.replicas}; reason: ${size.why}`,
      component: COMPONENT,
    });
    const message = `the HPA controller was able to update the target scale to ${size.replicas}`;
    return { type: 'AbleToScale', status: 'True', reason: 'SucceededRescale', message };
  }
}

function sizes(
  current: number,
  desired: number,
): Pick<AutoscalerStatus, 'currentReplicas' | 'desiredReplicas'> {
  return { currentReplicas: current, desiredReplicas: desired };
}

function ready(stabilized: BoundedSize['stabilized']): ConditionWish {
  const type = 'AbleToScale';
  if (stabilized === undefined) {
    return {
      type,
      status: 'True',
      reason: 'ReadyForNewScale',
      message: 'recommended size matches current size',
    };
  }
  const message =
    stabilized === 'down'
      ? 'recent recommendations were higher than current one, applying the highest recent recommendation'
      : 'recent recommendations were lower than current one, applying the lowest recent recommendation';
  const reason = stabilized === 'down' ? 'ScaleDownStabilized' : 'ScaleUpStabilized';
  return { type, status: 'True', reason, message };
}

function noTarget(autoscaler: HorizontalPodAutoscaler): Round {
  const { kind = '', name = '' } = autoscaler.spec?.scaleTargetRef ?? {};
  const message = `the HPA controller was unable to get the target's current scale: ${kind} "${name}" not found`;
  return {
    status: {},
    conditions: [{ type: 'AbleToScale', status: 'False', reason: 'FailedGetScale', message }],
  };
}

function disabled(): Round {
  const able = { type: 'AbleToScale', status: 'True', reason: 'SucceededGetScale' } as const;
  const active = { type: 'ScalingActive', status: 'False', reason: 'ScalingDisabled' } as const;
  return {
    status: sizes(0, 0),
    conditions: [
      { ...able, message: "the HPA controller was able to get the target's current scale" },
      { ...active, message: 'scaling is disabled since the replica count of the target is zero' },
    ],
  };
}
