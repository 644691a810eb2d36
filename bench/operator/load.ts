/** What the bench of the operator watches: Deployments, their usage, and CostOptimizations for them. */
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { MINUTE_MS } from '#domain/units/duration.ts';
import type { UsageSeries, WorkloadUsage } from '#domain/usage/usage.ts';
import { DEPLOYMENTS } from '#kube/client/builtin-types.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import { SeededRandom } from '#platform/random.ts';

export const NAMESPACE = 'bench';
const STEP_MS = 5 * MINUTE_MS;
const STEPS = 7 * 288;
const AT_ONCE = 32;
const MIB = 2 ** 20;

export const nameOf = (index: number): string => `web-${String(index).padStart(4, '0')}`;

/** Does `work` for 0 … count − 1, some at a time. */
export async function each(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

export interface Load {
  readonly workloads: number;
  readonly replicas: number;
  /** Where the pods run, where no scheduler does. */
  readonly nodeName?: string;
}

export async function createWorkloads(client: KubeClient, load: Load): Promise<void> {
  const { workloads, replicas, nodeName } = load;
  await each(workloads, (index) => {
    const labels = { app: nameOf(index) };
    const resources = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', memory: '1Gi' } };
    return client.create(DEPLOYMENTS, {
      metadata: { namespace: NAMESPACE, name: nameOf(index), labels },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            ...(nodeName === undefined ? {} : { nodeName }),
            containers: [{ name: 'app', image: 'app:1', resources }],
          },
        },
      },
    });
  });
}

type Wish = Omit<CostOptimization['spec'], 'targetWorkload'>;

export async function createOptimizations(
  client: KubeClient,
  workloads: number,
  wish: Wish = { optimizationType: 'ALL', dryRun: true },
): Promise<void> {
  await each(workloads, (index) =>
    client.create(COST_OPTIMIZATIONS, {
      metadata: { namespace: NAMESPACE, name: nameOf(index) },
      spec: {
        targetWorkload: { kind: 'Deployment', name: nameOf(index) },
        ...wish,
      },
    }),
  );
}

/** A daily season with noise, another for each workload. */
export function weekOfUsage(workloads: number, nowMs: number): readonly WorkloadUsage[] {
  const random = new SeededRandom('bench');
  const toMs = Math.floor(nowMs / STEP_MS) * STEP_MS;
  const fromMs = toMs - STEPS * STEP_MS;
  return Array.from({ length: workloads }, (_, index) => {
    const cores = 0.1 + random.next() * 0.4;
    const day = (step: number): number => 1 + 0.5 * Math.sin((2 * Math.PI * step) / 288);
    const cpuCores = series(fromMs, (step) => cores * day(step) * (0.9 + 0.2 * random.next()));
    const memoryBytes = series(fromMs, (step) => (200 + 100 * day(step) + 20 * random.next()) * MIB);
    return {
      workload: { kind: 'Deployment', namespace: NAMESPACE, name: nameOf(index) },
      fromMs,
      toMs,
      containers: [{ container: 'app', cpuCores, memoryBytes, oomKills: [] }],
      source: 'bench',
      lastSampleAtMs: toMs,
    } as const;
  });
}

function series(startMs: number, valueOf: (step: number) => number): UsageSeries {
  const values = Float64Array.from({ length: STEPS }, (_, step) => valueOf(step));
  return { startMs, stepMs: STEP_MS, max: values, mean: values, pods: new Float64Array(STEPS).fill(3) };
}
