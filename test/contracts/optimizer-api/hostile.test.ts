/** A thousand hostile requests: each gets a 4xx that says what is wrong, or an answer; never a 500, never silence. */
import { request } from 'node:http';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Problem } from '#services/rest/problem.ts';
import { describeTargets } from '../../testenv/targets/describe-targets.ts';
import { hostileRequest, type HostileRequest, RAW_ATTACKS } from './hostile-requests.ts';
import { ask, FRONTEND, setStage, type Stage } from './stage.ts';

const REQUESTS = 1_000;

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

function send(url: string, token: string, { method, path, headers, body }: HostileRequest): Promise<Answer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const all = { authorization: `Bearer ${token}`, ...length, ...headers };
    const sending = request(
      { hostname, port, method, path, headers: all, agent: false, timeout: 30_000 },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () => {
          const { 'content-type': contentType = '' } = answer.headers;
          resolve({
            status: answer.statusCode ?? 0,
            contentType,
            body: Buffer.concat(parts).toString('utf8'),
          });
        });
      },
    );
    sending.on('timeout', () => sending.destroy(new Error('no answer')));
    // A body that is refused on its way in breaks the connection after the answer.
    sending.on('error', reject);
    sending.end(body);
  });
}

/** The first bytes of what comes back, or that the connection was closed. */
function sendRaw(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) });
    const done = (text: string) => () => {
      socket.destroy();
      resolve(text);
    };
    socket.setTimeout(2_000, done('silence'));
    socket.on('error', done('closed')).on('close', done('closed'));
    socket.on('data', (data) => {
      done(data.toString('latin1'))();
    });
    socket.write(bytes, 'latin1');
  });
}

/** What the same path is without what Node's client would refuse to send. */
function sendable({ path, ...rest }: HostileRequest): HostileRequest {
  return { ...rest, path: path.replaceAll(/[^\u0021-\u007e]/g, '') };
}

describeTargets(
  'hostile requests to the optimizer API',
  (target) => {
    let stage: Stage;

    beforeAll(async () => {
      stage = await setStage(target());
    });

    afterAll(async () => {
      await stage.service.process.kill();
    });

    it('are answered, and never with a 500', async () => {
      const { namespace } = stage;
      const known = { id: `Deployment:${namespace}:${FRONTEND}`, namespace, name: FRONTEND };
      const statuses = new Map<number, number>();
      await fc.assert(
        fc.asyncProperty(hostileRequest(known), async (hostile) => {
          const answer = await send(stage.service.url, stage.tokens.writer, sendable(hostile));
          statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
          expect(answer.status).toBeLessThan(500);
          if (answer.status < 400 || hostile.method === 'HEAD') return;
          expect(answer.contentType).toContain('application/problem+json');
          const problem = JSON.parse(answer.body) as Problem;
          expect(problem.status).toBe(answer.status);
          if (problem.code === 'KC_REQUEST_INVALID') expect(problem.errors?.[0]?.field).toBeTruthy();
        }),
        { numRuns: REQUESTS, seed: 20_261_121 },
      );
      // The generator reaches every kind of refusal, and past them into the handlers.
      expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 400, 404, 405, 413, 415, 422]));
      expect(stage.service.log()).not.toContain('a request met a defect');
    });

    it('that are no HTTP are refused or dropped, and leave the service whole', async () => {
      for (const bytes of RAW_ATTACKS) {
        expect(await sendRaw(stage.service.url, bytes)).not.toMatch(/^HTTP\/1\.1 5/);
      }
      expect(stage.service.process.running).toBe(true);
      expect((await ask(stage, 'GET /health', { as: 'nobody' })).json).toMatchObject({ status: 'healthy' });
      expect((await ask(stage, `GET /workloads?namespace=${stage.namespace}`)).json).toMatchObject({
        count: 2,
      });
    });

    it('name the field that is wrong', async () => {
      const problem = async (body: unknown) => {
        const { status, json } = await ask(stage, 'POST /optimize/x', { body });
        return [status, (json as Problem).field];
      };
      expect(await problem({ min_confidence: 'high' })).toEqual([422, 'min_confidence']);
      expect(await problem({ min_confidence: 2 })).toEqual([422, 'min_confidence']);
      expect(await problem({ optimization_types: ['right_size_cpu', 'faster'] })).toEqual([
        422,
        'optimization_types[1]',
      ]);
      expect(await problem({ optimisation_types: [] })).toEqual([422, 'optimisation_types']);
      expect(await problem({ context: { optimization_type: 'CPU', metrics_window: '91d' } })).toEqual([
        404,
        undefined,
      ]);
      const query = await ask(stage, 'GET /recommendations?limit=ten');
      expect([query.status, (query.json as Problem).field]).toEqual([422, 'query.limit']);
    });
  },
  { only: 'playground' },
);
