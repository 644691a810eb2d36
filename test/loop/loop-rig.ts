/** A cluster with workloads that have run for weeks, and the shipped operator on it, all in virtual time. */
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { Deployment } from '#apis/kubernetes/builtin.ts';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import { SimulatedCluster } from '#commands/simulation/simulated-cluster.ts';
import { SimulatedOperator, type SimulatedOperatorOptions } from '#commands/simulation/simulated-operator.ts';
import { COST_OPTIMIZATIONS } from '#controllers/cost-optimization/stores.ts';
import { DAY_MS, MINUTE_MS } from '#domain/units/duration.ts';
import { DEPLOYMENTS } from '#kube/client/builtin-types.ts';
import { nodesOf } from '#playground/fleet/nodes/node-shape.ts';
import { playgroundServer } from '#playground/simulation/playground-server.ts';
import type { Supervisor } from '#playground/simulation/supervisor.ts';
import type { SuperviseOptions, WorldOptions } from '#playground/simulation/world.ts';

const STEP_MS = 5 * MINUTE_MS;
const USAGE = 'playground.kcloud.io/usage';

export interface RigOptions {
  readonly seed?: number;
  readonly workloads: readonly Deployment[];
  /** How many days the workloads are said to have run. */
  readonly historyDays?: number;
  /** Six machines on demand where absent. */
  readonly nodes?: WorldOptions['nodes'];
  readonly operator?: Omit<SimulatedOperatorOptions, 'random'>;
  readonly process?: SuperviseOptions;
}

export interface LoopRig {
  readonly cluster: SimulatedCluster;
  readonly operator: SimulatedOperator;
  readonly supervisor: Supervisor;
}

/** Starts everything, lets the pods become ready, and tells the operator's history of the days before. */
export async function startLoop(options: RigOptions): Promise<LoopRig> {
  const { seed = 1, workloads, historyDays = 15, process = {} } = options;
  const { nodes = nodesOf({ instanceType: 'm6i.4xlarge', count: 6 }) } = options;
  const pastMs = historyDays * DAY_MS;
  const cluster = await SimulatedCluster.create({ seed, nodes, pastMs, server: playgroundServer() });
  const { world } = cluster;
  for (const workload of workloads) await cluster.now(cluster.client.create(DEPLOYMENTS, workload));
  await world.clock.runFor(2 * MINUTE_MS);
  const operator = new SimulatedOperator({ random: (name) => world.random(name), ...options.operator });
  const toMs = Math.floor(world.clock.now() / STEP_MS) * STEP_MS;
  operator.learn(world.fleet.pastUsage({ fromMs: toMs - pastMs, toMs, stepMs: STEP_MS }));
  const supervisor = world.supervise('operator', operator.main, process);
  return { cluster, operator, supervisor };
}

/** The documents of an example that users are given. */
function documents(file: string): readonly object[] {
  const text = readFileSync(new URL(`../../deploy/examples/${file}`, import.meta.url), 'utf8');
  return parseAllDocuments(text).map((document) => document.toJS() as object);
}

/** The test workloads of the examples, in the default namespace, with usage by name. */
export function exampleWorkloads(usage: Readonly<Record<string, string>>): readonly Deployment[] {
  return (documents('test-workloads.yaml') as Deployment[]).map((workload) => {
    const declared = usage[workload.metadata?.name ?? ''];
    return declared === undefined ? inDefault(workload) : withUsage(inDefault(workload), declared);
  });
}

export function exampleOptimization(file: string): CostOptimization {
  const [first] = documents(file) as CostOptimization[];
  if (first === undefined) throw new Error(`${file} holds no document`);
  return inDefault(first);
}

function inDefault<T extends { readonly metadata?: object }>(object: T): T {
  return { ...object, metadata: { ...object.metadata, namespace: 'default' } };
}

export function withUsage(workload: Deployment, usage: string): Deployment {
  const { spec } = workload;
  const template = spec?.template;
  const annotations = { ...template?.metadata?.annotations, [USAGE]: usage };
  return {
    ...workload,
    spec: { ...spec, template: { ...template, metadata: { ...template?.metadata, annotations } } },
  } as Deployment;
}

export function stored(rig: LoopRig, name: string): CostOptimization {
  const found = rig.cluster.stored(COST_OPTIMIZATIONS).find(({ metadata }) => metadata.name === name);
  if (found === undefined) throw new Error(`there is no CostOptimization ${name}`);
  return found;
}

/** What a person who looks at a workload would see of it, without what the API server adds by itself. */
export function specOf(rig: LoopRig, name: string): unknown {
  return rig.cluster.stored(DEPLOYMENTS).find(({ metadata }) => metadata?.name === name)?.spec;
}
