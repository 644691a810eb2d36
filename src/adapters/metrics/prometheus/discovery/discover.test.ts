import { describe, expect, it } from 'vitest';
import type { Service } from '#apis/kubernetes/builtin.ts';
import { SERVICES } from '#kube/client/builtin-types.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import { FakeApiServer, response } from '#kube/testing/fake-api-server.ts';
import { ManualClock } from '#kube/testing/manual-clock.ts';
import { SeededRandom } from '#platform/random.ts';
import { discoverPrometheus, findCandidates } from './discover.ts';

const NAME = 'app.kubernetes.io/name';
const COMPONENT = 'app.kubernetes.io/component';

async function clusterWith(...services: readonly Service[]) {
  const server = new FakeApiServer();
  const client = new KubeClient(server);
  for (const service of services) await client.create(SERVICES, service);
  return { server, client };
}

function service(
  name: string,
  labels: Record<string, string>,
  ports: readonly (readonly [string, number])[] = [['http-web', 9090]],
): Service {
  return {
    metadata: { name, namespace: 'monitoring', labels },
    spec: { ports: ports.map(([port, number]) => ({ name: port, port: number })) },
  };
}

const PLAIN = service('kps-prometheus', { app: 'kube-prometheus-stack-prometheus' }, [
  ['reloader-web', 8080],
  ['http-web', 9090],
]);
const THANOS = service('thanos', { [NAME]: 'thanos', [COMPONENT]: 'query' }, [
  ['grpc', 10901],
  ['http', 10902],
]);
const VMSELECT = service('vm', { [NAME]: 'vmselect' }, [['http', 8481]]);
const MIMIR = service('mimir', { [NAME]: 'mimir', [COMPONENT]: 'query-frontend' }, [['http-metrics', 8080]]);

const vector = (...result: readonly unknown[]): string =>
  JSON.stringify({ status: 'success', data: { resultType: 'vector', result } });
const FULL = vector({ metric: {}, value: [0, '42'] });

describe('the search for a metrics source', () => {
  it('knows the usual ones by their labels, and which port and path to ask', async () => {
    const { client } = await clusterWith(
      PLAIN,
      VMSELECT,
      service('grafana', { [NAME]: 'grafana' }),
      MIMIR,
      THANOS,
    );
    expect(await findCandidates(client)).toEqual([
      {
        product: 'Thanos',
        namespace: 'monitoring',
        name: 'thanos',
        port: 10902,
        scheme: 'http',
        pathPrefix: '',
      },
      {
        product: 'Mimir',
        namespace: 'monitoring',
        name: 'mimir',
        port: 8080,
        scheme: 'http',
        pathPrefix: '/prometheus',
        headers: { 'x-scope-orgid': 'anonymous' },
      },
      {
        product: 'VictoriaMetrics',
        namespace: 'monitoring',
        name: 'vm',
        port: 8481,
        scheme: 'http',
        pathPrefix: '/select/0/prometheus',
      },
      {
        product: 'Prometheus',
        namespace: 'monitoring',
        name: 'kps-prometheus',
        port: 9090,
        scheme: 'http',
        pathPrefix: '',
      },
    ]);
  });

  it('takes the first that answers and has container metrics, and says why it passed others over', async () => {
    const { server, client } = await clusterWith(PLAIN, THANOS, VMSELECT);
    server.intercept = ({ path }) => {
      if (!path.includes('/proxy/')) return undefined;
      if (path.includes('/thanos')) return response(503, 'no endpoints available for service');
      return path.includes('/vm') ? response(200, vector()) : response(200, FULL);
    };
    const vantage = {
      kind: 'outside',
      clock: new ManualClock(),
      random: new SeededRandom(1),
      transport: server,
    } as const;
    const found = await discoverPrometheus(client, vantage);
    expect(found.product).toBe('Prometheus');
    expect(found.endpoint?.pathPrefix).toBe(
      '/api/v1/namespaces/monitoring/services/kps-prometheus%3A9090/proxy',
    );
    expect(found.passedOver).toEqual([
      expect.stringContaining('Thanos monitoring/thanos') as string,
      'VictoriaMetrics monitoring/vm: it has no container_memory_working_set_bytes',
    ]);
  });

  it('finds nothing in a cluster without one', async () => {
    const { server, client } = await clusterWith(service('web', { app: 'web' }));
    const vantage = {
      kind: 'outside',
      clock: new ManualClock(),
      random: new SeededRandom(1),
      transport: server,
    } as const;
    expect(await discoverPrometheus(client, vantage)).toEqual({
      endpoint: undefined,
      product: undefined,
      passedOver: [],
    });
  });
});
