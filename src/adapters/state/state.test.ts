import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Sealer } from '#adapters/rollback-store/sealer.ts';
import type { LedgerRow, SavingsRate } from '#domain/ledger/ledger.ts';
import { openEntry, recordIntent } from '#domain/rollback/rollback-entry.ts';
import { systemRandom } from '#platform/random.ts';
import { SqliteLedger } from './sqlite-ledger.ts';
import { SqliteRollbackStore } from './sqlite-rollback-store.ts';
import { openStateDatabase } from './state-database.ts';

const owner = { uid: 'u1', namespace: 'shop', name: 'cpu', workload: 'Deployment shop/web' };

function rate(atMs: number): SavingsRate {
  return { atMs, baselineUsdPerHour: 2, actualUsdPerHour: 1, priceSource: 'default' };
}

function row(fromMs: number, savedUsd: number): LedgerRow {
  const toMs = fromMs + 1000;
  return { key: `u1/${String(fromMs)}`, fromMs, toMs, baselineUsd: 2, actualUsd: 2 - savedUsd, savedUsd, priceSource: 'default' }; // prettier-ignore
}

describe('the ledger in SQLite', () => {
  it('begins with a reading, adds up rows, and knows where to go on', async () => {
    const ledger = new SqliteLedger(openStateDatabase(':memory:'));
    expect(await ledger.state('u1')).toEqual({ savedUsd: 0, lastRate: undefined, sinceMs: undefined });
    await ledger.book(owner, undefined, rate(0));
    await ledger.book(owner, row(0, 1), rate(1000));
    await ledger.book(owner, row(1000, 0.5), rate(2000));
    expect(await ledger.state('u1')).toEqual({ savedUsd: 1.5, lastRate: rate(2000), sinceMs: 0 });
  });

  it('books a row once, however often a crash makes us try', async () => {
    const ledger = new SqliteLedger(openStateDatabase(':memory:'));
    await ledger.book(owner, row(0, 1), rate(1000));
    await ledger.book(owner, row(0, 1), rate(1000));
    expect(await ledger.rows(-1)).toHaveLength(1);
    expect((await ledger.state('u1')).savedUsd).toBe(1);
  });

  it('keeps the rows of a closed account for reports', async () => {
    const ledger = new SqliteLedger(openStateDatabase(':memory:'));
    await ledger.book(owner, row(0, 1), rate(1000));
    await ledger.close('u1');
    expect((await ledger.state('u1')).lastRate).toBeUndefined();
    expect(await ledger.rows(500)).toEqual([{ ...row(0, 1), owner }]);
    expect(await ledger.rows(1000)).toEqual([]);
  });
});

describe('a state file that is damaged', () => {
  it('is moved aside whole, and the operator goes on with a new one', () => {
    const folder = mkdtempSync(join(tmpdir(), 'kcloud-state-'));
    const path = join(folder, 'state.db');
    try {
      for (const [round, aside] of ['state.db.damaged', 'state.db.damaged-2'].entries()) {
        writeFileSync(path, `nonsense ${String(round)}`.repeat(1000));
        const told: string[] = [];
        const state = openStateDatabase(path, (message) => told.push(message));
        expect(
          new SqliteRollbackStore(state, new Sealer({ current: 'k', keys: {} }, systemRandom)).list(),
        ).toEqual([]);
        state.close();
        expect(told).toEqual([expect.stringContaining(aside)]);
        expect(readFileSync(join(folder, aside), 'utf8')).toContain(`nonsense ${String(round)}`);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the second copy of rollback entries', () => {
  const target = { kind: 'Deployment', namespace: 'shop', name: 'web' } as const;
  const entry = recordIntent(
    openEntry({
      owner: { uid: 'u1', namespace: 'shop', name: 'cpu' },
      target,
      targetUid: 'w',
      storedAtMs: 5,
    }),
    { replicas: 5 },
    { recommendationId: 'r', strategy: 'Rollout', changes: { replicas: 3 }, monthlyUsd: 7 },
  );
  const ring = { current: 'k', keys: { k: Buffer.alloc(32, 7) } };

  it('gives back what was stored, and forgets on request', async () => {
    const store = new SqliteRollbackStore(openStateDatabase(':memory:'), new Sealer(ring, systemRandom));
    expect(await store.load(target, 'u1')).toBeUndefined();
    await store.save(entry);
    expect(await store.load(target, 'u1')).toEqual(entry);
    await store.remove(target, 'u1');
    expect(await store.load(target, 'u1')).toBeUndefined();
  });
});
