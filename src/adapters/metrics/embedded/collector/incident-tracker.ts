/**
 * Finds restarts and OOM kills in pod statuses. The counters that were last seen are stored with the incidents, so none
 * is lost while we are away and none is counted again when we are back.
 */
import type { ContainerStatus, Pod } from '#apis/kubernetes/builtin.ts';
import type { WorkloadRef } from '#domain/workload/workload-ref.ts';
import type { ContainerState } from '../history/container-states.ts';
import type { Incident } from '../history/incident-store.ts';
import type { SeriesName } from '../history/series-index.ts';
import { amountOf } from './amounts.ts';

/** A pod and the workload that it belongs to. */
export interface OwnedPod {
  readonly pod: Pod;
  readonly workload: WorkloadRef;
}

/** What a look at the pods brought, to be stored as a whole. */
export interface Findings {
  readonly incidents: readonly (readonly [SeriesName, Incident])[];
  readonly states: readonly ContainerState[];
  readonly gone: readonly string[];
  /** The memory limits that were in force, by pod uid and container. */
  readonly limits: readonly (readonly [uid: string, container: string, bytes: number])[];
}

/** When this and the last look took place; `previousMs` is undefined at the very first. */
export interface Look {
  readonly nowMs: number;
  readonly previousMs: number | undefined;
}

/** A pod that is missing from the lists for so long does not come back. */
const GONE_AFTER_MS = 600_000;
/** So far ahead of ours may the clock of a node be. */
const MAX_CLOCK_SKEW_MS = 3_600_000;

export class IncidentTracker {
  /** Restart counts by pod uid and container. */
  readonly #restarts = new Map<string, Map<string, number>>();
  readonly #lastSeenMs = new Map<string, number>();
  /** Memory limits at the last look, by pod uid and container. */
  readonly #limits = new Map<string, Map<string, number>>();

  /** Takes up where the stored states stand. */
  constructor(states: readonly ContainerState[]) {
    for (const state of states) this.#keep(state);
  }

  /** What is new. Call `accept` with it once it is stored; until then it is found again. */
  find(pods: readonly OwnedPod[], look: Look): Findings {
    const incidents: (readonly [SeriesName, Incident])[] = [];
    const states: ContainerState[] = [];
    const limits: Findings['limits'][number][] = [];
    for (const owned of pods) {
      for (const status of statusesOf(owned.pod)) {
        const seen = this.#examine(owned, status, look);
        const name: SeriesName = { workload: owned.workload, container: status.name };
        incidents.push(...seen.incidents.map((incident) => [name, incident] as const));
        if (seen.state !== undefined) states.push(seen.state);
        const bytes = memoryLimit(owned.pod, status);
        if (bytes !== undefined) limits.push([owned.pod.metadata?.uid ?? '', status.name, bytes]);
      }
    }
    return { incidents, states, limits, gone: this.#gone(pods, look.nowMs) };
  }

  accept(findings: Findings): void {
    for (const state of findings.states) this.#keep(state);
    for (const [uid, container, bytes] of findings.limits) {
      const limits = this.#limits.get(uid) ?? new Map<string, number>();
      this.#limits.set(uid, limits.set(container, bytes));
    }
    for (const uid of findings.gone) {
      this.#restarts.delete(uid);
      this.#limits.delete(uid);
      this.#lastSeenMs.delete(uid);
    }
  }

  #keep({ uid, container, restarts }: ContainerState): void {
    const counts = this.#restarts.get(uid) ?? new Map<string, number>();
    this.#restarts.set(uid, counts.set(container, restarts));
  }

  #examine({ pod }: OwnedPod, status: ContainerStatus, look: Look): Seen {
    const uid = pod.metadata?.uid ?? '';
    const known = this.#restarts.get(uid)?.get(status.name);
    // Of a pod that is older than our first look nobody knows when its earlier restarts were.
    const before = known ?? (isYoungerThan(pod, look.previousMs) ? 0 : undefined);
    const restarts = before === undefined ? undefined : Math.max(0, status.restartCount - before);
    const limitBytes = this.#limitAtKill(uid, pod, status);
    const context = { uid, pod: pod.metadata?.name ?? '', limitBytes, look };
    return {
      incidents: [...restartsOf(status, restarts, context), ...oomKillsOf(status, restarts, context)],
      state:
        known === status.restartCount
          ? undefined
          : { uid, container: status.name, restarts: status.restartCount },
    };
  }

  /** A resize in place may lie between a kill and our look at it: it was the smaller limit that killed. */
  #limitAtKill(uid: string, pod: Pod, status: ContainerStatus): number | undefined {
    const limits = [memoryLimit(pod, status), this.#limits.get(uid)?.get(status.name)];
    const known = limits.filter((bytes) => bytes !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  #gone(pods: readonly OwnedPod[], nowMs: number): readonly string[] {
    for (const { pod } of pods) this.#lastSeenMs.set(pod.metadata?.uid ?? '', nowMs);
    return [...this.#restarts.keys()].filter((uid) => {
      const seenMs = this.#lastSeenMs.get(uid);
      if (seenMs === undefined) this.#lastSeenMs.set(uid, nowMs);
      return seenMs !== undefined && nowMs - seenMs > GONE_AFTER_MS;
    });
  }
}

type Ended = NonNullable<NonNullable<ContainerStatus['state']>['terminated']>;

interface Seen {
  readonly incidents: readonly Incident[];
  readonly state: ContainerState | undefined;
}

interface Context {
  readonly uid: string;
  readonly pod: string;
  readonly limitBytes: number | undefined;
  readonly look: Look;
}

function statusesOf(pod: Pod): readonly ContainerStatus[] {
  const sidecars = (pod.spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const names = new Set(sidecars.map(({ name }) => name));
  const initial = (pod.status?.initContainerStatuses ?? []).filter(({ name }) => names.has(name));
  return [...(pod.status?.containerStatuses ?? []), ...initial];
}

function isYoungerThan(pod: Pod, ms: number | undefined): boolean {
  const createdMs = Date.parse(pod.metadata?.creationTimestamp ?? '');
  // Creation times are cut to whole seconds.
  return ms !== undefined && createdMs + 1000 > ms;
}

/**
 * `restarts` since the last look: the last one ended when its container instance finished; earlier ones, of which
 * the status says nothing any more, ended before that instance started. Undefined: the first look at an old pod,
 * which tells of the last restart only.
 */
function restartsOf(
  status: ContainerStatus,
  restarts: number | undefined,
  context: Context,
): readonly Incident[] {
  const last = status.lastState?.terminated;
  if (restarts === 0 || (restarts === undefined && last === undefined)) return [];
  const base = { kind: 'restart', uid: context.uid, pod: context.pod } as const;
  const endedMs = timeOf(last?.finishedAt, context.look) ?? context.look.nowMs;
  const incidents: Incident[] = [{ ...base, atMs: endedMs, count: 1 }];
  const earlier = (restarts ?? 1) - 1;
  if (earlier > 0)
    incidents.push({ ...base, atMs: earlierThan(endedMs, last, context.look), count: earlier });
  return incidents;
}

/** Restarts that were missed before an OOM kill are taken for OOM kills too: a container that is short of memory loops. */
function oomKillsOf(
  status: ContainerStatus,
  restarts: number | undefined,
  context: Context,
): readonly Incident[] {
  const { uid, pod, limitBytes, look } = context;
  const base = { kind: 'oom', uid, pod, limitBytes } as const;
  const last = oomKilled(status.lastState?.terminated);
  const isNew = restarts !== undefined && restarts > 0;
  const incidents = [last, oomKilled(status.state?.terminated)].flatMap((ended): readonly Incident[] => {
    const atMs = killedMs(ended, isNew, look);
    return atMs === undefined ? [] : [{ ...base, atMs, count: 1 }];
  });
  if (last === undefined || !isNew || restarts === 1) return incidents;
  const atMs = earlierThan(timeOf(last.finishedAt, look) ?? look.nowMs, last, look);
  return [...incidents, { ...base, atMs, count: restarts - 1 }];
}

/** A kill with a time is told at every look and known by it; one without is told when its restart is counted. */
function killedMs(ended: Ended | undefined, isNew: boolean, look: Look): number | undefined {
  if (ended === undefined) return undefined;
  return timeOf(ended.finishedAt, look) ?? (isNew ? look.nowMs : undefined);
}

function oomKilled(ended: Ended | undefined): Ended | undefined {
  return ended?.reason === 'OOMKilled' ? ended : undefined;
}

/** A time as the kubelet tells it; undefined where it tells none or one that cannot be. */
function timeOf(text: string | undefined, { nowMs }: Look): number | undefined {
  const ms = Date.parse(text ?? '');
  return ms <= nowMs + MAX_CLOCK_SKEW_MS ? ms : undefined;
}

/** Kubelet times are whole seconds, so two restarts within one would fall together. */
function earlierThan(endedMs: number, ended: Ended | undefined, look: Look): number {
  return Math.min(timeOf(ended?.startedAt, look) ?? endedMs, endedMs - 1);
}

/** The limit that the kubelet applies, which an in-place resize changes, or the one of the spec. */
function memoryLimit({ spec }: Pod, status: ContainerStatus): number | undefined {
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  const resources = status.resources ?? containers.find(({ name }) => name === status.name)?.resources;
  const bytes = amountOf(resources?.limits?.['memory']);
  return Number.isNaN(bytes) ? undefined : bytes;
}
