"""Golden numbers for src/domain/statistics, from numpy and the standard library.

    python3 hack/golden/statistics.py > src/domain/statistics/testdata/golden.json

Needs numpy (any 1.2x or 2.x). Everything is computed another way than in the product: exact sorting instead of
buckets, edges by cumulative products instead of logarithms, erf instead of a polynomial.
"""

import json
import math

import numpy as np

rng = np.random.default_rng(20110501)


def decayed(values, ages_days, half_life_days, q, edges):
    """The bucket edge that closes the bucket of the exact weighted quantile (the smallest value reaching share q)."""
    weights = 0.5 ** (ages_days / half_life_days)
    order = np.argsort(values, kind="stable")
    cumulative = np.cumsum(weights[order])
    exact = values[order][np.searchsorted(cumulative, q * cumulative[-1])]
    return float(exact), float(edges[np.searchsorted(edges, exact)])


def histogram_cases():
    values = np.round(np.concatenate([rng.gamma(2.0, 0.2, 150), rng.gamma(2.0, 0.5, 50) + 1.0]), 6)
    ages = np.round(np.linspace(9.99, 0.0, len(values)), 6)
    edges = 0.01 * np.cumprod(np.concatenate([[1.0], np.full(800, 1.01)]))
    cases = []
    for half_life in (0.5, 1.0, 8.0):
        for q in (0.5, 0.9, 0.95, 0.99, 1.0):
            exact, edge = decayed(values, ages, half_life, q, edges)
            cases.append({"halfLifeDays": half_life, "q": q, "exact": exact, "upperBound": edge})
    return {"values": values.tolist(), "agesDays": ages.tolist(), "min": 0.01, "growth": 1.01, "cases": cases}


def quantile_cases():
    values = np.round(rng.normal(size=37), 6)
    return {"values": values.tolist(), "cases": [[q, float(np.quantile(values, q))] for q in (0, 0.05, 0.5, 0.77, 0.95, 1)]}


def normal_cases():
    return [[z, 0.5 * (1 + math.erf(z / math.sqrt(2)))] for z in (-6, -2.5, -1, -0.1, 0, 0.3, 1.96, 4)]


print(json.dumps({"histogram": histogram_cases(), "quantile": quantile_cases(), "normal": normal_cases()}))
