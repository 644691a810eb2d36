import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { response } from '#kube/testing/fake-api-server.ts';
import type { WireRequest } from '#kube/transport/transport.ts';
import { SystemClock } from '#platform/clock.ts';
import { SeededRandom } from '#platform/random.ts';
import { type DirectConnection, connectDirectly, connectThroughApiServer } from './connection.ts';
import { PromqlClient } from './promql-client.ts';

const clock = new SystemClock();
const EMPTY = JSON.stringify({ status: 'success', data: { resultType: 'vector', result: [] } });

let url = '';
let seen: { path: string; headers: IncomingHttpHeaders; body: string };
const server = createServer((request, answer) => {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    seen = { path: request.url ?? '', headers: request.headers, body };
    answer.end(EMPTY);
  });
});
const folder = mkdtempSync(join(tmpdir(), 'kcloud-connection-'));

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  seen = { path: '', headers: {}, body: '' };
});

async function ask(connection: Omit<DirectConnection, 'clock'>): Promise<void> {
  const endpoint = connectDirectly({ clock, ...connection });
  await new PromqlClient({ endpoint, clock, random: new SeededRandom(1), attempts: 1 }).instant('up', 1000);
}

describe('a direct connection', () => {
  it('keeps the path of its address and sends the headers of its user', async () => {
    await ask({ url: `${url}/prometheus/`, headers: { 'X-Scope-OrgID': 'team-a' } });
    expect(seen.path).toBe('/prometheus/api/v1/query');
    expect(seen.headers['x-scope-orgid']).toBe('team-a');
    expect(seen.headers.authorization).toBeUndefined();
    expect(new URLSearchParams(seen.body).get('query')).toBe('up');
  });

  it('shows who it is by token, by file or by name and password', async () => {
    await ask({ url, bearerToken: 'abc' });
    expect(seen.headers.authorization).toBe('Bearer abc');
    const file = join(folder, 'token');
    writeFileSync(file, 'first\n');
    await ask({ url, bearerTokenFile: file });
    expect(seen.headers.authorization).toBe('Bearer first');
    await ask({ url, basicAuth: { username: 'me', password: 'p:w' } });
    expect(seen.headers.authorization).toBe(`Basic ${Buffer.from('me:p:w').toString('base64')}`);
    await ask({ url: url.replace('//', '//u%40x:s%2Fw@') });
    expect(seen.headers.authorization).toBe(`Basic ${Buffer.from('u@x:s/w').toString('base64')}`);
  });

  it('sends the parameters of its address with each query, over those that refuse parts of an answer', async () => {
    await ask({ url: `${url}/thanos?max_source_resolution=5m&partial_response=true` });
    expect(seen.path).toBe('/thanos/api/v1/query');
    const form = new URLSearchParams(seen.body);
    expect(['max_source_resolution', 'partial_response', 'deny_partial_response', 'dedup', 'query'].map((name) => form.get(name))).toEqual(['5m', 'true', '1', 'true', 'up']); // prettier-ignore
  });

  it('takes a token up that was replaced', async () => {
    const file = join(folder, 'rotated');
    writeFileSync(file, 'first');
    const endpoint = connectDirectly({ clock, url, bearerTokenFile: file });
    const client = new PromqlClient({ endpoint, clock, random: new SeededRandom(1), attempts: 1 });
    await client.instant('up', 1000);
    writeFileSync(file, 'second');
    await client.instant('up', 1000);
    expect(seen.headers.authorization).toBe('Bearer second');
  });

  it('never shows a password in its name', () => {
    expect(connectDirectly({ clock, url: 'https://user:secret@prom.example/x' }).name).toBe(
      'https://prom.example/x',
    );
  });

  it('says that usage is unknown where its token cannot be read', async () => {
    await expect(ask({ url, bearerTokenFile: join(folder, 'missing') })).rejects.toMatchObject({
      code: 'KC_METRICS_UNAVAILABLE',
    });
  });

  it.each(['prometheus:9090', 'ftp://prom', ''])('refuses %j, which is no address', (address) => {
    expect(() => connectDirectly({ clock, url: address })).toThrow('KC_CONFIG_INVALID');
  });
});

describe('a connection through the API server', () => {
  it('asks the service proxy, by GET', async () => {
    const requests: WireRequest[] = [];
    const transport = { send: (request: WireRequest) => { requests.push(request); return Promise.resolve(response(200, EMPTY)); } }; // prettier-ignore
    const service = { namespace: 'monitoring', name: 'thanos', port: 'http', pathPrefix: '/prometheus' };
    for (const scheme of ['http', 'https'] as const) {
      const endpoint = connectThroughApiServer(transport, { ...service, scheme });
      await new PromqlClient({ endpoint, clock, random: new SeededRandom(1) }).instant('up', 1000);
    }
    const path = (target: string): string =>
      `/api/v1/namespaces/monitoring/services/${target}/proxy/prometheus/api/v1/query?partial_response=false&deny_partial_response=1&dedup=true&nocache=1&query=up&time=1&timeout=60s`;
    expect(requests.map((request) => `${request.method} ${request.path}`)).toEqual([
      `GET ${path('thanos%3Ahttp')}`,
      `GET ${path('https%3Athanos%3Ahttp')}`,
    ]);
  });
});
