"""Writes packages/learn/test/fixtures/composites.json: calibration, voting and stacking of scikit-learn.

Run from the repository's root, then format: npx biome format --write packages/learn/test/fixtures
"""
import json

import numpy as np
import pandas as pd
import sklearn
from sklearn import calibration, ensemble, isotonic, linear_model, naive_bayes


def load(name, number=False):
    frame = pd.read_csv(f"examples/data/{name}.csv")
    target = frame.columns[-1]
    x = frame.drop(columns=target).to_numpy(np.float64)
    return x, frame[target].to_numpy(np.float64) if number else frame[target].astype(str).to_numpy()


def scaled(x):
    return (x - x.mean(axis=0)) / x.std(axis=0)


def by_turns(rows, folds=5):
    """Row i is in fold i mod 5."""
    turn = np.arange(rows) % folds
    return [(np.flatnonzero(turn != f), np.flatnonzero(turn == f)) for f in range(folds)]


def shown(model, x, y, every, weights=None):
    model.fit(x, y, **({} if weights is None else {"sample_weight": weights}))
    return model.predict_proba(x[::every]).tolist()


def curves():
    """Both curves, of scores with ties and of weighted rows."""
    i = np.arange(120)
    scores = np.round(2 * np.sin(1.7 * i) + i / 40, 1)
    own = (np.sin(3.1 * i) + scores > 0.8).astype(float)
    weights = i % 4 + 0.5
    at = np.linspace(-4, 6, 41)
    found = {}
    for name, given in {"plain": None, "weighed": weights}.items():
        rising = isotonic.IsotonicRegression(out_of_bounds="clip").fit(scores, own, given)
        platt = calibration._SigmoidCalibration().fit(scores, own, given)
        found[name] = {"rising": rising.predict(at).tolist(), "sigmoid": platt.predict(at).tolist()}
    return {"scores": scores.tolist(), "own": own.tolist(), "weights": weights.tolist(), "at": at.tolist(), **found}


def calibrated(x, y, every):
    fits = {}
    for method in ["sigmoid", "isotonic"]:
        for together in [True, False]:
            model = calibration.CalibratedClassifierCV(
                naive_bayes.GaussianNB(), method=method, cv=by_turns(len(x)), ensemble=together
            )
            fits[f"{method}{'' if together else 'One'}"] = shown(model, x, y, every)
    return fits


iris, species = load("iris")
cancer, diagnosis = load("breast_cancer")
diabetes, progression = load("diabetes", number=True)
cancer, diabetes = scaled(cancer), scaled(diabetes)
logistic = lambda c=1.0: linear_model.LogisticRegression(C=c, tol=1e-10, max_iter=10_000)
pair = [("a", naive_bayes.GaussianNB()), ("b", logistic(0.01))]
lines = [("a", linear_model.Ridge(alpha=100)), ("b", linear_model.LinearRegression())]


def stacked(x, y, every, **more):
    model = ensemble.StackingClassifier(pair, logistic(), cv=by_turns(len(x)), **more)
    return shown(model, x, y, every)


def regressed(model, every=40):
    return model.fit(diabetes, progression).predict(diabetes[::every]).tolist()


with open("packages/learn/test/fixtures/composites.json", "w", encoding="utf-8") as file:
    json.dump(
        {
            "madeWith": f"scikit-learn {sklearn.__version__}",
            "curves": curves(),
            "calibrated": {"iris": calibrated(iris, species, 15), "cancer": calibrated(cancer, diagnosis, 60)},
            "calibratedMargin": shown(
                calibration.CalibratedClassifierCV(logistic(0.01), cv=by_turns(len(cancer))), cancer, diagnosis, 60
            ),
            "voted": {
                "soft": shown(ensemble.VotingClassifier(pair, voting="soft", weights=[3, 1]), iris, species, 15),
                "hard": ensemble.VotingClassifier(
                    [*pair, ("c", logistic(1e-4))], voting="hard", weights=[1, 1.5, 0.25]
                )
                .fit(iris, species)
                .predict(iris)
                .tolist(),
                "mean": regressed(ensemble.VotingRegressor(lines, weights=[1, 3])),
            },
            "stacked": {
                "iris": stacked(iris, species, 15),
                "cancer": stacked(cancer, diagnosis, 60),
                "passthrough": stacked(iris, species, 15, passthrough=True),
                "diabetes": regressed(
                    ensemble.StackingRegressor(lines, linear_model.Ridge(alpha=1), cv=by_turns(len(diabetes)))
                ),
                "diabetesPassthrough": regressed(
                    ensemble.StackingRegressor(
                        lines, linear_model.Ridge(alpha=1), cv=by_turns(len(diabetes)), passthrough=True
                    )
                ),
            },
        },
        file,
    )
