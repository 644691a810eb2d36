/**
 * The usage of everything that runs: which workload has which demand, how it falls on its ready pods, and the
 * meter of each running container. Kubelets tell it what runs; whoever wants numbers reads its meters.
 */
import { unitsOf } from '#apis/kubernetes/quantity.ts';
import type { Container, Pod } from '#apis/kubernetes/builtin.ts';
import { parseDuration } from '#domain/units/duration.ts';
import { hashText } from '#platform/random.ts';
import type { TraceLibrary } from '../../traces/trace-library.ts';
import type { ClusterAccess } from '../cluster-access.ts';
import { annotationsOf, nameOf, namespaceOf, uidOf } from '../meta.ts';
import { ContainerHistory } from './container-history.ts';
import { type ContainerLimits, ContainerMeter } from './container-meter.ts';
import { ContainerModel, podSeed } from './container-model.ts';
import { defaultProfile } from './default-profile.ts';
import { lastBirth, pastLives } from './past-lives.ts';
import { parseUsageProfile } from './usage-profile.ts';
import { type ContainerProfile, USAGE_ANNOTATION, type UsageProfile } from './usage-schema.ts';
import { type WorkloadIdentity, identityKey, workloadOf } from './workload-identity.ts';

/** A pod with at least one container that ran. */
export interface PodUsage {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly nodeName: string;
  readonly workload: WorkloadIdentity;
  /** Meters of the containers that run now, by container name. */
  readonly meters: ReadonlyMap<string, ContainerMeter>;
  /** What its containers lived through, by container name. */
  readonly histories: ReadonlyMap<string, ContainerHistory>;
  /** CPU time of containers that have ended. */
  readonly endedCpuSeconds: number;
}

export interface FleetUsageOptions {
  readonly access: Pick<ClusterAccess, 'get'>;
  readonly traces: TraceLibrary;
  readonly seed: number | string;
  /**
   * Containers that start before `beforeMs` behave as if they had run since `sinceMs`: the world begins in the
   * middle of its life, and its past can be asked for.
   */
  readonly past?: { readonly sinceMs: number; readonly beforeMs: number };
}

interface PodState extends PodUsage {
  readonly meters: Map<string, ContainerMeter>;
  readonly histories: Map<string, ContainerHistory>;
  readonly seed: number;
  readonly profile: UsageProfile | undefined;
  readonly group: WorkloadGroup;
  endedCpuSeconds: number;
  weight: number;
  ready: boolean;
}

/** The pods of one workload. */
interface WorkloadGroup {
  readonly identity: WorkloadIdentity;
  readonly pods: Set<PodState>;
  /** One model for each profile text and container name. */
  readonly models: Map<string, ContainerModel>;
  /** The pods that are taken to have run all the time before the world began. */
  readonly longLived: Set<PodState>;
}

export interface StartedContainer {
  readonly pod: Pod;
  readonly container: Container;
  readonly limits: ContainerLimits;
  readonly atMs: number;
}

/** The pods that are gone longest are forgotten beyond this number. */
const MAX_GONE_PODS = 10_000;

export interface ContainerEnd {
  readonly atMs: number;
  readonly isOomKilled?: boolean;
}

export class FleetUsage {
  readonly #options: FleetUsageOptions;
  readonly #pods = new Map<string, PodState>();
  readonly #groups = new Map<string, WorkloadGroup>();
  /** CPU time of pods that are gone, by node. */
  readonly #goneCpuSeconds = new Map<string, number>();
  #gone: PodState[] = [];

  constructor(options: FleetUsageOptions) {
    this.#options = options;
  }

  /** Every pod that runs something, in the order in which they began. */
  pods(): Iterable<PodUsage> {
    return this.#pods.values();
  }

  pod(uid: string): PodUsage | undefined {
    return this.#pods.get(uid);
  }

  /** Those that are gone as well, in the order in which they went; past usage is computed from them. */
  *everyPod(): Iterable<PodUsage> {
    yield* this.#gone;
    yield* this.#pods.values();
  }

  /** Throws KC_USAGE_PROFILE_INVALID where the pod's annotation cannot be used. */
  start(started: StartedContainer): ContainerMeter {
    const state = this.#podState(started.pod);
    const model = this.#model(state, started);
    const history = this.#history(state, model, started);
    const meter = new ContainerMeter({
      model,
      place: { seed: state.seed, share: shareOf(state), bornMs: lastBirth(history.assumed, started.atMs) },
      limits: started.limits,
      startedMs: started.atMs,
    });
    history.started(meter);
    state.meters.set(started.container.name, meter);
    return meter;
  }

  /** The part of the demand that a pod carried before the world began: its workload was complete all the time. */
  pastShare({ uid, workload }: PodUsage): number {
    const group = this.#groups.get(groupKey(workload));
    const pods = [...(group?.longLived ?? [])];
    const pod = pods.find((each) => each.uid === uid);
    if (pod === undefined) return 0;
    const weights = pods.reduce((sum, each) => sum + each.weight, 0);
    const missing =
      workload.kind === 'DaemonSet' ? 1 : Math.min(1, pods.length / Math.max(1, workload.replicas));
    return (pod.weight / weights) * missing;
  }

  #history(
    state: PodState,
    model: ContainerModel,
    { container, limits, atMs }: StartedContainer,
  ): ContainerHistory {
    let history = state.histories.get(container.name);
    if (history === undefined) {
      const sinceMs = this.#pastSince(state, atMs);
      const share = state.weight / Math.max(1, state.workload.replicas);
      const past = { model, seed: state.seed, share, limits, sinceMs: sinceMs ?? atMs, untilMs: atMs };
      history = new ContainerHistory(sinceMs === undefined ? undefined : { ...past, lives: pastLives(past) });
      state.histories.set(container.name, history);
    }
    return history;
  }

  /** When a pod that starts now is taken to have begun; undefined where that is now. */
  #pastSince(state: PodState, atMs: number): number | undefined {
    const { past } = this.#options;
    const { group } = state;
    if (past === undefined || atMs >= past.beforeMs || !hasPast(state)) return undefined;
    group.longLived.add(state);
    const { age } = state.profile?.lifecycle ?? {};
    if (age === undefined) return past.sinceMs;
    return Math.max(
      past.sinceMs,
      atMs - parseDuration(age, { field: 'lifecycle.age', minMs: 0, maxMs: Infinity }),
    );
  }

  /** The container has ended; its meter is gone. */
  stop(podUid: string, container: string, { atMs, isOomKilled = false }: ContainerEnd): void {
    const pod = this.#pods.get(podUid);
    const meter = pod?.meters.get(container);
    if (pod === undefined || meter === undefined) return;
    pod.endedCpuSeconds += meter.read(atMs).cpuSeconds;
    pod.meters.delete(container);
    pod.histories.get(container)?.ended(atMs, isOomKilled);
  }

  /** CPU time that all pods of a node have used since the beginning, those that are gone included. */
  nodeCpuSeconds(nodeName: string, atMs: number): number {
    let seconds = this.#goneCpuSeconds.get(nodeName) ?? 0;
    for (const pod of this.#pods.values()) if (pod.nodeName === nodeName) seconds += podCpuSeconds(pod, atMs);
    return seconds;
  }

  /** A pod takes its share of the demand from when it is ready. Returns the pods whose share has changed. */
  setReady(podUid: string, ready: boolean, atMs: number): readonly string[] {
    const pod = this.#pods.get(podUid);
    if (pod === undefined || pod.ready === ready) return [];
    pod.ready = ready;
    return spread(pod.group, atMs);
  }

  /** The pod is gone. Returns the pods whose share has changed. */
  remove(podUid: string, atMs: number): readonly string[] {
    const pod = this.#pods.get(podUid);
    if (pod === undefined) return [];
    const gone = this.#goneCpuSeconds.get(pod.nodeName) ?? 0;
    this.#goneCpuSeconds.set(pod.nodeName, gone + podCpuSeconds(pod, atMs));
    this.#pods.delete(podUid);
    this.#keep(pod, atMs);
    pod.group.pods.delete(pod);
    return pod.ready ? spread(pod.group, atMs) : [];
  }

  #keep(pod: PodState, atMs: number): void {
    for (const history of pod.histories.values()) history.ended(atMs, false);
    this.#gone.push(pod);
    if (this.#gone.length > MAX_GONE_PODS) this.#gone = this.#gone.slice(MAX_GONE_PODS / 2);
  }

  #podState(pod: Pod): PodState {
    const known = this.#pods.get(uidOf(pod));
    if (known !== undefined) return known;
    const namespace = namespaceOf(pod);
    const name = nameOf(pod);
    const group = this.#group(workloadOf(this.#options.access, pod));
    const text = annotationsOf(pod)[USAGE_ANNOTATION];
    const state: PodState = {
      uid: uidOf(pod),
      namespace,
      name,
      nodeName: pod.spec?.nodeName ?? '',
      workload: group.identity,
      meters: new Map(),
      histories: new Map(),
      endedCpuSeconds: 0,
      seed: podSeed(String(this.#options.seed), `${namespace}/${name}`),
      profile: text === undefined ? undefined : parseUsageProfile(text, `pod ${namespace}/${name}`),
      group,
      weight: 1,
      ready: false,
    };
    this.#pods.set(state.uid, state);
    group.pods.add(state);
    return state;
  }

  #group(identity: WorkloadIdentity): WorkloadGroup {
    const key = groupKey(identity);
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { identity, pods: new Set(), models: new Map(), longLived: new Set() };
      this.#groups.set(key, group);
    }
    return group;
  }

  /** A default profile is fixed when a workload is first seen: a smaller request must not shrink the demand. */
  #model(state: PodState, { pod, container }: StartedContainer): ContainerModel {
    const { group } = state;
    const key = `${container.name}\n${annotationsOf(pod)[USAGE_ANNOTATION] ?? ''}`;
    let model = group.models.get(key);
    if (model === undefined) {
      const seed = `${this.#options.seed}/${identityKey(group.identity)}/${container.name}`;
      const profile = declaredProfile(state.profile, pod, container.name);
      model = new ContainerModel(profile ?? generatedProfile(group.identity, container, seed), {
        seed,
        originMs: group.identity.createdMs,
        traces: this.#options.traces,
      });
      group.models.set(key, model);
    }
    state.weight = 1 + model.skew * (2 * (hashText(state.name) / 2 ** 32) - 1);
    return model;
  }
}

function groupKey(identity: WorkloadIdentity): string {
  return `${identityKey(identity)}/${identity.uid ?? ''}`;
}

/** Only as many pods as the workload wants have a past; a Job begins when it begins. */
function hasPast(state: PodState): boolean {
  const { kind, replicas } = state.workload;
  const { longLived } = state.group;
  if (kind === 'Job') return false;
  if (longLived.has(state)) return true;
  if (kind === 'DaemonSet') return ![...longLived].some(({ nodeName }) => nodeName === state.nodeName);
  return longLived.size < replicas;
}

/** CPU time that a pod has used since it began. */
export function podCpuSeconds(pod: PodUsage, atMs: number): number {
  let seconds = pod.endedCpuSeconds;
  for (const meter of pod.meters.values()) seconds += meter.read(atMs).cpuSeconds;
  return seconds;
}

function declaredProfile(
  profile: UsageProfile | undefined,
  pod: Pod,
  container: string,
): ContainerProfile | undefined {
  if (profile === undefined) return undefined;
  const byName = profile.containers?.[container];
  if (byName !== undefined) return byName;
  const isMain = pod.spec?.containers[0]?.name === container;
  const isDeclared = [profile.cpu, profile.memory, profile.load].some((section) => section !== undefined);
  return isMain && profile.containers === undefined && isDeclared ? profile : undefined;
}

function generatedProfile(identity: WorkloadIdentity, container: Container, seed: string): ContainerProfile {
  const requests = { ...container.resources?.limits, ...container.resources?.requests };
  return defaultProfile({
    seed,
    kind: identity.kind,
    replicas: identity.replicas,
    requestCores: unitsOf(requests['cpu'] ?? 0),
    requestBytes: unitsOf(requests['memory'] ?? 0),
  });
}

function shareOf(pod: PodState): number {
  if (!pod.ready) return 0;
  let total = 0;
  for (const other of pod.group.pods) if (other.ready) total += other.weight;
  return pod.weight / total;
}

/** Divides the demand anew over the ready pods. */
function spread(group: WorkloadGroup, atMs: number): readonly string[] {
  let total = 0;
  for (const pod of group.pods) if (pod.ready) total += pod.weight;
  const changed: string[] = [];
  for (const pod of group.pods) {
    const share = pod.ready ? pod.weight / total : 0;
    for (const meter of pod.meters.values()) meter.setShare(share, atMs);
    changed.push(pod.uid);
  }
  return changed;
}
