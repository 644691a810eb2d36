/** The cluster of one midnight: a Deployment with a running pod for every job-day, on a real control plane. */
import { readFileSync } from 'node:fs';
import { controllerOf } from '#apis/kubernetes/object.ts';
import { DEPLOYMENTS, NAMESPACES, PODS } from '#kube/client/builtin-types.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import { type ControlPlane, startControlPlane } from '#test/testenv/control-plane/control-plane.ts';
import { eventually } from '#test/testenv/processes/eventually.ts';
import { each } from '../../operator/load.ts';
import { markRunning } from '../running-pods.ts';
import {
  BYTES_PER_PERCENT,
  CONTAINER,
  CORES_PER_PERCENT,
  type JobDayWorkload,
  NAMESPACE,
} from './job-days.ts';
import type { Scraped } from './history.ts';

/** What the workloads ask for before anyone sizes them: this many times the highest usage so far. */
export const PRESENT_PER_PEAK = 2;

export interface RecordedCluster {
  readonly controlPlane: ControlPlane;
  readonly scraped: readonly Scraped[];
}

export async function startRecordedCluster(
  jobs: readonly JobDayWorkload[],
  crds: string,
): Promise<RecordedCluster> {
  const controlPlane = await startControlPlane({ scheduler: false });
  const { client } = controlPlane;
  await controlPlane.kubectl(['apply', '--server-side', '-f', '-'], { input: readFileSync(crds, 'utf8') });
  await client.create(NAMESPACES, { metadata: { name: NAMESPACE } });
  await each(jobs.length, (index) => createDeployment(client, jobs[index]));
  const pods = await podsOf(client, jobs);
  await each(pods.length, async (index) => {
    const pod = pods[index];
    if (pod !== undefined) await markRunning(client, pod);
  });
  const podOf = new Map(pods.map((pod) => [deploymentOf(pod), pod.metadata?.name ?? ''] as const));
  return { controlPlane, scraped: jobs.map((job) => ({ job, pod: podOf.get(job.name) ?? '' })) };
}

async function createDeployment(client: KubeClient, job: JobDayWorkload | undefined): Promise<void> {
  if (job === undefined) return;
  const labels = { app: job.name };
  const memory = `${String(Math.ceil((PRESENT_PER_PEAK * peak(job.memory) * BYTES_PER_PERCENT) / 2 ** 20))}Mi`;
  const cpu = `${String(Math.ceil(PRESENT_PER_PEAK * peak(job.cpu) * CORES_PER_PERCENT * 1000))}m`;
  const resources = { requests: { cpu, memory }, limits: { memory } };
  await client.create(DEPLOYMENTS, {
    metadata: { namespace: NAMESPACE, name: job.name, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: CONTAINER, image: 'app:1', resources }] },
      },
    },
  });
}

function peak(values: Float64Array): number {
  return values.reduce((most, value) => (value > most ? value : most), 0);
}

async function podsOf(client: KubeClient, jobs: readonly JobDayWorkload[]): ReturnType<typeof allPods> {
  const wanted = jobs.length;
  return eventually(
    `${String(wanted)} pods`,
    async () => {
      const pods = await allPods(client);
      return pods.length >= wanted ? pods : false;
    },
    { timeoutMs: 300_000, intervalMs: 1000 },
  );
}

async function allPods(client: KubeClient) {
  return (await client.list(PODS, { namespace: NAMESPACE })).items;
}

/** A Deployment's ReplicaSet is named after it and the hash of its template. */
function deploymentOf(pod: Parameters<typeof controllerOf>[0]): string {
  return controllerOf(pod)?.name.replace(/-[^-]+$/, '') ?? '';
}
