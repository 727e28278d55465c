"""Writes packages/learn/test/fixtures/weights.json: what scikit-learn learns where classes or rows count unlike, of classifiers
with `class_weight`, of the baselines, of isolation forests and of k-means in batches.

Run from the repository root, then format: npx biome format --write packages/learn/test/fixtures
Columns are standardised with the population's deviation; row i weighs 0.5 + i % 3.
"""

import json
import warnings

import numpy as np
import pandas as pd
import sklearn
from sklearn import svm
from sklearn.cluster import MiniBatchKMeans
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier, IsolationForest
from sklearn.linear_model import LogisticRegression, PassiveAggressiveClassifier, Perceptron, SGDClassifier
from sklearn.metrics import roc_auc_score
from sklearn.tree import DecisionTreeClassifier

warnings.filterwarnings("ignore", category=FutureWarning)
HEAVY = {"benign": 0.4, "malignant": 3}


def load(name, scale=True):
    frame = pd.read_csv(f"examples/data/{name}.csv")
    target = frame.columns[-1]
    x = frame.drop(columns=target).to_numpy(np.float64)
    if scale:
        x = (x - x.mean(axis=0)) / x.std(axis=0)
    return x, frame[target].to_numpy()


def weights_of(rows):
    return 0.5 + np.arange(rows) % 3


def plane(model, *data, weights=None):
    model.fit(*data, **({} if weights is None else {"sample_weight": weights}))
    return model.coef_.ravel().tolist() + model.intercept_.tolist()


def linear():
    x, y = load("breast_cancer")
    xw, yw = load("wine")
    newton = dict(C=0.5, solver="newton-cg", tol=1e-12, max_iter=10000)
    wide = dict(C=0.5, tol=1e-10, max_iter=10**6)
    steps = dict(max_iter=2, tol=None, shuffle=False)
    sgd = dict(loss="log_loss", alpha=0.001, learning_rate="constant", eta0=0.01, max_iter=3, tol=None, shuffle=False)
    return {
        "logistic": {
            "balanced": plane(LogisticRegression(class_weight="balanced", **newton), x, y),
            "balanced, weighted": plane(
                LogisticRegression(class_weight="balanced", **newton), x, y, weights=weights_of(len(y))
            ),
            "named": plane(LogisticRegression(class_weight=HEAVY, **newton), x, y),
            "three classes": plane(LogisticRegression(class_weight="balanced", **newton), xw, yw),
        },
        "margins": {
            "squaredHinge": plane(svm.LinearSVC(class_weight=HEAVY, **wide), x, y),
            "hinge": plane(svm.LinearSVC(class_weight=HEAVY, loss="hinge", **wide), x, y),
        },
        "decisions": svm.SVC(class_weight=HEAVY, C=0.7, tol=1e-8).fit(x, y).decision_function(x[::15]).tolist(),
        "perceptron": plane(Perceptron(class_weight=HEAVY, **steps), x, y),
        "aggressive": plane(PassiveAggressiveClassifier(C=0.05, class_weight=HEAVY, **steps), x, y),
        "descent": plane(SGDClassifier(class_weight="balanced", **sgd), x, y),
    }


def trees():
    """Mean probability of the heavy class and accuracy on every third row; of forests the range over seeds.

    Of 360 rows, so that the other 240 have a bin of their own for every value.
    """
    x, y = (part[:360] for part in load("breast_cancer", scale=False))
    test = np.arange(len(y)) % 3 == 0
    # HistGradientBoostingClassifier looks for codes among the names of `class_weight`.
    y = (y == "malignant").astype(int)
    heavy = {0: 1, 1: 25}

    def judged(make, seeds):
        found = [make(seed).fit(x[~test], y[~test]) for seed in range(seeds)]
        shares = [float(model.predict_proba(x[test])[:, 1].mean()) for model in found]
        rights = [model.score(x[test], y[test]) for model in found]
        return {"share": [min(shares), max(shares)], "accuracy": [min(rights), max(rights)]}

    forest = dict(n_estimators=200, max_depth=2, class_weight=heavy)

    class Bagged:
        """Rows are drawn alike and then weighed, as in scikit-learn up to 1.8; 1.9 draws them by weight."""

        def __init__(self, seed):
            self.draws = np.random.default_rng(seed)

        def fit(self, x, y):
            own = np.where(y == 1, heavy[1], heavy[0])
            bags = [np.bincount(self.draws.integers(len(y), size=len(y)), minlength=len(y)) for _ in range(200)]
            self.trees = [
                DecisionTreeClassifier(max_depth=2, max_features="sqrt", random_state=i).fit(x, y, sample_weight=bag * own)
                for i, bag in enumerate(bags)
            ]
            return self

        def predict_proba(self, x):
            return np.mean([tree.predict_proba(x) for tree in self.trees], axis=0)

        def score(self, x, y):
            return float((self.predict_proba(x).argmax(axis=1) == y).mean())

    tree = DecisionTreeClassifier(max_depth=3, class_weight=heavy)
    settings = dict(max_iter=30, max_leaf_nodes=8, min_samples_leaf=1, early_stopping=False)
    boost = HistGradientBoostingClassifier(class_weight=heavy, **settings)
    return {
        "tree": judged(lambda seed: tree.set_params(random_state=seed), 10),
        "forest": judged(lambda seed: Bagged(seed), 5),
        "extra": judged(lambda seed: ExtraTreesClassifier(random_state=seed, **forest), 5),
        "boosting": judged(lambda seed: boost.set_params(random_state=seed), 1),
    }


def baselines():
    x, y = load("diabetes")
    xi, yi = load("iris")
    weights = weights_of(len(y))
    return {
        "mean": float(DummyRegressor().fit(x, y).predict(x[:1])[0]),
        "mean, weighted": float(DummyRegressor().fit(x, y, weights).predict(x[:1])[0]),
        "median": float(DummyRegressor(strategy="median").fit(x, y).predict(x[:1])[0]),
        "median, weighted": float(DummyRegressor(strategy="median").fit(x, y, weights).predict(x[:1])[0]),
        "shares": DummyClassifier(strategy="prior").fit(xi, yi, 1 + np.arange(150) % 4 * 0.5).predict_proba(xi[:1])[0].tolist(),
    }


def isolation():
    """How far malignant cells stand out where they weigh little, and how many of all rows then are outliers."""
    x, y = load("breast_cancer")
    rare = (y == "malignant").astype(int)
    weights = np.where(rare == 1, 0.05, 1)
    aucs, shares = [], []
    for seed in range(5):
        model = IsolationForest(random_state=seed, contamination=0.05).fit(x, sample_weight=weights)
        aucs.append(float(roc_auc_score(rare, -model.score_samples(x))))
        shares.append(float((-model.score_samples(x) > 0.5).mean()))
    return {"aucs": aucs, "shares": shares}


def batches():
    """Weighted inertia per weight of digits in ten clusters, over seeds."""
    x, _ = load("digits", scale=False)
    weights = weights_of(len(x))
    found = []
    for seed in range(10):
        model = MiniBatchKMeans(10, batch_size=256, max_iter=30, random_state=seed, n_init=3).fit(x, sample_weight=weights)
        squares = ((x[:, None, :] - model.cluster_centers_[None]) ** 2).sum(axis=2).min(axis=1)
        found.append(float(np.average(squares, weights=weights)))
    return found


content = {"madeWith": f"scikit-learn {sklearn.__version__}", "linear": linear(), "trees": trees()}
content |= {"baselines": baselines(), "isolation": isolation(), "batches": batches()}
with open("packages/learn/test/fixtures/weights.json", "w") as file:
    json.dump(content, file, separators=(",", ":"))
    file.write("\n")
