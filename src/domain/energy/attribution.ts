/** Stage 4: a node's power divided among its containers. Alzamil & Djemame (GECON 2016), equation 3. */

export interface ContainerLoad {
  readonly cpuRequestCores: number;
  /** Cores used over cores requested. */
  readonly cpuUtilFraction: number;
}

export interface ContainerShare {
  /** Its part of what the node draws idle: by request. */
  readonly idleWatts: number;
  /** Its part of the rest: by request × utilisation, that is by cores used. */
  readonly activeWatts: number;
  /** idleWatts + activeWatts. */
  readonly watts: number;
}

export interface Attribution {
  /** In the order of the loads. */
  readonly shares: readonly ContainerShare[];
  /** What no container accounts for: the active part where none uses any CPU, everything where there is none. */
  readonly unattributedWatts: number;
}

export interface NodeWatts {
  /** At least `idleWatts`. */
  readonly watts: number;
  readonly idleWatts: number;
}

/**
 * Divides so that Σ shares + unattributed = the node's watts. Where nobody requests anything, the idle part is divided
 * evenly; where nobody uses anything, the active part is nobody's and is told as unattributed.
 */
export function attribute({ watts, idleWatts }: NodeWatts, loads: readonly ContainerLoad[]): Attribution {
  const requested = loads.reduce((sum, { cpuRequestCores }) => sum + cpuRequestCores, 0);
  const used = loads.reduce((sum, load) => sum + usedCores(load), 0);
  const active = watts - idleWatts;
  const shares = loads.map((load) => {
    const idle = idleWatts * (requested > 0 ? load.cpuRequestCores / requested : 1 / loads.length);
    const own = used > 0 ? active * (usedCores(load) / used) : 0;
    return { idleWatts: idle, activeWatts: own, watts: idle + own };
  });
  const unattributedWatts = (loads.length > 0 ? 0 : idleWatts) + (used > 0 ? 0 : active);
  return { shares, unattributedWatts };
}

function usedCores({ cpuRequestCores, cpuUtilFraction }: ContainerLoad): number {
  return cpuRequestCores * cpuUtilFraction;
}
