import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CPU_UNIT_CORES, MEMORY_UNIT_BYTES, decodeBlock, encodeBlock } from './block-codec.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { COLUMN_NAMES, type StepColumns, unknownColumns } from './step-columns.ts';

interface Step {
  readonly cpu: number | undefined;
  readonly cpuBelow: number;
  readonly memory: number | undefined;
  readonly memoryBelow: number;
  readonly pods: number;
  readonly missing: number;
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  cpu: fc.option(fc.integer({ min: 0, max: 8192e5 }), { nil: undefined }),
  cpuBelow: fc.double({ min: 0, max: 1, noNaN: true }),
  memory: fc.option(fc.integer({ min: 1, max: 2 ** 34 }), { nil: undefined }),
  memoryBelow: fc.double({ min: 0, max: 1, noNaN: true }),
  pods: fc.integer({ min: 1, max: 5000 }),
  missing: fc.integer({ min: 0, max: 9 }),
});

/** Columns whose values are whole units, which the codec must keep exactly. */
function columnsOf(steps: readonly (Step | undefined)[]): StepColumns {
  const columns = unknownColumns({ startMs: 3_600_000, stepMs: 30_000, steps: steps.length });
  for (const [index, step] of steps.entries()) {
    if (step === undefined) continue;
    columns.pods[index] = step.pods;
    columns.weight[index] = step.pods * 10 - step.missing;
    if (step.cpu !== undefined) {
      columns.cpuMax[index] = step.cpu / 1e5;
      columns.cpuMean[index] = Math.round(step.cpu * step.cpuBelow) / 1e5;
    }
    if (step.memory !== undefined) {
      columns.memoryMax[index] = step.memory * MEMORY_UNIT_BYTES;
      columns.memoryMean[index] = Math.round(step.memory * step.memoryBelow) * MEMORY_UNIT_BYTES;
    }
  }
  return columns;
}

describe('a block of history', () => {
  it('comes back as it went in, unknown steps included', () => {
    fc.assert(
      fc.property(fc.array(fc.option(anyStep, { nil: undefined }), { maxLength: 150 }), (steps) => {
        const columns = columnsOf(steps);
        const back = decodeBlock(encodeBlock(columns, { fullWeight: 10 }), columns.grid.startMs);
        expect(back).toEqual(columns);
      }),
    );
  });

  it('rounds to a hundred-thousandth of a core and to a page, and never invents or loses a step', () => {
    const amount = fc.option(fc.double({ min: 0, max: 8192, noNaN: true }), { nil: Number.NaN });
    fc.assert(
      fc.property(fc.array(fc.tuple(amount, amount), { maxLength: 60 }), (pairs) => {
        const columns = unknownColumns({ startMs: 0, stepMs: 30_000, steps: pairs.length });
        for (const [step, [cpu, memory]] of pairs.entries()) {
          columns.cpuMax[step] = columns.cpuMean[step] = cpu;
          columns.memoryMax[step] = columns.memoryMean[step] = memory * 2 ** 20;
        }
        const back = decodeBlock(encodeBlock(columns, { fullWeight: 1 }), 0);
        for (const name of COLUMN_NAMES) {
          for (const [step, value] of columns[name].entries()) {
            const error = Math.abs((back[name][step] ?? Number.NaN) - value);
            const unit = name.startsWith('cpu') ? CPU_UNIT_CORES : MEMORY_UNIT_BYTES;
            if (Number.isNaN(value)) expect(back[name][step]).toBeNaN();
            else expect(error).toBeLessThanOrEqual(unit * 0.5001);
          }
        }
      }),
    );
  });

  it('takes a few bytes a step for one quiet pod', () => {
    const steps = Array.from({ length: 120 }, (_, index) => ({
      cpu: 12_000 + ((index * 7919) % 2000),
      cpuBelow: 1,
      memory: 131_072 + ((index * 104_729) % 900),
      memoryBelow: 1,
      pods: 1,
      missing: 9,
    }));
    expect(encodeBlock(columnsOf(steps), { fullWeight: 10 }).length).toBeLessThan(120 * 8.5);
  });

  it('is told from other bytes', () => {
    const bytes = encodeBlock(columnsOf([undefined, undefined]), { fullWeight: 1 });
    expect(() => decodeBlock(bytes.slice(0, -1), 0)).toThrow(RangeError);
    expect(() => decodeBlock(Uint8Array.of(9, ...bytes.slice(1)), 0)).toThrow('not a block');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (noise) => {
        try {
          decodeBlock(noise, 0);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});

describe('numbers as bytes', () => {
  it('come back over their whole range', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.integer({ min: -(2 ** 51), max: 2 ** 51 }), (unsigned, signed) => {
        const writer = new ByteWriter();
        writer.unsigned(unsigned);
        writer.signed(signed);
        const reader = new ByteReader(writer.bytes());
        expect([reader.unsigned(), reader.signed()]).toEqual([unsigned, signed === 0 ? 0 : signed]);
      }),
    );
  });
});
