/** A thousand hostile requests to the estimator: each gets a 4xx that says what is wrong, or an answer; never a 500. */
import { request } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Problem } from '#services/rest/problem.ts';
import { whyNoPrometheus } from '../../servers/prometheus/binaries.ts';
import { skipReason } from '../../testenv/real-components.ts';
import { describeTargets } from '../../testenv/targets/describe-targets.ts';
import { hostileRequest, type HostileRequest } from './hostile-requests.ts';
import { ask, type EstimatorProcess, setStage, type Stage, startEstimator } from './stage.ts';

const REQUESTS = 1_000;
/** Longer ones are refused. */
const LONGEST_BODY = 4 * 2 ** 20;

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

function send(url: string, { method, path, headers, body }: HostileRequest): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  const sendable = path.replaceAll(/[^\u0021-\u007e]/g, '');
  return new Promise((resolve, reject) => {
    const options = {
      hostname,
      port,
      method,
      path: sendable,
      headers: { ...length, ...headers },
      agent: false,
    };
    const sending = request({ ...options, timeout: 30_000 }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => {
        const { 'content-type': contentType = '' } = answer.headers;
        resolve({ status: answer.statusCode ?? 0, contentType, body: Buffer.concat(parts).toString('utf8') });
      });
    });
    sending.on('timeout', () => sending.destroy(new Error('no answer')));
    // A body that is refused on its way in breaks the connection, with the answer or before it is read.
    sending.on('error', (error) => {
      if (Buffer.byteLength(body ?? '') < LONGEST_BODY) reject(error);
      else resolve({ status: 413, contentType: 'application/problem+json', body: '{"status":413}' });
    });
    sending.end(body);
  });
}

const skipped = skipReason('hostile requests to the estimator', whyNoPrometheus());

if (skipped !== undefined)
  it.skip(`hostile requests to the estimator (skipped: ${skipped})`, () => undefined);
else
  describeTargets(
    'hostile requests to the estimator',
    (target) => {
      let stage: Stage;
      let estimator: EstimatorProcess;

      beforeAll(async () => {
        stage = await setStage(target());
        estimator = await startEstimator(stage.directory, stage.env);
      });

      afterAll(async () => {
        await estimator.process.kill();
        await stage.prometheus.stop();
      });

      it('are answered, and never with a 500', async () => {
        const statuses = new Map<number, number>();
        await fc.assert(
          fc.asyncProperty(hostileRequest, async (hostile) => {
            const answer = await send(estimator.url, hostile);
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
        expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 400, 404, 405, 415, 422]));
        expect(estimator.log()).not.toContain('a request met a defect');
        expect((await ask(estimator.url, 'GET /health')).json).toMatchObject({ status: 'healthy' });
      });
    },
    { only: 'playground' },
  );
