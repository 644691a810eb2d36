import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Quantity,
  type QuantityFormat,
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  quantityFromNumber,
  quantityToNumber,
  sameQuantity,
  subtractQuantities,
  tryParseQuantity,
  unitsOf,
} from './quantity.ts';

const NANO = 10n ** 9n;
const KI = 1024n;
const MAX = (1n << 63n) - 1n;

/** What Kubernetes' own quantity_test.go expects of a text: the amount in nano-units and the family. */
const PARSED: readonly [string, bigint, QuantityFormat][] = [
  ['0', 0n, 'DecimalSI'],
  ['0n', 0n, 'DecimalSI'],
  ['0Ki', 0n, 'BinarySI'],
  ['0T', 0n, 'DecimalSI'],
  ['1Ki', KI * NANO, 'BinarySI'],
  ['7Mi', 7n * KI ** 2n * NANO, 'BinarySI'],
  ['6Gi', 6n * KI ** 3n * NANO, 'BinarySI'],
  ['100Ti', 100n * KI ** 4n * NANO, 'BinarySI'],
  ['4Pi', 4n * KI ** 5n * NANO, 'BinarySI'],
  ['3Ei', 3n * KI ** 6n * NANO, 'BinarySI'],
  ['5n', 5n, 'DecimalSI'],
  ['4u', 4000n, 'DecimalSI'],
  ['3m', 3_000_000n, 'DecimalSI'],
  ['9', 9n * NANO, 'DecimalSI'],
  ['50k', 50_000n * NANO, 'DecimalSI'],
  ['7M', 7_000_000n * NANO, 'DecimalSI'],
  ['1E', 10n ** 18n * NANO, 'DecimalSI'],
  ['1E-3', 1_000_000n, 'DecimalExponent'],
  ['1e3', 1000n * NANO, 'DecimalExponent'],
  ['1.3E+6', 1_300_000n * NANO, 'DecimalExponent'],
  ['0.5e-2', 5_000_000n, 'DecimalExponent'],
  ['100.035k', 100_035n * NANO, 'DecimalSI'],
  ['0.0005k', NANO / 2n, 'DecimalSI'],
  ['0.05000', NANO / 20n, 'DecimalSI'],
  ['6.987654321G', 6_987_654_321n * NANO, 'DecimalSI'],
  ['1.01E', 101n * 10n ** 16n * NANO, 'DecimalSI'],
  // Finer than a nano-unit: away from zero.
  ['3.001n', 4n, 'DecimalSI'],
  ['1.1E-9', 2n, 'DecimalExponent'],
  ['0.0000000001', 1n, 'DecimalSI'],
  ['0.9n', 1n, 'DecimalSI'],
  ['0.00000012345', 124n, 'DecimalSI'],
  // Only the binary family is capped.
  ['9Ei', MAX * NANO, 'BinarySI'],
  ['9223372036854775807Ki', MAX * NANO, 'BinarySI'],
  ['12E', 12n * 10n ** 18n * NANO, 'DecimalSI'],
  ['100.035Ki', 102_435_840_000_000n, 'BinarySI'],
  ['0.5Mi', 524_288n * NANO, 'BinarySI'],
  ['0.025Ti', 27_487_790_694_400_000_000n, 'BinarySI'],
  // A binary amount below one is a decimal one.
  ['0.000000000001Ki', 2n, 'DecimalSI'],
  ['.001', 1_000_000n, 'DecimalSI'],
  ['.0001k', NANO / 10n, 'DecimalSI'],
  ['1.', NANO, 'DecimalSI'],
  ['1.G', 10n ** 9n * NANO, 'DecimalSI'],
];

/** Texts and their canonical form, from the same file. */
const CANONICAL: readonly [string, string][] = [
  ['1024Mi', '1Gi'],
  ['307200Ki', '300Mi'],
  ['6Ki', '6Ki'],
  ['1025024Mi', '1001Gi'],
  ['1024Gi', '1Ti'],
  ['1025', '1025'],
  ['5000m', '5'],
  ['0.5', '500m'],
  ['1000M', '1G'],
  ['0.001T', '1G'],
  ['1000u', '1m'],
  ['1.08', '1080m'],
  ['1080000000n', '1080m'],
  ['1234567M', '1234567M'],
  ['.001e12', '1e9'],
  ['0.001e0', '1e-3'],
  ['1000e-12', '1e-9'],
  ['300e6', '300e6'],
  ['00', '0'],
  ['0Ki', '0'],
  ['1E', '1E'],
  ['1000E', '1e21'],
  ['5000E', '5e21'],
  ['1000000E', '1e24'],
  ['.001Ki', '1024m'],
  ['.000001Ki', '1024u'],
  ['.000000000001Ki', '2n'],
  ['1.5Gi', '1536Mi'],
  ['1.2345', '1234500u'],
];

describe('parsing a quantity', () => {
  it.each(PARSED)('reads %s as Kubernetes does, with any sign', (text, nano, format) => {
    expect(parseQuantity(text)).toEqual({ nano, format });
    expect(parseQuantity(`+${text}`)).toEqual({ nano, format });
    expect(parseQuantity(`-${text}`)).toEqual({ nano: -nano, format });
  });

  it.each([
    '',
    '1.1.M',
    '1+1.0M',
    '0.1mi',
    '0.1am',
    'aoeu',
    '.5i',
    '1i',
    '-3.01i',
    '-3.01e-',
    ' 1',
    '1 ',
    '1e',
    '١',
    '1_0',
    'NaN',
    'Infinity',
  ])('refuses %j', (text) => {
    expect(tryParseQuantity(text)).toBeUndefined();
    expect(() => parseQuantity(text, 'spec.cpu')).toThrow(/spec\.cpu: .*is not a quantity/);
  });

  it.each(['.', '-', 'm', 'Ki', '1e41'])(
    'refuses %j, which the API server would take for zero or worse',
    (text) => {
      expect(tryParseQuantity(text)).toBeUndefined();
    },
  );
});

describe('the canonical text', () => {
  it.each(CANONICAL)('of %s is %s, and of its negative the negative', (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical);
    if (canonical !== '0') expect(canonicalQuantity(`-${text}`)).toBe(`-${canonical}`);
  });
});

const format = fc.constantFrom<QuantityFormat>('DecimalSI', 'BinarySI', 'DecimalExponent');
const nano = fc.oneof(
  fc.bigInt({ min: -(10n ** 28n), max: 10n ** 28n }),
  fc
    .tuple(fc.integer({ min: -2000, max: 2000 }), fc.integer({ min: 0, max: 27 }))
    .map(([digits, power]) => BigInt(digits) * 10n ** BigInt(power)),
  fc
    .tuple(fc.integer({ min: -2000, max: 2000 }), fc.integer({ min: 0, max: 5 }))
    .map(([digits, power]) => BigInt(digits) * KI ** BigInt(power) * NANO),
);
const quantity = fc.record({ nano, format });

/** Below the cap of the binary family, where parsing is exact. */
const uncapped = quantity.filter(({ nano: amount }) => amount < MAX * NANO && amount > -MAX * NANO);

describe('any quantity', () => {
  it('survives being written and read again, exactly', () => {
    fc.assert(
      fc.property(uncapped, (value) => {
        expect(parseQuantity(formatQuantity(value)).nano).toBe(value.nano);
      }),
      { numRuns: 500 },
    );
  });

  it('has one canonical text, which is whole and as short as its family allows', () => {
    fc.assert(
      fc.property(uncapped, (value) => {
        const text = formatQuantity(value);
        // The family is part of the value: 10000 of the binary one is written `10000`, of the decimal one `10k`.
        expect(formatQuantity({ ...parseQuantity(text), format: value.format })).toBe(text);
        expect(text).toMatch(/^-?\d+(?:[numkMGTPE]|[KMGTPE]i|e-?\d+)?$/);
        const [, digits = '', suffix = ''] = /^-?(\d+)(.*)$/.exec(text) ?? [];
        if (suffix.endsWith('i')) expect(BigInt(digits) % KI === 0n && suffix !== 'Ei').toBe(false);
        else if (text !== '0' && value.format !== 'BinarySI') expect(digits.endsWith('000')).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('adds and subtracts exactly, and compares as its amount does', () => {
    fc.assert(
      fc.property(quantity, quantity, (a, b) => {
        expect(addQuantities(a, b).nano).toBe(a.nano + b.nano);
        expect(subtractQuantities(addQuantities(a, b), b).nano).toBe(a.nano);
        expect(Math.sign(compareQuantities(a, b))).toBe(Number(a.nano > b.nano) - Number(a.nano < b.nano));
      }),
    );
  });

  it('keeps its family beside a zero of another', () => {
    const zero = parseQuantity('0');
    for (const text of ['100m', '1Gi']) {
      expect(formatQuantity(addQuantities(zero, parseQuantity(text)))).toBe(text);
      expect(formatQuantity(addQuantities(parseQuantity(text), zero))).toBe(text);
      expect(formatQuantity(subtractQuantities(zero, parseQuantity(text)))).toBe(`-${text}`);
    }
  });

  it('is the sum that floats get wrong', () => {
    const sum = addQuantities(parseQuantity('0.1'), parseQuantity('0.2'));
    expect(formatQuantity(sum)).toBe('300m');
  });
});

describe('numbers', () => {
  it('come from texts in whole units', () => {
    expect([unitsOf('500m'), unitsOf('1Gi'), unitsOf('2'), unitsOf(3), unitsOf('-1.5k')]).toEqual([
      0.5,
      2 ** 30,
      2,
      3,
      -1500,
    ]);
  });

  it('become quantities without the dust of binary fractions, rounded up to the step', () => {
    expect(formatQuantity(quantityFromNumber(0.1 + 0.2))).toBe('300m');
    expect(formatQuantity(quantityFromNumber(0.30001))).toBe('301m');
    expect(formatQuantity(quantityFromNumber(1.5 * 2 ** 30, 'BinarySI', NANO))).toBe('1536Mi');
    expect(formatQuantity(quantityFromNumber(0))).toBe('0');
    expect(() => quantityFromNumber(Number.NaN)).toThrow(/not a finite amount/);
  });

  it('round up by less than one step, and never down', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e12, noNaN: true }), (units) => {
        const back = quantityToNumber(quantityFromNumber(units));
        expect(back).toBeGreaterThanOrEqual(units * (1 - 1e-14));
        expect(back - units).toBeLessThanOrEqual(0.001 + units * 1e-14);
      }),
    );
  });

  it('are exact for every milli-unit up to a million cores', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000_000 }), (milli) => {
        const value: Quantity = parseQuantity(`${String(milli)}m`);
        expect(quantityToNumber(value)).toBe(milli / 1000);
        expect(sameQuantity(formatQuantity(quantityFromNumber(milli / 1000)), `${String(milli)}m`)).toBe(
          true,
        );
      }),
    );
  });
});
