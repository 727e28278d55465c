"""Writes packages/learn/test/fixtures/options.json: what scikit-learn learns by options that other fixtures leave at their defaults.

Run from the repository root, then format: npx biome format --write packages/learn/test/fixtures
Columns are standardised with the population's deviation where the tests do so too.
"""

import json
import warnings

import numpy as np
import pandas as pd
import sklearn
from sklearn import discriminant_analysis, ensemble, linear_model, naive_bayes, svm
from sklearn.metrics import roc_auc_score

warnings.filterwarnings("ignore")


def load(name, scale):
    frame = pd.read_csv(f"examples/data/{name}.csv")
    y = frame.pop(frame.columns[-1]).to_numpy()
    x = frame.to_numpy(np.float64)
    return (x - x.mean(axis=0)) / x.std(axis=0) if scale else x, y


def priors():
    """Classes of unlike size that are taken to be as frequent as one another."""
    x, y = load("digits", False)
    rows = (y < 5) | (np.arange(len(y)) % 3 == 0)
    x, y = x[rows], y[rows]
    wine, cultivar = load("wine", False)
    even = dict(priors=[1 / 3] * 3)

    def shown(model, x, y, every):
        return model.fit(x, y).predict_proba(x[::every]).tolist()

    return {
        "multinomial": shown(naive_bayes.MultinomialNB(alpha=0.3, fit_prior=False), x, y, 100),
        "bernoulli": shown(naive_bayes.BernoulliNB(alpha=0.3, binarize=7, fit_prior=False), x, y, 100),
        "linear": shown(discriminant_analysis.LinearDiscriminantAnalysis(**even), wine, cultivar, 12),
        "quadratic": shown(discriminant_analysis.QuadraticDiscriminantAnalysis(**even), wine, cultivar, 12),
    }


def through_origin():
    x, y = load("breast_cancer", True)
    xd, yd = load("diabetes", True)
    steps = dict(max_iter=2, tol=None, shuffle=False, fit_intercept=False)
    exact = dict(C=0.5, fit_intercept=False, tol=1e-10, max_iter=10**6)
    models = {
        "perceptron": (linear_model.Perceptron(**steps), x, y),
        "aggressive": (linear_model.PassiveAggressiveClassifier(C=0.05, **steps), x, y),
        "aggressiveRegressor": (linear_model.PassiveAggressiveRegressor(C=0.5, epsilon=2, **steps), xd, yd),
        "margin": (svm.LinearSVC(loss="hinge", **exact), x, y),
        "squaredMargin": (svm.LinearSVC(**exact), x, y),
        "tube": (svm.LinearSVR(epsilon=0.2, **exact), xd, yd / 100),
        "squaredTube": (svm.LinearSVR(epsilon=0.2, loss="squared_epsilon_insensitive", **exact), xd, yd / 100),
    }
    return {name: model.fit(*data).coef_.ravel().tolist() for name, (model, *data) in models.items()}


def boosting():
    """Diabetes, of which every distinct value has a bin of its own."""
    frame = pd.read_csv("examples/data/diabetes.csv").head(250).astype(float)
    y = frame.pop("progression").to_numpy()
    fixed = dict(max_iter=30, min_samples_leaf=1, early_stopping=False)
    cases = {
        "l2": dict(l2_regularization=1, max_leaf_nodes=8),
        "maxDepth": dict(max_depth=3, max_leaf_nodes=None, learning_rate=0.3),
        "minSamplesLeaf": dict(max_leaf_nodes=8) | {"min_samples_leaf": 12},
    }
    made = {}
    for name, options in cases.items():
        model = ensemble.HistGradientBoostingRegressor(**(fixed | options)).fit(frame, y)
        made[name] = np.round(model.predict(frame)[::5], 8).tolist()
    # Splits that bounds cut short are valued otherwise there, so the trees are not the same.
    monotone = dict(max_leaf_nodes=8, monotonic_cst={"bmi": 1, "s3": -1})
    model = ensemble.HistGradientBoostingRegressor(**(fixed | monotone)).fit(frame, y)
    return made | {"monotoneError": float(((model.predict(frame) - y) ** 2).mean())}


def forests():
    """Mean squared error of numbers, or of the shares of classes, on every third row, over seeds."""
    out = {}
    kinds = {"forest": "RandomForest", "extra": "ExtraTrees"}
    plain = dict(bootstrap=False, n_estimators=60)
    cases = {
        "diabetes": {
            "depth": dict(max_depth=3, bootstrap=True),
            "leaves": dict(max_leaf_nodes=12, max_features=0.5),
            "leaf": dict(min_samples_leaf=8, max_features=0.4),
            "split": dict(min_samples_split=40, max_features=0.4),
            "decrease": dict(min_impurity_decrease=30, max_features=0.5),
            "pruned": dict(ccp_alpha=20, max_features=0.5),
            "absolute": dict(criterion="absolute_error", max_depth=4, max_features=0.5),
            "poisson": dict(criterion="poisson", max_depth=4, max_features=0.5),
        },
        "breast_cancer": {
            "entropy": dict(criterion="entropy", max_depth=3, bootstrap=True),
            "leaf": dict(min_samples_leaf=8),
            "split": dict(min_samples_split=60),
            "decrease": dict(min_impurity_decrease=0.01),
            "pruned": dict(ccp_alpha=0.01),
        },
    }
    for data, options in cases.items():
        x, y = load(data, False)
        test = np.arange(len(y)) % 3 == 0
        suffix = "Regressor" if data == "diabetes" else "Classifier"
        out[data] = {}
        for kind, name in kinds.items():
            out[data][kind] = {}
            for case, settings in options.items():
                losses = []
                for seed in range(4):
                    model = getattr(ensemble, name + suffix)(random_state=seed, **(plain | settings)).fit(x[~test], y[~test])
                    if suffix == "Regressor":
                        losses.append(float(((model.predict(x[test]) - y[test]) ** 2).mean()))
                    else:
                        wrong = model.predict_proba(x[test]) - (y[test, None] == model.classes_)
                        losses.append(float((wrong**2).mean()))
                out[data][kind][case] = [min(losses), max(losses)]
    return out


def isolation():
    """Trees that see a third of the columns."""
    x, y = load("breast_cancer", True)
    models = [ensemble.IsolationForest(random_state=seed, max_features=10, max_samples=100).fit(x) for seed in range(5)]
    scores = [-model.score_samples(x) for model in models]
    rare = y == "malignant"
    return {
        "aucs": [float(roc_auc_score(rare, score)) for score in scores],
        "shares": [float((score > 0.5).mean()) for score in scores],
    }


content = {"madeWith": f"scikit-learn {sklearn.__version__}", "priors": priors(), "throughOrigin": through_origin()}
content |= {"boosting": boosting(), "forests": forests(), "isolation": isolation()}
with open("packages/learn/test/fixtures/options.json", "w") as file:
    json.dump(content, file, separators=(",", ":"))
    file.write("\n")
