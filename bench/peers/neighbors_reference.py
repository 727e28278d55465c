"""Writes packages/learn/test/fixtures/neighbor-metrics.json: neighbours by metrics and radii as scikit-learn finds them.

Run from the repository's root, then format: npx biome format --write packages/learn/test/fixtures
"""
import json

import numpy as np
import pandas as pd
import sklearn
from sklearn.neighbors import (
    KNeighborsClassifier,
    KNeighborsRegressor,
    NearestNeighbors,
    RadiusNeighborsClassifier,
    RadiusNeighborsRegressor,
)

METRICS = {"manhattan": {}, "chebyshev": {}, "minkowski": {"p": 3.5}, "cosine": {}}
RADII = {"euclidean": 1.5, "manhattan": 4, "chebyshev": 0.8, "minkowski": 1.2, "cosine": 0.1}


def load(name):
    frame = pd.read_csv(f"examples/data/{name}.csv")
    x = frame.iloc[:, :-1].to_numpy(np.float64)
    return (x - x.mean(axis=0)) / x.std(axis=0), frame.iloc[:, -1].to_numpy()


def untied(x, train, metric, options):
    """Held rows whose 7th and 8th neighbour differ: which of two equal ones is taken is nobody's to say."""
    found, _ = NearestNeighbors(n_neighbors=8, algorithm="brute", metric=metric, **options).fit(x[train]).kneighbors(x[~train])
    return found[:, 7] - found[:, 6] > 1e-12


def main():
    x, y = load("diabetes")
    xi, yi = load("iris")
    y = y.astype(np.float64)
    train, train_i = np.arange(len(y)) % 4 != 0, np.arange(len(yi)) % 4 != 0
    clear = np.all([untied(x, train, metric, options) for metric, options in METRICS.items()], axis=0)
    asked = np.flatnonzero(~train)[clear][:40]
    nearest, within = {}, {}
    for metric, options in METRICS.items():
        for weights in ("uniform", "distance"):
            common = dict(weights=weights, algorithm="brute", metric=metric, **options)
            regressor = KNeighborsRegressor(7, **common).fit(x[train], y[train])
            classifier = KNeighborsClassifier(7, **common).fit(xi[train_i], yi[train_i])
            nearest[f"{metric}-{weights}"] = {
                "values": regressor.predict(x[asked]).tolist(),
                "probabilities": classifier.predict_proba(xi[~train_i]).ravel().tolist(),
            }
    for metric, radius in RADII.items():
        options = METRICS.get(metric, {})
        for weights in ("uniform", "distance"):
            common = dict(radius=radius, weights=weights, algorithm="brute", metric=metric, **options)
            found = RadiusNeighborsRegressor(**common).fit(x[train], y[train]).predict(x[asked])
            classifier = RadiusNeighborsClassifier(**common, outlier_label="most_frequent").fit(xi[train_i], yi[train_i])
            alone = [len(near) == 0 for near in classifier.radius_neighbors(xi[~train_i], return_distance=False)]
            within[f"{metric}-{weights}"] = {
                "values": [None if np.isnan(value) else value for value in found],
                "probabilities": [None if a else row.tolist() for a, row in zip(alone, classifier.predict_proba(xi[~train_i]))],
            }
    content = {"madeWith": f"scikit-learn {sklearn.__version__}", "radii": RADII, "asked": asked.tolist(), "nearest": nearest, "within": within}
    with open("packages/learn/test/fixtures/neighbor-metrics.json", "w") as file:
        json.dump(content, file, separators=(",", ":"))


main()
