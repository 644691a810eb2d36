/** Finds a metrics source in a cluster by the labels of its Services, and makes sure that it answers. */
import type { Service } from '#apis/kubernetes/builtin.ts';
import { messageOf } from '#errors/kc-error.ts';
import { SERVICES } from '#kube/client/builtin-types.ts';
import type { KubeClient } from '#kube/client/kube-client.ts';
import type { PrometheusEndpoint } from '../client/api-call.ts';
import { connectDirectly, connectThroughApiServer, type ServiceAddress } from '../client/connection.ts';
import type { Transport } from '#kube/transport/transport.ts';
import type { Clock } from '#platform/clock.ts';
import type { Random } from '#platform/random.ts';
import { PromqlClient } from '../client/promql-client.ts';
import { MEMORY_METRIC } from '../usage/label-flavour.ts';
import { knownService } from './known-services.ts';

/** A Service that looks like a metrics source. */
export interface Candidate extends ServiceAddress {
  /** E.g. `Thanos`. */
  readonly product: string;
}

/** The candidates of a cluster, best first. Rejects as KubeClient does. */
export async function findCandidates(client: KubeClient): Promise<readonly Candidate[]> {
  const { items } = await client.list(SERVICES);
  const found = items.flatMap((service) => {
    const fit = knownService(service);
    const address = fit === undefined ? undefined : addressOf(service, fit.known.ports);
    if (fit === undefined || address === undefined) return [];
    const { product, pathPrefix, headers } = fit.known;
    return {
      rank: fit.rank,
      candidate: { product, pathPrefix, ...address, ...(headers === undefined ? {} : { headers }) },
    };
  });
  return found.sort((a, b) => a.rank - b.rank).map(({ candidate }) => candidate);
}

/** Where we run: inside the cluster Services have names; outside, its API server passes queries on. */
export type Vantage =
  | { readonly kind: 'inside'; readonly clock: Clock; readonly random: Random }
  | {
      readonly kind: 'outside';
      readonly clock: Clock;
      readonly random: Random;
      readonly transport: Transport;
    };

export interface Discovery {
  /** The first candidate that answers and has container metrics; undefined where none does. */
  readonly endpoint: PrometheusEndpoint | undefined;
  readonly product: string | undefined;
  /** Why the candidates before it were passed over, one clause each. */
  readonly passedOver: readonly string[];
}

/** Rejects where the Services cannot be listed. */
export async function discoverPrometheus(client: KubeClient, vantage: Vantage): Promise<Discovery> {
  const passedOver: string[] = [];
  for (const candidate of await findCandidates(client)) {
    const endpoint = endpointOf(candidate, vantage);
    const problem = await whyNot(endpoint, vantage);
    if (problem === undefined) return { endpoint, product: candidate.product, passedOver };
    passedOver.push(`${candidate.product} ${candidate.namespace}/${candidate.name}: ${problem}`);
  }
  return { endpoint: undefined, product: undefined, passedOver };
}

function endpointOf(candidate: Candidate, vantage: Vantage): PrometheusEndpoint {
  if (vantage.kind === 'outside') return connectThroughApiServer(vantage.transport, candidate);
  const { namespace, name, port, scheme = 'http', pathPrefix = '', headers = {} } = candidate;
  const url = `${scheme}://${name}.${namespace}.svc:${String(port)}${pathPrefix}`;
  return connectDirectly({ url, clock: vantage.clock, headers });
}

const PROBE_TIMEOUT_MS = 10_000;

async function whyNot(endpoint: PrometheusEndpoint, { clock, random }: Vantage): Promise<string | undefined> {
  const client = new PromqlClient({ endpoint, clock, random, timeoutMs: PROBE_TIMEOUT_MS, attempts: 1 });
  try {
    const { series } = await client.instant(`count(${MEMORY_METRIC})`, clock.now());
    return series.length > 0 ? undefined : `it has no ${MEMORY_METRIC}`;
  } catch (error) {
    return messageOf(error);
  }
}

/** Undefined where a Service has no port that could be asked. */
function addressOf(service: Service, ports: readonly string[]): AddressPart | undefined {
  const { name, namespace } = service.metadata ?? {};
  const offered = service.spec?.ports ?? [];
  const port = ports
    .map((wanted) => offered.find((each) => each.name === wanted))
    .find((each) => each !== undefined);
  const chosen = port ?? offered[0];
  if (name === undefined || namespace === undefined || chosen === undefined) return undefined;
  return {
    namespace,
    name,
    port: chosen.port,
    scheme: chosen.name === 'https' || chosen.port === 443 ? 'https' : 'http',
  };
}

type AddressPart = Required<Pick<ServiceAddress, 'namespace' | 'name' | 'port' | 'scheme'>>;
