/** What becomes of pods whose node is silent or gone. */
import type { Node, Pod } from '#apis/kubernetes/builtin.ts';
import { keyOf } from '#apis/kubernetes/object.ts';
import { isNotFound } from '#kube/client/api-error.ts';
import { NODES, PODS } from '#kube/client/builtin-types.ts';
import { rfc3339 } from '#platform/clock.ts';
import { TimerGroup } from '../../simulation/timer-group.ts';
import { type Component, type FleetContext, noteFailure } from '../fleet-context.ts';
import type { ChangeIndex } from '../fleet-indexes.ts';
import { isDeleting, nameOf } from '../meta.ts';

/** A node is given up when it was silent for this long (node-monitor-grace-period). */
const GRACE_MS = 50_000;
/** Pods tolerate a silent node for this long (DefaultTolerationSeconds). */
const TOLERATION_MS = 300_000;
const UNREACHABLE = 'node.kubernetes.io/unreachable';

export class NodeLifecycleController implements Component {
  readonly #context: FleetContext;
  readonly #pods: ChangeIndex<Pod>;
  readonly #timers: TimerGroup;
  readonly #stopNodes: () => void;

  constructor(context: FleetContext) {
    this.#context = context;
    this.#pods = context.indexes.podsByNode;
    this.#timers = new TimerGroup(context.clock);
    this.#stopNodes = context.access.onChange(NODES, ({ type, object }) => {
      if (type === 'DELETED')
        this.#attempt(`deleting the pods of node ${nameOf(object)}`, this.#orphans(nameOf(object), true));
    });
  }

  stop(): void {
    this.#stopNodes();
    this.#timers.cancelAll();
  }

  /** A node has fallen silent: it is marked and tainted, and later its pods are given up. */
  nodeLost(nodeName: string): void {
    this.#timers.after(GRACE_MS, () => { this.#attempt(`marking node ${nodeName}`, this.#mark(nodeName)); }); // prettier-ignore
    this.#timers.after(GRACE_MS + TOLERATION_MS, () => {
      this.#attempt(`evicting the pods of node ${nodeName}`, this.#orphans(nodeName, false));
    });
  }

  #attempt(what: string, work: Promise<void>): void {
    work.catch((error: unknown) => { noteFailure(this.#context, what, error); }); // prettier-ignore
  }

  async #mark(nodeName: string): Promise<void> {
    const { access } = this.#context;
    const node = access.get(NODES, { name: nodeName });
    if (node === undefined) return;
    const taints = (['NoSchedule', 'NoExecute'] as const).map((effect) => ({
      key: UNREACHABLE,
      effect,
      timeAdded: this.#now(),
    }));
    const kept = (node.spec?.taints ?? []).filter((taint) => taint.key !== UNREACHABLE);
    await access.mergePatch(NODES, { name: nodeName }, { body: { spec: { taints: [...kept, ...taints] } } });
    const conditions = unknownConditions(node, this.#now());
    await access.mergePatch(
      NODES,
      { name: nodeName },
      { body: { status: { conditions } }, subresource: 'status' },
    );
    for (const pod of this.#pods.get(nodeName)) await this.#markNotReady(pod);
  }

  async #markNotReady(pod: Pod): Promise<void> {
    const conditions = (pod.status?.conditions ?? []).map((condition) =>
      condition.type === 'Ready' && condition.status === 'True'
        ? { ...condition, status: 'False', lastTransitionTime: this.#now() }
        : condition,
    );
    const change = { body: { status: { conditions } }, subresource: 'status' };
    await this.#context.access.mergePatch(PODS, keyOf(pod), change);
  }

  /** Pods of a node that is gone end at once; those of a silent one wait for it to come back or go. */
  async #orphans(nodeName: string, isGone: boolean): Promise<void> {
    for (const pod of this.#pods.get(nodeName)) {
      if (isDeleting(pod) && !isGone) continue;
      await this.#context.access
        .delete(PODS, keyOf(pod), isGone ? {} : { graceful: true })
        .catch((error: unknown) => {
          if (!isNotFound(error)) throw error;
        });
    }
  }

  #now(): string {
    return rfc3339(this.#context.clock.now());
  }
}

type Conditions = NonNullable<NonNullable<Node['status']>['conditions']>;

function unknownConditions(node: Node, time: string): Conditions {
  return (node.status?.conditions ?? []).map((condition) => ({
    ...condition,
    status: 'Unknown',
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting node status.',
    lastTransitionTime: time,
  }));
}
