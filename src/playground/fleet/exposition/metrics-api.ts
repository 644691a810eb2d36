/** metrics.k8s.io/v1beta1 as metrics-server answers it: what `kubectl top`, autoscalers and collectors read. */
import type { KubeList, KubeObject } from '#apis/kubernetes/object.ts';
import { NODES, PODS } from '#kube/client/builtin-types.ts';
import { rfc3339 } from '#platform/clock.ts';
import { labelsOf, nameOf } from '../meta.ts';
import type { PodUsage } from '../usage/fleet-usage.ts';
import { type FleetView, SYSTEM_BYTES, SYSTEM_CORES, podsOn } from './fleet-view.ts';

/** metrics-server scrapes this often, and averages CPU over it. */
export const METRICS_RESOLUTION_MS = 15_000;
const API_VERSION = 'metrics.k8s.io/v1beta1';

interface Usage {
  /** Nanocores, as `123456789n`. */
  readonly cpu: string;
  /** Kibibytes, as `12345Ki`. */
  readonly memory: string;
}

export interface NodeMetrics extends KubeObject {
  readonly timestamp: string;
  readonly window: string;
  readonly usage: Usage;
}

export interface PodMetrics extends KubeObject {
  readonly timestamp: string;
  readonly window: string;
  readonly containers: readonly { readonly name: string; readonly usage: Usage }[];
}

interface Amount {
  readonly cpuCores: number;
  readonly memoryBytes: number;
}

/** Answers from the fleet's meters. A container shows up after two scrapes, as with the real one. */
export class MetricsApi {
  readonly #view: FleetView;

  constructor(view: FleetView) {
    this.#view = view;
  }

  nodes(): KubeList<NodeMetrics> {
    const items = this.#view.context.access
      .list(NODES)
      .map((node) => this.#nodeMetrics(nameOf(node), labelsOf(node)));
    return list('NodeMetricsList', items);
  }

  node(name: string): NodeMetrics | undefined {
    const node = this.#view.context.access.get(NODES, { name });
    return node === undefined ? undefined : this.#nodeMetrics(name, labelsOf(node));
  }

  pods(namespace?: string): KubeList<PodMetrics> {
    const items = [...this.#view.usage.pods()]
      .filter((pod) => namespace === undefined || pod.namespace === namespace)
      .map((pod) => this.#podMetrics(pod))
      .filter((metrics) => metrics !== undefined);
    return list('PodMetricsList', items);
  }

  pod(namespace: string, name: string): PodMetrics | undefined {
    return this.pods(namespace).items.find((metrics) => nameOf(metrics) === name);
  }

  /** When metrics-server scraped last. */
  #scrapedMs(): number {
    return Math.floor(this.#view.context.clock.now() / METRICS_RESOLUTION_MS) * METRICS_RESOLUTION_MS;
  }

  #podMetrics(pod: PodUsage): PodMetrics | undefined {
    const scrapedMs = this.#scrapedMs();
    const known = [...pod.meters].filter(([, meter]) => meter.startedMs <= scrapedMs - METRICS_RESOLUTION_MS);
    if (known.length === 0 || known.length < pod.meters.size) return undefined;
    const object = this.#view.context.access.get(PODS, { namespace: pod.namespace, name: pod.name });
    return {
      kind: 'PodMetrics',
      apiVersion: API_VERSION,
      metadata: this.#metadata(
        { name: pod.name, namespace: pod.namespace },
        object === undefined ? {} : labelsOf(object),
      ),
      ...this.#moment(),
      containers: known.map(([name, meter]) => ({ name, usage: usageOf(meter.gauges(scrapedMs - 1)) })),
    };
  }

  #nodeMetrics(name: string, labels: Readonly<Record<string, string>>): NodeMetrics {
    let total: Amount = { cpuCores: SYSTEM_CORES, memoryBytes: SYSTEM_BYTES };
    for (const pod of podsOn(this.#view, name)) {
      for (const meter of pod.meters.values()) {
        const { cpuCores, memoryBytes } = meter.gauges(this.#scrapedMs() - 1);
        total = { cpuCores: total.cpuCores + cpuCores, memoryBytes: total.memoryBytes + memoryBytes };
      }
    }
    const head = { kind: 'NodeMetrics', apiVersion: API_VERSION, metadata: this.#metadata({ name }, labels) };
    return { ...head, ...this.#moment(), usage: usageOf(total) };
  }

  #moment(): { readonly timestamp: string; readonly window: string } {
    return { timestamp: rfc3339(this.#scrapedMs()), window: `${METRICS_RESOLUTION_MS / 1000}s` };
  }

  #metadata(
    key: { readonly name: string; readonly namespace?: string },
    labels: Readonly<Record<string, string>>,
  ): NonNullable<KubeObject['metadata']> {
    return { ...key, creationTimestamp: rfc3339(this.#view.context.clock.now()), labels };
  }
}

function usageOf({ cpuCores, memoryBytes }: Amount): Usage {
  return { cpu: `${Math.round(cpuCores * 1e9)}n`, memory: `${Math.round(memoryBytes / 1024)}Ki` };
}

function list<T extends KubeObject>(kind: string, items: readonly T[]): KubeList<T> {
  return { kind, apiVersion: API_VERSION, metadata: {}, items };
}
