/** A model of logarithms, for positive series whose swings grow with their level. */
import { type Model } from '../model.ts';

/** Its point forecasts are medians (the exponential of the mean logarithm). Applies to positive values only. */
export function logged(inner: Model): Model {
  return {
    name: `log-${inner.name}`,
    fit: (values) => {
      if (!values.every((value) => value > 0)) return undefined;
      const fitted = inner.fit(values.map(Math.log));
      if (fitted === undefined) return undefined;
      const { memory = Number.POSITIVE_INFINITY } = fitted;
      return {
        memory,
        description: `log ${fitted.description}`,
        forecast: (history, horizon) => {
          const path = fitted.forecast(
            history
              .subarray(Math.max(history.length - memory, 0))
              .map((value) => Math.log(Math.max(value, Number.MIN_VALUE))),
            horizon,
          );
          const mean = path.mean.map(Math.exp);
          return { mean, sd: path.sd.map((sd, h) => (mean[h] ?? 0) * sd) };
        },
      };
    },
  };
}
