/** A world in which much happens, all of it decided by one seed: what invariants are held against. */
import type { HorizontalPodAutoscaler, PodDisruptionBudget } from '#apis/kubernetes/builtin.ts';
import { keyOf } from '#apis/kubernetes/object.ts';
import {
  DAEMON_SETS,
  DEPLOYMENTS,
  HORIZONTAL_POD_AUTOSCALERS,
  JOBS,
  NAMESPACES,
  NODES,
  PODS,
  POD_DISRUPTION_BUDGETS,
  STATEFUL_SETS,
} from '#kube/client/builtin-types.ts';
import { ApiError } from '#kube/client/api-error.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import type { Random } from '#platform/random.ts';
import { nameOf } from '../../fleet/meta.ts';
import { nodesOf } from '../../fleet/nodes/node-shape.ts';
import { NAMESPACE, deployment, template } from '../../fleet/testing/fleet-rig.ts';
import { playgroundServer } from '../playground-server.ts';
import { World, type WorldOptions } from '../world.ts';

const MINUTE_MS = 60_000;
const DEPLOYED = ['web', 'api', 'worker'] as const;

const USAGES: readonly [string, ...string[]] = [
  'preset: daily-service\ncpu: { cores: 0.4 }\nmemory: { base: 100Mi }',
  'preset: bursty-api\ncpu: { cores: 0.3 }\nmemory: { base: 80Mi, perCore: 300Mi }',
  'cpu: { cores: 0.2 }\nmemory: { base: 60Mi, growthPerHour: 400Mi }',
];

const NODES_OF_STORY = [
  ...nodesOf({ instanceType: 'm6i.xlarge', count: 2 }),
  ...nodesOf({ instanceType: 'm6i.large', count: 3, capacityType: 'spot' }),
];

/** Does one random thing after the other. */
export class RandomStory {
  readonly world: World;
  readonly #client: KubeClient;
  readonly #random: Random;
  #joined = 0;

  private constructor(world: World) {
    this.world = world;
    this.#client = new KubeClient(world.process('admin').transport);
    this.#random = world.random('story');
  }

  static async begin(seed: number, options: Partial<WorldOptions> = {}): Promise<RandomStory> {
    const spot = { interruptionsPerDay: 8, replaceAfterMs: 60_000 };
    const world = await World.create({
      seed,
      nodes: NODES_OF_STORY,
      server: playgroundServer(),
      spot,
      ...options,
    });
    const story = new RandomStory(world);
    await story.#populate();
    return story;
  }

  /** `count` things happen, some minutes apart. */
  async happen(count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      const deed = this.#pick([
        () => this.#scale(),
        () => this.#scale(),
        () => this.#rollOut(),
        () => this.#resize(),
        () => this.#resize(),
        () => this.#evict(),
        () => this.#deletePod(),
        () => this.#cordon(),
        () => this.#loseNode(),
      ]);
      await this.#settle(deed());
      await this.world.clock.runFor(this.#random.next() * 4 * MINUTE_MS);
    }
  }

  /** Asks each pod of an app to go, all at the same time. */
  async evictAll(app: string): Promise<void> {
    const pods = this.world.server.access.list(PODS, NAMESPACE);
    const those = pods.filter(({ metadata }) => metadata?.labels?.['app'] === app);
    await this.#settle(Promise.allSettled(those.map((pod) => this.#client.evict(keyOf(pod)))));
  }

  /** Everything may come to rest: nodes are open, wishes are modest, nothing is taken away any more. */
  async calm(): Promise<void> {
    for (const node of this.world.server.access.list(NODES)) {
      if (node.spec?.unschedulable === true)
        await this.#settle(this.#patchNode(nameOf(node), { unschedulable: null }));
    }
    for (const name of DEPLOYED) {
      const spec = {
        replicas: 2,
        template: template(name, { cpu: '100m', memory: '512Mi', usage: 'cpu: { cores: 0.1 }' }),
      };
      await this.#settle(
        this.#client.patch(DEPLOYMENTS, { namespace: NAMESPACE, name }, { patch: 'merge', body: { spec } }),
      );
    }
    const stateful = { spec: { replicas: 2 } };
    await this.#settle(
      this.#client.patch(
        STATEFUL_SETS,
        { namespace: NAMESPACE, name: 'db' },
        { patch: 'merge', body: stateful },
      ),
    );
    await this.world.clock.runFor(45 * MINUTE_MS);
  }

  async #populate(): Promise<void> {
    await this.#settle(this.#client.create(NAMESPACES, { metadata: { name: NAMESPACE } }));
    for (const [index, name] of DEPLOYED.entries()) {
      await this.#settle(this.#client.create(DEPLOYMENTS, deployment(name, { usage: USAGES[index] ?? '' })));
    }
    const selector = (app: string) => ({ matchLabels: { app } });
    const metadata = (name: string) => ({ name, namespace: NAMESPACE });
    const db = { replicas: 2, serviceName: 'db', selector: selector('db'), template: template('db') };
    await this.#settle(this.#client.create(STATEFUL_SETS, { metadata: metadata('db'), spec: db }));
    const agent = {
      selector: selector('agent'),
      template: template('agent', { cpu: '50m', memory: '64Mi' }),
    };
    await this.#settle(this.#client.create(DAEMON_SETS, { metadata: metadata('agent'), spec: agent }));
    const work = template('work', {
      usage: 'lifecycle: { runSeconds: 90 }',
      spec: { restartPolicy: 'Never' },
    });
    const job = { completions: 6, parallelism: 2, template: work };
    await this.#settle(this.#client.create(JOBS, { metadata: metadata('work'), spec: job }));
    const budget: PodDisruptionBudget = {
      metadata: metadata('web'),
      spec: { maxUnavailable: 1, selector: selector('web') },
    };
    await this.#settle(this.#client.create(POD_DISRUPTION_BUDGETS, budget));
    const autoscaler: HorizontalPodAutoscaler = {
      metadata: metadata('api'),
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' },
        minReplicas: 2,
        maxReplicas: 6,
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } },
          },
        ],
      },
    };
    await this.#settle(this.#client.create(HORIZONTAL_POD_AUTOSCALERS, autoscaler));
    await this.world.clock.runFor(MINUTE_MS);
  }

  /** What a server refuses has not happened. */
  async #settle(call: Promise<unknown>): Promise<void> {
    const done = call.catch((error: unknown) => {
      if (!(error instanceof ApiError)) throw error;
    });
    await this.world.clock.settle(done, MINUTE_MS);
  }

  async #scale(): Promise<unknown> {
    const name = this.#pick([...DEPLOYED, 'db']);
    const body = { spec: { replicas: Math.floor(this.#random.next() * 8) } };
    const type: ResourceType = name === 'db' ? STATEFUL_SETS : DEPLOYMENTS;
    return this.#client.patch(type, { namespace: NAMESPACE, name }, { patch: 'merge', body });
  }

  async #rollOut(): Promise<unknown> {
    const name = this.#pick(DEPLOYED);
    const cpu = this.#pick(['100m', '300m', '800m', '1500m']);
    const made = template(name, { cpu, usage: this.#pick(USAGES), image: `${name}:${this.#random.uuid()}` });
    const body = { spec: { template: made } };
    return this.#client.patch(DEPLOYMENTS, { namespace: NAMESPACE, name }, { patch: 'merge', body });
  }

  async #resize(): Promise<unknown> {
    const pod = this.#pick(this.world.server.access.list(PODS, NAMESPACE));
    if (pod === undefined) return undefined;
    const cpu = this.#pick(['50m', '200m', '900m', '1700m', '64']);
    const resources = { requests: { cpu }, limits: { cpu: cpu === '64' ? '64' : '2' } };
    const body = { spec: { containers: [{ name: 'app', resources }] } };
    return this.#client.patch(PODS, keyOf(pod), { patch: 'strategic', body, subresource: 'resize' });
  }

  async #evict(): Promise<unknown> {
    const pod = this.#pick(this.world.server.access.list(PODS, NAMESPACE));
    return pod === undefined ? undefined : this.#client.evict(keyOf(pod));
  }

  async #deletePod(): Promise<unknown> {
    const pod = this.#pick(this.world.server.access.list(PODS, NAMESPACE));
    return pod === undefined ? undefined : this.#client.delete(PODS, keyOf(pod));
  }

  async #cordon(): Promise<unknown> {
    const node = this.#pick(this.world.server.access.list(NODES));
    const isClosed = node?.spec?.unschedulable === true;
    return node === undefined
      ? undefined
      : this.#patchNode(nameOf(node), { unschedulable: isClosed ? null : true });
  }

  /** By a crash, or in good order; another machine comes for it at once. */
  async #loseNode(): Promise<unknown> {
    const { fleet } = this.world;
    const shape = this.#pick(fleet.nodes.shapes());
    if (shape === undefined) return undefined;
    if (this.#random.next() < 0.5) fleet.interruptNode(shape.name);
    else {
      fleet.failNode(shape.name);
      await fleet.removeNode(shape.name);
    }
    this.#joined += 1;
    return fleet.nodes.add(
      nodesOf({ instanceType: 'm6i.xlarge', count: 1, namePrefix: `late-${this.#joined}` }),
    );
  }

  #patchNode(name: string, spec: object): Promise<unknown> {
    return this.#client.patch(NODES, { name }, { patch: 'merge', body: { spec } });
  }

  #pick<T>(choices: readonly [T, ...T[]]): T;
  #pick<T>(choices: readonly T[]): T | undefined;
  #pick<T>(choices: readonly T[]): T | undefined {
    return choices[Math.floor(this.#random.next() * choices.length)];
  }
}
