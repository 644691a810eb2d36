/** What a pod costs on on-demand nodes and on spot nodes here. Where either is not listed, nothing is claimed. */
import type { Evidence } from '#apis/optimization.k8s.io/v1/status.ts';
import { type ResourcePrices, usdPerHour } from '../cost/resource-prices.ts';
import { meanPrices } from '../cost/node-prices.ts';
import { podFootprint } from '../cost/workload-cost.ts';
import { withPodGpus } from '../cost/workload-prices.ts';
import type { SpotNode } from './spot-node.ts';
import { placesFor, podSpecOf, type SpotQuestion } from './spot-question.ts';

export interface SpotPrices {
  readonly onDemandUsdPerPodHour: number;
  readonly spotUsdPerPodHour: number;
  /** Unit prices of the on-demand nodes: what savings are measured against. */
  readonly onDemand: ResourcePrices;
  readonly evidence: readonly Evidence[];
}

/** Undefined where a price is missing, or where pods ask for nothing that has one. */
export function spotPrices(question: SpotQuestion): SpotPrices | undefined {
  const onDemand = onDemandPrices(question);
  const spot = pricesOn(placesFor(question, 'spot'), question);
  if (onDemand === undefined || spot === undefined) return undefined;
  const pod = podFootprint(question.present);
  const [onDemandUsdPerPodHour, spotUsdPerPodHour] = [usdPerHour(pod, onDemand), usdPerHour(pod, spot)];
  if (!(onDemandUsdPerPodHour > 0)) return undefined;
  return {
    onDemandUsdPerPodHour,
    spotUsdPerPodHour,
    onDemand,
    evidence: [
      evidence('a pod on on-demand nodes', onDemandUsdPerPodHour),
      evidence('a pod on spot nodes', spotUsdPerPodHour),
    ],
  };
}

function evidence(name: string, usd: number): Evidence {
  return { name, value: `$${usd.toFixed(4)}/h`, source: 'node-price-list' };
}

/** Of the on-demand nodes under its pods; once all have left those, of the ones that would take them. */
export function onDemandPrices(question: SpotQuestion): ResourcePrices | undefined {
  const under = question.nodes.filter(
    ({ name, capacity }) => capacity === 'on-demand' && question.hosts.includes(name),
  );
  return pricesOn(under.length > 0 ? under : placesFor(question, 'on-demand'), question);
}

/** The mean over the nodes, for this workload's pods; undefined where one of them has no listed price. */
function pricesOn(nodes: readonly SpotNode[], question: SpotQuestion): ResourcePrices | undefined {
  const known = nodes.flatMap(({ prices }) => prices ?? []);
  const mean = known.length < nodes.length ? undefined : meanPrices(known);
  return mean === undefined ? undefined : withPodGpus(mean, podSpecOf(question));
}
