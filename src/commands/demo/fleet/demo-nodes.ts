/** The machines of the demo: ten for ordinary work, two with GPUs, and what they cost. */
import { type NodeShape, nodesOf } from '#playground/fleet/nodes/node-shape.ts';

const REGION = 'us-east-1';

export const DEMO_NODES: readonly NodeShape[] = [
  ...nodesOf({ instanceType: 'm6i.4xlarge', count: 6, region: REGION }),
  ...nodesOf({ instanceType: 'r6i.4xlarge', count: 3, region: REGION }),
  ...nodesOf({ instanceType: 'c6i.4xlarge', count: 1, region: REGION }),
  ...nodesOf({ instanceType: 'g5.12xlarge', count: 1, region: REGION }),
  ...nodesOf({ instanceType: 'g6.12xlarge', count: 1, region: REGION }),
];

/**
 * USD per hour, on demand, Linux, us-east-1 (public list prices of the machines without GPUs). The price of a GPU
 * machine is that of its GPUs, which no right-sizing gives back: its cores and memory are priced at the base rates.
 */
export const DEMO_PRICES: Readonly<Record<string, number>> = {
  'm6i.4xlarge': 0.768,
  'r6i.4xlarge': 1.008,
  'c6i.4xlarge': 0.68,
};
