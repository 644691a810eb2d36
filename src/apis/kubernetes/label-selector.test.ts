import { describe, expect, it } from 'vitest';
import type { LabelSelector } from './builtin.ts';
import { matchesSelector } from './label-selector.ts';

const labels = { app: 'web', tier: 'front' };

describe('a label selector', () => {
  it.each<[string, LabelSelector | undefined, boolean]>([
    ['matches nothing when missing', undefined, false],
    ['matches everything when empty', {}, true],
    ['wants every label', { matchLabels: { app: 'web', tier: 'back' } }, false],
    ['knows In', { matchExpressions: [{ key: 'app', operator: 'In', values: ['api', 'web'] }] }, true],
    ['knows NotIn, which an absent label meets', { matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['a'] }] }, true],
    ['knows Exists', { matchExpressions: [{ key: 'zone', operator: 'Exists' }] }, false],
    ['knows DoesNotExist', { matchExpressions: [{ key: 'zone', operator: 'DoesNotExist' }] }, true],
    ['matches nothing by an unknown operator', { matchExpressions: [{ key: 'app', operator: 'Like' }] }, false],
  ])('%s', (_name, selector, expected) => {
    expect(matchesSelector(selector, labels)).toBe(expected);
  }); // prettier-ignore
});
