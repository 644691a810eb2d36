import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stepEndMs } from '#domain/usage/series.ts';
import { response } from '#kube/testing/fake-api-server.ts';
import { ManualClock } from '#kube/testing/manual-clock.ts';
import type { WireResponse } from '#kube/transport/transport.ts';
import { SeededRandom } from '#platform/random.ts';
import { PromqlClient } from '../client/promql-client.ts';
import { RangeReader, pieces } from './range-reader.ts';

const STEP_MS = 300_000;

/** A source that serves so many points of one series at once, each with its own time as value. */
function limitedSource(maxPoints: number) {
  const asked: number[] = [];
  const answer = (body: string): WireResponse => {
    const form = new URLSearchParams(body);
    const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(form.get(name)));
    const count = Math.round(((end ?? 0) - (start ?? 0)) / (step ?? 1)) + 1;
    asked.push(count);
    if (count > maxPoints) {
      const error = 'query processing would load too many samples into memory in query execution';
      return response(422, JSON.stringify({ status: 'error', errorType: 'execution', error }));
    }
    const values = Array.from({ length: count }, (_, index) => (start ?? 0) + index * (step ?? 1)).map(
      (time) => [time, String(time)],
    );
    const warnings = ['a store is down'];
    return response(
      200,
      JSON.stringify({
        status: 'success',
        data: { resultType: 'matrix', result: [{ metric: {}, values }] },
        warnings,
      }),
    );
  };
  const transport = { send: ({ body }: { readonly body?: string }) => Promise.resolve(answer(body ?? '')) };
  const endpoint = { name: 'limited', transport, pathPrefix: '' };
  const client = new PromqlClient({ endpoint, clock: new ManualClock(), random: new SeededRandom(1) });
  return { reader: new RangeReader(client), asked };
}

describe('reading a range', () => {
  it('gives every step once, in order, whatever the source serves at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 400 }),
        async (steps, maxPoints) => {
          const grid = { startMs: 6_000_000, stepMs: STEP_MS, steps };
          const series = await limitedSource(maxPoints).reader.read('up', grid);
          const times = series.flatMap((each) => [...each.times]);
          expect(times).toEqual(Array.from({ length: steps }, (_, step) => stepEndMs(grid, step)));
        },
      ),
    );
  });

  it('does not ask again for what was refused once, and keeps what the source said', async () => {
    const { reader, asked } = limitedSource(30);
    const grid = { startMs: 0, stepMs: STEP_MS, steps: 100 };
    await reader.read('up', grid);
    const refused = asked.filter((points) => points > 30).length;
    await reader.read('up', grid);
    expect(asked.filter((points) => points > 30)).toHaveLength(refused);
    expect(reader.warnings).toEqual(['a store is down']);
  });

  it('rejects where not even one step is served', async () => {
    const grid = { startMs: 0, stepMs: STEP_MS, steps: 8 };
    await expect(limitedSource(0).reader.read('up', grid)).rejects.toMatchObject({
      code: 'KC_METRICS_UNAVAILABLE',
    });
  });
});

describe('pieces of a grid', () => {
  it('follow each other and make the whole', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 90 }), (steps, size) => {
        const all = pieces({ startMs: 7, stepMs: 10, steps }, size);
        expect(all.reduce((sum, piece) => sum + piece.steps, 0)).toBe(steps);
        for (const [index, piece] of all.entries()) expect(piece.startMs).toBe(7 + index * size * 10);
        expect(all.every((piece) => piece.steps > 0 && piece.steps <= size)).toBe(true);
      }),
    );
  });
});
