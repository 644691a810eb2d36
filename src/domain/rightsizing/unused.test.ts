import { describe, expect, it } from 'vitest';
import { dailyCycle, endOf, recorded, usageOf } from './testing/recorded.ts';
import { findUnused } from './unused.ts';

const GIB = 2 ** 30;
const idleCpu = recorded(14, ({ noise }) => 0.002 * noise);
const stillMemory = recorded(14, ({ noise }) => GIB * (1 + 0.001 * noise));
const nowMs = endOf(idleCpu);

function kindOf(parts: Parameters<typeof usageOf>[0], requests: object = {}): string {
  const finding = findUnused({ usage: usageOf(parts), nowMs, ...requests });
  return finding.kind === 'refusal' ? finding.code : finding.kind;
}

describe('a container is unused', () => {
  it('when both its CPU and its memory stand still for the whole window', () => {
    expect(kindOf({ cpuCores: idleCpu, memoryBytes: stillMemory })).toBe('unused');
  });

  it('when both are below a twentieth of what it requests', () => {
    const memoryBytes = recorded(14, ({ noise }) => 0.1 * GIB * (0.5 + noise));
    expect(
      kindOf(
        { cpuCores: recorded(14, () => 0.04), memoryBytes },
        { cpuRequestCores: 1, memoryRequestBytes: 4 * GIB },
      ),
    ).toBe('unused');
  });

  it('not when it works once a week', () => {
    const cpuCores = recorded(14, ({ day }) => (day > 7 && day < 7.05 ? 0.5 : 0.001));
    expect(kindOf({ cpuCores, memoryBytes: stillMemory }, { cpuRequestCores: 1 })).toBe('used');
  });

  it('not when its memory moves', () => {
    expect(kindOf({ cpuCores: idleCpu, memoryBytes: recorded(14, (at) => GIB * dailyCycle(at)) })).toBe(
      'used',
    );
  });

  it('unknown when either is not known, or only for some days', () => {
    expect(kindOf({ cpuCores: idleCpu })).toBe('no-data');
    expect(kindOf({ memoryBytes: stillMemory })).toBe('no-data');
    const short = { cpuCores: recorded(3, () => 0), memoryBytes: recorded(3, () => GIB) };
    expect(findUnused({ usage: usageOf(short), nowMs: endOf(short.cpuCores) })).toMatchObject({
      code: 'short-history',
    });
  });
});
