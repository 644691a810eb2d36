/** What must be known of a source before it can be asked for usage: sizes, intervals, owners. */
import type { Labels } from '../client/range-series.ts';
import type { PromqlClient, QueryRange } from '../client/promql-client.ts';
import type { CadvisorFlavour, LabelNames } from './label-flavour.ts';
import { Ownership, replicaSetOwner } from './ownership.ts';
import { type Scope, containerSelector } from './scope.ts';
import { oneOf, selector } from './selectors.ts';

type TimeRange = Pick<QueryRange, 'startMs' | 'endMs'>;

/** How much there is to read, and how often it was written. */
export interface Extent {
  readonly containers: number;
  /** The usual time between two scrapes; undefined where nothing is there now. */
  readonly scrapeMs: number | undefined;
}

const MIN_SCRAPE_MS = 1000;
const PROBE_MS = 600_000;
/** Where nothing is there now, much may have been; pods of a workload, roughly. */
const GUESSED_CONTAINERS_PER_WORKLOAD = 5;

/** Looks at the last minutes. Rejects with SourceError. */
export async function measureExtent(client: PromqlClient, scope: Scope, look: ExtentLook): Promise<Extent> {
  const containers = containerSelector(look.metrics.memory, scope, look.names);
  const [count, any] = await Promise.all([
    client.instant(`count(${containers})`, look.atMs),
    client.instant(`topk(1, ${containers})`, look.atMs),
  ]);
  return {
    containers: count.series[0]?.values[0] ?? scope.workloads.length * GUESSED_CONTAINERS_PER_WORKLOAD,
    scrapeMs: await measureScrape(client, any.series[0]?.labels, look.atMs),
  };
}

/** The usual time between two samples of one series. */
async function measureScrape(
  client: PromqlClient,
  labels: Labels | undefined,
  atMs: number,
): Promise<number | undefined> {
  if (labels === undefined) return undefined;
  const matchers = Object.entries(labels).map(([name, value]) => oneOf(name, [value]));
  const { series } = await client.instant(`${selector(matchers)}[${String(PROBE_MS)}ms]`, atMs);
  const times = series[0]?.times ?? new Float64Array();
  const gaps = times.subarray(1).map((time, index) => time - (times[index] ?? time));
  const usual = gaps.sort()[Math.floor(gaps.length / 2)];
  return usual === undefined ? undefined : Math.max(MIN_SCRAPE_MS, Math.ceil(usual));
}

export interface ExtentLook extends CadvisorFlavour {
  readonly atMs: number;
}

/** Who owns the pods of a scope, as kube-state-metrics saw it over the time; by names alone where there is none. */
export async function readOwnership(client: PromqlClient, scope: Scope, look: OwnerLook): Promise<Owners> {
  const { names, range } = look;
  if (names === undefined) return { ownership: new Ownership(scope.workloads, []), foreignPods: [] };
  const matchers = [...scope.extra, oneOf(names.namespace, scope.namespaces)];
  const [replicaSets, foreign] = await Promise.all([
    client.series([`kube_replicaset_owner${selector(matchers)}`], range),
    readForeignPods(client, scope, { names, range, matchers }),
  ]);
  const owners = replicaSets.flatMap((labels) => replicaSetOwner(labels, names.namespace) ?? []);
  return { ownership: new Ownership(scope.workloads, owners), foreignPods: foreign };
}

export interface OwnerLook {
  /** Of kube-state-metrics; undefined where the source has none. */
  readonly names: LabelNames | undefined;
  readonly range: TimeRange;
}

export interface Owners {
  readonly ownership: Ownership;
  /** Pods that are named like those of a workload and belong to something else. */
  readonly foreignPods: readonly string[];
}

interface ForeignLook {
  readonly names: LabelNames;
  readonly range: TimeRange;
  readonly matchers: readonly string[];
}

/** A Job `agent` names its pods exactly as a DaemonSet `agent` does. */
async function readForeignPods(
  client: PromqlClient,
  scope: Scope,
  look: ForeignLook,
): Promise<readonly string[]> {
  const daemonSets = scope.workloads.filter(({ kind }) => kind === 'DaemonSet').map(({ name }) => name);
  if (daemonSets.length === 0) return [];
  const owners = ['owner_kind!="DaemonSet"', oneOf('owner_name', daemonSets)];
  const found = await client.series([`kube_pod_owner${selector([...look.matchers, ...owners])}`], look.range);
  const named = ({ owner_kind: kind }: Labels): boolean => kind === 'Job';
  return [...new Set(found.filter(named).flatMap((labels) => labels[look.names.pod] ?? []))];
}
