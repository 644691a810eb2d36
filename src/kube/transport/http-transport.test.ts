import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { SystemClock } from '#platform/clock.ts';
import type { Credentials } from './credentials.ts';
import { HttpTransport, type HttpTransportOptions } from './http-transport.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const servers: Server[] = [];
const transports: HttpTransport[] = [];

afterEach(() => {
  for (const transport of transports.splice(0)) transport.close();
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function serve(handler: Handler, options: Partial<HttpTransportOptions> = {}): Promise<HttpTransport> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = String((server.address() as AddressInfo).port);
  const transport = new HttpTransport({
    server: `http://127.0.0.1:${port}`,
    clock: new SystemClock(),
    ...options,
  });
  transports.push(transport);
  return transport;
}

const get = (path: string) => ({ method: 'GET', path, headers: {} }) as const;

describe('an HTTP transport', () => {
  it('sends method, path, headers and body, and reads the answer', async () => {
    const transport = await serve((request, response) => {
      const parts: string[] = [];
      request.on('data', (part: Buffer) => parts.push(part.toString()));
      request.on('end', () => {
        const { method, url, headers } = request;
        response.writeHead(201, { 'X-Own': 'yes' });
        response.end(
          JSON.stringify({
            method,
            url,
            agent: headers['user-agent'],
            type: headers['content-type'],
            body: parts.join(''),
          }),
        );
      });
    });
    const headers = { 'content-type': 'application/json' };
    const answer = await transport.send({ method: 'POST', path: '/api?x=1', headers, body: '{"ä":1}' });
    expect([answer.status, answer.headers['x-own']]).toEqual([201, 'yes']);
    expect(JSON.parse(await answer.text())).toEqual({
      method: 'POST',
      url: '/api?x=1',
      agent: 'kcloud',
      type: 'application/json',
      body: '{"ä":1}',
    });
  });

  it('asks for compressed answers and reads them', async () => {
    const transport = await serve((request, response) => {
      expect(request.headers['accept-encoding']).toBe('gzip');
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"items":[]}'));
    });
    expect(await (await transport.send(get('/'))).text()).toBe('{"items":[]}');
  });

  it('hands out a stream as it arrives, characters whole, and ends with it', async () => {
    const umlaut = Buffer.from('ä');
    const transport = await serve((request, response) => {
      expect(request.headers['accept-encoding']).toBeUndefined();
      response.write(umlaut.subarray(0, 1));
      setTimeout(() => response.end(umlaut.subarray(1)), 20);
    });
    const answer = await transport.send({ ...get('/'), stream: true });
    expect((await Array.fromAsync(answer.chunks())).join('|')).toBe('ä');
  });

  it('says that the server is unreachable and was never asked where nobody listens', async () => {
    const transport = new HttpTransport({ server: 'http://127.0.0.1:1', clock: new SystemClock() });
    await expect(transport.send(get('/'))).rejects.toMatchObject({ code: 'KC_API_UNREACHABLE', sent: false });
  });

  it('gives up after its time, also while the body is on its way', async () => {
    const transport = await serve((_request, response) => response.write('half'));
    const call = transport.send({ ...get('/slow'), timeoutMs: 50 });
    await expect(call).rejects.toMatchObject({
      code: 'KC_API_UNREACHABLE',
      sent: true,
      problem: 'no answer within 0.05 s',
    });
  });

  it('breaks off a stream that breaks, with an error', async () => {
    const transport = await serve((_request, response) => {
      response.write('one\n');
      setTimeout(() => response.destroy(), 20);
    });
    const answer = await transport.send({ ...get('/'), stream: true });
    await expect(Array.fromAsync(answer.chunks())).rejects.toMatchObject({ code: 'KC_API_UNREACHABLE' });
  });

  it('ends calls and streams at once when aborted, with the reason', async () => {
    const transport = await serve((request, response) => {
      if (request.url === '/stream') response.write('x');
    });
    const abort = new AbortController();
    const { signal } = abort;
    const call = transport.send({ ...get('/call'), signal });
    const stream = await transport.send({ ...get('/stream'), stream: true, signal });
    const read = Array.fromAsync(stream.chunks());
    abort.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
    await expect(read).rejects.toThrow('enough');
  });

  it('gets fresh credentials after 401 and sends the call once more', async () => {
    let token = 'old';
    const credentials: Credentials = {
      current: () =>
        Promise.resolve({ headers: { authorization: `Bearer ${token}`, 'impersonate-group': ['a', 'b'] } }),
      refresh: () => {
        token = 'new';
        return Promise.resolve(true);
      },
    };
    const seen: string[] = [];
    const handler: Handler = (request, response) => {
      seen.push(`${String(request.headers.authorization)} ${String(request.headers['impersonate-group'])}`);
      response.writeHead(request.headers.authorization === 'Bearer new' ? 200 : 401).end();
    };
    const transport = await serve(handler, { credentials });
    expect((await transport.send(get('/'))).status).toBe(200);
    expect(seen).toEqual(['Bearer old a, b', 'Bearer new a, b']);
  });

  it('keeps the path of the server address', async () => {
    const urls: (string | undefined)[] = [];
    const plain = await serve((request, response) => {
      urls.push(request.url);
      response.end();
    });
    await plain.send(get('/version'));
    const { port } = servers[0]?.address() as AddressInfo;
    const nested = new HttpTransport({
      server: `http://127.0.0.1:${String(port)}/k8s/clusters/c-1/`,
      clock: new SystemClock(),
    });
    transports.push(nested);
    await nested.send(get('/version'));
    expect(urls).toEqual(['/version', '/k8s/clusters/c-1/version']);
  });

  it('goes through a proxy where one is set', async () => {
    const asked: (string | undefined)[] = [];
    await serve((request, response) => {
      asked.push(request.url);
      response.end('{}');
    });
    const { port } = servers[0]?.address() as AddressInfo;
    const proxyUrl = `http://127.0.0.1:${String(port)}`;
    const transport = new HttpTransport({
      server: 'http://cluster.example',
      clock: new SystemClock(),
      proxyUrl,
    });
    transports.push(transport);
    await transport.send(get('/version'));
    expect(asked).toEqual(['http://cluster.example/version']);
  });

  it('keeps connections for calls while many watches are open', async () => {
    const transport = await serve((request, response) => {
      if (request.url === '/watch') response.write('x');
      else response.end('{}');
    });
    const abort = new AbortController();
    await Promise.all(
      Array.from({ length: 100 }, () =>
        transport.send({ ...get('/watch'), stream: true, signal: abort.signal }),
      ),
    );
    expect((await transport.send({ ...get('/call'), timeoutMs: 2000 })).status).toBe(200);
    abort.abort();
  });

  it('refuses an address that is none', () => {
    expect(() => new HttpTransport({ server: 'ftp://x', clock: new SystemClock() })).toThrow(/not an http/);
  });
});
