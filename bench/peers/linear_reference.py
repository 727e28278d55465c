"""Writes packages/learn/test/fixtures/linear.json and neighbors.json: what scikit-learn learns and predicts.

Run from the repository's root. Columns are standardised with the population's deviation, as the tests do.
"""

import json

import numpy as np
import pandas as pd
import sklearn
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge, SGDClassifier, SGDRegressor
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

def load(name, scale=True):
    frame = pd.read_csv(f"examples/data/{name}.csv")
    target = frame.columns[-1]
    x = frame.drop(columns=target).to_numpy(np.float64)
    if scale:
        spread = x.std(axis=0)
        x = (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1)
    return x, frame[target].to_numpy()


def learned(model):
    return {"coefficients": np.ravel(model.coef_).tolist(), "intercepts": np.ravel(model.intercept_).tolist()}


def closed_forms():
    out = {}
    for name, scale in (("raw", False), ("scaled", True)):
        x, y = load("diabetes", scale)
        out[name] = {
            "leastSquares": learned(LinearRegression().fit(x, y)),
            "ridge1": learned(Ridge(alpha=1.0, solver="svd").fit(x, y)),
            "ridge100NoIntercept": learned(Ridge(alpha=100.0, solver="svd", fit_intercept=False).fit(x, y)),
        }
    return out


def logistic():
    out = {}
    for name in ("breast_cancer", "iris", "wine"):
        x, y = load(name)
        for c in (0.1, 1.0):
            model = LogisticRegression(C=c, tol=1e-10, max_iter=100000).fit(x, y)
            probabilities = model.predict_proba(x[:5]).ravel().tolist()
            out[f"{name}-{c:g}"] = learned(model) | {"probabilities": probabilities}
    return out


def sgd():
    x, y = load("diabetes")
    common = dict(max_iter=3, tol=None, shuffle=False)
    plain = SGDRegressor(penalty=None, learning_rate="constant", eta0=0.001, **common).fit(x, y)
    scaled = SGDRegressor(alpha=0.01, learning_rate="invscaling", eta0=0.01, power_t=0.25, **common).fit(x, y)
    xc, yc = load("breast_cancer")
    binary = SGDClassifier(loss="log_loss", alpha=0.001, learning_rate="constant", eta0=0.01, **common).fit(xc, yc)
    return {"constant": learned(plain), "invscaling": learned(scaled), "logistic": learned(binary)}


def neighbors():
    x, y = load("digits", scale=False)
    codes = y.astype(int)
    train = np.arange(len(y)) % 4 != 0
    out = {}
    for weights in ("uniform", "distance"):
        classifier = KNeighborsClassifier(5, weights=weights, algorithm="brute").fit(x[train], codes[train])
        regressor = KNeighborsRegressor(5, weights=weights, algorithm="brute").fit(x[train], codes[train].astype(float))
        out[weights] = {
            "accuracy": classifier.score(x[~train], codes[~train]),
            "probabilities": classifier.predict_proba(x[~train])[:100].ravel().tolist(),
            "values": regressor.predict(x[~train]).tolist(),
        }
    return out


def write(name, content):
    with open(f"packages/learn/test/fixtures/{name}.json", "w") as file:
        json.dump({"madeWith": f"scikit-learn {sklearn.__version__}"} | content, file, separators=(",", ":"))
        file.write("\n")


write("linear", {"closedForms": closed_forms(), "logistic": logistic(), "sgd": sgd()})
write("neighbors", neighbors())
