/** How the errors of an autoregression add up over the horizon. */

export interface SparseAutoregression {
  readonly lags: readonly number[];
  readonly weights: Float64Array;
  readonly sigma: number;
}

/**
 * Standard deviations of the errors 1…`horizon` steps ahead: σ·√(Σψ²) with the weights ψ of the moving average form, in
 * levels when the autoregression is of differences over `difference` steps.
 */
export function deviations(
  model: SparseAutoregression,
  at: { horizon: number; difference: number },
): Float64Array {
  const psi = new Float64Array(at.horizon);
  const sd = new Float64Array(at.horizon);
  const summed = new Float64Array(at.horizon);
  let variance = 0;
  for (let h = 0; h < at.horizon; h++) {
    let weight = h === 0 ? 1 : 0;
    model.lags.forEach((lag, i) => {
      if (lag <= h) weight += (model.weights[i] ?? 0) * (psi[h - lag] ?? 0);
    });
    psi[h] = weight;
    summed[h] = weight + (at.difference > 0 && h >= at.difference ? (summed[h - at.difference] ?? 0) : 0);
    variance += (summed[h] ?? 0) ** 2;
    sd[h] = model.sigma * Math.sqrt(variance);
  }
  return sd;
}
