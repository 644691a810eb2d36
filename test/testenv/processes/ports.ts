/**
 * Free loopback ports that no other test process takes at the same time. A process owns a block of ports by
 * listening on the block's first port for as long as it lives; strangers are found by trying to listen. Blocks lie
 * below the range from which systems take the ports of outgoing connections.
 */
import { type Server, createServer } from 'node:net';

const FIRST_PORT = 20_000;
const BLOCK_PORTS = 25;
const BLOCKS = 480;

interface Block {
  readonly guard: Server;
  readonly ports: number[];
}

let block: Promise<Block> | undefined;

function listen(port: number): Promise<Server | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server
      .once('error', () => {
        resolve(undefined);
      })
      .listen({ port, host: '127.0.0.1', exclusive: true }, () => {
        server.unref();
        resolve(server);
      });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}

async function claimBlock(): Promise<Block> {
  const offset = Math.floor(Math.random() * BLOCKS);
  for (let step = 0; step < BLOCKS; step += 1) {
    const first = FIRST_PORT + ((offset + step) % BLOCKS) * BLOCK_PORTS;
    const guard = await listen(first);
    if (guard !== undefined) {
      return { guard, ports: Array.from({ length: BLOCK_PORTS - 1 }, (_, index) => first + 1 + index) };
    }
  }
  throw new Error('no free block of loopback ports: too many test processes, or listening is forbidden');
}

/** A port of this process on which nobody listens. Each is handed out once. */
export async function freePort(): Promise<number> {
  for (;;) {
    block ??= claimBlock();
    const { ports } = await block;
    const port = ports.shift();
    if (port === undefined) {
      // The old guard stays, and with it the ports that are in use.
      block = undefined;
      continue;
    }
    const probe = await listen(port);
    if (probe === undefined) continue;
    await close(probe);
    return port;
  }
}
