import { describe, expect, it } from 'vitest';
import { describeChanges, displayChanges } from './display.ts';
import { changedFields, hpaPath, parseHpaPath, parseResourcePath, resourcePath, sameValue } from './field.ts';

describe('field paths', () => {
  it('read back what they were made of', () => {
    const field = { in: 'initContainers', container: 'mesh', list: 'limits', resource: 'memory' } as const;
    expect(parseResourcePath(resourcePath(field))).toEqual(field);
    const hpas = [
      { hpa: 'web', field: 'minReplicas' },
      { hpa: 'web', field: 'target', resource: 'cpu' },
      { hpa: 'web', field: 'target', resource: 'memory', container: 'app' },
    ] as const;
    for (const hpa of hpas) expect(parseHpaPath(hpaPath(hpa))).toMatchObject(hpa);
    expect(parseResourcePath('replicas')).toBeUndefined();
    expect(parseHpaPath('hpa/web/maxReplicas')).toBeUndefined();
  });

  it('compare amounts, not texts, and tell absent from zero', () => {
    expect(sameValue('1000m', '1')).toBe(true);
    expect(sameValue('1Gi', '1024Mi')).toBe(true);
    expect(sameValue(3, '3')).toBe(true);
    expect(sameValue(null, '0')).toBe(false);
    expect(sameValue(undefined, null)).toBe(true);
  });

  it('list only what changes', () => {
    expect(changedFields({ replicas: 3, 'containers/a/requests/cpu': '1' }, { replicas: 3, 'containers/a/requests/cpu': '2' })).toEqual({ 'containers/a/requests/cpu': '2' }); // prettier-ignore
  });
});

describe('shown changes', () => {
  it('use the short names of the resource for one container', () => {
    const fields = {
      'containers/app/requests/cpu': '750m',
      'containers/app/limits/memory': '2Gi',
      replicas: 3,
    };
    expect(displayChanges(fields, 1)).toEqual({ cpu_request: '750m', memory_limit: '2Gi', replicas: 3 });
  });

  it('name the container where there are several', () => {
    expect(displayChanges({ 'containers/app/requests/cpu': '750m', 'hpa/web/target/cpu': 90 }, 2)).toEqual({
      'app.cpu_request': '750m',
      hpa_cpu_target: 90,
    });
  });

  it('tell from what to what', () => {
    expect(describeChanges({ replicas: 5 }, { replicas: 4, 'containers/app/requests/cpu': '1' }, 1)).toBe(
      'replicas 5 → 4, cpu_request unset → 1',
    );
  });
});
