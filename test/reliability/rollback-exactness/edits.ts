/**
 * What others do to a workload, as pure functions of its spec: the same edit is made on the cluster and on the shadow
 * that remembers what the workload would be without us.
 */
import type { Container, PodTemplateSpec } from '#apis/kubernetes/builtin.ts';
import { pick, type Random, randomInt } from '#platform/random.ts';
import { CPU_AMOUNTS, MEMORY_AMOUNTS } from './random-workload.ts';

export interface WorkloadSpec {
  readonly replicas?: number;
  readonly template: PodTemplateSpec;
}

export interface Edit {
  readonly text: string;
  readonly change: (spec: WorkloadSpec) => WorkloadSpec;
}

type PodSpec = NonNullable<PodTemplateSpec['spec']>;

function onPods(change: (spec: PodSpec) => PodSpec): Edit['change'] {
  return (spec) => {
    const { template } = spec;
    return template.spec === undefined
      ? spec
      : { ...spec, template: { ...template, spec: change(template.spec) } };
  };
}

function onContainer(index: number, change: (container: Container) => Container): Edit['change'] {
  return onPods((spec) => ({
    ...spec,
    containers: spec.containers.map((container, at) =>
      at === index % spec.containers.length ? change(container) : container,
    ),
  }));
}

/** An edit of a field that we may have changed: one resource of one container, request and limit together. */
function resourceEdit(random: Random): Edit {
  const resource = pick(random, ['cpu', 'memory'] as const);
  const value = resource === 'cpu' ? oddCpu(random) : oddMemory(random);
  const index = randomInt(random, 3);
  const withLimit = random.next() < 0.5;
  const change = (container: Container): Container => {
    const { requests = {}, limits = {} } = container.resources ?? {};
    const { [resource]: _old, ...otherLimits } = limits;
    const nextLimits = withLimit ? { ...otherLimits, [resource]: value } : otherLimits;
    return {
      ...container,
      resources: {
        requests: { ...requests, [resource]: value },
        ...(Object.keys(nextLimits).length === 0 ? {} : { limits: nextLimits }),
      },
    };
  };
  return {
    text: `${resource} of container ${String(index)} to ${value}`,
    change: onContainer(index, change),
  };
}

/** Amounts that no analysis would come upon by chance, and that are well above the usage. */
function oddCpu(random: Random): string {
  return random.next() < 0.3 ? pick(random, CPU_AMOUNTS) : `${String(601 + 2 * randomInt(random, 600))}m`;
}

function oddMemory(random: Random): string {
  return random.next() < 0.3
    ? pick(random, MEMORY_AMOUNTS)
    : `${String(700_001 + 2 * randomInt(random, 400_000))}Ki`;
}

function imageEdit(random: Random): Edit {
  const image = `nginx:1.${String(20 + randomInt(random, 10))}`;
  return {
    text: `image to ${image}`,
    change: onContainer(randomInt(random, 3), (container) => ({ ...container, image })),
  };
}

function envEdit(random: Random): Edit {
  const value = String(randomInt(random, 1000));
  const env = [{ name: 'LEVEL', value }];
  return {
    text: `env to ${value}`,
    change: onContainer(randomInt(random, 3), (container) => ({ ...container, env })),
  };
}

function scaleEdit(random: Random): Edit {
  const replicas = 1 + randomInt(random, 5);
  return {
    text: `replicas to ${String(replicas)}`,
    change: (spec) => (spec.replicas === undefined ? spec : { ...spec, replicas }),
  };
}

function restartEdit(random: Random): Edit {
  const stamp = String(randomInt(random, 1_000_000));
  return {
    text: 'rollout restart',
    change: (spec) => {
      const { metadata } = spec.template;
      const annotations = { ...metadata?.annotations, 'kubectl.kubernetes.io/restartedAt': stamp };
      return { ...spec, template: { ...spec.template, metadata: { ...metadata, annotations } } };
    },
  };
}

function containerAdded(random: Random): Edit {
  const name = `extra-${String(randomInt(random, 3))}`;
  const resources = { requests: { cpu: '0.2', memory: '128Mi' } };
  const change = onPods((spec) =>
    spec.containers.some((container) => container.name === name)
      ? spec
      : {
          ...spec,
          containers: [...spec.containers, { ...spec.containers[0], name, image: 'busybox:1.36', resources }],
        },
  );
  return { text: `container ${name} added`, change };
}

function containerRemoved(): Edit {
  const change = onPods((spec) =>
    spec.containers.length === 1 ? spec : { ...spec, containers: spec.containers.slice(0, -1) },
  );
  return { text: 'last container removed', change };
}

const EDITS: readonly ((random: Random) => Edit)[] = [
  resourceEdit,
  resourceEdit,
  resourceEdit,
  imageEdit,
  envEdit,
  scaleEdit,
  restartEdit,
  containerAdded,
  containerRemoved,
];

export function randomEdit(random: Random): Edit {
  return pick(random, EDITS)(random);
}
