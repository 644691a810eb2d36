/** The watts of a cluster over a time, and the carbon of its energy, for bills. */
import {
  addFigures,
  type NodePowerFigure,
  type PowerFigure,
  type PowerView,
  powerView,
  weakest,
} from '#domain/allocation/power-view.ts';
import type { CarbonIntensity } from '#domain/carbon/carbon-intensity.ts';
import { addCarbon, type CarbonMass, carbonOf } from '#domain/carbon/carbon-mass.ts';
import type { PowerSnapshot, PowerSource } from '#domain/power/power.ts';
import { DAY_MS, HOUR_MS } from '#domain/units/duration.ts';
import type { CostQuery } from './cost-query.ts';

/** Watts over a time, and where in it they were drawn. */
export interface PowerOverTime {
  readonly view: PowerView;
  /** The watts of all nodes in each step, for what depends on the hour. */
  readonly steps: readonly (CostQuery & { readonly watts: number })[];
}

/**
 * The mean of a time: of an hour at once, of more from the steps of the history. Rejects with KC_METRICS_UNAVAILABLE
 * where the source is down.
 */
export async function readPower(power: PowerSource, { fromMs, toMs }: CostQuery): Promise<PowerOverTime> {
  if (toMs - fromMs <= HOUR_MS) {
    const snapshot = await power.current({ atMs: toMs, windowMs: toMs - fromMs });
    return { view: powerView(snapshot), steps: [{ fromMs, toMs, watts: wattsOf(snapshot) }] };
  }
  const stepMs = toMs - fromMs <= 7 * DAY_MS ? HOUR_MS : 6 * HOUR_MS;
  const snapshots = await power.history({ fromMs, toMs, stepMs });
  const known = snapshots.filter(({ nodes }) => nodes.length > 0);
  return {
    view: meanView(known),
    steps: known.map((snapshot) => ({
      fromMs: snapshot.atMs - stepMs,
      toMs: snapshot.atMs,
      watts: wattsOf(snapshot),
    })),
  };
}

function wattsOf({ nodes }: PowerSnapshot): number {
  return nodes.reduce((sum, { watts }) => sum + watts, 0);
}

/**
 * The mean of views that follow each other. A node that some of them do not know has the mean of those that do, which
 * is said; a pod that is not in one was not there, as long as its node is.
 */
export function meanView(snapshots: readonly PowerSnapshot[]): PowerView {
  const views = snapshots.map(powerView);
  const nodes = new Map<string, NodePowerFigure>();
  const counts = new Map<string, number>();
  for (const [name, figure] of views.flatMap((view) => [...view.nodes])) {
    const before = nodes.get(name);
    counts.set(name, (counts.get(name) ?? 0) + 1);
    nodes.set(name, before === undefined ? figure : addNode(before, figure));
  }
  const nodeOfPod = new Map(
    snapshots.flatMap(({ containers }) =>
      containers.map(({ namespace, pod, node }) => [`${namespace}/${pod}`, node]),
    ),
  );
  const pods = new Map<string, PowerFigure>();
  for (const [key, figure] of views.flatMap((view) => [...view.pods])) {
    const before = pods.get(key);
    pods.set(key, before === undefined ? figure : addFigures(before, figure));
  }
  const stepsOfNode = (name: string | undefined): number => counts.get(name ?? '') ?? views.length;
  return {
    nodes: mapValues(nodes, (figure, name) => {
      const steps = stepsOfNode(name);
      return { ...figure, watts: figure.watts / steps, systemWatts: figure.systemWatts / steps };
    }),
    pods: mapValues(pods, (figure, key) => ({
      ...figure,
      watts: figure.watts / stepsOfNode(nodeOfPod.get(key)),
    })),
    problems: [...new Set([...views.flatMap(({ problems }) => problems), ...gaps(counts, views.length)])],
  };
}

function addNode(a: NodePowerFigure, b: NodePowerFigure): NodePowerFigure {
  return { ...weakest(a, b), watts: a.watts + b.watts, systemWatts: a.systemWatts + b.systemWatts };
}

function gaps(counts: ReadonlyMap<string, number>, steps: number): string[] {
  return [...counts]
    .filter(([, known]) => known < steps)
    .map(([node, known]) => `node ${node}: power is known for ${String(known)} of ${String(steps)} steps, whose mean stands for all`); // prettier-ignore
}

function mapValues<A, B>(map: ReadonlyMap<string, A>, change: (value: A, key: string) => B): Map<string, B> {
  return new Map([...map].map(([key, value]) => [key, change(value, key)]));
}

/**
 * The carbon of a kWh that the cluster drew in a time: each hour's intensity weighs as much as was drawn in it, so that
 * rows can be priced by their energy and still sum to the whole.
 */
export function carbonPerKwh(
  { steps }: PowerOverTime,
  intensity: CarbonIntensity,
): CarbonMass | { kgPerKwh: number } {
  if (intensity.origin !== 'table') return { kgPerKwh: intensity.kgPerKwh };
  const [first, ...others] = steps.map((step) => carbonOf(step, intensity));
  const mass = first === undefined ? undefined : others.reduce(addCarbon, first);
  if (mass?.kg === undefined || mass.knownKwh === 0) {
    return mass ?? { kg: undefined, knownKg: 0, knownKwh: 0, unknownKwh: 0, reasons: ['no power is known'] };
  }
  return { kgPerKwh: mass.kg / mass.knownKwh };
}
