/** The ledger of an operator, read by another process while the operator may be writing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { SqliteLedger } from '#adapters/state/sqlite-ledger.ts';
import { openStateDatabase } from '#adapters/state/state-database.ts';
import { allowOf } from './flags.ts';
import { StateLedger } from './state-ledger.ts';

const folder = mkdtempSync(join(tmpdir(), 'kcloud-ledger-'));
const file = join(folder, 'state.db');

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('the ledger of an operator', () => {
  it('is unavailable until there is a file, and then follows what is booked', async () => {
    const ledger = new StateLedger(file);
    await expect(ledger.rows(0)).rejects.toMatchObject({ code: 'KC_STORE_UNAVAILABLE' });
    const state = openStateDatabase(file);
    const owner = { uid: 'u', namespace: 'shop', name: 'o', workload: 'Deployment shop/web' };
    const rate = { atMs: 10, baselineUsdPerHour: 2, actualUsdPerHour: 1, priceSource: 'default' };
    const row = {
      key: 'u/0',
      fromMs: 0,
      toMs: 10,
      baselineUsd: 2,
      actualUsd: 1,
      savedUsd: 1,
      priceSource: 'default',
    };
    await new SqliteLedger(state).book(owner, row, rate);
    expect(await ledger.rows(0)).toMatchObject([{ savedUsd: 1, owner }]);
    await new SqliteLedger(state).book(
      owner,
      { ...row, key: 'u/10', fromMs: 10, toMs: 20 },
      { ...rate, atMs: 20 },
    );
    expect(await ledger.rows(10)).toHaveLength(1);
    ledger.close();
    state.close();
  });
});

describe('the lists of who may', () => {
  it('are the defaults until somebody is named, each for itself', () => {
    expect(allowOf({ reader: [], writer: ['ada'] })).toEqual({
      readers: ['system:authenticated'],
      writers: ['ada'],
    });
    expect(allowOf({ reader: ['dev'], writer: [] })).toEqual({
      readers: ['dev'],
      writers: ['system:masters'],
    });
  });
});
