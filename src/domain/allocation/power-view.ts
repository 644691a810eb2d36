/** The watts of pods and nodes over a time, for bills: what pods draw, and what no pod accounts for. */
import type { PowerEvidence, PowerOrigin, PowerSnapshot } from '../power/power.ts';

export interface PowerFigure extends PowerEvidence {
  /** The mean over the time, in watts. */
  readonly watts: number;
}

export interface NodePowerFigure extends PowerFigure {
  /** What no pod accounts for: system, and idle that nobody holds. */
  readonly systemWatts: number;
}

export interface PowerView {
  /** By `namespace/pod`. A pod that is not in it is not known. */
  readonly pods: ReadonlyMap<string, PowerFigure>;
  /** By node. */
  readonly nodes: ReadonlyMap<string, NodePowerFigure>;
  readonly problems: readonly string[];
}

const ORIGINS: readonly PowerOrigin[] = ['measured', 'modelled', 'default'];

/** The weaker of two pieces of evidence in each respect. */
export function weakest(a: PowerEvidence, b: PowerEvidence): PowerEvidence {
  return {
    origin: ORIGINS.indexOf(a.origin) >= ORIGINS.indexOf(b.origin) ? a.origin : b.origin,
    sources: [...new Set([...a.sources, ...b.sources])].sort(),
    atMs: Math.min(a.atMs, b.atMs),
  };
}

/** The view of one snapshot. */
export function powerView({ containers, nodes, problems }: PowerSnapshot): PowerView {
  const pods = new Map<string, PowerFigure>();
  for (const { namespace, pod, activeWatts, idleWatts, origin, sources, atMs } of containers) {
    const figure = { watts: activeWatts + idleWatts, origin, sources, atMs };
    const key = `${namespace}/${pod}`;
    const before = pods.get(key);
    pods.set(key, before === undefined ? figure : addFigures(before, figure));
  }
  return {
    pods,
    nodes: new Map(nodes.map((node) => [node.node, node])),
    problems: problems.map(({ subject, message }) => `${subject}: ${message}`),
  };
}

/** Both at the same time. */
export function addFigures(a: PowerFigure, b: PowerFigure): PowerFigure {
  return { ...weakest(a, b), watts: a.watts + b.watts };
}
