"""What statsforecast forecasts: called by main.ts --statsforecast <python with statsforecast>.

Reads {"series": [[...]], "horizon": n, "season": m, "models": [...]} from standard input, writes
{model: [{"mean": [...], "lower": [...], "upper": [...], "ms": t}]} with 95 % intervals. One series at a time on one
core, after one fit that is not timed (it compiles).
"""

import json
import sys
import time
import warnings

import numpy as np
from statsforecast.models import AutoARIMA, AutoETS, DynamicOptimizedTheta, MSTL

warnings.filterwarnings("ignore")
task = json.load(sys.stdin)
season, horizon = task["season"], task["horizon"]
makers = {
    "AutoARIMA": lambda: AutoARIMA(season_length=season),
    "AutoETS": lambda: AutoETS(season_length=season),
    "DynamicOptimizedTheta": lambda: DynamicOptimizedTheta(season_length=season),
    "MSTL+AutoARIMA": lambda: MSTL(season_length=[season, 7 * season], trend_forecaster=AutoARIMA()),
}


def run(make, values):
    began = time.perf_counter()
    found = make().forecast(y=np.asarray(values, dtype=float), h=horizon, level=[95])
    spent = (time.perf_counter() - began) * 1000
    lower, upper = found["lo-95"] if "lo-95" in found else found["lo"], found["hi-95"] if "hi-95" in found else found["hi"]
    return {"mean": list(map(float, found["mean"])), "lower": list(map(float, lower)), "upper": list(map(float, upper)), "ms": spent}


answers = {}
for name in task["models"]:
    run(makers[name], task["series"][0][-4 * season :])
    answers[name] = []
    for index, values in enumerate(task["series"]):
        answers[name].append(run(makers[name], values))
        print(f"{name} {index + 1}/{len(task['series'])}", file=sys.stderr)
json.dump(answers, sys.stdout)
