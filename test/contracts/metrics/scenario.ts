/**
 * One stretch of life of a cluster, told pod by pod. Both metrics sources live through it, and must tell the same.
 *
 * Usage changes at whole steps only, and pods come and go there, so that averages over a step are exact in either.
 */
import type { WorkloadKind, WorkloadRef } from '#domain/workload/workload-ref.ts';

export const TICK_MS = 30_000;
export const STEP_MS = 300_000;
export const MIB = 2 ** 20;
/** A whole week since the epoch, in the past: every grid begins here. */
export const T0 = 2_900 * 7 * 86_400_000;

/** When a container's counters did something, and why. */
export interface Ending {
  readonly atMs: number;
  readonly reason: 'OOMKilled' | 'Error';
}

/** Usage in a step, by its number since T0; undefined: the exporter gives garbage. */
export type StepUsage = (
  step: number,
) => { readonly cpuCores: number; readonly memoryBytes: number } | undefined;

export interface ScenarioContainer {
  readonly name: string;
  readonly usage: StepUsage;
  readonly limitBytes?: number;
  readonly endings?: readonly Ending[];
}

export interface ScenarioPod {
  readonly name: string;
  readonly uid: string;
  /** Its controller: a ReplicaSet of a Deployment, or the workload itself, or something we do not size. */
  readonly controller: { readonly kind: WorkloadKind | 'ReplicaSet' | 'Job'; readonly name: string };
  /** The workload; undefined for pods of others. */
  readonly workload: WorkloadRef | undefined;
  readonly namespace: string;
  /** Lives in steps from ≤ step < to. */
  readonly fromStep: number;
  readonly toStep: number;
  readonly containers: readonly ScenarioContainer[];
}

export interface Scenario {
  readonly steps: number;
  readonly pods: readonly ScenarioPod[];
  /** Steps in which nobody looks: the source itself was down. */
  readonly blindSteps: ReadonlySet<number>;
}

/** The time at which a step begins. */
export function stepStartMs(step: number): number {
  return T0 + step * STEP_MS;
}

/** The step that a time belongs to; its end belongs to it. */
export function stepOf(atMs: number): number {
  return Math.ceil((atMs - T0) / STEP_MS) - 1;
}

/** Varies from step to step and returns every hour. */
function wave(base: number, share: number): (step: number) => number {
  return (step) => base * (1 + share * Math.sin((step / 12) * 2 * Math.PI));
}

function steady(cpuCores: number, memoryMib: number, share = 0.3): StepUsage {
  const [cpu, memory] = [wave(cpuCores, share), wave(memoryMib * MIB, share / 3)];
  return (step) => ({ cpuCores: cpu(step), memoryBytes: Math.round(memory(step) / 4096) * 4096 });
}

interface PodOptions {
  readonly fromStep?: number;
  readonly toStep?: number;
  readonly uid?: string;
}

const STEPS = 72;

function pod(
  workload: WorkloadRef,
  name: string,
  containers: readonly ScenarioContainer[],
  options: PodOptions = {},
): ScenarioPod {
  const isDeployment = workload.kind === 'Deployment';
  const controller = isDeployment
    ? { kind: 'ReplicaSet' as const, name: name.slice(0, name.lastIndexOf('-')) }
    : { kind: workload.kind, name: workload.name };
  const { fromStep = 0, toStep = STEPS, uid = `uid-${name}` } = options;
  return { name, uid, controller, workload, namespace: workload.namespace, fromStep, toStep, containers };
}

const named = (kind: WorkloadKind, namespace: string, name: string): WorkloadRef => ({
  kind,
  namespace,
  name,
});

/** What the contract asks about. */
export const WORKLOADS = {
  web: named('Deployment', 'shop', 'web'),
  rolled: named('Deployment', 'shop', 'rolled'),
  database: named('StatefulSet', 'shop', 'db'),
  agent: named('DaemonSet', 'infra', 'agent'),
  idle: named('Deployment', 'shop', 'idle'),
  broken: named('Deployment', 'shop', 'broken'),
  stopped: named('Deployment', 'shop', 'stopped'),
  batch: named('Deployment', 'infra', 'batch'),
  absent: named('Deployment', 'shop', 'absent'),
} as const;

/** The source is down for an hour. */
const BLIND = Array.from({ length: 12 }, (_, index) => 24 + index);
export const OOM_AT_MS = stepStartMs(50) + 100_000;
export const OOM_LIMIT_BYTES = 512 * MIB;
/** While the source is down. */
export const BLIND_RESTART_AT_MS = stepStartMs(30) + 60_000;

function everyPod(): readonly ScenarioPod[] {
  const { web, rolled, database, agent, idle, broken, stopped, batch } = WORKLOADS;
  const app = (usage: StepUsage, more: Partial<ScenarioContainer> = {}): ScenarioContainer[] => [
    { name: 'app', usage, ...more },
  ];
  const withSidecar = (cores: number): ScenarioContainer[] => [
    ...app(steady(cores, 300)),
    { name: 'sidecar', usage: steady(0.01, 24) },
  ];
  const job = { kind: 'Job', name: 'batch-28391234' } as const;
  return [
    pod(web, 'web-5d69f8f4b7-zzzzz', withSidecar(0.5)),
    pod(web, 'web-5d69f8f4b7-bbbbb', withSidecar(1.5)),
    pod(web, 'web-5d69f8f4b7-24567', withSidecar(0.1)),
    pod(rolled, 'rolled-5d69f8f4b7-zzzzz', app(steady(0.4, 128)), { toStep: 40 }),
    pod(rolled, 'rolled-5d69f8f4b7-bbbbb', app(steady(0.6, 128)), { toStep: 41 }),
    pod(rolled, 'rolled-77b4c9d5f8-ccccc', app(steady(0.8, 256)), { fromStep: 40 }),
    pod(rolled, 'rolled-77b4c9d5f8-ddddd', app(steady(1, 256)), { fromStep: 41 }),
    pod(
      database,
      'db-0',
      app(steady(0.7, 400), {
        limitBytes: OOM_LIMIT_BYTES,
        endings: [{ atMs: OOM_AT_MS, reason: 'OOMKilled' }],
      }),
    ),
    pod(database, 'db-1', app(steady(0.3, 410)), { toStep: 20, uid: 'uid-db-1-first' }),
    pod(
      database,
      'db-1',
      app(steady(0.2, 200), { endings: [{ atMs: BLIND_RESTART_AT_MS, reason: 'Error' }] }),
      { fromStep: 20, uid: 'uid-db-1-second' },
    ),
    pod(agent, 'agent-x7k2p', app(steady(0.05, 60))),
    pod(agent, 'agent-24567', app(steady(0.15, 90))),
    pod(idle, 'idle-5d69f8f4b7-zzzzz', app(steady(0, 16))),
    pod(broken, 'broken-5d69f8f4b7-zzzzz', app(steady(0.2, 64))),
    pod(
      broken,
      'broken-5d69f8f4b7-bbbbb',
      app((step) => (step >= 10 && step < 14 ? undefined : steady(0.4, 80)(step))),
    ),
    pod(stopped, 'stopped-5d69f8f4b7-zzzzz', app(steady(0.2, 64)), { toStep: 60 }),
    pod(batch, 'batch-5d69f8f4b7-zzzzz', app(steady(0.3, 64))),
    {
      name: 'batch-28391234-x7k2p',
      uid: 'uid-job',
      controller: job,
      workload: undefined,
      namespace: 'infra',
      fromStep: 5,
      toStep: 9,
      containers: app(steady(9, 9000)),
    },
  ];
}

/** Six hours of everything that the sources must get right. */
export const SCENARIO: Scenario = { steps: STEPS, pods: everyPod(), blindSteps: new Set(BLIND) };

/** The container's endings up to a time. */
export function endingsUntil(container: ScenarioContainer, atMs: number): readonly Ending[] {
  return (container.endings ?? []).filter((ending) => ending.atMs <= atMs);
}

/** The ticks (scrapes, looks) at which a pod is seen, blind ones left out. */
export function* ticksOf(scenario: Scenario, pod: ScenarioPod): Generator<number> {
  for (let atMs = stepStartMs(pod.fromStep) + TICK_MS; atMs <= stepStartMs(pod.toStep); atMs += TICK_MS) {
    if (!scenario.blindSteps.has(stepOf(atMs))) yield atMs;
  }
}
