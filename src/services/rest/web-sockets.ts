/**
 * A WebSocket endpoint beside the routes: authenticated as they are, with heartbeats, and a limit on how many listen
 * and on how slowly they read. What clients say is not listened to.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { messageOf } from '#errors/kc-error.ts';
import type { Clock, Timer } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import type { Gate } from './access/gate.ts';
import { AnsweredError, problemOf, PROBLEM_TYPE } from './problem.ts';
import type { RequestMetrics } from './request-metrics.ts';

export interface WebSocketsOptions {
  readonly path: string;
  readonly gate: Gate;
  readonly metrics: RequestMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of each new listener, to send it how things stand. */
  readonly onOpen: (send: (message: unknown) => void) => void;
  readonly maxListeners?: number;
}

const MAX_LISTENERS = 500;
const HEARTBEAT_MS = 30_000;
/** Whoever has more than this unread is cut off: one slow reader must not fill the memory. */
const MAX_UNREAD_BYTES = 1_048_576;
const MAX_MESSAGE_BYTES = 4_096;
/** The convention of kube-apiserver for browsers, which cannot set headers on a WebSocket. */
const TOKEN_PROTOCOL = 'base64url.bearer.authorization.k8s.io.';

export class WebSockets {
  readonly #options: WebSocketsOptions;
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: (protocols) => [...protocols].find((one) => !one.startsWith(TOKEN_PROTOCOL)) ?? false,
  });
  /** Listeners, and whether each has answered the last heartbeat. */
  readonly #alive = new Map<WebSocket, boolean>();
  #heartbeat: Timer | undefined;

  constructor(options: WebSocketsOptions) {
    this.#options = options;
  }

  get listeners(): number {
    return this.#alive.size;
  }

  /** Listens for upgrades on a server. */
  attach(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      void this.#upgrade(request, socket, head);
    });
    this.#beat();
  }

  broadcast(message: unknown): void {
    const text = JSON.stringify(message);
    for (const socket of this.#alive.keys()) send(socket, text);
  }

  close(): void {
    this.#heartbeat?.cancel();
    for (const socket of this.#alive.keys()) socket.close(1001, 'the service stops');
    this.#server.close();
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { path, gate, maxListeners = MAX_LISTENERS } = this.#options;
    try {
      if ((request.url ?? '').split('?', 1)[0] !== path)
        throw new AnsweredError('KC_NOT_FOUND', 'there is no WebSocket at this address');
      await gate.admit({
        address: request.socket.remoteAddress ?? '',
        authorization: request.headers.authorization ?? protocolToken(request),
        access: 'read',
        weight: 1,
      });
      if (this.#alive.size >= maxListeners)
        throw new AnsweredError('KC_NOT_READY', 'too many listen already');
    } catch (error) {
      refuse(socket, error);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (opened) => {
      this.#open(opened);
    });
  }

  #open(socket: WebSocket): void {
    this.#alive.set(socket, true);
    this.#count();
    socket.on('pong', () => this.#alive.set(socket, true));
    socket.on('error', (error) => {
      this.#options.logger.debug('a WebSocket failed', { error: messageOf(error) });
    });
    socket.on('close', () => {
      this.#alive.delete(socket);
      this.#count();
    });
    this.#options.onOpen((message) => {
      send(socket, JSON.stringify(message));
    });
  }

  /** Cuts off who did not answer the last heartbeat, and asks the others again. */
  #beat(): void {
    this.#heartbeat = this.#options.clock.after(HEARTBEAT_MS, () => {
      for (const [socket, alive] of this.#alive) {
        if (!alive) socket.terminate();
        else socket.ping();
        this.#alive.set(socket, false);
      }
      this.#beat();
    });
  }

  #count(): void {
    this.#options.metrics.sockets(this.#alive.size);
  }
}

function send(socket: WebSocket, text: string): void {
  if (socket.readyState !== socket.OPEN) return;
  if (socket.bufferedAmount > MAX_UNREAD_BYTES) socket.terminate();
  else socket.send(text);
}

function protocolToken(request: IncomingMessage): string | undefined {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());
  const token = offered.find((one) => one.startsWith(TOKEN_PROTOCOL))?.slice(TOKEN_PROTOCOL.length);
  return token === undefined ? undefined : `Bearer ${Buffer.from(token, 'base64url').toString('utf8')}`;
}

function refuse(socket: Duplex, error: unknown): void {
  const { problem, headers } = problemOf(error, { requestId: 'websocket' });
  const body = JSON.stringify(problem);
  const lines = [
    `HTTP/1.1 ${String(problem.status)} Refused`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${String(Buffer.byteLength(body))}`,
    'connection: close',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
