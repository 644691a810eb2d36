/** The ReplicaSets of a Deployment: which one is new, and the annotations by which revisions are kept. */
import type { Deployment, ReplicaSet } from '#apis/kubernetes/builtin.ts';
import { annotationsOf, createdMs, nameOf } from '../../meta.ts';
import { stableText } from '../../naming.ts';
import { resolveCount } from '../writing.ts';

export const HASH_LABEL = 'pod-template-hash';
export const REVISION = 'deployment.kubernetes.io/revision';
export const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';

const NOT_COPIED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deprecated.deployment.rollback.to',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
]);

export interface ReplicaSetsOfDeployment {
  /** The one whose template is the Deployment's; undefined before it is made. */
  readonly current: ReplicaSet | undefined;
  /** All others, oldest first. */
  readonly old: readonly ReplicaSet[];
}

type Template = NonNullable<Deployment['spec']>['template'];

/** Stored templates are never changed in place: their texts are worked out once. */
const texts = new WeakMap<object, string>();

/** The text of a template without what the controller itself adds to it. */
export function templateText(template: Template | undefined): string {
  if (template === undefined) return '';
  let text = texts.get(template);
  if (text === undefined) {
    const { [HASH_LABEL]: _hash, ...labels } = template.metadata?.labels ?? {};
    text = stableText({ ...template, metadata: { ...template.metadata, labels } });
    texts.set(template, text);
  }
  return text;
}

export function splitReplicaSets(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
): ReplicaSetsOfDeployment {
  const byAge = sets.toSorted((a, b) => createdMs(a) - createdMs(b) || (nameOf(a) < nameOf(b) ? -1 : 1));
  const wanted = templateText(deployment.spec?.template);
  const current = byAge.find((set) => templateText(set.spec?.template) === wanted);
  return { current, old: byAge.filter((set) => set !== current) };
}

export function wishedReplicas(object: Deployment | ReplicaSet | undefined): number {
  return object?.spec?.replicas ?? (object === undefined ? 0 : 1);
}

export function totalReplicas(sets: readonly (ReplicaSet | undefined)[]): number {
  return sets.reduce((sum, set) => sum + wishedReplicas(set), 0);
}

export function totalAvailable(sets: readonly (ReplicaSet | undefined)[]): number {
  return sets.reduce((sum, set) => sum + (set?.status?.availableReplicas ?? 0), 0);
}

export function revisionOf(object: Deployment | ReplicaSet): number {
  const revision = Number(annotationsOf(object)[REVISION]);
  return Number.isFinite(revision) ? revision : 0;
}

export interface RolloutBounds {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

/** Surge and unavailability in pods; if both round to nothing, one pod may be unavailable. */
export function rolloutBounds(deployment: Deployment): RolloutBounds {
  const { type, rollingUpdate } = deployment.spec?.strategy ?? {};
  if (type === 'Recreate') return { maxSurge: 0, maxUnavailable: 0 };
  const total = wishedReplicas(deployment);
  const maxSurge = resolveCount(rollingUpdate?.maxSurge ?? '25%', total, 'up');
  const unavailable = resolveCount(rollingUpdate?.maxUnavailable ?? '25%', total, 'down');
  const isStuck = maxSurge === 0 && unavailable === 0;
  return { maxSurge, maxUnavailable: isStuck ? 1 : Math.min(total, unavailable) };
}

/** The annotations that tell a ReplicaSet how large its Deployment was when it was last scaled. */
export function sizeAnnotations(deployment: Deployment): Record<string, string> {
  const replicas = wishedReplicas(deployment);
  return {
    [DESIRED_REPLICAS]: String(replicas),
    [MAX_REPLICAS]: String(replicas + rolloutBounds(deployment).maxSurge),
  };
}

/** The annotations of the current ReplicaSet: the Deployment's own, and the revision that it stands for. */
export function currentAnnotations(
  deployment: Deployment,
  set: ReplicaSet | undefined,
  revision: number,
): Record<string, string> {
  const copied = Object.entries(annotationsOf(deployment)).filter(([name]) => !NOT_COPIED.has(name));
  const before = set === undefined ? {} : annotationsOf(set);
  const annotations: Record<string, string> = { ...before, ...Object.fromEntries(copied) };
  const known = Number(before[REVISION] ?? 0);
  if (known >= revision) return annotations;
  annotations[REVISION] = String(revision);
  const passed = before[REVISION];
  if (passed === undefined) return annotations;
  const history = before[REVISION_HISTORY];
  annotations[REVISION_HISTORY] = history === undefined ? passed : `${history},${passed}`;
  return annotations;
}
