import { describe, expect, it } from 'vitest';
import type { Pod } from '#apis/kubernetes/builtin.ts';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import type { Change } from './change.ts';
import { TextPool, deepFreeze } from './freeze.ts';
import { byLabel, byNamespace, byOwnerUid } from './indexes.ts';
import { ObjectStore } from './object-store.ts';
import { compareResourceVersions } from './resource-version.ts';
import { dropLastApplied, dropManagedFields } from './transform.ts';

const byNode = (pod: Pod) => (pod.spec?.nodeName === undefined ? [] : [pod.spec.nodeName]);

function pod(name: string, version: number, node?: string, uid = name): Pod {
  const spec = node === undefined ? {} : { spec: { nodeName: node, containers: [] } };
  return {
    metadata: { namespace: 'shop', name, uid, resourceVersion: String(version), labels: { app: name } },
    ...spec,
  };
}

function makeStore(): { readonly store: ObjectStore<Pod>; readonly changes: string[] } {
  const changes: string[] = [];
  const store = new ObjectStore<Pod>(({ type, object }: Change<Pod>) => {
    changes.push(`${type} ${object.metadata?.uid ?? ''}`);
  });
  return { store, changes };
}

function names(objects: readonly KubeObject[]): (string | undefined)[] {
  return objects.map(({ metadata }) => metadata?.name);
}

describe('a store', () => {
  it('hands out lists that never change, and the same list while nothing does', () => {
    const { store } = makeStore();
    store.replace([pod('a', 1, 'n1'), pod('b', 2, 'n1')], '2');
    const all = store.list();
    const onNode = store.byIndex(byNode, 'n1');
    expect(store.list()).toBe(all);
    store.apply({ type: 'DELETED', object: pod('a', 3) });
    expect([names(all), names(onNode)]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect([names(store.list()), names(store.byIndex(byNode, 'n1'))]).toEqual([['b'], ['b']]);
  });

  it('hands out objects that nobody can change', () => {
    const { store } = makeStore();
    store.replace([pod('a', 1, 'n1')], '1');
    const found = store.get({ namespace: 'shop', name: 'a' });
    expect(() => Object.assign(found?.metadata?.labels ?? {}, { app: 'other' })).toThrow(TypeError);
  });

  it('keeps indexes in step with every change, in the order in which objects came', () => {
    const { store } = makeStore();
    store.replace([pod('a', 1, 'n1'), pod('b', 2, 'n1'), pod('c', 3)], '3');
    expect(names(store.byIndex(byNode, 'n1'))).toEqual(['a', 'b']);
    store.apply({ type: 'MODIFIED', object: pod('a', 4, 'n1') });
    store.apply({ type: 'MODIFIED', object: pod('c', 5, 'n1') });
    expect(names(store.byIndex(byNode, 'n1'))).toEqual(['a', 'b', 'c']);
    store.apply({ type: 'MODIFIED', object: pod('b', 6, 'n2') });
    expect([names(store.byIndex(byNode, 'n1')), names(store.byIndex(byNode, 'n2'))]).toEqual([
      ['a', 'c'],
      ['b'],
    ]);
    expect(store.indexValues(byNode)).toEqual(['n1', 'n2']);
    expect(names(store.byIndex(byNode, 'nowhere'))).toEqual([]);
  });

  it('finds by namespace, owner and label', () => {
    const { store } = makeStore();
    const owned = {
      ...pod('a', 1),
      metadata: {
        ...pod('a', 1).metadata,
        ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: 'u-x' }],
      },
    };
    store.replace([owned, { metadata: { namespace: 'bank', name: 'b', resourceVersion: '2' } }], '2');
    expect(names(store.list('shop'))).toEqual(['a']);
    expect(names(store.byIndex(byNamespace, 'bank'))).toEqual(['b']);
    expect(names(store.byIndex(byOwnerUid, 'u-x'))).toEqual(['a']);
    const byApp = byLabel('app');
    expect(names(store.byIndex(byApp, 'a'))).toEqual(['a']);
  });

  it('refuses an index that is made anew at every call', () => {
    const { store } = makeStore();
    expect(() => {
      for (let call = 0; call < 100; call += 1) store.byIndex(() => [], 'x');
    }).toThrow(/at module level/);
  });

  it('tells a namesake that came later from a change of the same object', () => {
    const { store, changes } = makeStore();
    store.replace([pod('a', 1, undefined, 'first')], '1');
    store.apply({ type: 'MODIFIED', object: pod('a', 5, undefined, 'second') });
    store.apply({ type: 'DELETED', object: pod('a', 3, undefined, 'first') });
    expect(changes).toEqual(['ADDED first', 'DELETED first', 'ADDED second']);
  });

  it('takes versions that cannot be ordered as they come', () => {
    const { store, changes } = makeStore();
    const opaque = (version: string): Pod => ({
      metadata: { namespace: 'shop', name: 'a', uid: 'a', resourceVersion: version },
    });
    store.replace([opaque('x9')], 'x9');
    expect(store.apply({ type: 'MODIFIED', object: opaque('x1') })).toBe('applied');
    expect(store.apply({ type: 'MODIFIED', object: opaque('x1') })).toBe('ignored');
    expect(store.observe(opaque('x2'))).toBe('ignored');
    expect(changes).toEqual(['ADDED a', 'MODIFIED a']);
  });
});

describe('resource versions', () => {
  it.each([
    ['9', '10', -1],
    ['10', '9', 1],
    ['18446744073709551616', '18446744073709551615', 1],
    ['7', '7', 0],
    ['', '7', undefined],
    ['07', '7', undefined],
    ['abc', '7', undefined],
    [undefined, '7', undefined],
  ])('%j against %j is %j', (a, b, order) => {
    const found = compareResourceVersions(a, b);
    expect(found === undefined ? undefined : Math.sign(found)).toBe(order);
  });
});

describe('what is kept of an object', () => {
  it('is all but the managed fields, and all else as it was', () => {
    const object = { kind: 'Pod', metadata: { name: 'a', managedFields: [{}] }, future: { field: 1 } };
    expect(dropManagedFields(object)).toEqual({ kind: 'Pod', metadata: { name: 'a' }, future: { field: 1 } });
    const plain = { metadata: { name: 'a' } };
    expect(dropManagedFields(plain)).toBe(plain);
  });

  it('is without the copy that kubectl keeps, where asked', () => {
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}', mine: '1' };
    expect(dropLastApplied({ metadata: { annotations } })).toEqual({
      metadata: { annotations: { mine: '1' } },
    });
  });

  it('shares equal texts without changing any', () => {
    const pool = new TextPool();
    const make = () =>
      JSON.parse('{"image":"registry.example/app:1","tags":["a long enough text","short"]}') as {
        image: string;
      };
    const [one, two] = [deepFreeze(make(), pool), deepFreeze(make(), pool)];
    expect(one).toEqual(make());
    expect(two).toEqual(one);
    for (let text = 0; text < 20_000; text += 1)
      expect(pool.shared(`text number ${String(text)}`)).toBe(`text number ${String(text)}`);
  });
});
