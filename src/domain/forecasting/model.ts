/**
 * What a forecasting model is. A model is fitted once and its parameters are then held: the fitted forecaster derives its
 * state anew from whatever history it is given, so backtests over many origins cost one fit.
 */

/** Point forecasts and the standard deviation of their errors, one per step ahead. */
export interface Path {
  readonly mean: Float64Array;
  readonly sd: Float64Array;
}

export interface Forecaster {
  /** The model and its order as it is usually written, such as `ARIMA(1,0,1)(0,1,1)[24]`. */
  readonly description: string;
  /** How many of the last values decide the forecast, where it is not all of them. */
  readonly memory?: number;
  /** Forecasts the `horizon` steps after the last of `history` (finite values) with the fitted parameters. */
  forecast(history: Float64Array, horizon: number): Path;
}

export interface Model {
  readonly name: string;
  /** Fits to finite values; undefined where the model does not apply to such a series (too short, not positive, …). */
  fit(values: Float64Array): Forecaster | undefined;
}
