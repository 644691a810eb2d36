import { describe, expect, it } from 'vitest';
import { matchesNodeWishes, matchesSelector, toleratesTaint } from './selectors.ts';

const LABELS = { app: 'web', tier: 'front', cores: '8' };

describe('a label selector', () => {
  it.each([
    [{ matchLabels: { app: 'web' } }, true],
    [{ matchLabels: { app: 'api' } }, false],
    [{ matchExpressions: [{ key: 'app', operator: 'In', values: ['api', 'web'] }] }, true],
    [{ matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] }, false],
    [{ matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['a'] }] }, true],
    [{ matchExpressions: [{ key: 'tier', operator: 'Exists' }] }, true],
    [{ matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] }, false],
    [{ matchLabels: { app: 'web' }, matchExpressions: [{ key: 'zone', operator: 'Exists' }] }, false],
    [{}, true],
    [undefined, false],
  ])('%o matches: %s', (selector, matches) => {
    expect(matchesSelector(selector, LABELS)).toBe(matches);
  });
});

describe('the wishes of a pod about its node', () => {
  const required = (...nodeSelectorTerms: object[]) => ({
    containers: [],
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
  });
  it.each([
    ['a node selector', { containers: [], nodeSelector: { app: 'web' } }, true],
    ['another node selector', { containers: [], nodeSelector: { app: 'api' } }, false],
    [
      'one of several terms',
      required(
        { matchExpressions: [{ key: 'x', operator: 'Exists' }] },
        { matchExpressions: [{ key: 'app', operator: 'Exists' }] },
      ),
      true,
    ],
    [
      'numbers',
      required({
        matchExpressions: [
          { key: 'cores', operator: 'Gt', values: ['4'] },
          { key: 'cores', operator: 'Lt', values: ['16'] },
        ],
      }),
      true,
    ],
    ['its name', required({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }), true],
    [
      'another name',
      required({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n2'] }] }),
      false,
    ],
    ['an empty term', required({}), false],
    ['nothing', { containers: [] }, true],
  ])('by %s', (_, spec, matches) => {
    expect(matchesNodeWishes(spec, LABELS, 'n1')).toBe(matches);
  });
});

describe('a toleration', () => {
  const taint = { key: 'gpu', value: 'yes', effect: 'NoSchedule' };
  it.each([
    [[{ key: 'gpu', operator: 'Exists' }], true],
    [[{ key: 'gpu', value: 'yes' }], true],
    [[{ key: 'gpu', operator: 'Equal', value: 'no' }], false],
    [[{ key: 'gpu', operator: 'Exists', effect: 'NoExecute' }], false],
    [[{ operator: 'Exists' }], true],
    [[{ key: 'cpu', operator: 'Exists' }], false],
    [[], false],
    [undefined, false],
  ])('%o tolerates: %s', (tolerations, tolerates) => {
    expect(toleratesTaint(tolerations, taint)).toBe(tolerates);
  });
});
