"""Writes packages/learn/test/fixtures/linear-models.json: what scikit-learn's lasso, elastic net, robust and generalised
linear models learn.

Run from the repository's root. Columns are standardised with the population's deviation, as the tests do.
"""

import json

import numpy as np
import pandas as pd
import sklearn
from scipy.optimize import minimize
from sklearn.linear_model import (
    ElasticNet,
    GammaRegressor,
    HuberRegressor,
    Lasso,
    LogisticRegression,
    PassiveAggressiveClassifier,
    PassiveAggressiveRegressor,
    Perceptron,
    PoissonRegressor,
    QuantileRegressor,
    SGDClassifier,
    SGDRegressor,
    TweedieRegressor,
)
from sklearn.linear_model._huber import _huber_loss_and_gradient
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer


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


def descent_losses():
    """Three epochs of single rows in order, whose updates must be the same."""
    common = dict(max_iter=3, tol=None, shuffle=False, learning_rate="constant", penalty=None)
    x, y = load("diabetes")
    out = {
        "huber": learned(SGDRegressor(loss="huber", epsilon=20.0, eta0=0.01, **common).fit(x, y)),
        "epsilonInsensitive": learned(SGDRegressor(loss="epsilon_insensitive", epsilon=5.0, eta0=0.1, **common).fit(x, y)),
        "averaging": learned(SGDRegressor(average=True, eta0=0.001, **common).fit(x, y)),
    }
    for name, loss in (("hinge", "hinge"), ("squaredHinge", "squared_hinge")):
        for data in ("breast_cancer", "iris"):
            x, y = load(data)
            model = SGDClassifier(loss=loss, eta0=0.01, **common).fit(x, y)
            out[f"{name}-{data}"] = {
                "coefficients": model.coef_.ravel().tolist(),
                "intercepts": model.intercept_.tolist(),
            }
    return out


def optimizers():
    """Twenty full-batch steps of half the mean squared error, rate 0.5; Adam's by scikit-learn, others from their papers."""
    x, y = load("diabetes")
    a = np.column_stack([x, np.ones(len(y))])
    rate, l2, steps = 0.5, 0.1, 20
    free = np.r_[np.ones(x.shape[1]), 0]

    def slope(w, penalty):
        return a.T @ (a @ w - y) / len(y) + penalty * free * w

    out = {}
    for name in ("adam", "adamw"):
        w = np.zeros(a.shape[1])
        # Its epsilon is added before the correction of the bias, which differs by less than the tolerance.
        optimizer = AdamOptimizer([w], learning_rate_init=rate)
        for _ in range(steps):
            before = w.copy()
            optimizer.update_params([w], [slope(w, l2 if name == "adam" else 0)])
            if name == "adamw":
                w -= rate * l2 * free * before
        out[name] = w.tolist()
    w, total = np.zeros(a.shape[1]), 0
    for _ in range(steps):
        g = slope(w, l2)
        total = total + g * g
        w = w - rate * g / (np.sqrt(total) + 1e-8)
    out["adagrad"] = w.tolist()
    w, mean = np.zeros(a.shape[1]), 0
    for step in range(1, steps + 1):
        g = slope(w, l2)
        mean = 0.999 * mean + 0.001 * g * g
        # With Adam's correction of the bias, without which the first steps are thirty times as long.
        w = w - rate * g / (np.sqrt(mean / (1 - 0.999**step)) + 1e-8)
    out["rmsprop"] = w.tolist()
    w, v = np.zeros(a.shape[1]), 0
    for _ in range(steps):
        v = 0.9 * v - 0.01 * slope(w + 0.9 * v, l2)
        w = w + v
    out["nesterov"] = w.tolist()
    return out


def minima():
    """What descent must come near to: the median of the diabetes, and counts by the Poisson loss."""
    x, y = load("diabetes")
    median = QuantileRegressor(quantile=0.5, alpha=0).fit(x, y)
    rest = y - median.predict(x)
    poisson = PoissonRegressor(alpha=0.0, tol=1e-10, max_iter=10000).fit(x, y)
    return {
        "median": learned(median) | {"loss": float(np.abs(rest).mean() / 2)},
        "poisson": learned(poisson),
    }


def row_weights(count):
    """Of every seventh row 0, of the others 1, 2 and 3."""
    rows = np.arange(count)
    return np.where(rows % 7 == 0, 0, 1 + rows % 3).astype(np.float64)


def generalized():
    x, y = load("diabetes")
    exact = dict(solver="newton-cholesky", tol=1e-12, max_iter=1000)
    models = {
        "poisson-0": PoissonRegressor(alpha=0, **exact),
        "poisson-10": PoissonRegressor(alpha=10, **exact),
        "poisson-1-noIntercept": PoissonRegressor(alpha=1, fit_intercept=False, **exact),
        "gamma-0.1": GammaRegressor(alpha=0.1, **exact),
        "tweedie-0": TweedieRegressor(power=0, alpha=0.5, **exact),
        "tweedie-1.5": TweedieRegressor(power=1.5, alpha=0.2, **exact),
        "tweedie-3": TweedieRegressor(power=3, alpha=1e-4, **exact),
        "tweedie-1-identity": TweedieRegressor(power=1, link="identity", alpha=0.01, **exact),
        "tweedie-0-log": TweedieRegressor(power=0, link="log", alpha=1, **exact),
    }
    out = {}
    for name, model in models.items():
        for kind, weights in (("", None), ("-weighted", row_weights(len(y)))):
            model.fit(x, y, sample_weight=weights)
            out[name + kind] = learned(model)
    return out


def huber():
    x, y = load("diabetes")
    wild = y + np.where(np.arange(len(y)) % 10 == 0, 500, 0)
    out = {}
    for name, params in {
        "default": dict(),
        "wide": dict(epsilon=2.5, alpha=100.0),
        "noIntercept": dict(fit_intercept=False),
        "weighted": dict(epsilon=1.1),
    }.items():
        weights = row_weights(len(y)) if name == "weighted" else None
        model = HuberRegressor(**params, tol=1e-10, max_iter=100000).fit(x, wild, sample_weight=weights)
        # Its L-BFGS stops at relative gains of 2e-9; further minimisation of its own objective takes it to the end.
        weights = np.ones(len(y)) if weights is None else weights
        settings = (x, wild, model.epsilon, model.alpha, weights)
        free = [model.intercept_] if model.fit_intercept else []
        start = np.r_[model.coef_, free, model.scale_]
        for _ in range(20):
            options = dict(ftol=0, gtol=1e-12, maxiter=10000)
            start = minimize(_huber_loss_and_gradient, start, settings, "L-BFGS-B", jac=True, options=options).x
        intercept = float(start[-2]) if model.fit_intercept else 0.0
        width = x.shape[1]
        out[name] = {"coefficients": start[:width].tolist(), "intercept": intercept, "scale": float(start[-1])}
    return out


def quantiles():
    """Objectives, because minima of linear programs need not be unique."""
    x, y = load("diabetes")
    out = {}
    for quantile in (0.1, 0.5, 0.9):
        for alpha in (0, 0.5, 3):
            for kind, weights in (("", None), ("-weighted", row_weights(len(y)))):
                model = QuantileRegressor(quantile=quantile, alpha=alpha, solver="highs").fit(x, y, sample_weight=weights)
                rest = y - model.predict(x)
                loss = np.average(np.where(rest > 0, quantile, quantile - 1) * rest, weights=weights)
                objective = float(loss + alpha * np.abs(model.coef_).sum())
                out[f"{quantile:g}-{alpha:g}{kind}"] = learned(model) | {"objective": objective}
    return out


def logistic():
    """Every solver's minimum; SAGA's where no other knows the penalty."""
    out = {}
    for name in ("breast_cancer", "iris"):
        x, y = load(name)
        saga = dict(solver="saga", tol=1e-12, max_iter=100000, random_state=1)
        models = {
            "l2-1": LogisticRegression(C=1, solver="newton-cg", tol=1e-12, max_iter=10000),
            "l1-0.1": LogisticRegression(C=0.1, l1_ratio=1, **saga),
            "elasticnet-0.1": LogisticRegression(C=0.1, l1_ratio=0.3, **saga),
        }
        for kind, model in models.items():
            for suffix, weights in (("", None), ("-weighted", row_weights(len(y)))):
                model.fit(x, y, sample_weight=weights)
                out[f"{name}-{kind}{suffix}"] = {
                    "coefficients": model.coef_.ravel().tolist(),
                    "intercepts": model.intercept_.tolist(),
                }
    return out


def weighted_sparse():
    x, y = load("diabetes")
    exact = dict(tol=1e-14, max_iter=10**7)
    weights = row_weights(len(y))
    return {
        "lasso-1": learned(Lasso(alpha=1, **exact).fit(x, y, sample_weight=weights)),
        "elasticNet-1": learned(ElasticNet(alpha=1, l1_ratio=0.3, **exact).fit(x, y, sample_weight=weights)),
    }


def online():
    """Two epochs of single rows in order, whose updates must be the same."""
    common = dict(max_iter=2, tol=None, shuffle=False)
    out = {}
    for name in ("breast_cancer", "iris"):
        x, y = load(name)
        models = {
            "perceptron": Perceptron(**common),
            "hinge": PassiveAggressiveClassifier(C=0.05, loss="hinge", **common),
            "squaredHinge": PassiveAggressiveClassifier(C=0.05, loss="squared_hinge", **common),
        }
        for kind, model in models.items():
            model.fit(x, y)
            out[f"{kind}-{name}"] = {
                "coefficients": model.coef_.ravel().tolist(),
                "intercepts": model.intercept_.tolist(),
            }
    x, y = load("diabetes")
    for kind, loss in (("epsilonInsensitive", "epsilon_insensitive"), ("squaredEpsilonInsensitive", "squared_epsilon_insensitive")):
        model = PassiveAggressiveRegressor(C=0.5, epsilon=2.0, loss=loss, **common).fit(x, y)
        out[kind] = {"coefficients": model.coef_.tolist(), "intercepts": model.intercept_.tolist()}
    return out


with open("packages/learn/test/fixtures/linear-models.json", "w") as file:
    content = {"madeWith": f"scikit-learn {sklearn.__version__}", "sparse": sparse()}
    content |= {"losses": descent_losses(), "optimizers": optimizers(), "minima": minima()}
    content |= {"generalized": generalized(), "huber": huber(), "quantiles": quantiles()}
    content |= {"logistic": logistic(), "weightedSparse": weighted_sparse(), "online": online()}
    json.dump(content, file, separators=(",", ":"))
    file.write("\n")
