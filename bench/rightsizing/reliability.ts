/** Whether confidence is what it says: of promises with confidence c, a share of about c should be kept. */
import { percent, table } from './tables.ts';

export interface Prediction {
  readonly confidence: number;
  readonly kept: boolean;
}

export interface ReliabilityBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly confidence: number;
  readonly kept: number;
  /** 95 % Wilson interval of `kept`. */
  readonly low: number;
  readonly high: number;
}

export interface Reliability {
  readonly bins: readonly ReliabilityBin[];
  /** Mean distance of `kept` from `confidence`, weighted by count (expected calibration error). */
  readonly error: number;
  /** Mean squared error of the confidence, and of a constant that knows the share kept. */
  readonly brier: number;
  readonly brierOfConstant: number;
}

const EDGES = [0, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.925, 0.95, 0.975, 1.0001];

export function reliability(predictions: readonly Prediction[]): Reliability {
  const bins = EDGES.slice(1).flatMap((to, i) => binOf(predictions, EDGES[i] ?? 0, to));
  const n = predictions.length;
  const base = predictions.filter(({ kept }) => kept).length / n;
  const mean = (value: (p: Prediction) => number) => predictions.reduce((sum, p) => sum + value(p), 0) / n;
  return {
    bins,
    error: bins.reduce((sum, bin) => sum + (bin.count / n) * Math.abs(bin.kept - bin.confidence), 0),
    brier: mean(({ confidence, kept }) => (confidence - (kept ? 1 : 0)) ** 2),
    brierOfConstant: base * (1 - base),
  };
}

function binOf(predictions: readonly Prediction[], from: number, to: number): ReliabilityBin[] {
  const inside = predictions.filter(({ confidence }) => confidence >= from && confidence < to);
  if (inside.length === 0) return [];
  const count = inside.length;
  const kept = inside.filter((p) => p.kept).length / count;
  const confidence = inside.reduce((sum, p) => sum + p.confidence, 0) / count;
  return [{ from, to: Math.min(to, 1), count, confidence, kept, ...wilson(kept, count) }];
}

function wilson(share: number, count: number): { low: number; high: number } {
  const z2 = 1.96 ** 2;
  const middle = (share + z2 / (2 * count)) / (1 + z2 / count);
  const reach =
    (1.96 * Math.sqrt((share * (1 - share)) / count + z2 / (4 * count * count))) / (1 + z2 / count);
  return { low: Math.max(0, middle - reach), high: Math.min(1, middle + reach) };
}

export function reliabilityTable({ bins, error, brier, brierOfConstant }: Reliability): string {
  const rows = bins.map((bin) => [
    `${percent(bin.from, 1)} – ${percent(bin.to, 1)}`,
    String(bin.count),
    percent(bin.confidence),
    percent(bin.kept),
    `${percent(bin.low)} – ${percent(bin.high)}`,
  ]);
  const text = table(['confidence', 'job-days', 'mean said', 'kept', '95 % interval'], rows);
  return `${text}\ncalibration error ${percent(error)}, Brier ${brier.toFixed(4)} (constant ${brierOfConstant.toFixed(4)})`;
}

const SIZE = 360;
const EDGE = 46;

/** A reliability diagram: kept against said, circles by count, the diagonal for perfection. */
export function reliabilitySvg(title: string, { bins }: Reliability): string {
  const x = (ratio: number) => (EDGE + ratio * SIZE).toFixed(1);
  const y = (ratio: number) => (EDGE + (1 - ratio) * SIZE).toFixed(1);
  const most = Math.max(...bins.map(({ count }) => count));
  const marks = bins.map(({ confidence, kept, count, low, high }) => {
    const radius = (3 + 7 * Math.sqrt(count / most)).toFixed(1);
    return (
      `<line x1="${x(confidence)}" y1="${y(low)}" x2="${x(confidence)}" y2="${y(high)}" stroke="#888"/>` +
      `<circle cx="${x(confidence)}" cy="${y(kept)}" r="${radius}" fill="#2266aa" fill-opacity="0.7"/>`
    );
  });
  const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1].map(
    (tick) =>
      `<text x="${x(tick)}" y="${(EDGE + SIZE + 18).toString()}" text-anchor="middle">${tick}</text>` +
      `<text x="${(EDGE - 8).toString()}" y="${y(tick)}" text-anchor="end" dominant-baseline="middle">${tick}</text>`,
  );
  const whole = SIZE + 2 * EDGE;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${whole}" height="${whole}" font-family="sans-serif" font-size="12">`,
    `<rect width="${whole}" height="${whole}" fill="white"/>`,
    `<text x="${whole / 2}" y="22" text-anchor="middle" font-size="14">${title}</text>`,
    `<rect x="${EDGE}" y="${EDGE}" width="${SIZE}" height="${SIZE}" fill="none" stroke="#444"/>`,
    `<line x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}" stroke="#aaa" stroke-dasharray="4 4"/>`,
    ...ticks,
    ...marks,
    `<text x="${whole / 2}" y="${whole - 8}" text-anchor="middle">confidence said</text>`,
    `<text x="14" y="${whole / 2}" text-anchor="middle" transform="rotate(-90 14 ${whole / 2})">share kept</text>`,
    '</svg>',
  ].join('\n');
}
