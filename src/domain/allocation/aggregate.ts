/** Bills by namespace, workload, node or label. Whatever the view, its rows sum to the same whole. */
import type { PowerEvidence } from '../power/power.ts';
import { type Allocation, NO_PARTS, type PodShare } from './allocation.ts';
import {
  addAmounts,
  type Amounts,
  distribute,
  IDLE_MODES,
  type IdleMode,
  NO_AMOUNTS,
  sumUsd,
} from './amounts.ts';
import { type PowerFigure, type PowerView, weakest } from './power-view.ts';

export { type Amounts, IDLE_MODES, type IdleMode, NO_AMOUNTS, sumUsd };

export type Grouping =
  | { readonly by: 'namespace' | 'workload' | 'node' | 'pod' }
  /** A label of the pods; a team is one by whatever label names it. */
  | { readonly by: 'label'; readonly label: string };

export interface AggregateOptions {
  readonly grouping: Grouping;
  readonly idle: IdleMode;
  /** Namespaces whose cost all others share, in proportion to their own. */
  readonly sharedNamespaces?: readonly string[];
  /** Rows for this namespace alone: all others are one row, `others`. */
  readonly onlyNamespace?: string | undefined;
  readonly power?: PowerView | undefined;
}

export interface CostRow {
  /** `idle` is what nobody held. */
  readonly kind: 'group' | 'others' | 'idle';
  /** The namespace, `namespace/kind/name`, node or label value; undefined for pods without the label. */
  readonly key: string | undefined;
  readonly pods: number;
  /** What its pods hold themselves. */
  readonly own: Amounts;
  /** Its part of idle, where that is shared. */
  readonly idle: Amounts;
  /** Its part of shared namespaces. */
  readonly shared: Amounts;
  readonly total: Amounts;
  /** Pods whose watts are not known; they count in no figure of the row but stand in the node's rest. */
  readonly podsWithoutPower: number;
  readonly evidence: PowerEvidence | undefined;
  /** Pods of which something else is not known, see PodShare. */
  readonly podsWithUnknownUsage: number;
}

export interface CostView {
  readonly rows: readonly CostRow[];
  /** What `hidden` leaves out; zero otherwise. */
  readonly hiddenIdle: Amounts;
  /** The rows and what is hidden: the bill. */
  readonly total: Amounts;
}

interface Group {
  readonly kind: 'group' | 'others';
  readonly key: string | undefined;
  readonly shares: PodShare[];
}

/** The bill in rows, the dearest first, idle last. */
export function aggregate(allocation: Allocation, options: AggregateOptions): CostView {
  const shared = new Set(options.sharedNamespaces ?? []);
  const isShared = ({ pod }: PodShare): boolean => shared.has(pod.namespace);
  const meter = new Meter(allocation, options.power);
  const groups = groupsOf(
    allocation.pods.filter((share) => !isShared(share)),
    options,
  );
  const rows = groups.map((group) => rowOf(group, meter));
  const common = allocation.pods.filter(isShared).map((share) => meter.of(share));
  const withShared = spread(rows, 'shared', common.reduce(addAmounts, NO_AMOUNTS));
  const idle = idleByNode(allocation, meter);
  const idleTotal = [...idle.values()].reduce(addAmounts, NO_AMOUNTS);
  const spreadRows =
    options.idle === 'share' ? shareIdle(withShared.rows, { groups, idle, meter }) : withShared;
  const left = options.idle === 'share' ? spreadRows.left : idleTotal;
  const homeless = withShared.left;
  const rest = options.idle === 'hidden' ? homeless : addAmounts(left, homeless);
  const hiddenIdle = options.idle === 'hidden' ? idleTotal : NO_AMOUNTS;
  const sorted = [...spreadRows.rows].sort(byCost);
  const all = isNothing(rest) ? sorted : [...sorted, idleRow(rest, options.power)];
  return { rows: all, hiddenIdle, total: all.reduce((sum, row) => addAmounts(sum, row.total), hiddenIdle) };
}

function byCost(a: CostRow, b: CostRow): number {
  if (a.kind !== b.kind) return a.kind === 'others' ? 1 : -1;
  return sumUsd(b.total) - sumUsd(a.total);
}

function isNothing(amounts: Amounts): boolean {
  return sumUsd(amounts) === 0 && amounts.watts === 0;
}

function groupsOf(shares: readonly PodShare[], { grouping, onlyNamespace }: AggregateOptions): Group[] {
  const groups = new Map<string | undefined, Group>();
  const others: Group = { kind: 'others', key: undefined, shares: [] };
  for (const share of shares) {
    const isOther = onlyNamespace !== undefined && share.pod.namespace !== onlyNamespace;
    const key = groupKey(share, grouping);
    const group = isOther ? others : (groups.get(key) ?? { kind: 'group', key, shares: [] });
    group.shares.push(share);
    if (!isOther) groups.set(key, group);
  }
  return [...groups.values(), ...(others.shares.length > 0 ? [others] : [])];
}

/** What a pod belongs to under a grouping. */
export function groupKey({ pod }: PodShare, grouping: Grouping): string | undefined {
  switch (grouping.by) {
    case 'namespace':
      return pod.namespace;
    case 'node':
      return pod.node;
    case 'pod':
      return `${pod.namespace}/${pod.name}`;
    case 'label':
      return pod.labels[grouping.label];
    case 'workload': {
      const { kind, name } = pod.owner ?? { kind: 'Pod', name: pod.name };
      return `${pod.namespace}/${kind}/${name}`;
    }
  }
}

/** What a pod comes to by itself. */
class Meter {
  readonly power: PowerView | undefined;
  readonly #hours: ReadonlyMap<string, number>;

  constructor({ nodes }: Allocation, power: PowerView | undefined) {
    this.power = power;
    const hours = new Map<string, number>();
    for (const { node, hours: more } of nodes) hours.set(node.name, (hours.get(node.name) ?? 0) + more);
    this.#hours = hours;
  }

  of(share: PodShare): Amounts {
    const watts = this.figureOf(share)?.watts ?? 0;
    return { ...share.usd, watts, kwh: this.kwhOf(share.pod.node, watts) };
  }

  /** Mean power for as long as its node was there. */
  kwhOf(node: string, watts: number): number {
    return (watts * (this.#hours.get(node) ?? 0)) / 1000;
  }

  figureOf({ pod }: PodShare): PowerFigure | undefined {
    return this.power?.pods.get(`${pod.namespace}/${pod.name}`);
  }
}

function rowOf({ kind, key, shares }: Group, meter: Meter): CostRow {
  const own = shares.map((share) => meter.of(share)).reduce(addAmounts, NO_AMOUNTS);
  const figures = shares.flatMap((share) => meter.figureOf(share) ?? []);
  return {
    kind,
    key,
    pods: shares.length,
    own,
    idle: NO_AMOUNTS,
    shared: NO_AMOUNTS,
    total: own,
    podsWithoutPower: shares.length - figures.length,
    evidence: evidenceOf(figures),
    podsWithUnknownUsage: shares.filter(({ usageUnknown }) => usageUnknown.length > 0).length,
  };
}

function evidenceOf(figures: readonly PowerEvidence[]): PowerEvidence | undefined {
  const [first, ...others] = figures;
  if (first === undefined) return undefined;
  const { origin, sources, atMs } = first;
  return others.reduce(weakest, { origin, sources, atMs });
}

function idleRow(amounts: Amounts, power: PowerView | undefined): CostRow {
  return {
    kind: 'idle',
    key: undefined,
    pods: 0,
    own: amounts,
    idle: NO_AMOUNTS,
    shared: NO_AMOUNTS,
    total: amounts,
    podsWithoutPower: 0,
    evidence: evidenceOf([...(power?.nodes.values() ?? [])]),
    podsWithUnknownUsage: 0,
  };
}

/** What nobody holds on each node: money, and the watts that no pod of the bill accounts for. */
function idleByNode({ nodes, pods }: Allocation, meter: Meter): Map<string, Amounts> {
  const idle = new Map<string, Amounts>();
  const add = (name: string, amounts: Amounts): void => {
    idle.set(name, addAmounts(idle.get(name) ?? NO_AMOUNTS, amounts));
  };
  for (const { node, idleUsd } of nodes) add(node.name, { ...idleUsd, watts: 0, kwh: 0 });
  const byNode = Map.groupBy(pods, ({ pod }) => pod.node);
  for (const [name, { watts }] of meter.power?.nodes ?? []) {
    const known = (byNode.get(name) ?? []).reduce((sum, share) => sum + meter.of(share).watts, 0);
    const rest = Math.max(0, watts - known);
    add(name, { ...NO_PARTS, watts: rest, kwh: meter.kwhOf(name, rest) });
  }
  return idle;
}

type SharedField = 'idle' | 'shared';

interface Spread {
  readonly rows: readonly CostRow[];
  /** What no row could bear. */
  readonly left: Amounts;
}

/** Adds amounts to rows in proportion to their own, part by part. */
function spread(rows: readonly CostRow[], field: SharedField, amounts: Amounts): Spread {
  const { portions, left } = distribute(
    amounts,
    rows.map(({ own }) => own),
  );
  return { rows: rows.map((row, index) => grown(row, field, portions[index] ?? NO_AMOUNTS)), left };
}

function grown(row: CostRow, field: SharedField, portion: Amounts): CostRow {
  return { ...row, [field]: addAmounts(row[field], portion), total: addAmounts(row.total, portion) };
}

interface IdleSharing {
  readonly groups: readonly Group[];
  readonly idle: ReadonlyMap<string, Amounts>;
  readonly meter: Meter;
}

/** The idle of each node goes to those who run on it; that of a node without anybody to all. Rows are the groups'. */
function shareIdle(rows: readonly CostRow[], { groups, idle, meter }: IdleSharing): Spread {
  const tenants = tenantsByNode(groups, meter);
  const gains = rows.map(() => NO_AMOUNTS);
  let ownerless = NO_AMOUNTS;
  for (const [node, amounts] of idle) {
    const here = [...(tenants.get(node) ?? [])];
    const { portions, left } = distribute(
      amounts,
      here.map(([, own]) => own),
    );
    here.forEach(([row], index) => {
      gains[row] = addAmounts(gains[row] ?? NO_AMOUNTS, portions[index] ?? NO_AMOUNTS);
    });
    ownerless = addAmounts(ownerless, left);
  }
  const withOwn = rows.map((row, index) => grown(row, 'idle', gains[index] ?? NO_AMOUNTS));
  return spread(withOwn, 'idle', ownerless);
}

/** What each row holds of a node, by node and the row's index. */
function tenantsByNode(groups: readonly Group[], meter: Meter): Map<string, Map<number, Amounts>> {
  const tenants = new Map<string, Map<number, Amounts>>();
  groups.forEach(({ shares }, row) => {
    for (const share of shares) {
      const { node } = share.pod;
      const here = tenants.get(node) ?? new Map<number, Amounts>();
      here.set(row, addAmounts(here.get(row) ?? NO_AMOUNTS, meter.of(share)));
      tenants.set(node, here);
    }
  });
  return tenants;
}
