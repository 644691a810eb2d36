/** Workloads as people write them: any kind, odd quantities, limits or none, sidecars, autoscalers. */
import type { Container, HorizontalPodAutoscaler } from '#apis/kubernetes/builtin.ts';
import type { WorkloadKind, WorkloadRef } from '#domain/workload/workload-ref.ts';
import {
  DAEMON_SETS,
  DEPLOYMENTS,
  HORIZONTAL_POD_AUTOSCALERS,
  STATEFUL_SETS,
} from '#kube/client/builtin-types.ts';
import { pick, type Random, randomInt } from '#platform/random.ts';
import { type Placed, placed } from '../stage/stage.ts';

const USAGE = 'playground.kcloud.io/usage';
/** Every way of writing an amount that is well above what the containers use. */
export const CPU_AMOUNTS = [
  '1',
  '1500m',
  '0.8',
  '1e0',
  '1.25',
  '900m',
  '2',
  '700m',
  '1.1e0',
  '0.65',
] as const;
export const MEMORY_AMOUNTS = [
  '1Gi',
  '0.5Gi',
  '1.5Gi',
  '1000Mi',
  '1e9',
  '900M',
  '786432Ki',
  '1073741824',
  '1.2G',
] as const;

export interface RandomWorkload {
  readonly ref: WorkloadRef;
  readonly placed: Placed;
  readonly autoscaler: Placed | undefined;
}

/** A workload, and sometimes its autoscaler. */
export function randomWorkload(random: Random, name = 'web'): RandomWorkload {
  const kind = pick<WorkloadKind>(random, [
    'Deployment',
    'Deployment',
    'Deployment',
    'StatefulSet',
    'DaemonSet',
  ]);
  const ref = { kind, namespace: 'default', name };
  const scaled = kind !== 'DaemonSet' && random.next() < 0.25;
  const autoscaler = scaled ? randomAutoscaler(ref, random) : undefined;
  return { ref, placed: placedWorkload(ref, random, scaled), autoscaler };
}

/** The same workload written anew, as after a deletion. */
export function placedWorkload(ref: WorkloadRef, random: Random, scaled: boolean): Placed {
  const { kind, namespace, name } = ref;
  const labels = { app: name };
  const containers = randomContainers(random, scaled);
  const template = {
    metadata: { labels, annotations: { [USAGE]: usageOf(containers, random) } },
    spec: { containers, ...initContainersOf(random), terminationGracePeriodSeconds: 5 },
  };
  const metadata = { name, namespace, labels: { ...labels, team: 'shop' }, annotations: { owner: 'shop' } };
  const selector = { matchLabels: labels };
  const replicas = 2 + randomInt(random, 3);
  if (kind === 'DaemonSet') {
    return placed(DAEMON_SETS, { metadata, spec: { selector, template } });
  }
  if (kind === 'StatefulSet') {
    const spec = { selector, template, replicas, serviceName: name };
    return placed(STATEFUL_SETS, { metadata, spec });
  }
  return placed(DEPLOYMENTS, { metadata, spec: { selector, template, replicas } });
}

function randomContainers(random: Random, scaled: boolean): Container[] {
  const count = pick(random, [1, 1, 2, 3]);
  return Array.from({ length: count }, (_, index) => ({
    name: `app-${String(index)}`,
    image: 'nginx:1.27',
    env: [{ name: 'LEVEL', value: String(randomInt(random, 100)) }],
    ...resourcesOf(random, scaled),
    ...(random.next() < 0.15
      ? { resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }] }
      : {}),
  }));
}

/** Nothing, requests, or requests with limits; equal ones now and then, for a guaranteed class. */
function resourcesOf(random: Random, scaled: boolean): Pick<Container, 'resources'> {
  const draw = random.next();
  if (draw < 0.08 && !scaled) return {};
  const requests = { cpu: pick(random, CPU_AMOUNTS), memory: pick(random, MEMORY_AMOUNTS) };
  if (draw < 0.3) return { resources: { requests } };
  if (draw < 0.4 && !scaled) return { resources: { requests: { memory: requests.memory } } };
  if (draw < 0.6) return { resources: { requests, limits: { ...requests } } };
  if (draw < 0.7) return { resources: { requests, limits: { memory: '3Gi' } } };
  return { resources: { requests, limits: { cpu: '2500m', memory: '3Gi' } } };
}

function initContainersOf(random: Random): { readonly initContainers?: Container[] } {
  const init = {
    name: 'setup',
    image: 'busybox:1.36',
    resources: { requests: { cpu: '0.1', memory: '64Mi' } },
  };
  const sidecar = {
    name: 'proxy',
    image: 'envoy:1.31',
    restartPolicy: 'Always',
    resources: { requests: { cpu: '300m', memory: '0.25Gi' }, limits: { memory: '512Mi' } },
  };
  const draw = random.next();
  if (draw < 0.6) return {};
  if (draw < 0.75) return { initContainers: [init] };
  return { initContainers: draw < 0.9 ? [sidecar] : [init, sidecar] };
}

/** What the containers use: far less than they ask for; sometimes more memory later on than any analysis can know. */
function usageOf(containers: readonly Container[], random: Random): string {
  const growth =
    random.next() < 0.2
      ? { after: `${String(60 + randomInt(random, 240))}m`, factor: 8, for: '30m' }
      : undefined;
  const of = (): object => ({
    cpu: { coresPerPod: 0.03 + random.next() * 0.2, noise: 0.05 },
    memory: { base: `${String(60 + randomInt(random, 120))}Mi`, perCore: '300Mi', noise: 0.01 },
    load: { daily: { amplitude: 0.2, peakHour: 14 }, ...(growth === undefined ? {} : { steps: [growth] }) },
  });
  return JSON.stringify({ containers: Object.fromEntries(containers.map(({ name }) => [name, of()])) });
}

function randomAutoscaler(ref: WorkloadRef, random: Random): Placed {
  const { kind, namespace, name } = ref;
  const target = { type: 'Utilization', averageUtilization: 40 + randomInt(random, 40) };
  const object: HorizontalPodAutoscaler = {
    metadata: { name: `${name}-hpa`, namespace },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind, name },
      minReplicas: 2,
      maxReplicas: 6,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }],
    },
  };
  return placed(HORIZONTAL_POD_AUTOSCALERS, object);
}
