/** Which node a series is about: exporters and scrape configurations name nodes in many ways. */
import type { PlacedPod, PowerInventory } from '#domain/power/inventory.ts';
import type { Labels } from '../../metrics/prometheus/client/range-series.ts';

/** From the surest on. `exported_…` is the exporter's own label where the target's won. */
const NAMING_LABELS = [
  'exported_node_name', 'node_name', 'kubernetes_node_name', 'kubernetes_node', 'Hostname', 'hostname', 'exported_node',
  'node', 'nodename', 'exported_instance', 'instance',
] as const; // prettier-ignore
/** A value of these names a node even where the API server does not know it. */
const NODE_LABELS: ReadonlySet<string> = new Set(NAMING_LABELS.slice(0, -2));
/** Of the pod that the series is about, or of the exporter's own: it runs on the node that it tells of. */
const POD_LABELS = [
  ['container_namespace', 'pod_name'],
  ['podnamespace', 'podname'],
  ['namespace', 'pod'],
] as const;
const PORT = /:\d+$/;

export type FoundNode =
  | { readonly node: string; readonly isListed: boolean }
  | { readonly node?: undefined; readonly isListed: false };

export class NodeNames {
  readonly #nodes = new Map<string, string>();
  readonly #pods = new Map<string, PlacedPod>();
  readonly #found = new WeakMap<Labels, FoundNode>();

  constructor({ machines, pods }: PowerInventory) {
    for (const pod of pods) {
      this.#pods.set(`${pod.namespace}/${pod.pod}`, pod);
      if (pod.ip !== undefined) this.#nodes.set(pod.ip, pod.node);
    }
    for (const { node, aliases } of machines) for (const alias of aliases) this.#nodes.set(alias, node);
    for (const { node } of machines) this.#nodes.set(node, node);
  }

  /** By its labels, by the address that was scraped, by its pod; else the name that it goes by. */
  nodeOf(labels: Labels): FoundNode {
    const known = this.#found.get(labels);
    if (known !== undefined) return known;
    const node = this.#listed(labels);
    const found: FoundNode = node === undefined ? unlisted(labels) : { node, isListed: true };
    this.#found.set(labels, found);
    return found;
  }

  #listed(labels: Labels): string | undefined {
    for (const label of NAMING_LABELS) {
      const text = labels[label];
      const node =
        text === undefined ? undefined : (this.#nodes.get(text) ?? this.#nodes.get(text.replace(PORT, '')));
      if (node !== undefined) return node;
    }
    for (const [namespace, pod] of POD_LABELS) {
      const found = this.#pods.get(`${labels[namespace] ?? ''}/${labels[pod] ?? ''}`);
      if (found !== undefined) return found.node;
    }
    return undefined;
  }
}

function unlisted(labels: Labels): FoundNode {
  const label = NAMING_LABELS.find((name) => NODE_LABELS.has(name) && (labels[name] ?? '') !== '');
  const node = label === undefined ? undefined : labels[label];
  return node === undefined ? { isListed: false } : { node, isListed: false };
}
