"""Golden numbers for src/domain/forecasting, from statsmodels, scipy and statsforecast.

    python3 hack/golden/forecasting.py > src/domain/forecasting/golden/golden.json

Needs statsmodels 0.14 or later, scipy, and statsforecast 2 for the theta model. Parameters are fixed where a formula is
checked (likelihoods, smoothing, decomposition), and estimated where an optimiser is.
"""

import json
import warnings

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.stats import norm
from statsforecast.models import DynamicOptimizedTheta
from statsmodels.tsa.exponential_smoothing.ets import ETSModel
from statsmodels.tsa.seasonal import STL
from statsmodels.tsa.stattools import kpss

warnings.filterwarnings("ignore")
rng = np.random.default_rng(20180101)


def rounded(values, digits=10):
    return [None if np.isnan(x) else float(f"{x:.{digits}g}") for x in np.asarray(values, dtype=float)]


def seasonal_series(n, season, noise=1.0):
    steps = np.arange(n)
    wave = 10 * np.sin(2 * np.pi * steps / season) + 4 * np.cos(4 * np.pi * steps / season)
    return np.round(60 + 0.03 * steps + wave + noise * rng.standard_normal(n).cumsum() * 0.4 + noise * rng.standard_normal(n), 4)


def arma_series(n, ar, ma, mean=0.0):
    process = sm.tsa.ArmaProcess(np.r_[1, -np.array(ar)], np.r_[1, np.array(ma)])
    return np.round(mean + process.generate_sample(n, distrvs=rng.standard_normal), 5)


def likelihood(values, order, seasonal, params):
    model = sm.tsa.SARIMAX(values, order=order, seasonal_order=seasonal, simple_differencing=True)
    return float(model.loglike(np.array(params)))


def arima_likelihoods():
    gappy = arma_series(150, [0.6, -0.2], [0.4])
    gappy[[20, 21, 70, 71, 72, 120]] = np.nan
    cases = [
        ("AR(1)", arma_series(80, [0.8], []), (1, 0, 0), (0, 0, 0, 0), [0.7, 1.3]),
        ("MA(2)", arma_series(80, [], [0.5, 0.3]), (0, 0, 2), (0, 0, 0, 0), [0.4, 0.2, 0.9]),
        ("ARMA(2,1) near the unit circle", arma_series(90, [1.5, -0.52], [0.3]), (2, 0, 1), (0, 0, 0, 0), [1.6, -0.61, 0.95, 1.1]),
        ("ARMA(2,1) with gaps", gappy, (2, 0, 1), (0, 0, 0, 0), [0.5, -0.1, 0.3, 1.2]),
        ("ARIMA(1,1,1)(1,1,1)[12]", seasonal_series(130, 12), (1, 1, 1), (1, 1, 1, 12), [0.3, -0.6, 0.2, -0.7, 1.5]),
    ]
    return [
        {"name": name, "values": rounded(values), "order": order, "seasonal": seasonal, "params": params,
         "logLikelihood": likelihood(values, order, seasonal, params)}
        for name, values, order, seasonal, params in cases
    ]


def arima_fit(name, values, order, seasonal, trend, horizon=8):
    """With simple differencing a constant is the mean of the differences, as a regression on ones."""
    d, D, m = order[1], seasonal[1], seasonal[3]
    changes = values
    for _ in range(D):
        changes = changes[m:] - changes[:-m]
    changes = np.diff(changes, n=d)
    model = sm.tsa.SARIMAX(
        changes, exog=np.ones(len(changes)) if trend else None, order=(order[0], 0, order[2]),
        seasonal_order=(seasonal[0], 0, seasonal[2], m), trend="n",
    )
    fit = model.fit(disp=False, method="lbfgs", maxiter=500)
    fit = model.fit(fit.params, disp=False, method="nm", maxiter=4000)
    future = np.ones((horizon, 1)) if trend else None
    forecast = fit.get_forecast(horizon, exog=future)
    changes = np.asarray(forecast.predicted_mean)
    levels = changes
    if d == 1 and D == 0:
        levels = values[-1] + np.cumsum(changes)
    if d == 1 and D == 1:
        path = list(values)
        for change in changes:
            path.append(path[-1] + path[-m] - path[-m - 1] + change)
        levels = np.array(path[-horizon:])
    return {"name": name, "values": rounded(values), "order": order, "seasonal": seasonal, "constant": trend,
            "logLikelihood": float(fit.llf), "forecast": rounded(levels), "changeSd": rounded(np.asarray(forecast.se_mean)), "differences": d + D}


def arima_fits():
    return [
        arima_fit("ARMA(1,1) with mean", arma_series(200, [0.7], [0.4], 20.0), (1, 0, 1), (0, 0, 0, 0), True),
        arima_fit("ARIMA(0,1,1) with drift", np.round(np.cumsum(0.2 + arma_series(160, [], [-0.5])), 5), (0, 1, 1), (0, 0, 0, 0), True),
        arima_fit("ARIMA(0,1,1)(0,1,1)[12]", seasonal_series(150, 12), (0, 1, 1), (0, 1, 1, 12), False),
    ]


SEASONS = {"add": [4.0, 7.0, -2.0, -5.0, -7.0, 3.0], "mul": [1.1, 1.05, 1.0, 0.9, 0.92, 1.03]}


def ets_cases():
    cases = []
    for name, error, trend, damped, seasonal in [
        ("ETS(A,N,N)", "add", None, False, None), ("ETS(A,Ad,N)", "add", "add", True, None), ("ETS(A,A,A)", "add", "add", False, "add"),
        ("ETS(M,A,N)", "mul", "add", False, None), ("ETS(M,N,A)", "mul", None, False, "add"),
    ]:
        values = seasonal_series(72, 6)
        model = ETSModel(pd.Series(values), error=error, trend=trend, damped_trend=damped, seasonal=seasonal, seasonal_periods=6 if seasonal else None,
                         initialization_method="known", initial_level=62.0, initial_trend=0.1 if trend else None,
                         initial_seasonal=SEASONS[seasonal] if seasonal else None)
        params = {"smoothing_level": 0.35}
        if trend:
            params["smoothing_trend"] = 0.08
        if seasonal:
            params["smoothing_seasonal"] = 0.12
        if damped:
            params["damping_trend"] = 0.93
        ordered = [params[p] for p in model.param_names if p in params]
        fit = model.smooth(np.array(ordered + initial_values(trend, seasonal)))
        ahead = fit.get_prediction(start=len(values), end=len(values) + 8)
        cases.append({"name": name, "values": rounded(values), "logLikelihood": float(fit.llf), "forecast": rounded(fit.forecast(9)),
                      "fitted": rounded(fit.fittedvalues), "trend": trend is not None, "damped": damped, "seasonal": seasonal, "error": error,
                      "start": SEASONS[seasonal] if seasonal else [],
                      "sd": rounded(np.sqrt(ahead.forecast_variance)) if error == "add" else None})
    return [*cases, multiplicative_case()]


def multiplicative_case():
    """ETS(M,Ad,M) in the relative errors of Hyndman et al. (2008, table 2.3); statsmodels corrects the season by the new level."""
    values = seasonal_series(72, 6)
    alpha, beta, gamma, phi = 0.35, 0.08, 0.12, 0.93
    level, trend, season = 62.0, 0.1, list(SEASONS["mul"])
    fitted, errors = [], []
    for value in values:
        fitted.append((level + phi * trend) * season[0])
        errors.append(value / fitted[-1] - 1)
        base = level + phi * trend
        level, trend = base * (1 + alpha * errors[-1]), phi * trend + beta * base * errors[-1]
        season = season[1:] + [season[0] * (1 + gamma * errors[-1])]
    variance = np.mean(np.square(errors))
    log_likelihood = -0.5 * len(values) * (np.log(2 * np.pi * variance) + 1) - np.sum(np.log(fitted))
    damped = np.cumsum(phi ** np.arange(1, 10))
    forecast = [(level + damped[h] * trend) * season[h % 6] for h in range(9)]
    return {"name": "ETS(M,Ad,M)", "values": rounded(values), "logLikelihood": float(log_likelihood), "forecast": rounded(forecast),
            "fitted": rounded(fitted), "trend": True, "damped": True, "seasonal": "mul", "error": "mul", "start": SEASONS["mul"], "sd": None}


def initial_values(trend, seasonal):
    first = [62.0] + ([0.1] if trend else [])
    return first + (SEASONS[seasonal] if seasonal else [])


def stl_cases():
    values = seasonal_series(120, 12, noise=2.0)
    spiky = values.copy()
    spiky[50] += 60
    plain = STL(values, period=12, seasonal=11, seasonal_deg=0, trend=None, seasonal_jump=1, trend_jump=3, low_pass_jump=2).fit(inner_iter=2, outer_iter=0)
    robust = STL(spiky, period=12, seasonal=11, seasonal_deg=0, robust=True, seasonal_jump=1, trend_jump=3, low_pass_jump=2).fit(inner_iter=2, outer_iter=3)
    return [
        {"name": "plain", "values": rounded(values), "robustPasses": 0, "seasonal": rounded(plain.seasonal), "trend": rounded(plain.trend)},
        {"name": "robust", "values": rounded(spiky), "robustPasses": 3, "seasonal": rounded(robust.seasonal), "trend": rounded(robust.trend)},
    ]


def kpss_cases():
    walks = [arma_series(120, [0.5], []), np.round(rng.standard_normal(200).cumsum(), 5), np.round(0.05 * np.arange(90) + rng.standard_normal(90), 5)]
    return [{"values": rounded(w), "statistic": float(kpss(w, regression="c", nlags=int(4 * (len(w) / 100) ** 0.25))[0])} for w in walks]


def theta_cases():
    values = np.round(50 + 0.4 * np.arange(60) + rng.standard_normal(60).cumsum(), 4)
    forecast = DynamicOptimizedTheta(season_length=1, decomposition_type="additive").forecast(y=values, h=12)["mean"]
    return {"values": rounded(values), "forecast": rounded(forecast)}


def quantiles():
    shares = [1e-9, 1e-4, 0.01, 0.025, 0.2, 0.5, 0.6, 0.9, 0.975, 0.9999]
    return {"shares": shares, "quantiles": rounded(norm.ppf(shares), 14)}


print(json.dumps({
    "likelihoods": arima_likelihoods(), "fits": arima_fits(), "ets": ets_cases(), "stl": stl_cases(), "kpss": kpss_cases(),
    "theta": theta_cases(), "normal": quantiles(),
}, separators=(",", ":")))
