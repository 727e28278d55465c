"""Writes packages/learn/test/fixtures/linear-models.json: what scikit-learn's lasso, elastic net, robust and generalised
linear models learn.

Run from the repository's root. Columns are standardised with the population's deviation, as the tests do.
"""

import json

import numpy as np
import pandas as pd
import sklearn
from sklearn.linear_model import ElasticNet, Lasso


def load(name):
    frame = pd.read_csv(f"examples/data/{name}.csv")
    target = frame.columns[-1]
    x = frame.drop(columns=target).to_numpy(np.float64)
    spread = x.std(axis=0)
    return (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1), frame[target].to_numpy()


def learned(model):
    return {"coefficients": np.ravel(model.coef_).tolist(), "intercept": float(np.ravel(model.intercept_)[0])}


def sparse():
    """Of all rows, and of the first 40 of the digits' 64 columns, where columns outnumber rows."""
    x, y = load("diabetes")
    exact = dict(tol=1e-14, max_iter=10**7)
    out = {"diabetes": {}, "digits": {}}
    for alpha in (0.1, 1.0, 10.0):
        out["diabetes"][f"lasso-{alpha:g}"] = learned(Lasso(alpha=alpha, **exact).fit(x, y))
        out["diabetes"][f"elasticNet-{alpha:g}"] = learned(ElasticNet(alpha=alpha, l1_ratio=0.3, **exact).fit(x, y))
    free = ElasticNet(alpha=0.5, l1_ratio=0.7, fit_intercept=False, **exact).fit(x, y)
    out["diabetes"]["withoutIntercept"] = learned(free)
    x, y = load("digits")
    x, y = x[:40], y[:40].astype(np.float64)
    for alpha in (0.05, 0.5):
        out["digits"][f"lasso-{alpha:g}"] = learned(Lasso(alpha=alpha, **exact).fit(x, y))
        out["digits"][f"elasticNet-{alpha:g}"] = learned(ElasticNet(alpha=alpha, l1_ratio=0.3, **exact).fit(x, y))
    return out


with open("packages/learn/test/fixtures/linear-models.json", "w") as file:
    content = {"madeWith": f"scikit-learn {sklearn.__version__}", "sparse": sparse()}
    json.dump(content, file, separators=(",", ":"))
    file.write("\n")
