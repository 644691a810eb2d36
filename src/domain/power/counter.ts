/** Samples of an exporter become one figure over a window. A missing scrape is a longer gap, never a zero. */

/** Times in milliseconds, ascending, with their values. */
export interface Samples {
  readonly times: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

export type Figure =
  | { readonly value: number; readonly atMs: number; readonly reason?: undefined }
  | {
      readonly value?: undefined;
      readonly reason: 'Missing' | 'NotFinite' | 'Negative';
      readonly atMs?: number;
    };

/**
 * The mean rate of a counter, per second, between the first and the last sample. A counter that falls began anew
 * from zero, as Prometheus reads it (https://prometheus.io/docs/prometheus/latest/querying/functions/#rate); unlike
 * there, nothing is guessed beyond the samples. Values that are no numbers are left out like scrapes that failed.
 */
export function counterRate(samples: Samples): Figure {
  const known = finiteOnly(samples);
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return nothing(samples, known, 2);
  let sum = 0;
  for (const [index, { value }] of known.entries()) {
    if (value < 0) return { reason: 'Negative', atMs: last.atMs };
    const before = known[index - 1]?.value ?? value;
    sum += value >= before ? value - before : value;
  }
  return { value: (sum * 1000) / (last.atMs - first.atMs), atMs: last.atMs };
}

/** The mean of a gauge. Values that are no numbers are left out like scrapes that failed. */
export function gaugeMean(samples: Samples): Figure {
  const known = finiteOnly(samples);
  const last = known.at(-1);
  if (last === undefined) return nothing(samples, known, 1);
  if (known.some(({ value }) => value < 0)) return { reason: 'Negative', atMs: last.atMs };
  return { value: known.reduce((sum, { value }) => sum + value, 0) / known.length, atMs: last.atMs };
}

interface Sample {
  readonly atMs: number;
  readonly value: number;
}

function finiteOnly({ times, values }: Samples): readonly Sample[] {
  return Array.from(times, (atMs, index) => ({ atMs, value: values[index] ?? Number.NaN })).filter(
    ({ value }) => Number.isFinite(value),
  );
}

/** Numbers that would have been enough were there, but some are none: the exporter is broken, not missing. */
function nothing(samples: Samples, known: readonly Sample[], needed: number): Figure {
  const isBroken = known.length < samples.times.length && samples.times.length >= needed;
  return { reason: isBroken ? 'NotFinite' : 'Missing' };
}
