/**
 * How fast whole worlds run: seeds per second and virtual days per second, for a small and for a large world, each
 * alone and with somebody who looks at its metrics every minute. Seconds are those of this process's CPU.
 *
 *   node bench/simulator/main.ts [--seconds 10] [--only small] [--days 1]
 *   node --cpu-prof bench/simulator/main.ts --only large   # where the time goes
 */
import { parseArgs } from 'node:util';
import {
  DEPLOYMENTS,
  HORIZONTAL_POD_AUTOSCALERS,
  NAMESPACES,
  PODS,
  POD_DISRUPTION_BUDGETS,
} from '#kube/client/builtin-types.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import { nodesOf } from '#playground/fleet/nodes/node-shape.ts';
import { deployment, template } from '#playground/fleet/testing/fleet-rig.ts';
import { playgroundServer } from '#playground/simulation/playground-server.ts';
import { World } from '#playground/simulation/world.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const CALL_LIMIT_MS = 60_000;
const NAMESPACE = 'shop';
const PRESETS = ['daily-service', 'bursty-api', 'batch', 'jvm', 'llm-inference', 'leak'];

interface Scenario {
  readonly name: string;
  readonly nodes: number;
  readonly workloads: number;
  readonly days: number;
  /** Whether a process asks for the metrics of all pods every minute. */
  readonly isWatched: boolean;
}

const SCENARIOS: readonly Omit<Scenario, 'days'>[] = [
  { name: 'small', nodes: 3, workloads: 10, isWatched: false },
  { name: 'small, watched', nodes: 3, workloads: 10, isWatched: true },
  { name: 'large', nodes: 50, workloads: 200, isWatched: false },
  { name: 'large, watched', nodes: 50, workloads: 200, isWatched: true },
];

/** What this process has computed so far: on a busy machine the clock on the wall tells of others. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

interface Outcome {
  readonly startMs: number;
  readonly runMs: number;
  readonly timers: number;
  readonly writes: number;
  /** What it costs to write one pod as JSON and to read it again: a measure that other machines share. */
  readonly copyMs: number;
}

/** Rounds of the yardstick, in batches of which the middle one counts. */
const BATCHES = 41;
const COPIES_PER_BATCH = 100;

function measureCopy(pod: unknown): number {
  const batches = Array.from({ length: BATCHES }, () => {
    const began = cpuMs();
    for (let round = 0; round < COPIES_PER_BATCH; round += 1) JSON.parse(JSON.stringify(pod));
    return (cpuMs() - began) / COPIES_PER_BATCH;
  });
  return batches.sort((a, b) => a - b)[(BATCHES - 1) / 2] ?? NaN;
}

async function run(scenario: Scenario, seed: number): Promise<Outcome> {
  const began = cpuMs();
  const { nodes: count, workloads, days } = scenario;
  const nodes = [
    ...nodesOf({ instanceType: 'm6i.2xlarge', count: Math.ceil(count * 0.7) }),
    ...nodesOf({ instanceType: 'm6i.2xlarge', count: Math.floor(count * 0.3), capacityType: 'spot' }),
  ];
  const world = await World.create({
    seed,
    nodes,
    server: playgroundServer(),
    spot: { interruptionsPerDay: 1 },
  });
  const client = new KubeClient(world.process('admin').transport);
  const now = <T>(call: Promise<T>): Promise<T> => world.clock.settle(call, CALL_LIMIT_MS);
  await now(client.create(NAMESPACES, { metadata: { name: NAMESPACE } }));
  for (let index = 0; index < workloads; index += 1) await populate(client, now, index);
  const started = cpuMs();
  if (scenario.isWatched) watch(world, new KubeClient(world.process('observer').transport));
  await live(world, client, { workloads, days });
  const ended = cpuMs();
  const copyMs = measureCopy(world.server.access.list(PODS)[0]);
  world.stop();
  return {
    startMs: started - began,
    runMs: ended - started,
    timers: world.clock.fired,
    writes: world.trace.count,
    copyMs,
  };
}

type Now = <T>(call: Promise<T>) => Promise<T>;

/** A Deployment of three pods; every second has a budget, every fifth an autoscaler. */
async function populate(client: KubeClient, now: Now, index: number): Promise<void> {
  const name = `app-${index}`;
  const metadata = { name, namespace: NAMESPACE };
  const usage = `preset: ${PRESETS[index % PRESETS.length] ?? ''}\ncpu: { cores: 0.3 }\nmemory: { base: 90Mi }`;
  await now(client.create(DEPLOYMENTS, deployment(name, { usage, replicas: 3, cpu: '150m' })));
  if (index % 2 === 0) {
    const spec = { maxUnavailable: 1, selector: { matchLabels: { app: name } } };
    await now(client.create(POD_DISRUPTION_BUDGETS, { metadata, spec }));
  }
  if (index % 5 !== 0) return;
  const target = { type: 'Utilization', averageUtilization: 70 };
  const spec = {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
    minReplicas: 2,
    maxReplicas: 6,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }],
  };
  await now(client.create(HORIZONTAL_POD_AUTOSCALERS, { metadata, spec }));
}

/** Each workload is rolled out once, one after the other over the time. */
async function live(
  world: World,
  client: KubeClient,
  { workloads, days }: { readonly workloads: number; readonly days: number },
): Promise<void> {
  const stepMs = Math.floor((days * DAY_MS) / workloads);
  for (let index = 0; index < workloads; index += 1) {
    await world.clock.runFor(stepMs);
    const name = `app-${index}`;
    const body = { spec: { template: template(name, { image: `${name}:2`, cpu: '120m' }) } };
    const call = client.patch(DEPLOYMENTS, { namespace: NAMESPACE, name }, { patch: 'merge', body });
    await world.clock.settle(call, CALL_LIMIT_MS);
  }
}

function watch({ clock }: World, client: KubeClient): void {
  const look = (): void => {
    void client.raw('/apis/metrics.k8s.io/v1beta1/pods').then(() => clock.after(MINUTE_MS, look));
  };
  look();
}

/** Runs seeds for about `seconds` and prints what they took. */
async function measure(scenario: Scenario, seconds: number): Promise<void> {
  await run({ ...scenario, days: Math.min(scenario.days, 0.1) }, 0);
  const outcomes: Outcome[] = [];
  const began = cpuMs();
  do outcomes.push(await run(scenario, outcomes.length + 1));
  while (cpuMs() - began < seconds * 1000);
  const perSeed = (pick: (outcome: Outcome) => number): number =>
    outcomes.reduce((sum, outcome) => sum + pick(outcome), 0) / outcomes.length;
  const seedMs = perSeed(({ startMs, runMs }) => startMs + runMs);
  const cells = [
    scenario.name.padEnd(15),
    `${scenario.nodes} nodes × ${scenario.workloads} workloads`.padEnd(26),
    `${(1000 / seedMs).toFixed(2)} seeds/s`.padStart(14),
    `${((scenario.days * 1000) / perSeed(({ runMs }) => runMs)).toFixed(2)} days/s`.padStart(14),
    `${Math.round(perSeed(({ startMs }) => startMs))} ms to start`.padStart(17),
    `${Math.round(perSeed(({ writes }) => writes))} writes`.padStart(14),
    `${Math.round(perSeed(({ timers }) => timers))} timers`.padStart(15),
    `a write costs ${(seedMs / perSeed(({ writes, copyMs }) => writes * copyMs)).toFixed(1)} JSON copies of a pod`,
  ];
  console.log(cells.join(' '));
}

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    only: { type: 'string', default: '' },
    days: { type: 'string', default: '1' },
  },
});
for (const scenario of SCENARIOS) {
  if (!scenario.name.startsWith(values.only)) continue;
  await measure({ ...scenario, days: Number(values.days) }, Number(values.seconds));
}
