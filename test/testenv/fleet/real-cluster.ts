/** A real control plane whose nodes and kubelets are played by the playground's fleet. */
import { SystemClock } from '#platform/clock.ts';
import { createLogger } from '#platform/logger.ts';
import { SeededRandom } from '#platform/random.ts';
import { Fleet } from '#playground/fleet/fleet.ts';
import type { KubeletTiming } from '#playground/fleet/kubelet/timing.ts';
import { type NodeShape, nodesOf } from '#playground/fleet/nodes/node-shape.ts';
import {
  type ControlPlane,
  type ControlPlaneOptions,
  startControlPlane,
} from '../control-plane/control-plane.ts';
import { ClientClusterAccess } from './client-cluster-access.ts';

/** The real kubelet's order of steps, without its waits: the clock of these tests is the wall clock. */
const BRISK_TIMING: KubeletTiming = {
  notice: [1, 10],
  pull: [20, 60],
  pullAgain: [5, 15],
  create: [10, 40],
  init: [20, 60],
  stop: [10, 40],
  restart: [20, 60],
  actuate: [20, 60],
};

/** A kubelet's own interval; the controller-manager gives a node up after 40 s without. */
const LEASE_RENEW_MS = 10_000;

export interface RealClusterOptions extends ControlPlaneOptions {
  /** Three nodes of 8 cores and 32 GiB by default. */
  readonly nodes?: readonly NodeShape[];
  /** Decides demand, noise and the kubelets' timing. */
  readonly seed?: number;
  /** Brisk by default. */
  readonly timing?: KubeletTiming;
}

export interface RealCluster {
  readonly controlPlane: ControlPlane;
  readonly fleet: Fleet;
  stop(): Promise<void>;
}

/** Resolves when the nodes are registered. Every workload controller and the scheduler are the real ones. */
export async function startRealCluster(options: RealClusterOptions = {}): Promise<RealCluster> {
  const {
    nodes = nodesOf({ instanceType: 'm6i.2xlarge', count: 3 }),
    seed = 1,
    timing = BRISK_TIMING,
  } = options;
  const controlPlane = await startControlPlane(options);
  const clock = new SystemClock();
  const random = new SeededRandom(seed);
  const logger = createLogger('warn');
  const access = new ClientClusterAccess({ client: controlPlane.client, clock, random, logger });
  const leaseRenewMs = LEASE_RENEW_MS;
  const fleet = await Fleet.start({
    access,
    clock,
    random,
    seed,
    nodes,
    parts: [],
    logger,
    timing,
    leaseRenewMs,
  });
  const stop = async (): Promise<void> => {
    fleet.stop();
    await access.stop();
    await controlPlane.stop();
  };
  return { controlPlane, fleet, stop };
}
