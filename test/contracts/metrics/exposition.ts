/** A scenario as the kubelet's cAdvisor and kube-state-metrics expose it, scraped every tick. */
import type { OpenMetricsSeries } from '../../servers/prometheus/open-metrics.ts';
import {
  type Ending,
  STEP_MS,
  type Scenario,
  type ScenarioContainer,
  type ScenarioPod,
  endingsUntil,
  stepOf,
  stepStartMs,
  ticksOf,
} from './scenario.ts';

type Labels = Readonly<Record<string, string>>;
type Samples = readonly (readonly [number, number])[];

/** How the scrapes are set up. */
export interface ScrapeSetup {
  readonly cadvisor: Labels;
  readonly kubeState: Labels;
  /** Scrapes come so much after the ticks. */
  readonly delayMs: number;
}

/** Two kubelet jobs and a pair of replicas: every series is there twice. */
export const DOUBLED: readonly ScrapeSetup[] = [
  {
    cadvisor: { job: 'kubelet', replica: 'a' },
    kubeState: { job: 'kube-state-metrics', instance: 'a' },
    delayMs: 0,
  },
  {
    cadvisor: { job: 'cadvisor', replica: 'b' },
    kubeState: { job: 'kube-state-metrics', instance: 'b' },
    delayMs: 0,
  },
];

export function exposition(
  scenario: Scenario,
  setups: readonly ScrapeSetup[] = DOUBLED,
): readonly OpenMetricsSeries[] {
  return setups.flatMap((setup) => scenario.pods.flatMap((pod) => podSeries(scenario, pod, setup)));
}

function podSeries(scenario: Scenario, pod: ScenarioPod, setup: ScrapeSetup): readonly OpenMetricsSeries[] {
  const ticks = [...ticksOf(scenario, pod)];
  const seen = (value: (atMs: number) => number | undefined): Samples =>
    ticks.flatMap((atMs) => {
      const now = value(atMs);
      return now === undefined ? [] : [[atMs + setup.delayMs, now] as const];
    });
  return [
    ...pod.containers.flatMap((container) =>
      cadvisorSeries(pod, container, { labels: setup.cadvisor, seen }),
    ),
    ...kubeStateSeries(pod, { labels: setup.kubeState, seen }),
  ];
}

interface Scrape {
  readonly labels: Labels;
  /** The samples of a value at every tick; undefined where there is no series at the time. */
  readonly seen: (value: (atMs: number) => number | undefined) => Samples;
}

/** A container instance begins anew after each ending, in a cgroup of its own. */
function cadvisorSeries(
  pod: ScenarioPod,
  container: ScenarioContainer,
  scrape: Scrape,
): readonly OpenMetricsSeries[] {
  const count = (container.endings ?? []).length + 1;
  return Array.from({ length: count }, (_, instance) => {
    const id = `/kubepods/${pod.uid}/${container.name}-${String(instance)}`;
    const labels = {
      ...scrape.labels,
      namespace: pod.namespace,
      pod: pod.name,
      container: container.name,
      id,
      image: 'x',
    };
    const within = (value: (atMs: number) => number) => (atMs: number) =>
      endingsUntil(container, atMs).length === instance ? value(atMs) : undefined;
    const startMs = container.endings?.[instance - 1]?.atMs ?? stepStartMs(pod.fromStep);
    const cpu = within((atMs) => cpuSeconds(container, startMs, atMs));
    const memory = within((atMs) => container.usage(stepOf(atMs))?.memoryBytes ?? Number.NaN);
    const periods = within((atMs) => (atMs - startMs) / 100);
    return [
      { name: 'container_cpu_usage_seconds_total', labels, samples: scrape.seen(cpu) },
      { name: 'container_memory_working_set_bytes', labels, samples: scrape.seen(memory) },
      { name: 'container_cpu_cfs_periods_total', labels, samples: scrape.seen(periods) },
      {
        name: 'container_cpu_cfs_throttled_periods_total',
        labels,
        samples: scrape.seen(within((atMs) => (atMs - startMs) / 400)),
      },
    ];
  }).flat();
}

/** CPU seconds since the container started; garbage while the exporter is broken. */
function cpuSeconds({ usage }: ScenarioContainer, startMs: number, atMs: number): number {
  if (usage(stepOf(atMs)) === undefined) return Number.NaN;
  let seconds = 0;
  for (let fromMs = startMs; fromMs < atMs;) {
    const toMs = Math.min(atMs, stepStartMs(stepOf(fromMs + 1) + 1));
    seconds += ((usage(stepOf(toMs))?.cpuCores ?? 0) * (toMs - fromMs)) / 1000;
    fromMs = toMs;
  }
  return seconds;
}

function kubeStateSeries(pod: ScenarioPod, { labels, seen }: Scrape): readonly OpenMetricsSeries[] {
  const { name, uid, namespace, controller } = pod;
  const own = { ...labels, namespace, pod: name, uid };
  const owner = { owner_kind: controller.kind, owner_name: controller.name, owner_is_controller: 'true' };
  const createdSeconds = stepStartMs(pod.fromStep) / 1000 - STEP_MS / 2000;
  const series: OpenMetricsSeries[] = [
    { name: 'kube_pod_owner', labels: { ...own, ...owner }, samples: seen(() => 1) },
    { name: 'kube_pod_created', labels: own, samples: seen(() => createdSeconds) },
    ...pod.containers.flatMap((container) => restartSeries(container, own, seen)),
  ];
  if (controller.kind === 'ReplicaSet' && pod.workload !== undefined) {
    const set = { ...labels, namespace, replicaset: controller.name };
    const deployment = {
      owner_kind: 'Deployment',
      owner_name: pod.workload.name,
      owner_is_controller: 'true',
    };
    // Pods of one ReplicaSet share this series: only the first tells it.
    if (name.endsWith('zzzzz') || name.endsWith('ccccc')) {
      series.push({
        name: 'kube_replicaset_owner',
        labels: { ...set, ...deployment },
        samples: seen(() => 1),
      });
    }
  }
  return series;
}

function restartSeries(
  container: ScenarioContainer,
  own: Labels,
  seen: Scrape['seen'],
): readonly OpenMetricsSeries[] {
  const labels = { ...own, container: container.name };
  const reasons = new Set((container.endings ?? []).map(({ reason }) => reason));
  const lastReason = (atMs: number): Ending['reason'] | undefined =>
    endingsUntil(container, atMs).at(-1)?.reason;
  const limit = container.limitBytes;
  return [
    {
      name: 'kube_pod_container_status_restarts_total',
      labels,
      samples: seen((atMs) => endingsUntil(container, atMs).length),
    },
    ...[...reasons].map((reason) => ({
      name: 'kube_pod_container_status_last_terminated_reason',
      labels: { ...labels, reason },
      samples: seen((atMs) => (lastReason(atMs) === reason ? 1 : undefined)),
    })),
    ...(limit === undefined
      ? []
      : [
          {
            name: 'kube_pod_container_resource_limits',
            labels: { ...labels, resource: 'memory', unit: 'byte' },
            samples: seen(() => limit),
          },
        ]),
  ];
}
