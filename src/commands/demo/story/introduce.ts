/** Scene 1: the cluster, what runs on it, and what it reserves. */
import { NODES, PODS } from '#kube/client/builtin-types.ts';
import { type DemoWorld, PAST_DAYS } from '../demo-world.ts';
import { DEMO_NODES } from '../fleet/demo-nodes.ts';
import { DEMO_WORKLOADS } from '../fleet/demo-workloads.ts';
import { must } from './must.ts';
import type { Stage } from './stage.ts';
import { clockText, dollars, gibText, perMonth } from './telling.ts';

export async function introduce(demo: DemoWorld, stage: Stage): Promise<void> {
  const pods = demo.cluster.stored(PODS);
  const running = pods.filter(({ status }) => status?.phase === 'Running').length;
  const nodes = demo.cluster.stored(NODES).length;
  must(nodes === DEMO_NODES.length, 'scene 1', `${DEMO_NODES.length} nodes joined`);
  must(running === pods.length, 'scene 1', `all ${pods.length} pods run; ${running} do`);
  const money = demo.money();
  stage.heading('1  A cluster for AI, simulated in this process');
  stage.say(
    `${nodes} nodes: ${groups()}`,
    `${DEMO_WORKLOADS.length} workloads, ${pods.length} pods: inference, training, data, web; ${PAST_DAYS} days of usage behind them`,
    `${Math.round(money.reservedCores)} of ${totalCores()} cores and ${gibText(money.reservedBytes)} of memory are reserved: ${dollars(perMonth(money.usdPerHour))} a month at list prices, GPUs not counted`,
    stage.style('dim', `It is ${clockText(demo.nowMs)} there. Time is virtual: a day takes seconds. Nothing leaves this machine.`),
  ); // prettier-ignore
  await stage.pause(3000);
}

function groups(): string {
  const byType = Map.groupBy(DEMO_NODES, ({ instanceType }) => instanceType);
  return [...byType]
    .map(([type, nodes]) => {
      const [{ accelerators = [] } = {}] = nodes;
      const gpus = accelerators.map(({ count, product }) => ` (${count} ${product.replace('NVIDIA-', '')})`);
      return `${nodes.length} × ${type}${gpus.join('')}`;
    })
    .join(', ');
}

function totalCores(): number {
  return DEMO_NODES.reduce((sum, { cpuCores }) => sum + cpuCores, 0);
}
