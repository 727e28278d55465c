"""Writes packages/learn/test/fixtures/networks.json: a network that scikit-learn trained, and how good one gets.

Run from the repository's root, then format: npx biome format --write packages/learn/test/fixtures
"""
import json
import warnings

import numpy as np
import pandas as pd
import sklearn
from sklearn.neural_network import MLPClassifier

warnings.filterwarnings("ignore")


def load(name):
    frame = pd.read_csv(f"examples/data/{name}.csv")
    target = frame.columns[-1]
    x = frame.drop(columns=target).to_numpy(np.float64)
    spread = x.std(axis=0)
    return (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1), frame[target].astype(str).to_numpy()


iris, species = load("iris")
net = MLPClassifier(hidden_layer_sizes=(6,), activation="tanh", max_iter=200, random_state=0).fit(iris, species)
weights = []
for matrix, bias in zip(net.coefs_, net.intercepts_):
    weights += [*matrix.ravel().tolist(), *bias.tolist()]
digits, digit = load("digits")
scores = [
    MLPClassifier(hidden_layer_sizes=(32,), max_iter=12, random_state=seed).fit(digits, digit).score(digits, digit)
    for seed in range(5)
]
with open("packages/learn/test/fixtures/networks.json", "w", encoding="utf-8") as file:
    json.dump(
        {
            "madeWith": f"scikit-learn {sklearn.__version__}",
            "iris": {"units": 6, "weights": weights, "shown": net.predict_proba(iris)[::10].tolist()},
            "digitsAccuracy": min(scores),
        },
        file,
    )
