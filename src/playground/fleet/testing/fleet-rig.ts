/** A small cluster in memory and virtual time, for tests of the fleet. */
import type { Deployment, Event, Pod, PodTemplateSpec } from '#apis/kubernetes/builtin.ts';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { DEPLOYMENTS, EVENTS, PODS } from '#kube/client/builtin-types.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import { SeededRandom } from '#platform/random.ts';
import { VirtualClock } from '../../simulation/virtual-clock.ts';
import { Fleet, type FleetOptions } from '../fleet.ts';
import { nodesOf } from '../nodes/node-shape.ts';
import { isReady } from '../resources.ts';
import { USAGE_ANNOTATION } from '../usage/usage-schema.ts';
import { MemoryCluster } from './memory-cluster.ts';

export const NAMESPACE = 'shop';
/** A Monday morning. */
export const START_MS = Date.UTC(2026, 0, 5, 8);

export interface FleetRig {
  readonly clock: VirtualClock;
  readonly access: MemoryCluster;
  readonly fleet: Fleet;
  create<T extends KubeObject>(type: ResourceType<T>, object: T): Promise<T>;
  /** Runs until the condition holds. Fails the test where it does not within `limitMs`. */
  until(what: string, condition: () => boolean, limitMs?: number): Promise<void>;
  pods(app?: string): readonly Pod[];
  readyPods(app: string): readonly Pod[];
  /** Reasons of the events about an object, in order. */
  reasons(name: string): readonly string[];
  events(reason: string): readonly Event[];
  deployment(name: string): Deployment;
}

export async function startRig(options: Partial<FleetOptions> = {}): Promise<FleetRig> {
  const clock = new VirtualClock({ startMs: START_MS });
  const seed = options.seed ?? 1;
  const random = new SeededRandom(seed);
  const access = new MemoryCluster({ clock, random });
  const nodes = nodesOf({ instanceType: 'm6i.xlarge', count: 3 });
  const fleet = await clock.settle(Fleet.start({ access, clock, random, seed, nodes, ...options }), 60_000);
  const pods = (app?: string): readonly Pod[] =>
    access.list(PODS).filter((pod) => app === undefined || pod.metadata?.labels?.['app'] === app);
  return {
    clock,
    access,
    fleet,
    create: (type, object) => access.create(type, object),
    until: async (what, condition, limitMs = 600_000) => {
      if (!(await clock.runUntil(condition, limitMs))) throw new Error(`not within ${limitMs} ms: ${what}`);
    },
    pods,
    readyPods: (app) => pods(app).filter(isReady),
    reasons: (name) => access.list(EVENTS).filter((event) => event.involvedObject.name === name).map((event) => event.reason ?? ''),
    events: (reason) => access.list(EVENTS).filter((event) => event.reason === reason),
    deployment: (name) => {
      const found = access.get(DEPLOYMENTS, { namespace: NAMESPACE, name });
      if (found === undefined) throw new Error(`no deployment ${name}`);
      return found;
    },
  }; // prettier-ignore
}

export interface TemplateOptions {
  readonly image?: string;
  readonly cpu?: string;
  readonly memory?: string;
  /** The usage annotation. */
  readonly usage?: string;
  readonly spec?: Partial<NonNullable<PodTemplateSpec['spec']>>;
}

/** A template with one container `app`, whose limits are twice its requests. */
export function template(app: string, options: TemplateOptions = {}): PodTemplateSpec {
  const { image = `${app}:1`, cpu = '200m', memory = '256Mi', usage, spec } = options;
  const resources = { requests: { cpu, memory }, limits: { cpu: twice(cpu), memory: twice(memory) } };
  return {
    metadata: {
      labels: { app },
      ...(usage === undefined ? {} : { annotations: { [USAGE_ANNOTATION]: usage } }),
    },
    spec: { containers: [{ name: 'app', image, resources }], ...spec },
  };
}

function twice(quantity: string): string {
  return quantity.replace(/^\d+/, (digits) => String(Number(digits) * 2));
}

export function deployment(
  name: string,
  options: TemplateOptions & {
    readonly replicas?: number;
    readonly more?: Partial<NonNullable<Deployment['spec']>>;
  } = {},
): Deployment {
  return {
    metadata: { name, namespace: NAMESPACE },
    spec: {
      replicas: options.replicas ?? 3,
      selector: { matchLabels: { app: name } },
      template: template(name, options),
      ...options.more,
    },
  };
}

/** A bare pod with one container `app`. */
export function pod(name: string, options: TemplateOptions = {}): Pod {
  const made = template(name, options);
  return {
    metadata: { ...made.metadata, name, namespace: NAMESPACE },
    spec: made.spec ?? { containers: [] },
  };
}
