import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApiObject } from './api-object.ts';
import { type Change, History } from './history.ts';

function change(revision: number, atMs: number): Change {
  const object: ApiObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
  return { type: 'MODIFIED', key: 'a', object, previous: object, revision, atMs };
}

describe('history', () => {
  it('answers with everything after a revision, or says that it has forgotten some of it', () => {
    const gaps = fc.array(fc.nat(10), { maxLength: 600 });
    fc.assert(
      fc.property(gaps, fc.nat(100), fc.nat(20), (ages, keepMs, keepCount) => {
        const history = new History({ keepMs, keepCount });
        const all: Change[] = [];
        let atMs = 0;
        for (const [index, gap] of ages.entries()) {
          atMs += gap;
          all.push(change((index + 1) * 2, atMs));
          history.add(all.at(-1) ?? change(0, 0));
        }
        for (let revision = 0; revision <= all.length * 2; revision += 1) {
          const expected = all.filter((one) => one.revision > revision);
          const found = history.since(revision);
          if (found === undefined) expect(revision).toBeLessThan(history.forgottenThrough);
          else expect(found).toEqual(expected);
        }
        const kept = history.since(history.forgottenThrough)?.length ?? 0;
        expect(kept).toBeGreaterThanOrEqual(Math.min(keepCount, all.length));
        const young = all.filter((one) => one.atMs >= atMs - keepMs).length;
        expect(kept).toBeGreaterThanOrEqual(young);
      }),
      { numRuns: 50 },
    );
  });

  it('knows nothing of what was before a compaction', () => {
    const history = new History({ keepMs: 1000, keepCount: 10 });
    for (let revision = 1; revision <= 5; revision += 1) history.add(change(revision, 0));
    history.compact();
    expect(history.since(4)).toBeUndefined();
    expect(history.since(5)).toEqual([]);
  });
});
