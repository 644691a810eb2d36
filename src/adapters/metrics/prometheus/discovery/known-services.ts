/**
 * The Services under which metrics sources are found in clusters. Labels are those of the usual charts and operators
 * (kube-prometheus-stack, prometheus-community/prometheus, Rancher, OpenShift, Thanos, VictoriaMetrics, Mimir).
 */
import type { Service } from '#apis/kubernetes/builtin.ts';

export interface KnownService {
  /** For people. */
  readonly product: string;
  /** Each of these labels, with this value. */
  readonly labels: Readonly<Record<string, string>>;
  /** What stands before `/api/v1`. */
  readonly pathPrefix: string;
  /** Names of the port to ask, the first that exists; else the Service's first port. */
  readonly ports: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

const WEB_PORTS = ['http-web', 'web', 'http', 'prometheus', 'http-query', 'http-metrics'];

function known(
  product: string,
  labels: KnownService['labels'],
  more: Partial<KnownService> = {},
): KnownService {
  return { product, labels, pathPrefix: '', ports: WEB_PORTS, ...more };
}

const NAME = 'app.kubernetes.io/name';
const COMPONENT = 'app.kubernetes.io/component';
const VMSELECT = { pathPrefix: '/select/0/prometheus' };
/** A Mimir without tenants takes any; one with tenants must be named by the user. */
const MIMIR = { pathPrefix: '/prometheus', headers: { 'x-scope-orgid': 'anonymous' } };

/** Stores that see all replicas, and the longest time, first; a single Prometheus last. */
export const KNOWN_SERVICES: readonly KnownService[] = [
  known('Thanos', { [NAME]: 'thanos', [COMPONENT]: 'query-frontend' }),
  known('Thanos', { [NAME]: 'thanos', [COMPONENT]: 'query' }),
  known('Thanos', { [NAME]: 'thanos-query' }),
  known('Thanos', { [NAME]: 'thanos-querier' }),
  known('Thanos', { app: 'thanos-query' }),
  known('Thanos', { app: 'thanos-querier' }),
  known('Mimir', { [NAME]: 'mimir', [COMPONENT]: 'query-frontend' }, MIMIR),
  known('Mimir', { [NAME]: 'mimir', [COMPONENT]: 'gateway' }, MIMIR),
  known('VictoriaMetrics', { [NAME]: 'vmselect' }, VMSELECT),
  known('VictoriaMetrics', { app: 'vmselect' }, VMSELECT),
  known('VictoriaMetrics', { [NAME]: 'vmsingle' }),
  known('VictoriaMetrics', { [NAME]: 'victoria-metrics-single' }),
  known('Prometheus', { app: 'kube-prometheus-stack-prometheus' }),
  known('Prometheus', { [NAME]: 'prometheus', [COMPONENT]: 'server' }),
  known('Prometheus', { app: 'prometheus', component: 'server' }),
  known('Prometheus', { app: 'prometheus-server' }),
  known('Prometheus', { app: 'prometheus-operator-prometheus' }),
  known('Prometheus', { app: 'rancher-monitoring-prometheus' }),
  known('Prometheus', { app: 'prometheus-prometheus' }),
  known('Prometheus', { [NAME]: 'prometheus', [COMPONENT]: 'prometheus' }),
  known('Prometheus', { 'operated-prometheus': 'true' }),
];

/** The first entry that a Service fits, by its place in the list; undefined where it fits none. */
export function knownService(
  service: Service,
): { readonly known: KnownService; readonly rank: number } | undefined {
  const labels = service.metadata?.labels ?? {};
  const rank = KNOWN_SERVICES.findIndex((entry) =>
    Object.entries(entry.labels).every(([name, value]) => labels[name] === value),
  );
  const entry = KNOWN_SERVICES[rank];
  return entry === undefined ? undefined : { known: entry, rank };
}
