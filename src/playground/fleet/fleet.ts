/** The whole fleet, or the parts of it that a cluster lacks. */
import type { WorkloadUsage } from '#domain/usage/usage.ts';
import { type Clock } from '#platform/clock.ts';
import { type Logger, silentLogger } from '#platform/logger.ts';
import type { Random } from '#platform/random.ts';
import { TraceLibrary } from '../traces/trace-library.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { type Controllers, startControllers } from './controllers/controllers.ts';
import { EventRecorder, type EventSink, noEvents } from './events.ts';
import type { Component, FleetContext } from './fleet-context.ts';
import { FleetIndexes } from './fleet-indexes.ts';
import { Kubelet } from './kubelet/kubelet.ts';
import type { KubeletTiming } from './kubelet/timing.ts';
import { NodeAgents } from './nodes/node-agents.ts';
import type { NodeShape } from './nodes/node-shape.ts';
import { type SpotOptions, SpotMarket } from './nodes/spot-market.ts';
import { Scheduler } from './scheduler/scheduler.ts';
import { type PastUsageQuery, pastWorkloadUsage } from './usage/past-workload-usage.ts';
import { FleetUsage, type FleetUsageOptions } from './usage/fleet-usage.ts';

/** Nodes and kubelets always run; a real control plane brings the rest itself. */
export type FleetPart = 'scheduler' | 'controllers';

export interface FleetOptions {
  readonly access: ClusterAccess;
  readonly clock: Clock;
  readonly random: Random;
  /** Decides demand and noise. */
  readonly seed: number | string;
  readonly nodes: readonly NodeShape[];
  /** Default: both. */
  readonly parts?: readonly FleetPart[];
  readonly logger?: Logger;
  readonly traces?: TraceLibrary;
  readonly timing?: KubeletTiming;
  readonly past?: FleetUsageOptions['past'];
  /** How spot nodes are taken back. Default: never. */
  readonly spot?: SpotOptions;
  /** Whether components write Events. Default: yes. */
  readonly events?: boolean;
  /** See NodeAgentsOptions. */
  readonly leaseRenewMs?: number;
  readonly heartbeatMs?: number;
  /** Called with errors that no retry can mend. Default: thrown where nobody catches them. */
  readonly onBug?: (error: unknown) => void;
}

export class Fleet {
  readonly usage: FleetUsage;
  readonly nodes: NodeAgents;
  readonly context: FleetContext;
  readonly #components: readonly Component[];
  readonly #kubelet: Kubelet;
  readonly #spot: SpotMarket;
  readonly #controllers: Controllers | undefined;

  private constructor(options: FleetOptions) {
    const traces = options.traces ?? new TraceLibrary({ seed: options.seed });
    const context = contextOf(options);
    const parts = options.parts ?? ['scheduler', 'controllers'];
    this.context = context;
    const { access, seed, past } = options;
    this.usage = new FleetUsage({ access, seed, traces, ...(past === undefined ? {} : { past }) });
    this.nodes = new NodeAgents({
      ...options,
      context,
      onJoin: (shape) => {
        this.#kubelet.adoptNode(shape.name);
        this.#spot.joined(shape);
      },
    });
    this.#spot = new SpotMarket({
      context,
      seed,
      settings: options.spot,
      remove: (nodeName) => this.removeNode(nodeName),
      join: (shape) => this.nodes.add([shape]),
    });
    this.#kubelet = new Kubelet({
      context,
      usage: this.usage,
      manages: (nodeName) => this.nodes.has(nodeName),
      ...(options.timing === undefined ? {} : { timing: options.timing }),
    });
    this.#controllers = parts.includes('controllers') ? startControllers(context, this.usage) : undefined;
    this.#components = [
      this.nodes,
      this.#spot,
      this.#kubelet,
      ...(parts.includes('scheduler') ? [new Scheduler({ context })] : []),
      ...(this.#controllers === undefined ? [] : [this.#controllers]),
    ];
  }

  /** Starts the components and registers the nodes. */
  static async start(options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet(options);
    await fleet.nodes.add(options.nodes);
    return fleet;
  }

  /**
   * What every workload used in a span of time, without running through it: for a usage history to take in. It
   * reaches back before the world began where FleetOptions.past says so, and only that far.
   */
  pastUsage(query: PastUsageQuery): readonly WorkloadUsage[] {
    return pastWorkloadUsage(this.usage, query);
  }

  /** A machine dies without a word, as spot instances do; its pods are given up minutes later. */
  failNode(nodeName: string): void {
    this.#spot.left(nodeName);
    this.nodes.fail(nodeName);
    this.#kubelet.abandonNode(nodeName);
    this.#controllers?.nodeLost(nodeName);
  }

  /** Takes a machine away, and its Node object with it. */
  async removeNode(nodeName: string): Promise<void> {
    this.#spot.left(nodeName);
    this.#kubelet.abandonNode(nodeName);
    await this.nodes.remove(nodeName);
  }

  /** Takes a machine back as a cloud does with spot instances: notice, drain, removal, and another one later. */
  interruptNode(nodeName: string): void {
    const shape = this.nodes.shapeOf(nodeName);
    if (shape !== undefined) this.#spot.interrupt(shape);
  }

  stop(): void {
    for (const component of this.#components) component.stop();
    this.context.indexes.stop();
  }
}

function contextOf(options: FleetOptions): FleetContext {
  const { access, clock, random } = options;
  const logger = options.logger ?? silentLogger;
  const events: EventSink =
    options.events === false ? noEvents : new EventRecorder({ access, clock, logger });
  return {
    access,
    clock,
    random,
    logger,
    events,
    indexes: new FleetIndexes(access),
    onBug: options.onBug ?? throwUncaught,
  };
}

/** In a simulation the clock's run rejects; a process dies, as it should. */
function throwUncaught(error: unknown): never {
  throw error;
}
