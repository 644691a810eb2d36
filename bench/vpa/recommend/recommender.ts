/** Runs the real recommender once over a Prometheus and a control plane, and reads what it says. */
import { unitsOf } from '#apis/kubernetes/quantity.ts';
import type { ControlPlane } from '#test/testenv/control-plane/control-plane.ts';
import { eventually } from '#test/testenv/processes/eventually.ts';
import { freePort } from '#test/testenv/processes/ports.ts';
import { ServerProcess } from '#test/testenv/processes/server-process.ts';
import { each } from '../../operator/load.ts';
import { autoscalerOf, AUTOSCALERS, type ContainerRecommendation } from '../autoscalers.ts';
import { CADVISOR_JOB, POD_LABELS } from './history.ts';
import { type JobDayWorkload, NAMESPACE } from './job-days.ts';
import type { Bounds, Recommended } from './recommended.ts';
import type { Resolution } from './seen.ts';

export interface RecommenderRun {
  readonly binary: string;
  readonly controlPlane: ControlPlane;
  readonly prometheusUrl: string;
  readonly directory: string;
  readonly resolution: Resolution;
  readonly jobs: readonly JobDayWorkload[];
}

/** By Deployment. New VerticalPodAutoscalers are made for each run, so that nothing is left of the last. */
export async function runRecommender(run: RecommenderRun): Promise<ReadonlyMap<string, Recommended>> {
  const { client } = run.controlPlane;
  await each(run.jobs.length, (index) =>
    client.create(
      AUTOSCALERS,
      autoscalerOf({ namespace: NAMESPACE, name: run.jobs[index]?.name ?? '' }, 'Off'),
    ),
  );
  const recommender = ServerProcess.start({
    name: `recommender-${run.resolution}`,
    command: run.binary,
    args: [...flagsOf(run), `--address=127.0.0.1:${String(await freePort())}`],
    directory: run.directory,
  });
  try {
    return await eventually('a recommendation for every workload', () => readAll(run), {
      timeoutMs: 300_000,
      intervalMs: 1000,
      hopeless: () => (recommender.running ? undefined : 'the recommender has ended'),
      evidence: () => recommender.tail(),
    });
  } finally {
    await recommender.kill();
    await each(run.jobs.length, (index) =>
      client.delete(AUTOSCALERS, { namespace: NAMESPACE, name: run.jobs[index]?.name ?? '' }),
    );
  }
}

/** Everything that decides on sizes is at its default, but for the names of labels and, if asked for, the resolution. */
function flagsOf({ controlPlane, prometheusUrl, resolution }: RecommenderRun): readonly string[] {
  return [
    `--kubeconfig=${controlPlane.kubeconfigPath}`,
    '--storage=prometheus',
    `--prometheus-address=${prometheusUrl}`,
    `--prometheus-cadvisor-job-name=${CADVISOR_JOB}`,
    '--container-namespace-label=namespace',
    '--container-pod-name-label=pod',
    '--container-name-label=container',
    `--metric-for-pod-labels=${POD_LABELS}{job="kube-state-metrics"}[8d]`,
    '--pod-namespace-label=namespace',
    '--pod-name-label=pod',
    '--pod-label-prefix=label_',
    '--history-length=8d',
    `--history-resolution=${resolution}`,
    '--recommender-interval=5s',
    '--kube-api-qps=200',
    '--kube-api-burst=400',
    '--v=2',
  ];
}

async function readAll(run: RecommenderRun): Promise<ReadonlyMap<string, Recommended> | false> {
  const { items } = await run.controlPlane.client.list(AUTOSCALERS, { namespace: NAMESPACE });
  const found = new Map<string, Recommended>();
  for (const { metadata, status } of items) {
    const recommended = status?.recommendation?.containerRecommendations?.[0];
    if (recommended !== undefined) found.set(metadata?.name ?? '', recommendedOf(recommended));
  }
  return found.size === run.jobs.length && found;
}

function recommendedOf(container: ContainerRecommendation): Recommended {
  const bounds = (resource: 'cpu' | 'memory'): Bounds => ({
    target: amount(container.target[resource]),
    lower: amount(container.lowerBound?.[resource]),
    upper: amount(container.upperBound?.[resource]),
  });
  return { cpu: bounds('cpu'), memory: bounds('memory') };
}

function amount(quantity: string | undefined): number {
  return quantity === undefined ? Number.NaN : unitsOf(quantity);
}
