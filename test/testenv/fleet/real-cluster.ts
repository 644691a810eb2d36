/** A real control plane whose nodes and kubelets are played by the playground's fleet. */
import { DAEMON_SETS, DEPLOYMENTS, JOBS, REPLICA_SETS, STATEFUL_SETS } from '#kube/client/builtin-types.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import { SystemClock } from '#platform/clock.ts';
import { createLogger } from '#platform/logger.ts';
import { SeededRandom, systemRandom } from '#platform/random.ts';
import { Fleet, type FleetOptions } from '#playground/fleet/fleet.ts';
import type { KubeletTiming } from '#playground/fleet/kubelet/timing.ts';
import { type NodeShape, nodesOf } from '#playground/fleet/nodes/node-shape.ts';
import {
  type ControlPlane,
  type ControlPlaneOptions,
  startControlPlane,
} from '../control-plane/control-plane.ts';
import { BRISK_TIMING } from './brisk-timing.ts';
import { ClientClusterAccess } from './client-cluster-access.ts';
import { serveMetricsApi } from './metrics-api.ts';

/** A kubelet's own interval; the controller-manager gives a node up after 40 s without. */
const LEASE_RENEW_MS = 10_000;

export interface RealClusterOptions extends ControlPlaneOptions {
  /** Three nodes of 8 cores and 32 GiB by default. */
  readonly nodes?: readonly NodeShape[];
  /** Decides demand, noise and the kubelets' timing. */
  readonly seed?: number;
  /** Brisk by default. */
  readonly timing?: KubeletTiming;
  /** What runs soon counts as having run for long, so that its usage of those days can be told. */
  readonly past?: NonNullable<FleetOptions['past']>;
}

export interface RealCluster {
  readonly controlPlane: ControlPlane;
  readonly fleet: Fleet;
  stop(): Promise<void>;
}

/** Resolves when the nodes are registered and the metrics API answers. Every workload controller and the scheduler are the real ones. */
export async function startRealCluster(options: RealClusterOptions = {}): Promise<RealCluster> {
  // Whatever has been started ends again if a later step fails.
  await using started = new AsyncDisposableStack();
  const controlPlane = started.adopt(await startControlPlane(options), (one) => one.stop());
  const access = started.adopt(accessTo(controlPlane), (one) => one.stop());
  const fleet = started.adopt(await startFleet(access, options), (one) => {
    one.stop();
  });
  started.defer(await serveMetricsApi(controlPlane, fleet));
  const kept = started.move();
  return { controlPlane, fleet, stop: () => kept.disposeAsync() };
}

function accessTo({ client }: ControlPlane): ClientClusterAccess {
  const clock = new SystemClock();
  return new ClientClusterAccess({ client, clock, random: systemRandom, logger: createLogger('warn') });
}

/** What pods are traced to their workloads through; read before the first pod asks, which would find nothing. */
const OWNERS: readonly ResourceType[] = [DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS, DAEMON_SETS, JOBS];

async function startFleet(access: ClientClusterAccess, options: RealClusterOptions): Promise<Fleet> {
  for (const owner of OWNERS) access.list(owner);
  await access.whenSynced();
  const {
    nodes = nodesOf({ instanceType: 'm6i.2xlarge', count: 3 }),
    seed = 1,
    timing = BRISK_TIMING,
  } = options;
  return Fleet.start({
    access,
    clock: new SystemClock(),
    random: new SeededRandom(seed),
    seed,
    nodes,
    parts: [],
    logger: createLogger('warn'),
    timing,
    leaseRenewMs: LEASE_RENEW_MS,
    ...(options.past === undefined ? {} : { past: options.past }),
  });
}
