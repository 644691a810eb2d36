import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floorOf, ruleFor, type Split, type SplitRule, splitUnder, stepTowards } from './split.ts';

/** kube-scheduler with room on both kinds: the preferred kind, unless the constraint forbids it. */
function scheduled(rule: SplitRule, replicas: number, room: Split = { spot: Infinity, onDemand: Infinity }) {
  const pods = { spot: 0, onDemand: 0, pending: 0 };
  const skew = rule.maxSkew ?? Infinity;
  for (let pod = 0; pod < replicas; pod += 1) {
    const order = rule.prefer === 'spot' ? (['spot', 'onDemand'] as const) : (['onDemand', 'spot'] as const);
    const kind = order.find((each) => {
      const fewest = Math.min(pods.spot, pods.onDemand);
      return pods[each] < room[each] && pods[each] + 1 - fewest <= skew;
    });
    pods[kind ?? 'pending'] += 1;
  }
  return pods;
}

const anySplit = fc
  .tuple(fc.nat(30), fc.nat(30))
  .map(([spot, onDemand]) => ({ spot, onDemand: spot + onDemand === 0 ? 1 : onDemand }));
/** With a floor that one workload can keep. */
const flooredSplit = fc
  .tuple(fc.integer({ min: 1, max: 30 }), fc.nat(30))
  .map(([onDemand, more]) => ({ spot: onDemand + more, onDemand }));

describe('a split of pods over spot and on-demand nodes', () => {
  it('is what kube-scheduler makes of its rule', () => {
    fc.assert(
      fc.property(anySplit, (split) => {
        const { spot, onDemand } = split;
        const replicas = spot + onDemand;
        const { pending, ...found } = scheduled(ruleFor(split), replicas);
        expect(pending).toBe(0);
        // A difference of 0 cannot be said (maxSkew is at least 1): an even count is still split evenly by it.
        expect(found).toEqual(split);
      }),
    );
  });

  it('is foretold for every rule and count, as when an autoscaler adds pods', () => {
    fc.assert(
      fc.property(anySplit, fc.integer({ min: 0, max: 100 }), (split, replicas) => {
        const { pending: _none, ...found } = scheduled(ruleFor(split), replicas);
        expect(splitUnder(ruleFor(split), replicas)).toEqual(found);
      }),
    );
  });

  it('keeps its floor whenever there are more pods, and whatever room there is', () => {
    fc.assert(
      fc.property(flooredSplit, fc.nat(60), fc.nat(80), (split, more, room) => {
        const replicas = split.spot + split.onDemand + more;
        const found = scheduled(ruleFor(split), replicas, { spot: Infinity, onDemand: room });
        // With on-demand nodes full pods wait rather than break the floor.
        expect(found.onDemand).toBeGreaterThanOrEqual(Math.min(split.onDemand, room));
        expect(found.spot).toBeLessThanOrEqual(replicas - split.onDemand);
      }),
    );
  });

  it.each<[number | string, number, number]>([
    ['20%', 10, 2], ['20%', 3, 1], ['0%', 9, 0], ['100%', 4, 4], [3, 10, 3], [5, 2, 2], [0, 4, 0], ['33%', 100, 33],
  ])('keeps %s of %i pods on-demand: %i', (minOnDemand, replicas, expected) => {
    expect(floorOf(minOnDemand, replicas)).toBe(expected);
  }); // prettier-ignore

  it('is reached in steps that move no more than allowed, and always at least one pod', () => {
    fc.assert(
      fc.property(anySplit, fc.integer({ min: 1, max: 100 }), (target, percent) => {
        const replicas = target.spot + target.onDemand;
        let present: Split = { spot: 0, onDemand: replicas };
        for (let step = 0; step < 100 && present.spot !== target.spot; step += 1) {
          const next = stepTowards(present, target, percent);
          const moved = next.spot - present.spot;
          expect(moved).toBeGreaterThan(0);
          expect(moved).toBeLessThanOrEqual(Math.max(1, (replicas * percent) / 100));
          expect(next.spot + next.onDemand).toBe(replicas);
          present = next;
        }
        expect(present).toEqual(target);
      }),
    );
  });
});
