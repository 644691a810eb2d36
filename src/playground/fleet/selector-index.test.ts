import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LabelSelector } from '#apis/kubernetes/builtin.ts';
import { keyOf } from '#apis/kubernetes/object.ts';
import { CONFIG_MAPS } from '#kube/client/builtin-types.ts';
import { SeededRandom } from '#platform/random.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { labelsOf } from './meta.ts';
import { SelectorIndex } from './selector-index.ts';
import { matchesSelector } from './selectors.ts';
import { MemoryCluster } from './testing/memory-cluster.ts';

const labels = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'), {
  noNullPrototype: true,
});
const namespace = fc.constantFrom('x', 'y');
const name = fc.constantFrom('p', 'q', 'r', 's');
const deed = fc.record({ kind: fc.constantFrom('create', 'relabel', 'delete'), namespace, name, labels });
const selector: fc.Arbitrary<LabelSelector | undefined> = fc.option(
  fc.record(
    {
      matchLabels: labels,
      matchExpressions: fc.constant([{ key: 'a', operator: 'Exists' }]),
    },
    { requiredKeys: [] },
  ),
  { nil: undefined },
);

describe('SelectorIndex', () => {
  it('selects what looking at everything would, whatever was created, relabelled and deleted', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(deed, { maxLength: 40 }),
        namespace,
        selector,
        async (deeds, where, wanted) => {
          const clock = new VirtualClock({ startMs: 0 });
          const access = new MemoryCluster({ clock, random: new SeededRandom(1) });
          const index = new SelectorIndex({ access, type: CONFIG_MAPS });
          for (const { kind, labels: given, ...key } of deeds) {
            const exists = access.get(CONFIG_MAPS, key) !== undefined;
            if (kind === 'create' && !exists)
              await access.create(CONFIG_MAPS, { metadata: { ...key, labels: given } });
            const none = { a: null, b: null, c: null };
            const body = { metadata: { labels: { ...none, ...given } } };
            if (kind === 'relabel' && exists) await access.mergePatch(CONFIG_MAPS, key, { body });
            if (kind === 'delete' && exists) await access.delete(CONFIG_MAPS, key);
          }
          const all = access
            .list(CONFIG_MAPS, where)
            .filter((object) => matchesSelector(wanted, labelsOf(object)));
          const found = index.select(where, wanted);
          expect(found.map((object) => keyOf(object).name).sort()).toEqual(
            all.map((object) => keyOf(object).name).sort(),
          );
          expect(new Set(found)).toEqual(new Set(all));
        },
      ),
    );
  });
});
