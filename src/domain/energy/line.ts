/** A straight line through measurements by ordinary least squares, with what tells whether to believe it. */

export interface LineFit {
  readonly slope: number;
  readonly intercept: number;
  readonly points: number;
  /** Share of the variance that the line explains, 0–1. */
  readonly rSquared: number;
  /** Deviation of measurements from the line, in units of y; absent with two points, through which any line goes. */
  readonly residualSd?: number;
  /** Absent with two points. */
  readonly slopeStandardError?: number;
  /** Absent with two points. */
  readonly interceptStandardError?: number;
  readonly meanX: number;
  /** Σ(x − mean)². */
  readonly squaredSpreadX: number;
}

export interface XY {
  readonly x: number;
  readonly y: number;
}

/**
 * Fits y = slope·x + intercept to at least two finite points whose x differ. Standard errors after Draper & Smith,
 * Applied Regression Analysis (3rd ed.), §1.4: s² = RSS/(n − 2).
 */
export function fitLine(points: readonly XY[]): LineFit {
  const count = points.length;
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / count;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / count;
  const squaredSpreadX = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  const slope = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / squaredSpreadX;
  const intercept = meanY - slope * meanX;
  const unexplained = points.reduce((sum, { x, y }) => sum + (y - slope * x - intercept) ** 2, 0);
  const total = points.reduce((sum, { y }) => sum + (y - meanY) ** 2, 0);
  const rSquared = total > 0 ? Math.max(0, 1 - unexplained / total) : 0;
  const line = { slope, intercept, points: count, rSquared, meanX, squaredSpreadX };
  if (count === 2) return line;
  const residualSd = Math.sqrt(unexplained / (count - 2));
  return {
    ...line,
    residualSd,
    slopeStandardError: residualSd / Math.sqrt(squaredSpreadX),
    interceptStandardError: residualSd * Math.sqrt(1 / count + meanX ** 2 / squaredSpreadX),
  };
}

/**
 * The deviation of a new measurement at `x` from the line: scatter around the line and doubt about the line itself
 * (Draper & Smith, §3.1); 0 where the fit has no residual, which says that it is not known.
 */
export function predictionSd({ residualSd = 0, points, meanX, squaredSpreadX }: LineFit, x: number): number {
  return residualSd * Math.sqrt(1 + 1 / points + (x - meanX) ** 2 / squaredSpreadX);
}
