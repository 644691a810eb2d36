/** Serves a table of routes on Fastify: limits on everything, request ids, access, and problems as documents. */
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { messageOf } from '#errors/kc-error.ts';
import type { Clock } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import type { Random } from '#platform/random.ts';
import type { Gate } from './access/gate.ts';
import './request-caller.ts';
import { readJsonBodies } from './body-parser.ts';
import { AnsweredError, PROBLEM_TYPE, problemOf } from './problem.ts';
import type { Reply } from './reply.ts';
import type { RequestMetrics } from './request-metrics.ts';
import type { RawInput, Route } from './route.ts';
import { methodsAt } from './route-paths.ts';
import { answerMalformed } from './malformed.ts';

export interface RestServerOptions {
  readonly routes: readonly Route[];
  readonly gate: Gate;
  readonly metrics: RequestMetrics;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Longer bodies are refused with 413; default 256 KiB. */
  readonly maxBodyBytes?: number;
}

const MAX_BODY_BYTES = 262_144;
/** A head or body that trickles in for longer is given up (Slowloris). */
const RECEIVE_MS = 30_000;
const MAX_PARAMETER_LENGTH = 1_000;
const SAFE_ID = /^[A-Za-z0-9._:+/=-]{1,128}$/;

const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
};

export class RestServer {
  /** For `inject` in tests, and for what listens beside the routes. */
  readonly app: FastifyInstance;
  readonly #options: RestServerOptions;

  constructor(options: RestServerOptions) {
    this.#options = options;
    this.app = createApp(options);
    readJsonBodies(this.app);
    this.app.addHook('onRequest', (request, reply, done) => {
      reply.headers({ ...SECURITY_HEADERS, 'x-request-id': request.id });
      done();
    });
    this.app.addHook('onResponse', (request, reply, done) => {
      this.#served(request, reply);
      done();
    });
    this.app.setErrorHandler((error, request, reply) => this.#fail(error, request, reply));
    this.app.setNotFoundHandler((request, reply) => this.#fail(this.#notFound(request), request, reply));
    for (const route of options.routes) this.#add(route);
  }

  /** Resolves with the address, e.g. `http://127.0.0.1:8000`. */
  async listen(port: number, host: string): Promise<string> {
    return this.app.listen({ port, host });
  }

  /** Takes no more connections and resolves when the last answer is given. */
  async close(): Promise<void> {
    await this.app.close();
  }

  #add(route: Route): void {
    const { method, url } = route;
    this.app.route({
      method,
      url,
      onRequest: async (request) => {
        const { access, weight = 1 } = route;
        const { authorization } = request.headers;
        request.caller = await this.#options.gate.admit({
          address: request.ip,
          authorization,
          access,
          weight,
        });
      },
      handler: async (request, reply) => send(reply, await this.#answer(route, request, reply)),
    });
  }

  async #answer(route: Route, request: FastifyRequest, reply: FastifyReply): Promise<Reply> {
    const hangUp = new AbortController();
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) hangUp.abort(new Error('the caller hung up'));
    });
    const raw: RawInput = {
      body: request.body,
      query: request.query as RawInput['query'],
      params: request.params as RawInput['params'],
    };
    return route.answer(raw, { caller: request.caller, requestId: request.id, signal: hangUp.signal });
  }

  #fail(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const { problem, headers, defect } = problemOf(error, {
      requestId: request.id,
      path: request.url.split('?', 1)[0] ?? '/',
    });
    if (defect) {
      const { stack } = error instanceof Error ? error : { stack: messageOf(error) };
      this.#options.logger.error('a request met a defect', { requestId: request.id, error: stack });
    }
    return send(reply, {
      status: problem.status,
      contentType: PROBLEM_TYPE,
      body: JSON.stringify(problem),
      headers,
    });
  }

  #notFound(request: FastifyRequest): AnsweredError {
    const path = request.url.split('?', 1)[0] ?? '/';
    const methods = methodsAt(this.#options.routes, path);
    if (methods.length === 0) return new AnsweredError('KC_NOT_FOUND', 'there is nothing at this address');
    const problem = `${request.method} is not possible here`;
    return new AnsweredError('KC_METHOD_NOT_ALLOWED', problem, { allow: methods.join(', ') });
  }

  #served(request: FastifyRequest, reply: FastifyReply): void {
    this.#options.metrics.served({
      method: request.method,
      route: request.routeOptions.url ?? 'unmatched',
      status: reply.statusCode,
      durationMs: reply.elapsedTime,
    });
  }
}

function send(reply: FastifyReply, { status, contentType, body, headers = {} }: Reply): FastifyReply {
  return reply.code(status).headers(headers).type(contentType).send(body);
}

function createApp({ random, maxBodyBytes = MAX_BODY_BYTES }: RestServerOptions): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: maxBodyBytes,
    requestTimeout: RECEIVE_MS,
    genReqId: (request) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && SAFE_ID.test(given) ? given : random.uuid();
    },
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH, ignoreTrailingSlash: true },
    frameworkErrors: (error, request, reply) => {
      const { problem } = problemOf(error, { requestId: request.id });
      send(reply, { status: problem.status, contentType: PROBLEM_TYPE, body: JSON.stringify(problem) });
    },
    clientErrorHandler: answerMalformed,
    forceCloseConnections: 'idle',
  });
  app.decorateRequest('caller');
  return app;
}
