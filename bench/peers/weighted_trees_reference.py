"""Writes packages/learn/test/fixtures/weighted-trees.json: weighted, pruned and other trees of scikit-learn on real data.

Run from the repository root: python bench/peers/weighted_trees_reference.py
Ties between splits are broken at random there, so each training figure is a range over seeds. Row i weighs 0.5 + i % 4.
"""

import json

import numpy as np
import pandas as pd
import sklearn
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

CASES = [
    ("diabetes", "progression", {"criterion": "squared_error", "maxDepth": 4}),
    ("diabetes", "progression", {"criterion": "squared_error", "maxDepth": 4, "minSamplesLeaf": 7}),
    ("diabetes", "progression", {"criterion": "absolute_error", "maxDepth": 3}),
    ("diabetes", "progression", {"criterion": "poisson", "maxDepth": 3}),
    ("diabetes", "progression", {"criterion": "squared_error", "ccpAlpha": 60}),
    ("diabetes", "progression", {"criterion": "absolute_error", "maxDepth": 5, "minImpurityDecrease": 0.5}),
    ("iris", "species", {"criterion": "gini", "ccpAlpha": 0.01}),
    ("iris", "species", {"criterion": "entropy", "minImpurityDecrease": 0.02}),
    ("breast_cancer", "diagnosis", {"criterion": "gini", "minImpurityDecrease": 0.01}),
    ("breast_cancer", "diagnosis", {"criterion": "entropy", "ccpAlpha": 0.02}),
]
NAMES = {
    "criterion": "criterion", "maxDepth": "max_depth", "minSamplesLeaf": "min_samples_leaf", "ccpAlpha": "ccp_alpha",
    "minImpurityDecrease": "min_impurity_decrease",
}


def loss(y, predicted, weights, criterion):
    if criterion == "absolute_error":
        return float(np.average(np.abs(y - predicted), weights=weights))
    if criterion in ("squared_error", "poisson"):
        return float(np.average((y - predicted) ** 2, weights=weights))
    return float(np.average((1 - predicted) ** 2, weights=weights))


cases = []
for name, target, params in CASES:
    frame = pd.read_csv(f"examples/data/{name}.csv").iloc[:250]
    x, y = frame.drop(columns=[target]), frame[target]
    numbers = name == "diabetes"
    weights = 0.5 + np.arange(len(x)) % 4
    losses, leaves, importances = [], [], []
    for seed in range(10):
        kind = DecisionTreeRegressor if numbers else DecisionTreeClassifier
        tree = kind(random_state=seed, **{NAMES[k]: v for k, v in params.items()}).fit(x, y, sample_weight=weights)
        if numbers:
            predicted = tree.predict(x)
        else:
            shares = tree.predict_proba(x)
            predicted = shares[np.arange(len(x)), np.searchsorted(tree.classes_, y)]
        losses.append(loss(y.to_numpy() if numbers else None, predicted, weights, params["criterion"]))
        leaves.append(int(tree.get_n_leaves()))
        importances.append(tree.feature_importances_)
    cases.append(
        {
            "data": name, "target": target, "params": params, "lowest": min(losses), "highest": max(losses),
            "leaves": [min(leaves), max(leaves)], "importances": np.mean(importances, axis=0).round(6).tolist(),
            "spread": float(np.ptp(importances, axis=0).max()),
        }
    )

with open("packages/learn/test/fixtures/weighted-trees.json", "w") as file:
    json.dump({"madeWith": f"scikit-learn {sklearn.__version__}", "cases": cases}, file, indent=1)
    file.write("\n")
