import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpTransport } from '#kube/transport/http-transport.ts';
import { SystemClock } from '#platform/clock.ts';
import { type HttpHandler, HttpServer, plain } from './http-server.ts';

const servers: HttpServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(
  handler: HttpHandler,
): Promise<{ readonly server: HttpServer; readonly address: string }> {
  const server = new HttpServer(handler, { port: 0, host: '127.0.0.1', maxBodyBytes: 100 });
  servers.push(server);
  return { server, address: await server.listen() };
}

async function call(address: string, path: string, body?: string) {
  const transport = new HttpTransport({ server: address, clock: new SystemClock() });
  const message = { method: 'POST', path, headers: {}, timeoutMs: 5000 } as const;
  const answer = await transport.send(body === undefined ? message : { ...message, body });
  const text = await answer.text();
  transport.close();
  return [answer.status, text];
}

describe('the small HTTP server', () => {
  it('hands over method, path and body', async () => {
    const { address } = await serve(({ method, path, body }) => plain(200, `${method} ${path} ${body}`));
    expect(await call(address, '/a/b?c=d', 'hällo')).toEqual([200, 'POST /a/b hällo']);
  });

  it('contains what a handler throws, and refuses what is too long', async () => {
    const { address } = await serve(({ path }) => {
      if (path === '/bug') throw new TypeError('a bug');
      return plain(200, 'fine');
    });
    expect(await call(address, '/bug')).toEqual([500, 'a bug']);
    expect(await call(address, '/', 'x'.repeat(101))).toEqual([413, 'the body is too large']);
    expect(await call(address, '/')).toEqual([200, 'fine']);
  });

  it('gives the answers that it owes before it is closed', async () => {
    const asked = Promise.withResolvers<undefined>();
    const free = Promise.withResolvers<undefined>();
    const { server, address } = await serve(async () => {
      asked.resolve(undefined);
      await free.promise;
      return plain(200, 'late but true');
    });
    const answer = call(address, '/');
    await asked.promise;
    const closed = server.close();
    free.resolve(undefined);
    expect(await answer).toEqual([200, 'late but true']);
    await closed;
  });

  it('survives a client that goes away in the middle of its request', async () => {
    const { address } = await serve(() => plain(200, 'fine'));
    const half = request(address, { method: 'POST', headers: { 'content-length': 50 } });
    half.on('error', () => undefined);
    half.write('half');
    await new Promise((resolve) => half.once('socket', (socket) => socket.once('connect', resolve)));
    half.destroy();
    expect(await call(address, '/')).toEqual([200, 'fine']);
  });

  it('says where its port cannot be had', async () => {
    const { address } = await serve(() => plain(200, 'fine'));
    const second = new HttpServer(() => plain(200, ''), {
      port: Number(new URL(address).port),
      host: '127.0.0.1',
    });
    await expect(second.listen()).rejects.toThrow(/EADDRINUSE/);
  });
});
