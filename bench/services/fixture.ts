/** The cluster that both services answer for: a thousand containers on twenty nodes, and their last day by the hour. */
import type { ContainerPower, NodePower, PowerSnapshot } from '#domain/power/power.ts';
import { SeededRandom } from '#platform/random.ts';

export const CONTAINERS = 1_000;
const NODES = 20;
const NAMESPACES = 10;
const IDLE_WATTS = 80;
const SYSTEM_WATTS = 5;

/** The same for the same `atMs`. */
export function snapshotAt(atMs: number): PowerSnapshot {
  const random = new SeededRandom(Math.floor(atMs / 1000));
  const evidence = { origin: 'measured', sources: ['kepler'], atMs } as const;
  const containers = Array.from({ length: CONTAINERS }, (_none, index): ContainerPower => {
    const [cpu, dram] = [5 + 20 * random.next(), 3 * random.next()];
    return {
      ...evidence,
      namespace: `team-${String(index % NAMESPACES)}`,
      pod: `workload-${String(index)}-5d69f8f4b7-x2x4z`,
      container: 'app',
      node: `node-${String(index % NODES)}`,
      activeWatts: cpu + dram,
      idleWatts: IDLE_WATTS / (CONTAINERS / NODES),
      parts: { cpu, dram },
    };
  });
  const nodes = [...Map.groupBy(containers, ({ node }) => node ?? '')].map(([node, own]): NodePower => {
    const active = own.reduce((sum, { activeWatts }) => sum + activeWatts, 0) + SYSTEM_WATTS;
    const watts = active + IDLE_WATTS;
    return {
      ...evidence,
      node,
      watts,
      activeWatts: active,
      idleWatts: IDLE_WATTS,
      systemWatts: SYSTEM_WATTS,
      parts: { cpu: watts },
    };
  });
  return { atMs, containers, nodes, devices: [], problems: [] };
}
