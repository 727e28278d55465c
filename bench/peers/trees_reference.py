"""Writes packages/learn/test/fixtures/trees.json: trees and ensembles of scikit-learn, XGBoost and LightGBM on real data.

Run from the repository root: python bench/peers/trees_reference.py
Rows whose number is divisible by 5 are the test part. Categories go in natively where the library has them.
"""

import json

import lightgbm
import numpy as np
import pandas as pd
import sklearn
import xgboost
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor, RandomForestClassifier, RandomForestRegressor
from sklearn.metrics import accuracy_score, log_loss, r2_score
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor


def load(name, target):
    frame = pd.read_csv(f"examples/data/{name}.csv", na_values=["NA"])
    for column in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[column]):
            frame[column] = frame[column].astype("category")
    return frame.drop(columns=[target]), frame[target]


def single_trees():
    """Training loss of greedy trees; ties are broken at random, so it is a range over seeds."""
    cases = []
    for name, target, rows in [("iris", "species", 150), ("wine", "cultivar", 178), ("diabetes", "progression", 250)]:
        x, y = load(name, target)
        x, y = x.iloc[:rows], y.iloc[:rows]
        regression = name == "diabetes"
        for criterion in ["squared_error"] if regression else ["gini", "entropy"]:
            for depth in [1, 2, 3, 5, None]:
                for leaf in [1, 5]:
                    losses = []
                    for seed in range(20):
                        kind = DecisionTreeRegressor if regression else DecisionTreeClassifier
                        tree = kind(criterion=criterion, max_depth=depth, min_samples_leaf=leaf, random_state=seed)
                        tree.fit(x, y)
                        inner = tree.tree_
                        leaves = inner.children_left < 0
                        losses.append(float((inner.impurity * inner.n_node_samples)[leaves].sum() / rows))
                    cases.append(
                        {
                            "data": name, "target": target, "rows": rows, "criterion": criterion, "maxDepth": depth,
                            "minSamplesLeaf": leaf, "lowest": min(losses), "highest": max(losses),
                        }
                    )
    return cases


def split(x, y):
    test = np.arange(len(x)) % 5 == 0
    return x[~test], x[test], y[~test], y[test]


def coded(frame):
    return frame.apply(lambda c: c.cat.codes.replace(-1, np.nan) if c.dtype.name == "category" else c).astype(float)


def ensembles():
    results = {}
    x, y = load("diamonds", "price")
    a, b, ya, yb = split(x, y)
    forest = RandomForestRegressor(100, n_jobs=-1, random_state=0).fit(coded(a), ya)
    extra = ExtraTreesRegressor(100, n_jobs=-1, random_state=0).fit(coded(a), ya)
    boosters = {
        "lightgbm": lightgbm.LGBMRegressor(n_estimators=100, num_leaves=31, learning_rate=0.1, verbose=-1),
        "xgboost": xgboost.XGBRegressor(n_estimators=100, max_depth=6, learning_rate=0.1, enable_categorical=True),
    }
    results["diamonds"] = {
        "target": "price",
        "forest": {"r2": r2_score(yb, forest.predict(coded(b)))},
        "extra": {"r2": r2_score(yb, extra.predict(coded(b)))},
        **{k: {"r2": r2_score(yb, m.fit(a, ya).predict(b))} for k, m in boosters.items()},
    }
    for name, target in [("breast_cancer", "diagnosis"), ("penguins", "species"), ("digits", "digit")]:
        x, y = load(name, target)
        codes = y.astype("category").cat.codes.to_numpy()
        a, b, ya, yb = split(x, codes)
        many = len(np.unique(codes)) > 2
        models = {
            "forest": RandomForestClassifier(100, random_state=0),
            "extra": ExtraTreesClassifier(100, random_state=0),
            "lightgbm": lightgbm.LGBMClassifier(n_estimators=100, num_leaves=31, learning_rate=0.1, verbose=-1),
            "xgboost": xgboost.XGBClassifier(
                n_estimators=100, max_depth=6, learning_rate=0.1, enable_categorical=True,
                objective="multi:softprob" if many else "binary:logistic",
            ),
        }
        results[name] = {"target": target}
        for key, model in models.items():
            plain = key in ("forest", "extra")
            p = model.fit(coded(a) if plain else a, ya).predict_proba(coded(b) if plain else b)
            results[name][key] = {"accuracy": accuracy_score(yb, p.argmax(1)), "logLoss": log_loss(yb, p)}
    return results


libraries = {"scikit-learn": sklearn, "XGBoost": xgboost, "LightGBM": lightgbm}
made_with = ", ".join(f"{name} {library.__version__}" for name, library in libraries.items())
fixture = {"madeWith": made_with, "trees": single_trees(), "ensembles": ensembles()}
with open("packages/learn/test/fixtures/trees.json", "w") as file:
    json.dump(fixture, file, indent=1)
    file.write("\n")
