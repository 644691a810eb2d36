/** Fills gaps in a series, in which NaN and infinities stand for what is not known. */
import { at } from '../algebra/elements.ts';

/** Gaps up to this many steps are joined by a line even where there is a season. */
const SHORT = 3;

/**
 * The series with every gap filled: short ones by a line, longer ones by what stood there a season before (else after),
 * moved so that it meets both ends of the gap. There must be a finite value at both ends.
 */
export function fillGaps(values: Float64Array, season: number): Float64Array {
  const filled = values.slice();
  let before = 0;
  for (let t = 1; t < filled.length; t++) {
    if (!Number.isFinite(values[t])) continue;
    if (t - before - 1 > 0) fillOne(filled, { before, after: t, season });
    before = t;
  }
  return filled;
}

interface Gap {
  readonly before: number;
  readonly after: number;
  readonly season: number;
}

function fillOne(filled: Float64Array, gap: Gap): void {
  const { before, after } = gap;
  const flat = new Float64Array(after - before + 1);
  const pattern = after - before - 1 > SHORT ? (patternOf(filled, gap) ?? flat) : flat;
  const [from, to] = [at(filled, before) - at(pattern, 0), at(filled, after) - at(pattern, after - before)];
  for (let t = before + 1; t < after; t++) {
    const share = (t - before) / (after - before);
    filled[t] = at(pattern, t - before) + from * (1 - share) + to * share;
  }
}

/** What stood a season before the gap, ends included; else a season after; undefined where that is not known either. */
function patternOf(filled: Float64Array, { before, after, season }: Gap): Float64Array | undefined {
  if (season < 2) return undefined;
  for (const shift of [-season, season]) {
    const found = filled.slice(Math.max(before + shift, 0), after + shift + 1);
    if (before + shift >= 0 && found.length === after - before + 1 && found.every(Number.isFinite))
      return found;
  }
  return undefined;
}
