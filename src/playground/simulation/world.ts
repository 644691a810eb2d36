/**
 * A world from one seed: time, randomness, an API server, a fleet and the processes under test.
 *
 * @example
 * const nodes = nodesOf({ instanceType: 'm6i.xlarge', count: 3 });
 * const world = await World.create({ seed: 7, nodes, server: playgroundServer() });
 * const operator = world.process('operator', { faults: { answers: [{ status: 409, share: 0.1 }] } });
 * startOperator({ clock: operator.clock, transport: operator.transport });
 * await world.clock.runFor(3_600_000);
 * world.trace.digest(); // the same for the same seed
 */
import type { Clock } from '#platform/clock.ts';
import { type Logger, silentLogger } from '#platform/logger.ts';
import { type Random, SeededRandom } from '#platform/random.ts';
import type { Transport } from '#kube/transport/transport.ts';
import type { ClusterAccess } from '../fleet/cluster-access.ts';
import { MetricsTransport } from '../fleet/exposition/metrics-transport.ts';
import { Fleet, type FleetOptions } from '../fleet/fleet.ts';
import { TraceLibrary } from '../traces/trace-library.ts';
import type { FaultPlan } from './fault-plan.ts';
import { FaultyTransport } from './faulty-transport.ts';
import { type CrashPoint, SimulatedProcess } from './simulated-process.ts';
import { SimTrace } from './sim-trace.ts';
import { Supervisor } from './supervisor.ts';
import { TracedAccess } from './traced-access.ts';
import { VirtualClock } from './virtual-clock.ts';

/** An API server that runs on the world's clock. */
export interface WorldServer {
  /** For the fleet. */
  readonly access: ClusterAccess;
  /** For processes; the world adds metrics.k8s.io to it. */
  readonly transport: Transport;
  stop?(): void;
}

/** What a server is made from. */
export interface WorldParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

type FleetSettings = Pick<
  FleetOptions,
  'nodes' | 'parts' | 'timing' | 'events' | 'leaseRenewMs' | 'heartbeatMs' | 'spot'
>;

export interface WorldOptions extends FleetSettings {
  readonly seed: number | string;
  /** Usually `playgroundServer()`. */
  readonly server: (parts: WorldParts) => WorldServer | Promise<WorldServer>;
  /** When the world begins. Default: Monday, 5 January 2026, 08:00 UTC. */
  readonly startMs?: number;
  /** How long the world has been running already when it begins; see FleetUsageOptions.past. */
  readonly pastMs?: number;
  /** The folder of recorded traces. */
  readonly dataDir?: string;
  readonly logger?: Logger;
  /** Whether the fleet's writes are in the trace. Default: yes. */
  readonly traceFleet?: boolean;
}

export interface ProcessOptions {
  readonly crashAt?: CrashPoint;
  readonly faults?: FaultPlan;
  readonly onCrash?: (reason: string) => void;
}

export interface SuperviseOptions extends ProcessOptions {
  /** How long a restart takes. Default 5,000. */
  readonly restartAfterMs?: number;
}

const DEFAULT_START_MS = Date.UTC(2026, 0, 5, 8);
/** Everything that starts within this time counts as having run in the past. */
const PAST_UNTIL_MS = 600_000;
const START_LIMIT_MS = 60_000;

export class World {
  readonly clock: VirtualClock;
  readonly trace: SimTrace;
  readonly traces: TraceLibrary;
  readonly server: WorldServer;
  readonly fleet: Fleet;
  readonly #seed: number | string;

  private constructor(made: WorldMaterial & { readonly server: WorldServer; readonly fleet: Fleet }) {
    this.clock = made.clock;
    this.trace = made.trace;
    this.traces = made.traces;
    this.server = made.server;
    this.fleet = made.fleet;
    this.#seed = made.seed;
  }

  /** Starts the server and the fleet; resolves when the nodes are registered. */
  static async create(options: WorldOptions): Promise<World> {
    const material = prepare(options);
    const { clock, trace } = material;
    const parts = {
      clock,
      random: randomFor(options.seed, 'server'),
      logger: options.logger ?? silentLogger,
    };
    const server = await options.server(parts);
    const access = options.traceFleet === false ? server.access : new TracedAccess(server.access, trace);
    const fleet = await clock.settle(Fleet.start(fleetOptions(options, material, access)), START_LIMIT_MS);
    const transport = new MetricsTransport(server.transport, fleet);
    return new World({ ...material, server: { ...server, transport }, fleet });
  }

  /** A generator of its own for each name: who draws more does not change what others draw. */
  random(name: string): Random {
    return randomFor(this.#seed, name);
  }

  /** Time and network for a process under test, which can crash and whose network can fail. */
  process(name: string, options: ProcessOptions = {}): SimulatedProcess {
    const { crashAt, onCrash, faults = {} } = options;
    const transport = new FaultyTransport({
      inner: this.server.transport,
      clock: this.clock,
      random: this.random(`faults of ${name}`),
      plan: faults,
      trace: this.trace,
      source: name,
    });
    return new SimulatedProcess({
      name,
      clock: this.clock,
      transport,
      ...(crashAt === undefined ? {} : { crashAt }),
      onCrash: (reason) => {
        this.trace.record(name, `crashed ${reason}`);
        onCrash?.(reason);
      },
    });
  }

  /**
   * Runs `main` in a process that is started anew after each crash. `crashAt` counts in its first life only;
   * kill later lives by `process.crash`.
   */
  supervise(
    name: string,
    main: (process: SimulatedProcess) => void,
    options: SuperviseOptions = {},
  ): Supervisor {
    const { crashAt, restartAfterMs, onCrash, faults } = options;
    return new Supervisor({
      clock: this.clock,
      main,
      ...(restartAfterMs === undefined ? {} : { restartAfterMs }),
      spawn: (life, restart) =>
        this.process(life === 0 ? name : `${name}#${life}`, {
          ...(faults === undefined ? {} : { faults }),
          ...(life > 0 || crashAt === undefined ? {} : { crashAt }),
          onCrash: (reason) => {
            onCrash?.(reason);
            restart();
          },
        }),
    });
  }

  stop(): void {
    this.fleet.stop();
    this.server.stop?.();
  }
}

interface WorldMaterial {
  readonly seed: number | string;
  readonly clock: VirtualClock;
  readonly trace: SimTrace;
  readonly traces: TraceLibrary;
}

function prepare({ seed, startMs = DEFAULT_START_MS, dataDir }: WorldOptions): WorldMaterial {
  const clock = new VirtualClock({ startMs });
  const traces = new TraceLibrary({ seed, ...(dataDir === undefined ? {} : { dataDir }) });
  return { seed, clock, trace: new SimTrace(clock), traces };
}

function randomFor(seed: number | string, name: string): Random {
  return new SeededRandom(`${seed}/${name}`);
}

function fleetOptions(
  { seed, pastMs, server: _server, dataDir: _dataDir, ...options }: WorldOptions,
  { clock, traces }: WorldMaterial,
  access: ClusterAccess,
): FleetOptions {
  const nowMs = clock.now();
  return {
    ...options,
    access,
    clock,
    random: randomFor(seed, 'fleet'),
    seed,
    traces,
    ...(pastMs === undefined ? {} : { past: { sinceMs: nowMs - pastMs, beforeMs: nowMs + PAST_UNTIL_MS } }),
    // Thrown from a timer, so that the clock's run rejects with it.
    onBug: (error) => {
      clock.after(0, () => {
        throw error;
      });
    },
  };
}
