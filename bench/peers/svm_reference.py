"""Writes packages/learn/test/fixtures/svm.json: decision values of scikit-learn's kernel machines on the example data.

Run from the repository's root, then format: npx biome format --write packages/learn/test/fixtures
Columns are standardised with the population's deviation, diabetes' target divided by 100.
"""
import json

import numpy as np
import pandas as pd
import sklearn
from sklearn import svm

KERNELS = {
    "rbf": {"kernel": "rbf"},
    "linear": {"kernel": "linear"},
    "poly": {"kernel": "poly", "degree": 3, "coef0": 0.5},
    "sigmoid": {"kernel": "sigmoid", "gamma": 0.01, "coef0": 0.1},
}


def load(name):
    frame = pd.read_csv(f"examples/data/{name}.csv")
    target = frame.columns[-1]
    x = frame.drop(columns=target).to_numpy(np.float64)
    spread = x.std(axis=0)
    x = (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1)
    return x, frame[target]


def rounded(values, step):
    return np.round(np.asarray(values, float)[::step], 6).tolist()


out = {"svc": {}, "svr": {}, "oneClass": {}}
x, y = load("breast_cancer")
weights = 0.5 + np.arange(len(x)) % 3
for name, kernel in KERNELS.items():
    settings = {"C": 0.7, "tol": 1e-4, **kernel}
    out["svc"][name] = rounded(svm.SVC(**settings).fit(x, y.astype(str)).decision_function(x), 15)
    out["oneClass"][name] = rounded(svm.OneClassSVM(nu=0.1, tol=1e-4, **kernel).fit(x).decision_function(x), 15)
out["svc"]["weighted"] = rounded(
    svm.SVC(C=0.7, tol=1e-4, gamma=0.03).fit(x, y.astype(str), sample_weight=weights).decision_function(x), 15)
out["svc"]["balanced"] = rounded(
    svm.SVC(C=0.7, tol=1e-4, class_weight="balanced").fit(x, y.astype(str)).decision_function(x), 15)
x, y = load("diabetes")
y = y.to_numpy(np.float64) / 100
for name, kernel in KERNELS.items():
    model = svm.SVR(C=0.7, epsilon=0.1, tol=1e-4, **kernel).fit(x, y)
    out["svr"][name] = rounded(model.predict(x), 15)
weights = 0.5 + np.arange(len(x)) % 3
out["svr"]["weighted"] = rounded(
    svm.SVR(C=0.7, epsilon=0.1, tol=1e-4, gamma=0.03).fit(x, y, sample_weight=weights).predict(x), 15)
out["linearSvr"] = {}
for loss, dual in (("epsilon_insensitive", True), ("squared_epsilon_insensitive", True)):
    for key, weight in (("plain", None), ("weighted", weights)):
        settings = {"C": 0.5, "epsilon": 0.2, "loss": loss, "dual": dual, "tol": 1e-10, "max_iter": 1_000_000}
        model = svm.LinearSVR(random_state=0, **settings).fit(x, y, sample_weight=weight)
        out["linearSvr"][f"{loss}-{key}"] = [*rounded(model.coef_, 1), *rounded(model.intercept_, 1)]
x, y = load("breast_cancer")
weights = 0.5 + np.arange(len(x)) % 3
out["linearSvc"] = {}
for loss in ("hinge", "squared_hinge"):
    settings = {"C": 0.5, "loss": loss, "dual": True, "tol": 1e-10, "max_iter": 1_000_000}
    model = svm.LinearSVC(random_state=0, **settings).fit(x, y.astype(str), sample_weight=weights)
    out["linearSvc"][loss] = [*rounded(model.coef_[0], 1), *rounded(model.intercept_, 1)]
with open("packages/learn/test/fixtures/svm.json", "w") as file:
    json.dump({"madeWith": f"scikit-learn {sklearn.__version__}"} | out, file)
