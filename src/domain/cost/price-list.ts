/**
 * What machines cost, by key. Keys, from the most to the least particular; the first that is listed counts:
 *
 *   node/<name>                        one machine, e.g. one that was bought: its price per hour over its life
 *   <type>/spot@<zone>  <type>/spot    a node that can be taken away; spot prices differ by zone
 *   <type>@<zone>       <type>         a node on demand; in the place of a zone may stand a region
 *   gpu/<product>                      no machine: the base rate of one GPU of this make, for the split of a
 *                                      machine's price and for machines that are not listed
 */
import type { NodeFacts } from './node-facts.ts';

/** USD per hour by key. */
export type NodePriceList = Readonly<Record<string, number>>;

type Priced = Pick<NodeFacts, 'instanceType' | 'isSpot' | 'zone' | 'region'> & { readonly name?: string };

/** What the list says of exactly this machine or type and kind of capacity; undefined where it says nothing. */
export function listedUsdPerHour(node: Priced, list: NodePriceList): number | undefined {
  const key = priceKeysOf(node).find((candidate) => Object.hasOwn(list, candidate));
  return key === undefined ? undefined : list[key];
}

/** The key that prices a node: a spot node without a spot price has that of its type on demand. */
export function priceKeyOf(node: Priced, list: NodePriceList): string | undefined {
  const keys = [...priceKeysOf(node), ...priceKeysOf({ ...node, isSpot: false })];
  return keys.find((key) => Object.hasOwn(list, key));
}

/** The keys that a node is looked up by, the most particular first. */
function priceKeysOf({ name, instanceType, zone, region, isSpot = false }: Priced): readonly string[] {
  const own = name === undefined ? [] : [`node/${name}`];
  if (instanceType === undefined) return own;
  const type = isSpot ? `${instanceType}/spot` : instanceType;
  const places = [zone, region].filter((place) => place !== undefined);
  return [...own, ...places.map((place) => `${type}@${place}`), type];
}

/** The base rate of a GPU of this make. */
export function listedGpuUsdPerHour(product: string | undefined, list: NodePriceList): number | undefined {
  const key = `gpu/${product ?? ''}`;
  return product !== undefined && Object.hasOwn(list, key) ? list[key] : undefined;
}
