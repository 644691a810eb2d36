import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isKcError } from '#errors/kc-error.ts';
import { HOUR_MS } from '../units/duration.ts';
import { type CarbonIntensity, intensityAt, intensitySpans, SEED_INTENSITY } from './carbon-intensity.ts';
import { carbonOf, meanIntensity } from './carbon-mass.ts';
import { parseCarbonTable } from './carbon-table.ts';
import { TimestampReader } from './local-time.ts';

const NOON = Date.UTC(2026, 5, 1, 12);

function table(text: string, more = {}): CarbonIntensity {
  return parseCarbonTable(text, { name: 'grid.csv', ...more });
}

const THREE_HOURS = table(
  'timestamp,gCO2/kWh\n2026-06-01 12:00:00,100\n2026-06-01 13:00:00,200\n2026-06-01 15:00:00,400\n2026-06-01 16:00:00,500\n',
);

describe('a table of carbon intensity', () => {
  it('is read in grams or kilograms, as its header says', () => {
    const units = [
      'gCO2/kWh',
      'kgCO2/kWh',
      'Carbon Intensity gCO₂eq/kWh (direct)',
      'carbon_intensity_gco2_per_kwh',
      'kg_co2',
    ];
    const values = units.map((unit) => {
      const read = table(`Datetime (UTC),${unit}\n2026-06-01T12:00Z,250\n2026-06-01T13:00Z,250`);
      return intensityAt(read, NOON)?.kgPerKwh;
    });
    expect(values).toEqual([0.25, 250, 0.25, 0.25, 250]);
  });

  it('is refused where nobody says which of the two it is', () => {
    const text = 'timestamp,carbon_intensity\n2023-01-01 00:00:00,93.38\n2023-01-01 01:00:00,92.63';
    expect(() => table(text)).toThrow(/grams or kilograms; set CARBON_UNIT/);
    expect(intensityAt(table(text, { unit: 'gCO2/kWh' }), Date.UTC(2023, 0, 1))?.kgPerKwh).toBeCloseTo(
      0.09338,
      12,
    );
  });

  it('may be JSON, bare or as services answer', () => {
    const list = [
      { datetime: '2026-06-01T12:00:00.000Z', gco2: 250 },
      { datetime: '2026-06-01T13:00:00Z', gco2: null },
    ];
    for (const json of [list, { zone: 'KR', history: list }, { data: list }]) {
      const read = table(JSON.stringify(json));
      expect(intensityAt(read, NOON)?.kgPerKwh).toBe(0.25);
      expect(intensityAt(read, NOON + HOUR_MS)).toMatchObject({
        kgPerKwh: undefined,
        reason: expect.stringContaining('13:00') as string,
      });
    }
  });

  it('says of a gap where it is; a gap is never zero', () => {
    const spans = intensitySpans(THREE_HOURS, NOON + HOUR_MS / 2, NOON + 6 * HOUR_MS);
    expect(spans.map(({ kgPerKwh }) => kgPerKwh)).toEqual([0.1, 0.2, undefined, 0.4, 0.5, undefined]);
    expect(spans[2]?.reason).toBe(
      'grid.csv has no carbon intensity from 2026-06-01T14:00:00.000Z to 2026-06-01T15:00:00.000Z',
    );
  });

  it.each([
    ['timestamp,gCO2/kWh\n2026-06-01 12:00:00,100', /fewer than two/],
    ['timestamp,gCO2/kWh\n2026-06-01 12:00,1\n2026-06-01 12:00,2', /stands in it twice/],
    ['timestamp,gCO2/kWh\nyesterday,1\n2026-06-01 12:00,2', /line 2: "yesterday" is not a time/],
    ['timestamp,gCO2/kWh\n2026-02-30 12:00,1\n2026-06-01 12:00,2', /line 2: "2026-02-30 12:00"/],
    ['timestamp,price\n2026-06-01 12:00,1', /no carbon intensity column/],
    ['gCO2/kWh\n1', /no time column/],
    ['', /no time column/],
    ['{"data": 3}', /no list/],
    ['[1, 2]', /no list/],
    ['{', /no JSON/],
    ['timestamp,gCO2/kWh\n2026-06-01,1\n2026-06-08,2', /between a minute and a day/],
  ])('is refused as %j', (text, message) => {
    try {
      table(text);
      expect.unreachable();
    } catch (error) {
      expect(isKcError(error, 'KC_CARBON_INVALID')).toBe(true);
      expect(String(error)).toMatch(message);
    }
  });
});

describe('timestamps in local time', () => {
  const read = (zone: string, ...texts: readonly string[]) => {
    const reader = new TimestampReader(zone);
    return texts.map((text) => {
      const ms = reader.read(text);
      return ms === undefined ? undefined : new Date(ms).toISOString();
    });
  };

  it('are those of their zone; one with an offset is what it says', () => {
    expect(read('Asia/Seoul', '2026-06-01 09:00', '2026-06-01T09:00:00+02:00', '2026-06-01T09:00:00-0500')).toEqual([
      '2026-06-01T00:00:00.000Z', '2026-06-01T07:00:00.000Z', '2026-06-01T14:00:00.000Z',
    ]); // prettier-ignore
  });

  it('come twice in autumn, and are read in the order of the table', () => {
    const hours = ['2026-10-25 01:00', '2026-10-25 02:00', '2026-10-25 02:00', '2026-10-25 03:00'];
    expect(read('Europe/Berlin', ...hours)).toEqual([
      '2026-10-24T23:00:00.000Z', '2026-10-25T00:00:00.000Z', '2026-10-25T01:00:00.000Z', '2026-10-25T02:00:00.000Z',
    ]); // prettier-ignore
  });

  it('that no clock ever showed are refused', () => {
    expect(read('Europe/Berlin', '2026-03-29 02:30', '2026-13-01 00:00')).toEqual([undefined, undefined]);
    expect(() => new TimestampReader('Mars/Olympus')).toThrow(/not an IANA time zone/);
  });
});

describe('the mass of carbon', () => {
  it('is energy times the intensity of its hours', () => {
    const mass = carbonOf({ fromMs: NOON + HOUR_MS / 2, toMs: NOON + 2 * HOUR_MS, watts: 1000 }, THREE_HOURS);
    expect(mass.kg).toBeCloseTo(0.5 * 0.1 + 0.2, 12);
    expect(mass.unknownKwh).toBe(0);
  });

  it('is unknown where a part of it is, and tells the part that is known', () => {
    const mass = carbonOf({ fromMs: NOON, toMs: NOON + 4 * HOUR_MS, watts: 1000 }, THREE_HOURS);
    expect(mass).toMatchObject({ kg: undefined, knownKwh: 3, unknownKwh: 1 });
    expect(mass.knownKg).toBeCloseTo(0.7, 12);
    expect(mass.reasons).toHaveLength(1);
    expect(meanIntensity(THREE_HOURS, NOON, NOON + 4 * HOUR_MS)).toBeUndefined();
    expect(meanIntensity(THREE_HOURS, NOON, NOON + 2 * HOUR_MS)).toBeCloseTo(0.15, 12);
  });

  it('is the energy itself under the seed’s placeholder', () => {
    expect(carbonOf({ fromMs: 0, toMs: HOUR_MS, watts: 2000 }, SEED_INTENSITY).kg).toBe(2);
  });

  it('covers every time exactly once, and is additive in time', () => {
    const row = fc.tuple(fc.integer({ min: 0, max: 48 }), fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(Number.NaN, -1)));
    const rows = fc.uniqueArray(row, { selector: ([hour]) => hour, maxLength: 30 });
    const time = fc.integer({ min: -5 * 60, max: 55 * 60 });
    fc.assert(
      fc.property(rows, time, time, time, (hours, ...minutes) => {
        const intensity: CarbonIntensity = {
          origin: 'table', name: 't', stepMs: HOUR_MS,
          rows: hours.map(([hour, kgPerKwh]) => ({ fromMs: hour * HOUR_MS, kgPerKwh })).sort((a, b) => a.fromMs - b.fromMs),
        };
        const [fromMs = 0, cutMs = 0, toMs = 0] = minutes.map((minute) => minute * 60_000).sort((a, b) => a - b);
        const spans = intensitySpans(intensity, fromMs, toMs);
        let atMs = fromMs;
        for (const span of spans) {
          expect(span.fromMs).toBe(atMs);
          expect((span.kgPerKwh === undefined) === (span.reason !== undefined)).toBe(true);
          atMs = span.toMs;
        }
        expect(atMs).toBe(Math.max(fromMs, toMs));
        const of = (from: number, to: number) => carbonOf({ fromMs: from, toMs: to, watts: 1000 }, intensity);
        const [a, b, whole] = [of(fromMs, cutMs), of(cutMs, toMs), of(fromMs, toMs)];
        expect(a.knownKg + b.knownKg).toBeCloseTo(whole.knownKg, 9);
        expect(a.unknownKwh + b.unknownKwh).toBeCloseTo(whole.unknownKwh, 9);
        expect(whole.knownKwh + whole.unknownKwh).toBeCloseTo((toMs - fromMs) / HOUR_MS, 9);
      }),
    );
  }); // prettier-ignore
});
