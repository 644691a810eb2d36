/** Keeps one pod of each DaemonSet on every node that it is meant for. */
import type { ControllerRevision, DaemonSet, Node, Pod } from '#apis/kubernetes/builtin.ts';
import { DAEMON_SETS, NODES, PODS } from '#kube/client/builtin-types.ts';
import type { Component, FleetContext } from '../../fleet-context.ts';
import type { ChangeIndex } from '../../fleet-indexes.ts';
import { annotationsOf, isDeleting, labelsOf, nameOf, uidOf } from '../../meta.ts';
import { isReady } from '../../resources.ts';
import { stableText } from '../../naming.ts';
import { ControlLoop } from '../control-loop.ts';
import { createPod, deletePod, isAvailable, nextAvailableMs } from '../pod-control.ts';
import { REVISION_LABEL, currentRevision, dropOldRevisions } from '../revisions.ts';
import { observed, withoutZeros, writeStatus } from '../writing.ts';
import { daemonSpec, nodeNameOf, placesOf } from './daemon-nodes.ts';
import { planDaemonSet } from './daemon-plan.ts';

const COMPONENT = 'daemonset-controller';
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';
const GENERATION_LABEL = 'pod-template-generation';
const DEFAULT_HISTORY = 10;

export class DaemonSetController implements Component {
  readonly #context: FleetContext;
  readonly #pods: ChangeIndex<Pod>;
  readonly #loop: ControlLoop<DaemonSet>;
  readonly #stopNodes: () => void;

  constructor(context: FleetContext) {
    this.#context = context;
    this.#pods = context.indexes.podsByOwner;
    void context.indexes.revisionsByOwner.get('');
    this.#loop = new ControlLoop({
      name: COMPONENT,
      context,
      type: DAEMON_SETS,
      owned: [PODS],
      reconcile: (set) => this.#reconcile(set),
    });
    this.#stopNodes = context.access.onChange(NODES, ({ object, previous, type }) => {
      if (type === 'MODIFIED' && previous !== undefined && !isOtherPlace(object, previous)) return;
      for (const set of context.access.list(DAEMON_SETS)) this.#loop.enqueue(set);
    });
  }

  stop(): void {
    this.#stopNodes();
    this.#loop.stop();
  }

  async #reconcile(set: DaemonSet): Promise<number | undefined> {
    if (isDeleting(set)) return undefined;
    const { access, clock } = this.#context;
    const template = set.spec?.template ?? {};
    const request = { context: this.#context, type: DAEMON_SETS, owner: set, template };
    const revision = await currentRevision(request);
    const hash = labelsOf(revision)[REVISION_LABEL] ?? '';
    const nodes = access.list(NODES);
    const step = planDaemonSet({ set, nodes, pods: this.#pods.get(uidOf(set)), hash, nowMs: clock.now() });
    await this.#carryOut(set, step, hash);
    await writeStatus(this.#context, { type: DAEMON_SETS, object: set }, this.#status(set, nodes, hash));
    await dropOldRevisions(
      request,
      this.#inUse(set, revision),
      set.spec?.revisionHistoryLimit ?? DEFAULT_HISTORY,
    );
    return nextAvailableMs(this.#pods.get(uidOf(set)), set.spec?.minReadySeconds ?? 0, clock.now());
  }

  async #carryOut(set: DaemonSet, step: ReturnType<typeof planDaemonSet>, hash: string): Promise<void> {
    const owner = { context: this.#context, type: DAEMON_SETS, owner: set, component: COMPONENT };
    const template = set.spec?.template ?? {};
    const generation = annotationsOf(set)[TEMPLATE_GENERATION] ?? String(set.metadata?.generation ?? 1);
    const labels = { [REVISION_LABEL]: hash, [GENERATION_LABEL]: generation };
    for (const nodeName of step.create) {
      await createPod(owner, { template, labels, spec: daemonSpec(set, nodeName) });
    }
    for (const pod of step.remove) await deletePod(owner, pod);
  }

  #inUse(set: DaemonSet, current: ControllerRevision): ReadonlySet<string> {
    const hashes = this.#pods.get(uidOf(set)).map((pod) => labelsOf(pod)[REVISION_LABEL] ?? '');
    return new Set([nameOf(current), ...hashes.map((hash) => `${nameOf(set)}-${hash}`)]);
  }

  #status(set: DaemonSet, nodes: readonly Node[], hash: string): NonNullable<DaemonSet['status']> {
    const pods = this.#pods.get(uidOf(set));
    const nowMs = this.#context.clock.now();
    const posts = nodes.map((node) => ({
      ...placesOf(set, node),
      pods: pods.filter((pod) => nodeNameOf(pod) === nameOf(node)),
    }));
    const meant = posts.filter((post) => post.mayRun);
    const holding = (accept: (pod: Pod) => boolean): number =>
      meant.filter((post) => post.pods.some(accept)).length;
    const available = holding((pod) => isAvailable(pod, set.spec?.minReadySeconds ?? 0, nowMs));
    return {
      currentNumberScheduled: holding(() => true),
      numberMisscheduled: posts.filter((post) => !post.mayRun && post.pods.length > 0).length,
      desiredNumberScheduled: meant.length,
      numberReady: holding((pod) => isReady(pod)),
      ...withoutZeros({
        updatedNumberScheduled: holding((pod) => labelsOf(pod)[REVISION_LABEL] === hash),
        numberAvailable: available,
        numberUnavailable: meant.length - available,
      }),
      ...observed(set),
    };
  }
}

/** Heartbeats do not matter, labels and taints do. */
function isOtherPlace(node: Node, before: Node): boolean {
  return stableText([labelsOf(node), node.spec]) !== stableText([labelsOf(before), before.spec]);
}
