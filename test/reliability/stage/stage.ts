/** A small world for one story: two nodes, a few workloads with a past, and shipped operators on it. */
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { embeddedMetrics } from '#commands/operator/metrics-source.ts';
import { SimulatedCluster } from '#commands/simulation/simulated-cluster.ts';
import { SimulatedOperator, type SimulatedOperatorOptions } from '#commands/simulation/simulated-operator.ts';
import { DAY_MS, MINUTE_MS } from '#domain/units/duration.ts';
import { messageOf } from '#errors/kc-error.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import type { Logger } from '#platform/logger.ts';
import { nodesOf } from '#playground/fleet/nodes/node-shape.ts';
import { playgroundServer } from '#playground/simulation/playground-server.ts';
import type { Supervisor } from '#playground/simulation/supervisor.ts';
import type { SuperviseOptions, WorldParts, WorldServer } from '#playground/simulation/world.ts';
import type { Suspension } from './suspension.ts';
import { UsageWitness } from './usage-witness.ts';
import { signed, WriteLog } from './write-log.ts';

const STEP_MS = 5 * MINUTE_MS;
const HISTORY_DAYS = 8;

/** An object and the type as which it is created. */
export interface Placed {
  readonly type: ResourceType;
  readonly object: KubeObject;
}

export function placed<T extends KubeObject>(type: ResourceType<T>, object: T): Placed {
  return { type, object };
}

export interface StageOptions {
  readonly seed: number | string;
  readonly objects: readonly Placed[];
  readonly nodes?: number;
}

export interface CastOptions {
  readonly name?: string;
  readonly settings?: SimulatedOperatorOptions['settings'];
  readonly collectIntervalMs?: number;
  readonly logger?: Logger;
  readonly files?: NonNullable<SimulatedOperatorOptions['files']>;
  readonly metrics?: SimulatedOperatorOptions['metrics'];
  readonly process?: SuperviseOptions;
  /** What its lives may fail of, as where the API server is away; nothing where absent. */
  readonly mayFailOf?: (error: unknown) => boolean;
  /** Stops its time and its network; see Suspension. */
  readonly suspension?: Pick<Suspension, 'around'>;
}

/** One operator and who keeps it alive. */
export interface Cast {
  readonly name: string;
  readonly operator: SimulatedOperator;
  readonly supervisor: Supervisor;
}

export class Stage {
  readonly cluster: SimulatedCluster;
  readonly log: WriteLog;
  readonly witness = new UsageWitness();
  readonly #seed: number | string;
  readonly #casts: (Cast & Required<Pick<CastOptions, 'mayFailOf'>>)[] = [];
  readonly #startMs: number;

  private constructor(cluster: SimulatedCluster, log: WriteLog, seed: number | string) {
    this.cluster = cluster;
    this.log = log;
    this.#seed = seed;
    this.#startMs = cluster.world.clock.now();
  }

  /** Creates the objects and lets their pods become ready. */
  static async open({ seed, objects, nodes = 2 }: StageOptions): Promise<Stage> {
    let log: WriteLog | undefined;
    const server = async (parts: WorldParts): Promise<WorldServer> => {
      const made = await playgroundServer()(parts);
      log = new WriteLog({ inner: made.transport, access: made.access, clock: parts.clock });
      return { ...made, transport: log };
    };
    const cluster = await SimulatedCluster.create({
      seed,
      nodes: nodesOf({ instanceType: 'm6i.4xlarge', count: nodes }),
      pastMs: HISTORY_DAYS * DAY_MS,
      server,
      events: false,
      traceFleet: false,
    });
    if (log === undefined) throw new Error('the world made no server');
    const stage = new Stage(cluster, log, seed);
    for (const { type, object } of objects) await cluster.now(cluster.client.create(type, object));
    await cluster.world.clock.runFor(2 * MINUTE_MS);
    return stage;
  }

  /** How much time has passed. */
  get virtualMs(): number {
    return this.cluster.world.clock.now() - this.#startMs;
  }

  /** Brings an operator on, with the history of the days before. */
  enter(options: CastOptions = {}): Cast {
    const {
      name = 'operator',
      settings,
      process = {},
      collectIntervalMs = STEP_MS,
      metrics = embeddedMetrics,
      files,
    } = options;
    const { world } = this.cluster;
    const operator = new SimulatedOperator({
      random: (life) => world.random(`${name} ${life}`),
      collectIntervalMs,
      ...(files === undefined ? {} : { files }),
      metrics: (parts) => this.witness.over(metrics(parts)),
      ...(settings === undefined ? {} : { settings }),
      ...(options.logger === undefined ? {} : { logger: options.logger }),
    });
    const toMs = Math.floor(world.clock.now() / STEP_MS) * STEP_MS;
    operator.learn(world.fleet.pastUsage({ fromMs: toMs - HISTORY_DAYS * DAY_MS, toMs, stepMs: STEP_MS }));
    const supervisor = world.supervise(
      name,
      (life) => {
        const { clock } = life;
        const crash = (why: string): void => {
          life.crash(why);
        };
        const support = { clock, transport: signed(life.transport, name), crash };
        operator.main(options.suspension?.around(support) ?? support);
      },
      process,
    );
    const cast = { name, operator, supervisor };
    this.#casts.push({ ...cast, mayFailOf: options.mayFailOf ?? (() => false) });
    return cast;
  }

  random(name: string): ReturnType<SimulatedCluster['world']['random']> {
    return this.cluster.world.random(`${String(this.#seed)} ${name}`);
  }

  note(text: string): void {
    this.cluster.world.trace.record('story', text);
  }

  /** Ends everything; what made an operator fail is returned. */
  close(): readonly string[] {
    for (const { supervisor, operator } of this.#casts) {
      supervisor.stop();
      operator.close();
    }
    this.cluster.world.stop();
    return this.#casts.flatMap(({ name, operator, mayFailOf }) =>
      operator.failure === undefined || mayFailOf(operator.failure)
        ? []
        : [`${name} ended by itself: ${messageOf(operator.failure)}`],
    );
  }
}
