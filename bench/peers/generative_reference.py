"""Writes packages/learn/test/fixtures/generative.json: scikit-learn's naive Bayes and discriminant analysis.

Run from the repository's root, then format: npx biome format --write packages/learn/test/fixtures
"""
import json

import numpy as np
import pandas as pd
import sklearn
from sklearn import covariance, discriminant_analysis, naive_bayes


def load(name):
    frame = pd.read_csv(f"examples/data/{name}.csv")
    target = frame.columns[-1]
    return frame.drop(columns=target).to_numpy(np.float64), frame[target].astype(str).to_numpy()


def judged(model, x, y, every, weights=None):
    model.fit(x, y) if weights is None else model.fit(x, y, sample_weight=weights)
    return {"shown": model.predict_proba(x[::every]).tolist(), "accuracy": model.score(x, y)}


def shrunk(x, y, share):
    """One covariance, shrunk towards equal variances, by the textbook formula."""
    classes = np.unique(y)
    means = np.array([x[y == c].mean(axis=0) for c in classes])
    within = sum((x[y == c] - m).T @ (x[y == c] - m) for c, m in zip(classes, means)) / len(x)
    inverse = np.linalg.inv(covariance.shrunk_covariance(within, shrinkage=share))
    scores = np.array([
        x @ inverse @ m - 0.5 * m @ inverse @ m + np.log(np.mean(y == c)) for c, m in zip(classes, means)
    ]).T
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    return (shares / shares.sum(axis=1, keepdims=True)).tolist()


iris, species = load("iris")
digits, digit = load("digits")
cancer, diagnosis = load("breast_cancer")
weights = np.arange(len(iris)) % 3 + 0.5
with open("packages/learn/test/fixtures/generative.json", "w", encoding="utf-8") as file:
    json.dump(
        {
            "madeWith": f"scikit-learn {sklearn.__version__}",
            "complement": judged(naive_bayes.ComplementNB(alpha=0.5), digits, digit, 200),
            "complementNormed": judged(naive_bayes.ComplementNB(alpha=0.5, norm=True), digits, digit, 200),
            "bernoulli": judged(naive_bayes.BernoulliNB(alpha=0.5, binarize=7), digits, digit, 200),
            "gaussianWeighed": judged(naive_bayes.GaussianNB(), iris, species, 10, weights),
            "linear": judged(discriminant_analysis.LinearDiscriminantAnalysis(), iris, species, 10),
            "linearTwo": judged(discriminant_analysis.LinearDiscriminantAnalysis(), cancer, diagnosis, 50),
            "linearDependent": judged(discriminant_analysis.LinearDiscriminantAnalysis(), digits, digit, 200),
            "linearShrunk": shrunk(iris, species, 0.3)[::10],
            "quadratic": judged(discriminant_analysis.QuadraticDiscriminantAnalysis(), iris, species, 10),
            "quadraticShrunk": judged(
                discriminant_analysis.QuadraticDiscriminantAnalysis(reg_param=0.2), cancer, diagnosis, 50
            ),
        },
        file,
    )
