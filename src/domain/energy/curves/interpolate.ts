/** Curves through points: straight between them, or smooth and never falling. */
import { type XY } from '../line.ts';

export type Curve = (x: number) => number;

/** The index of the piece that `x` lies on; the first and the last one go on beyond the points. */
function pieceOf(points: readonly XY[], x: number): number {
  const after = points.findIndex((point, index) => index > 0 && x <= point.x);
  return (after < 0 ? points.length - 1 : after) - 1;
}

/** Straight between points (ascending x, at least two); the outer pieces go on. */
export function straight(points: readonly XY[]): Curve {
  return (x) => {
    const piece = pieceOf(points, x);
    const [from, to] = [points[piece], points[piece + 1]];
    if (from === undefined || to === undefined) return Number.NaN;
    return from.y + ((to.y - from.y) * (x - from.x)) / (to.x - from.x);
  };
}

/**
 * Smooth through points (ascending x, y never falling, at least two) without falling anywhere: cubic Hermite pieces with the
 * slopes of Fritsch & Butland (SIAM J. Sci. Stat. Comput. 1984). Beyond the points it goes on straight.
 */
export function smooth(points: readonly XY[]): Curve {
  const slopes = hermiteSlopes(points);
  return (x) => {
    const piece = pieceOf(points, x);
    const [from, to] = [points[piece], points[piece + 1]];
    if (from === undefined || to === undefined) return Number.NaN;
    if (x < from.x) return from.y + (slopes[piece] ?? 0) * (x - from.x);
    if (x > to.x) return to.y + (slopes[piece + 1] ?? 0) * (x - to.x);
    const width = to.x - from.x;
    const t = (x - from.x) / width;
    const bend = (1 - t) ** 2 * t * (slopes[piece] ?? 0) - t ** 2 * (1 - t) * (slopes[piece + 1] ?? 0);
    return from.y + (to.y - from.y) * t ** 2 * (3 - 2 * t) + width * bend;
  };
}

/** The weighted harmonic mean of the slopes on either side, 0 where one of them is; at the ends the slope of the piece. */
function hermiteSlopes(points: readonly XY[]): readonly number[] {
  const widths = points.slice(1).map(({ x }, index) => x - (points[index]?.x ?? 0));
  const rises = points.slice(1).map(({ y }, index) => (y - (points[index]?.y ?? 0)) / (widths[index] ?? 1));
  return points.map((_, index) => {
    const [before, after] = [rises[index - 1], rises[index]];
    if (before === undefined || after === undefined) return before ?? after ?? 0;
    if (!(before > 0) || !(after > 0)) return 0;
    const [left, right] = [widths[index - 1] ?? 1, widths[index] ?? 1];
    const [a, b] = [2 * right + left, right + 2 * left];
    return (a + b) / (a / before + b / after);
  });
}

/** Means of the points in up to `most` groups of neighbouring x, made never falling by pooling (Ayer et al. 1955). */
export function risingKnots(points: readonly XY[], most: number): XY[] {
  const pools = grouped(points, most).map((group) => ({ weight: group.length, ...meanOf(group) }));
  const rising: { weight: number; x: number; y: number }[] = [];
  for (const pool of pools) {
    let current = pool;
    let last = rising.at(-1);
    while (last !== undefined && last.y > current.y) {
      current = pooled(last, current);
      rising.pop();
      last = rising.at(-1);
    }
    rising.push(current);
  }
  return rising.map(({ x, y }) => ({ x, y }));
}

interface Pool extends XY {
  readonly weight: number;
}

function pooled(a: Pool, b: Pool): Pool {
  const weight = a.weight + b.weight;
  return {
    weight,
    x: (a.x * a.weight + b.x * b.weight) / weight,
    y: (a.y * a.weight + b.y * b.weight) / weight,
  };
}

/** Neighbours by x, groups of even size; points of one x stay together. */
function grouped(points: readonly XY[], most: number): XY[][] {
  const sorted = [...points].sort((a, b) => a.x - b.x);
  const size = Math.max(1, Math.ceil(sorted.length / most));
  const groups: XY[][] = [];
  for (const point of sorted) {
    const last = groups.at(-1);
    if (last !== undefined && (last.length < size || last.at(-1)?.x === point.x)) last.push(point);
    else groups.push([point]);
  }
  return groups;
}

function meanOf(points: readonly XY[]): XY {
  return {
    x: points.reduce((sum, { x }) => sum + x, 0) / points.length,
    y: points.reduce((sum, { y }) => sum + y, 0) / points.length,
  };
}
