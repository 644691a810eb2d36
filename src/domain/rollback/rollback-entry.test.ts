import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldMap } from '../change/field.ts';
import {
  type ApplyIntent,
  type EntryIdentity,
  type UpdateStrategy,
  confirmIntent,
  openEntry,
  planRestore,
  recordIntent,
  yieldToOthers,
} from './rollback-entry.ts';

const identity: EntryIdentity = {
  owner: { uid: 'u1', namespace: 'shop', name: 'optimize-web' },
  target: { kind: 'Deployment', namespace: 'shop', name: 'web' },
  targetUid: 'w1',
  storedAtMs: 1000,
};

const blank = openEntry(identity);

let serial = 0;

function intent(changes: FieldMap, strategy: UpdateStrategy = 'Rollout'): ApplyIntent {
  serial += 1;
  return { recommendationId: `r${String(serial)}`, strategy, changes, monthlyUsd: 10 };
}

const CPU = 'containers/app/requests/cpu';
const MEMORY = 'containers/app/requests/memory';

describe('a rollback entry', () => {
  it('keeps the first original through later steps', () => {
    const first = confirmIntent(recordIntent(blank, { [CPU]: '2' }, intent({ [CPU]: '1' })));
    const second = confirmIntent(recordIntent(first, { [CPU]: '1' }, intent({ [CPU]: '500m' })));
    expect(second.original).toEqual({ [CPU]: '2' });
    expect(second).toMatchObject({ steps: 2, predictedMonthlyUsd: 20, applied: { [CPU]: '500m' } });
  });

  it('counts an intent that is recorded again after a crash once', () => {
    const change = intent({ [CPU]: '1' });
    const once = recordIntent(blank, { [CPU]: '2' }, change);
    expect(recordIntent(once, { [CPU]: '1' }, change)).toEqual(once);
    expect(confirmIntent(once).predictedMonthlyUsd).toBe(10);
  });

  it('remembers that a field was absent', () => {
    const entry = recordIntent(blank, {}, intent({ [CPU]: '1' }));
    expect(planRestore(entry, { [CPU]: '1' }).restore).toEqual({ [CPU]: null });
  });

  it('restores what still holds our value and keeps the edits of others', () => {
    const changes = { [CPU]: '1', [MEMORY]: '1Gi' };
    const entry = confirmIntent(recordIntent(blank, { [CPU]: '2', [MEMORY]: '4Gi' }, intent(changes)));
    expect(planRestore(entry, { [CPU]: '1000m', [MEMORY]: '3Gi' })).toEqual({
      restore: { [CPU]: '2' },
      kept: { [MEMORY]: '3Gi' },
    });
  });

  it('restores after a crash between intent and confirmation, whichever value the workload holds', () => {
    const first = confirmIntent(recordIntent(blank, { [CPU]: '2' }, intent({ [CPU]: '1' })));
    const second = recordIntent(first, { [CPU]: '1' }, intent({ [CPU]: '500m' }));
    expect(planRestore(second, { [CPU]: '1' }).restore).toEqual({ [CPU]: '2' });
    expect(planRestore(second, { [CPU]: '500m' }).restore).toEqual({ [CPU]: '2' });
  });

  it('keeps sizes that only pods carry apart from those in the template', () => {
    const rolled = confirmIntent(recordIntent(blank, { [CPU]: '2' }, intent({ [CPU]: '1' })));
    const change = intent({ [CPU]: '500m', replicas: 3 }, 'InPlace');
    const resized = confirmIntent(recordIntent(rolled, { [CPU]: '1', replicas: 5 }, change));
    expect(resized).toMatchObject({ overlay: { [CPU]: '500m' }, applied: { [CPU]: '1', replicas: 3 } });
    expect(planRestore(resized, { [CPU]: '1', replicas: 3 }).restore).toEqual({ [CPU]: '2', replicas: 5 });
  });

  it('moves a size from the pods into the template when a rollout follows', () => {
    const resized = confirmIntent(recordIntent(blank, { [CPU]: '2' }, intent({ [CPU]: '1' }, 'InPlace')));
    const rolled = confirmIntent(recordIntent(resized, { [CPU]: '2' }, intent({ [CPU]: '1' })));
    expect(rolled).toMatchObject({ overlay: {}, applied: { [CPU]: '1' }, original: { [CPU]: '2' } });
  });

  it('goes back to what someone else set between two steps', () => {
    const first = confirmIntent(recordIntent(blank, { [CPU]: '2' }, intent({ [CPU]: '1' })));
    const second = confirmIntent(recordIntent(first, { [CPU]: '1500m' }, intent({ [CPU]: '700m' })));
    expect(planRestore(second, { [CPU]: '700m' }).restore).toEqual({ [CPU]: '1500m' });
  });

  it('yields what someone else sets while it is applied, and keeps the rest', () => {
    const begun = recordIntent(
      blank,
      { [CPU]: '2', [MEMORY]: '4Gi' },
      intent({ [CPU]: '1', [MEMORY]: '2Gi' }),
    );
    expect(yieldToOthers(begun, { [CPU]: '1', [MEMORY]: '4Gi' })).toBe(begun);
    const left = yieldToOthers(begun, { [CPU]: '1', [MEMORY]: '3Gi' });
    expect(left.intent?.changes).toEqual({ [CPU]: '1' });
    expect(planRestore(confirmIntent(left), { [CPU]: '1', [MEMORY]: '3Gi' })).toEqual({
      restore: { [CPU]: '2' },
      kept: { [MEMORY]: '3Gi' },
    });
  });

  it('gives up a size that pods carry once someone else sets it in the template', () => {
    const resized = confirmIntent(recordIntent(blank, { [CPU]: '2' }, intent({ [CPU]: '1' }, 'InPlace')));
    expect(yieldToOthers(resized, { [CPU]: '2' }).overlay).toEqual({ [CPU]: '1' });
    expect(yieldToOthers(resized, { [CPU]: '3' }).overlay).toEqual({});
  });

  it('leaves out the fields of a container that is gone', () => {
    const entry = recordIntent(blank, { [CPU]: '2' }, intent({ [CPU]: '1' }));
    expect(planRestore(entry, {})).toEqual({ restore: {}, kept: {} });
  });

  it('knows its own value after a crash even when another field is changed next', () => {
    const crashed = recordIntent(blank, { [CPU]: '2' }, intent({ [CPU]: '1' }));
    const next = recordIntent(crashed, { [CPU]: '1', [MEMORY]: '4Gi' }, intent({ [MEMORY]: '2Gi' }));
    expect(planRestore(next, { [CPU]: '1', [MEMORY]: '2Gi' }).restore).toEqual({
      [CPU]: '2',
      [MEMORY]: '4Gi',
    });
  });

  it('takes the same step tried another way for another apply, and knows what it wrote', () => {
    const inPlace: ApplyIntent = { recommendationId: 'same', strategy: 'InPlace', changes: { [CPU]: '1' }, monthlyUsd: 1 }; // prettier-ignore
    const left = recordIntent(blank, { [CPU]: '2' }, inPlace);
    const again = recordIntent(left, { [CPU]: '2' }, { ...inPlace, strategy: 'Rollout' });
    expect(again.intent?.strategy).toBe('Rollout');
    expect(planRestore(again, { [CPU]: '1' })).toEqual({ restore: { [CPU]: '2' }, kept: {} });
  });

  it('remembers which fields pods were ever given in place, whatever was written into the template since', () => {
    const resized = confirmIntent(recordIntent(blank, { [CPU]: '2' }, intent({ [CPU]: '1' }, 'InPlace')));
    const rolled = confirmIntent(
      recordIntent(resized, { [CPU]: '2' }, intent({ [CPU]: '1', [MEMORY]: '1Gi' })),
    );
    expect(rolled.resized).toEqual([CPU]);
  });

  it('brings back every field exactly after any sequence of steps and crashes', () => {
    const value = fc.integer({ min: 1, max: 9 }).map((units) => String(units));
    const outcome = fc.constantFrom('confirmed', 'written', 'not written');
    const step = fc.record({ path: fc.constantFrom(CPU, MEMORY, 'replicas'), value, outcome });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 10 }), (steps) => {
        const start: Record<string, string> = { [CPU]: '20', [MEMORY]: '40', replicas: '50' };
        const workload = { ...start };
        let entry = blank;
        for (const { path, value: next, outcome: ending } of steps) {
          entry = recordIntent(entry, workload, intent({ [path]: next }));
          if (ending !== 'not written') workload[path] = next;
          if (ending === 'confirmed') entry = confirmIntent(entry);
        }
        expect({ ...workload, ...planRestore(entry, workload).restore }).toEqual(start);
      }),
    );
  });

  it('never touches a field after someone else set it to a value that was never ours', () => {
    const ours = fc.constantFrom('1', '2', '3');
    fc.assert(
      fc.property(
        fc.array(ours, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 4, max: 9 }),
        (steps, edit) => {
          let entry = blank;
          let present = '20';
          for (const next of steps) {
            entry = confirmIntent(recordIntent(entry, { [CPU]: present }, intent({ [CPU]: next })));
            present = next;
          }
          const plan = planRestore(entry, { [CPU]: String(edit) });
          expect(plan).toEqual({ restore: {}, kept: { [CPU]: String(edit) } });
        },
      ),
    );
  });
});
