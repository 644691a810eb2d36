import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.ts';
import { type FieldMap, parsePlacementPath, placementPath } from './field.ts';
import { placementPatch, type PodPlacement, readPlacementFields } from './placement-objects.ts';

const KEYS = ['karpenter.sh/capacity-type', 'zone', 'cloud.google.com/gke-spot'];
const PATHS = KEYS.flatMap((key) =>
  (['preference', 'spread', 'toleration'] as const).map((part) => placementPath({ part, key })),
);

function preference(key: string, weight = 100) {
  return { preference: { matchExpressions: [{ key, operator: 'In', values: ['spot'] }] }, weight };
}

/** What an API server makes of these patches: atomic lists are replaced, null removes, `$patch: replace` replaces. */
function patched(placement: PodPlacement, patch: Record<string, unknown>): PodPlacement {
  return merge(placement, patch) as PodPlacement;
}

function merge(document: unknown, patch: unknown): unknown {
  if (Array.isArray(patch))
    return (patch as { $patch?: string }[]).filter((item) => item.$patch === undefined);
  if (typeof patch !== 'object' || patch === null) return patch;
  const before = (document ?? {}) as Record<string, unknown>;
  const kept = Object.entries(before).filter(([name]) => !(name in patch));
  const written = Object.entries(patch).filter(([, value]) => value !== null);
  return Object.fromEntries([
    ...kept,
    ...written.map(([name, value]) => [name, merge(before[name], value)] as const),
  ]);
}

const key = fc.constantFrom(...KEYS, 'someone.else/label');
const weight = fc.integer({ min: 1, max: 100 });
const uniqueBy = <T>(item: fc.Arbitrary<T>, selector: (value: T) => string | undefined) =>
  fc.uniqueArray(item, { selector, maxLength: 3 });
const preferences = uniqueBy(
  fc.tuple(key, weight).map(([name, amount]) => preference(name, amount)),
  (item) => item.preference.matchExpressions[0]?.key,
);
const tolerations = uniqueBy(
  fc.record({ key, operator: fc.constant('Exists'), effect: fc.constantFrom('NoSchedule', 'NoExecute') }),
  (item) => item.key,
);
const spreads = uniqueBy(
  fc.record({ topologyKey: key, maxSkew: weight, whenUnsatisfiable: fc.constant('DoNotSchedule') }),
  (item) => item.topologyKey,
);

/** Placements as people write them: lists that are there hold something. */
const placement: fc.Arbitrary<PodPlacement> = fc
  .tuple(preferences, tolerations, spreads, fc.boolean(), fc.boolean())
  .map(([terms, tolerated, spread, requires, pods]) => {
    const nodeAffinity = {
      ...(terms.length > 0 ? { preferredDuringSchedulingIgnoredDuringExecution: terms } : {}),
      ...(requires
        ? { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'arch', operator: 'Exists' }] }] } }
        : {}),
    };
    const affinity = {
      ...(Object.keys(nodeAffinity).length > 0 ? { nodeAffinity } : {}),
      ...(pods ? { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [] } } : {}),
    };
    return {
      ...(Object.keys(affinity).length > 0 ? { affinity } : {}),
      ...(tolerated.length > 0 ? { tolerations: tolerated } : {}),
      ...(spread.length > 0 ? { topologySpreadConstraints: spread } : {}),
    };
  }); // prettier-ignore

/** Any change of the paths that we manage, removals included. */
const changes: fc.Arbitrary<FieldMap> = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...PATHS), weight, fc.boolean()), { selector: ([path]) => path })
  .map((list) =>
    Object.fromEntries(list.map(([path, amount, removes]) => [path, removes ? null : itemAt(path, amount)])),
  );

function itemAt(path: string, amount: number): string {
  const field = parsePlacementPath(path);
  const label = field?.key ?? '';
  if (field?.part === 'preference') return canonicalJson(preference(label, amount));
  if (field?.part === 'toleration')
    return canonicalJson({ key: label, operator: 'Exists', effect: 'NoSchedule' });
  return canonicalJson({ topologyKey: label, maxSkew: amount, whenUnsatisfiable: 'ScheduleAnyway' });
}

describe('placement fields', () => {
  it('read back what was written', () => {
    fc.assert(
      fc.property(placement, changes, (before, change) => {
        const after = patched(before, placementPatch(before, change));
        expect(readPlacementFields(after, Object.keys(change))).toEqual(change);
      }),
    );
  });

  it('restore every template exactly, whatever was applied', () => {
    fc.assert(
      fc.property(placement, changes, (before, change) => {
        // Where we put an item behind those of others, it is taken away again; where we replaced one, it comes back in place.
        const original = readPlacementFields(before, Object.keys(change));
        const removed = Object.keys(change).some((path) => original[path] !== null && change[path] === null);
        fc.pre(!removed);
        const after = patched(before, placementPatch(before, change));
        expect(patched(after, placementPatch(after, original))).toEqual(before);
      }),
    );
  });

  it('leave a preference alone that speaks of more than the one label', () => {
    const both = {
      preference: {
        matchExpressions: [
          { key: 'zone', operator: 'Exists' },
          { key: 'arch', operator: 'Exists' },
        ],
      },
      weight: 1,
    };
    const before = {
      affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [both] } },
    };
    const path = placementPath({ part: 'preference', key: 'zone' });
    expect(readPlacementFields(before, [path])).toEqual({ [path]: null });
    const after = patched(before, placementPatch(before, { [path]: canonicalJson(preference('zone')) }));
    expect(after.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution).toEqual([
      both,
      preference('zone'),
    ]);
  });

  it('write nothing where no field is about placement', () => {
    expect(placementPatch({}, { replicas: 3 })).toEqual({});
  });
});
