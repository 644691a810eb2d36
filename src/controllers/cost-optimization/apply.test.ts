import { describe, expect, it } from 'vitest';
import type { CostOptimization } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { LedgerStore } from '#domain/ledger/ledger-store.ts';
import type { RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import type { RollbackStore } from '#domain/rollback/rollback-store.ts';
import { DEFAULT_BUDGET } from '#domain/arbiter/arbiter.ts';
import { KubeClient } from '#kube/client/kube-client.ts';
import type { Transport } from '#kube/transport/transport.ts';
import { SystemClock } from '#platform/clock.ts';
import { silentLogger } from '#platform/logger.ts';
import { ActiveChanges } from './active-changes.ts';
import { type ApplyDependencies, carryOut } from './apply.ts';
import type { Action } from './decision.ts';
import { CPU, entry, observation, optimization } from './testing.ts';

/** Notes what it is told. */
class NotingStore implements RollbackStore {
  readonly said: string[] = [];

  load(): Promise<RollbackEntry | undefined> {
    return Promise.resolve(undefined);
  }

  save({ version }: RollbackEntry): Promise<void> {
    this.said.push(`save ${String(version)}`);
    return Promise.resolve();
  }

  remove(_target: unknown, _uid: string, version = Infinity): Promise<void> {
    this.said.push(`remove up to ${String(version)}`);
    return Promise.resolve();
  }
}

const broken = (): Promise<never> => Promise.reject(new Error('database or disk is full'));
const BROKEN_LEDGER: LedgerStore = { state: broken, book: broken, close: broken, rows: broken };
/** Every object is gone: what was decided on an existing workload is decided on an old copy. */
const NOBODY: Transport = {
  send: () =>
    Promise.resolve({
      status: 404,
      headers: {},
      text: () => Promise.resolve('{"code":404,"reason":"NotFound"}'),
      chunks: async function* () {
        yield await Promise.resolve('{}');
      },
    }),
};

function rig(): { readonly store: NotingStore; readonly deps: ApplyDependencies } {
  const store = new NotingStore();
  const optimizations = { list: (): CostOptimization[] => [] };
  const active = new ActiveChanges(optimizations, new SystemClock(), DEFAULT_BUDGET);
  const client = new KubeClient(NOBODY);
  const cluster = {} as ApplyDependencies['cluster'];
  const deps = { client, cluster, logger: silentLogger, rollback: store, ledger: BROKEN_LEDGER, active };
  return { store, deps };
}

const SAVE: Action = { kind: 'SaveEntry', entry: entry({ [CPU]: '1' }) };
const RATE = { atMs: 1, baselineUsdPerHour: 1, actualUsdPerHour: 1, priceSource: 'test' };
/** The workload is gone, for the decision as for the API server. */
const gone = observation({ target: undefined, entry: entry({ [CPU]: '1' }, { version: 7 }) });

describe('carrying a decision out', () => {
  it('numbers what it stores, and counts a removal as well', async () => {
    const { store, deps } = rig();
    const outcome = await carryOut(gone, [SAVE, SAVE, { kind: 'RemoveEntry' }], deps);
    expect(store.said).toEqual(['save 8', 'save 9', 'remove up to 9']);
    expect(outcome).toMatchObject({ refused: false, originalVersion: 10 });
  });

  it('goes on from what the status knows, where nothing is stored', async () => {
    const { store, deps } = rig();
    const o = observation({ optimization: optimization({}, { originalVersion: 20 }) });
    await carryOut(o, [SAVE], deps);
    expect(store.said).toEqual(['save 21']);
  });

  it('undoes and forgets though the ledger is broken', async () => {
    const { store, deps } = rig();
    const booking: Action = { kind: 'BookSavings', row: undefined, rate: RATE };
    const outcome = await carryOut(gone, [booking, { kind: 'RemoveEntry' }], deps);
    expect(outcome.refused).toBe(false);
    expect(store.said).toEqual(['remove up to 7']);
  });

  it.each<[string, Action]>([
    ['forgets no original', { kind: 'RemoveEntry' }],
    [
      'begins no change',
      {
        kind: 'ReserveChange',
        request: {
          actor: 'a',
          target: gone.policy.target,
          disruption: 'none',
          lastRolledBackMs: undefined,
          nowMs: 0,
        },
      },
    ],
  ])('%s on an old copy', async (_what, action) => {
    const { store, deps } = rig();
    const o = observation({ entry: entry({ [CPU]: '1' }) });
    expect(await carryOut(o, [action, SAVE], deps)).toMatchObject({ refused: true });
    expect(store.said).toEqual([]);
  });
});
