/** Keeps what cannot be true out of sums: a figure that is no finite number of watts becomes a problem instead. */
import type {
  ContainerPower,
  DevicePower,
  NodePower,
  PartWatts,
  PowerProblem,
  PowerSnapshot,
} from '#domain/power/power.ts';

type Figures = Readonly<Record<string, number>>;

/** The same snapshot where all is well, which is nearly always. */
export function normalise(snapshot: PowerSnapshot): PowerSnapshot {
  const problems: PowerProblem[] = [...snapshot.problems];
  const sound = (subject: () => string, figures: Figures, parts: PartWatts = {}): boolean => {
    const problem = problemIn(subject, figures) ?? problemIn(subject, parts);
    if (problem !== undefined) problems.push(problem);
    return problem === undefined;
  };
  const containers = snapshot.containers.filter((power) =>
    sound(() => containerName(power), containerFigures(power), power.parts),
  );
  const nodes = snapshot.nodes.filter((power) =>
    sound(() => `node ${power.node}`, nodeFigures(power), power.parts),
  );
  const devices = snapshot.devices.filter((power) =>
    sound(() => `${power.part} ${power.uuid}`, deviceFigures(power)),
  );
  return problems.length === snapshot.problems.length
    ? snapshot
    : { ...snapshot, containers, nodes, devices, problems };
}

export function containerName({
  namespace,
  pod,
  container,
}: Pick<ContainerPower, 'namespace' | 'pod' | 'container'>): string {
  return `${namespace}/${pod}/${container}`;
}

function containerFigures({ activeWatts, idleWatts, atMs }: ContainerPower): Figures {
  return { activeWatts, idleWatts, atMs };
}

/** What no container accounts for may be slightly negative: exporters are not read at the same instant. */
function nodeFigures({ watts, activeWatts, idleWatts, systemWatts, atMs }: NodePower): Figures {
  return { watts, activeWatts, idleWatts, atMs, systemWatts: Number.isFinite(systemWatts) ? 0 : systemWatts };
}

function deviceFigures({ watts, idleWatts, sharers, atMs }: DevicePower): Figures {
  return { watts, idleWatts, atMs, sharers: sharers.reduce((sum, sharer) => sum + sharer.watts, 0) };
}

function problemIn(subject: () => string, figures: Figures): PowerProblem | undefined {
  for (const name in figures) {
    const value = figures[name] ?? 0;
    if (value >= 0 && value < Infinity) continue;
    const reason = Number.isFinite(value) ? 'Negative' : 'NotFinite';
    return { subject: subject(), reason, message: `${subject()}: ${name} is ${String(value)}` };
  }
  return undefined;
}
