/** What the demo's machines draw, modelled from utilisation: nobody measures a simulated machine. */
import { createPowerSource } from '#adapters/power/create-power-source.ts';
import { HOURS_PER_MONTH } from '#domain/cost/resource-prices.ts';
import type { PowerOrigin } from '#domain/power/power.ts';
import { MINUTE_MS } from '#domain/units/duration.ts';
import type { SimulatedCluster } from '../simulation/simulated-cluster.ts';

/**
 * kg of CO2 per kWh in us-east-1, where the demo's machines stand: EPA eGRID of the SERC region, as the Cloud Carbon
 * Footprint coefficients have it (0.000415755 t/kWh).
 */
export const DEMO_KG_PER_KWH = 0.415755;

export interface ClusterPower {
  /** The weakest among the machines: one without figures of its own has a default. */
  readonly origin: PowerOrigin;
  /** All that the machines draw. */
  readonly watts: number;
  /** The part of their idle draw that the pods' requests hold: what goes with machines that are no longer needed. */
  readonly heldIdleWatts: number;
  readonly kgCo2PerMonth: number;
}

/** Undefined where a machine's draw is not known. */
export async function clusterPower(cluster: SimulatedCluster): Promise<ClusterPower | undefined> {
  const { client, world } = cluster;
  const source = createPowerSource({ clock: world.clock, cluster: client });
  const atMs = world.clock.now();
  const snapshot = await cluster.now(source.current({ atMs, windowMs: 5 * MINUTE_MS }));
  const watts = snapshot.nodes.reduce((sum, node) => sum + node.watts, 0);
  if (snapshot.nodes.length === 0 || snapshot.problems.length > 0) return undefined;
  return {
    origin: snapshot.nodes.some(({ origin }) => origin === 'default') ? 'default' : 'modelled',
    watts: round(watts),
    heldIdleWatts: round(snapshot.containers.reduce((sum, { idleWatts }) => sum + idleWatts, 0)),
    kgCo2PerMonth: round((watts / 1000) * HOURS_PER_MONTH * DEMO_KG_PER_KWH),
  };
}

/** To a tenth: the model knows no more. */
function round(value: number): number {
  return Math.round(value * 10) / 10;
}
