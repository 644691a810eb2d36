/** Rolls Deployments out: ReplicaSets per template, scaled against each other (pkg/controller/deployment). */
import type { Deployment, ReplicaSet } from '#apis/kubernetes/builtin.ts';
import { keyOf } from '#apis/kubernetes/object.ts';
import { isAlreadyExists, isNotFound } from '#kube/client/api-error.ts';
import { DEPLOYMENTS, REPLICA_SETS } from '#kube/client/builtin-types.ts';
import type { Component, FleetContext } from '../../fleet-context.ts';
import type { ChangeIndex } from '../../fleet-indexes.ts';
import { annotationsOf, isDeleting, nameOf, namespaceOf, uidOf } from '../../meta.ts';
import { templateHash } from '../../naming.ts';
import { isFinished } from '../../resources.ts';
import { ControlLoop } from '../control-loop.ts';
import { controllerReference, writeStatus } from '../writing.ts';
import {
  type ConditionWish,
  type DeploymentStatus,
  countedStatus,
  deadlineMs,
  isComplete,
  progressing,
  rolloutStatus,
  setCondition,
} from './deployment-status.ts';
import {
  DESIRED_REPLICAS,
  HASH_LABEL,
  REVISION,
  type ReplicaSetsOfDeployment,
  currentAnnotations,
  revisionOf,
  sizeAnnotations,
  splitReplicaSets,
  templateText,
  wishedReplicas,
} from './replica-sets.ts';
import { type Scaling, newReplicas, scaleAll, scaleNew, scaleOld } from './rolling.ts';

const COMPONENT = 'deployment-controller';
const DEFAULT_HISTORY = 10;

export class DeploymentController implements Component {
  readonly #context: FleetContext;
  readonly #replicaSets: ChangeIndex<ReplicaSet>;
  readonly #loop: ControlLoop<Deployment>;

  constructor(context: FleetContext) {
    this.#context = context;
    this.#replicaSets = context.indexes.replicaSetsByOwner;
    this.#loop = new ControlLoop({
      name: COMPONENT,
      context,
      type: DEPLOYMENTS,
      owned: [REPLICA_SETS],
      reconcile: (deployment) => this.#reconcile(deployment),
    });
  }

  stop(): void {
    this.#loop.stop();
  }

  async #reconcile(deployment: Deployment): Promise<number | undefined> {
    const sets = splitReplicaSets(deployment, this.#replicaSets.get(uidOf(deployment)));
    if (isDeleting(deployment)) {
      await this.#write(deployment, countedStatus(deployment, this.#moment(sets)));
      return undefined;
    }
    if (deployment.spec?.paused === true || isResized(deployment, sets))
      return this.#resize(deployment, sets);
    await this.#notePause(deployment);
    return deployment.spec?.strategy?.type === 'Recreate'
      ? this.#recreate(deployment, sets)
      : this.#roll(deployment, sets);
  }

  async #roll(deployment: Deployment, before: ReplicaSetsOfDeployment): Promise<number | undefined> {
    const synced = await this.#syncRevision(deployment, before);
    if (synced === undefined) return 0;
    const { sets } = synced;
    const up = scaleNew(synced.deployment, sets);
    const scalings = up === undefined ? scaleOld(synced.deployment, sets) : [up];
    for (const scaling of scalings) await this.#scale(synced.deployment, scaling);
    return this.#finish(synced.deployment, sets, scalings.length > 0);
  }

  /** All old pods end before the first new one begins. */
  async #recreate(deployment: Deployment, before: ReplicaSetsOfDeployment): Promise<number | undefined> {
    const shrinking = before.old.filter((set) => wishedReplicas(set) > 0);
    for (const set of shrinking) await this.#scale(deployment, { set, replicas: 0 });
    if (shrinking.length > 0 || this.#hasPods(before.old)) return this.#finish(deployment, before, true);
    const synced = await this.#syncRevision(deployment, before);
    if (synced === undefined) return 0;
    const { current } = synced.sets;
    const wished = wishedReplicas(deployment);
    const isGrowing = current !== undefined && wishedReplicas(current) !== wished;
    if (isGrowing) await this.#scale(synced.deployment, { set: current, replicas: wished });
    return this.#finish(synced.deployment, synced.sets, isGrowing);
  }

  #hasPods(sets: readonly ReplicaSet[]): boolean {
    const { podsByOwner } = this.#context.indexes;
    return sets.some((set) => podsByOwner.get(uidOf(set)).some((pod) => !isFinished(pod)));
  }

  /** Only the size has changed, or the Deployment is paused: templates are left alone. */
  async #resize(deployment: Deployment, sets: ReplicaSetsOfDeployment): Promise<number | undefined> {
    for (const scaling of scaleAll(deployment, sets)) await this.#scale(deployment, scaling);
    for (const set of [...sets.old, sets.current]) {
      if (set !== undefined && wishedReplicas(set) > 0)
        await this.#annotate(set, sizeAnnotations(deployment));
    }
    const paused = await this.#notePause(deployment);
    if (paused !== undefined) return undefined;
    await this.#write(deployment, countedStatus(deployment, this.#moment(sets)));
    return undefined;
  }

  async #finish(
    deployment: Deployment,
    sets: ReplicaSetsOfDeployment,
    isMoving: boolean,
  ): Promise<number | undefined> {
    const fresh = splitReplicaSets(deployment, this.#replicaSets.get(uidOf(deployment)));
    const status = rolloutStatus(deployment, this.#moment(fresh));
    if (!isMoving && isComplete(deployment, status)) await this.#dropHistory(deployment, sets.old);
    await this.#write(deployment, status);
    return this.#deadlineIn(deployment, status);
  }

  #moment(sets: ReplicaSetsOfDeployment): { readonly sets: ReplicaSetsOfDeployment; readonly nowMs: number } {
    return { sets, nowMs: this.#context.clock.now() };
  }

  /** Compares with what is stored: `deployment` may carry conditions that are not written yet. */
  async #write(deployment: Deployment, status: DeploymentStatus): Promise<void> {
    const stored = this.#context.access.get(DEPLOYMENTS, keyOf(deployment)) ?? deployment;
    await writeStatus(this.#context, { type: DEPLOYMENTS, object: stored }, status);
  }

  /** Nothing else happens when a rollout is stuck: someone must look when its deadline passes. */
  #deadlineIn(deployment: Deployment, status: DeploymentStatus): number | undefined {
    const progress = progressing(status);
    const limitMs = deadlineMs(deployment);
    if (progress === undefined || limitMs === undefined || isComplete(deployment, status)) return undefined;
    if (progress.reason === 'NewReplicaSetAvailable' || progress.reason === 'ProgressDeadlineExceeded')
      return undefined;
    const dueMs = Date.parse(progress.lastUpdateTime ?? '') + limitMs + 1000;
    return Math.max(1000, dueMs - this.#context.clock.now());
  }

  /** Makes the new ReplicaSet or revives the old one with that template, and counts the revision. */
  async #syncRevision(
    deployment: Deployment,
    sets: ReplicaSetsOfDeployment,
  ): Promise<{ readonly deployment: Deployment; readonly sets: ReplicaSetsOfDeployment } | undefined> {
    const revision = Math.max(0, ...sets.old.map(revisionOf)) + 1;
    if (sets.current === undefined) {
      const created = await this.#create(deployment, sets, revision);
      if (created === undefined) return undefined;
      const noted = await this.#noteRevision(deployment, created, 'NewReplicaSetCreated');
      return { deployment: noted, sets: { ...sets, current: created } };
    }
    const current = await this.#annotate(
      sets.current,
      currentAnnotations(deployment, sets.current, revision),
    );
    const noted = await this.#noteRevision(deployment, current, 'FoundNewReplicaSet');
    return { deployment: noted, sets: { ...sets, current } };
  }

  async #create(
    deployment: Deployment,
    sets: ReplicaSetsOfDeployment,
    revision: number,
  ): Promise<ReplicaSet | undefined> {
    const set = newReplicaSet(deployment, newReplicas(deployment, sets), revision);
    try {
      const created = await this.#context.access.create(REPLICA_SETS, set);
      this.#tellScaling(deployment, { set: created, replicas: wishedReplicas(created) }, 0);
      return created;
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const body = { status: { collisionCount: (deployment.status?.collisionCount ?? 0) + 1 } };
      await this.#context.access.mergePatch(DEPLOYMENTS, keyOf(deployment), { body, subresource: 'status' });
      return undefined;
    }
  }

  /** The Deployment carries the revision of its current ReplicaSet, and says where its rollout began. */
  async #noteRevision(deployment: Deployment, set: ReplicaSet, reason: string): Promise<Deployment> {
    const { access, clock } = this.#context;
    const revision = annotationsOf(set)[REVISION];
    let noted = deployment;
    if (annotationsOf(deployment)[REVISION] !== revision) {
      // Through the status: an annotation written otherwise would count as a new generation.
      const body = { metadata: { annotations: { [REVISION]: revision } } };
      noted = await access.mergePatch(DEPLOYMENTS, keyOf(deployment), { body, subresource: 'status' });
    }
    const isNew = reason === 'NewReplicaSetCreated';
    if (deadlineMs(deployment) === undefined || (!isNew && progressing(noted.status) !== undefined))
      return noted;
    const message = `${isNew ? 'Created' : 'Found'} new replica set "${nameOf(set)}"`;
    const wish: ConditionWish = { type: 'Progressing', status: 'True', reason, message };
    const conditions = [...setCondition(noted.status?.conditions ?? [], wish, clock.now())];
    return { ...noted, status: { ...noted.status, conditions } };
  }

  /** A pause stops the deadline; a resume starts it again. */
  async #notePause(deployment: Deployment): Promise<true | undefined> {
    const before = progressing(deployment.status);
    const isPaused = deployment.spec?.paused === true;
    const saysPaused = before?.reason === 'DeploymentPaused';
    if (deadlineMs(deployment) === undefined || isPaused === saysPaused) return undefined;
    if (before?.reason === 'ProgressDeadlineExceeded') return undefined;
    const wish: ConditionWish = isPaused
      ? {
          type: 'Progressing',
          status: 'Unknown',
          reason: 'DeploymentPaused',
          message: 'Deployment is paused',
        }
      : {
          type: 'Progressing',
          status: 'Unknown',
          reason: 'DeploymentResumed',
          message: 'Deployment is resumed',
        };
    const conditions = setCondition(deployment.status?.conditions ?? [], wish, this.#context.clock.now());
    await this.#write(deployment, { ...deployment.status, conditions: [...conditions] });
    return true;
  }

  async #scale(deployment: Deployment, { set, replicas }: Scaling): Promise<void> {
    const body = { metadata: { annotations: sizeAnnotations(deployment) }, spec: { replicas } };
    await this.#context.access.mergePatch(REPLICA_SETS, keyOf(set), { body });
    this.#tellScaling(deployment, { set, replicas }, wishedReplicas(set));
  }

  #tellScaling(deployment: Deployment, { set, replicas }: Scaling, before: number): void {
    if (replicas === before) return;
    const direction = replicas > before ? 'up' : 'down';
    this.#context.events.emit(deployment, {
      type: 'Normal',
      reason: 'ScalingReplicaSet',
      message: `Scaled ${direction} replica set ${nameOf(set)} from ${before} to ${replicas}`,
      component: COMPONENT,
    });
  }

  async #annotate(set: ReplicaSet, annotations: Readonly<Record<string, string>>): Promise<ReplicaSet> {
    const before = annotationsOf(set);
    if (Object.entries(annotations).every(([name, value]) => before[name] === value)) return set;
    return this.#context.access.mergePatch(REPLICA_SETS, keyOf(set), { body: { metadata: { annotations } } });
  }

  /** Old ReplicaSets without pods are kept for rollbacks, up to a limit; the oldest go first. */
  async #dropHistory(deployment: Deployment, old: readonly ReplicaSet[]): Promise<void> {
    const empty = old.filter(
      (set) => wishedReplicas(set) === 0 && (set.status?.replicas ?? 0) === 0 && !isDeleting(set),
    );
    const surplus = empty.length - (deployment.spec?.revisionHistoryLimit ?? DEFAULT_HISTORY);
    const oldest = empty.toSorted((a, b) => revisionOf(a) - revisionOf(b)).slice(0, Math.max(0, surplus));
    for (const set of oldest) {
      await this.#context.access.delete(REPLICA_SETS, keyOf(set)).catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
    }
  }
}

/** Whether the size of the Deployment is another than when its ReplicaSets were last scaled. */
function isResized(deployment: Deployment, sets: ReplicaSetsOfDeployment): boolean {
  return [...sets.old, sets.current].some((set) => {
    if (set === undefined || wishedReplicas(set) === 0) return false;
    const desired = annotationsOf(set)[DESIRED_REPLICAS];
    return desired !== undefined && Number(desired) !== wishedReplicas(deployment);
  });
}

function newReplicaSet(deployment: Deployment, replicas: number, revision: number): ReplicaSet {
  const { template, selector, minReadySeconds } = deployment.spec ?? {};
  const hash = templateHash(templateText(template), deployment.status?.collisionCount);
  const labels = { ...template?.metadata?.labels, [HASH_LABEL]: hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${nameOf(deployment)}-${hash}`,
      namespace: namespaceOf(deployment),
      labels,
      annotations: { ...currentAnnotations(deployment, undefined, revision), ...sizeAnnotations(deployment) },
      ownerReferences: [controllerReference(DEPLOYMENTS, deployment)],
    },
    spec: {
      replicas,
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector?.matchLabels, [HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...template?.metadata, labels } },
    },
  };
}
