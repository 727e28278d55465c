"""Writes packages/learn/test/fixtures/wider-features.json: gaps filled in rounds, columns chosen in steps, counted terms
and hashed categories, as scikit-learn has them.

Run from the repository's root, then format: npx biome format --write packages/learn/test/fixtures
"""
import json

import numpy as np
import pandas as pd
import sklearn
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.feature_extraction import FeatureHasher
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.feature_selection import SequentialFeatureSelector
from sklearn.impute import IterativeImputer
from sklearn.linear_model import Ridge

TEXTS = [
    "The quick brown fox jumps over the lazy dog; the dog sleeps.",
    "A lazy dog is not a quick fox, is it?",
    "Straße, café and naïve: words with accents, and the quick ones.",
    "",
    "Numbers 42 and 2026 count as words, as do snake_case names; 42 twice.",
]


def filled():
    wine = pd.read_csv("examples/data/wine.csv").iloc[:, :6].to_numpy(np.float64)
    wine = (wine - wine.mean(axis=0)) / wine.std(axis=0)
    for row in range(len(wine)):
        if row % 3 != 0:
            wine[row, (row * 7) % 6] = np.nan
        if row % 5 == 0:
            wine[row, (row * 11 + 1) % 6] = np.nan
    # Most of one column is missing.
    wine[np.arange(len(wine)) % 4 != 0, 2] = np.nan
    out = {}
    for name, options in (("converged", {"max_iter": 30, "tol": 1e-4}), ("two rounds", {"max_iter": 2, "tol": 0})):
        made = IterativeImputer(Ridge(alpha=1, solver="cholesky"), **options).fit(wine)
        fresh = wine[::30] * 1.5
        fresh[:, 0] = np.nan
        out[name] = {
            "rounds": made.n_iter_,
            "train": made.transform(wine)[::20].T.tolist(),
            "fresh": made.transform(fresh).T.tolist(),
        }
    return out


def chosen():
    frame = pd.read_csv("examples/data/diabetes.csv")
    x, y = frame.iloc[:, :-1].to_numpy(np.float64), frame.iloc[:, -1].to_numpy(np.float64)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    rows = np.arange(len(y))
    folds = [(rows[rows % 5 != fold], rows[rows % 5 == fold]) for fold in range(5)]
    out = {}
    for direction in ("forward", "backward"):
        selector = SequentialFeatureSelector(
            Ridge(alpha=1), n_features_to_select=4, direction=direction, cv=folds, scoring="neg_mean_squared_error"
        ).fit(x, y)
        out[direction] = np.flatnonzero(selector.get_support()).tolist()
    return out


def counted():
    out = {}
    for name, options in (
        ("plain", {}),
        ("runs", {"ngram_range": (1, 2), "min_df": 2, "binary": True}),
        ("characters", {"analyzer": "char", "ngram_range": (2, 2), "max_df": 0.5}),
    ):
        made = CountVectorizer(**options)
        counts = made.fit_transform(TEXTS).toarray()
        out[name] = {"terms": made.get_feature_names_out().tolist(), "counts": counts.tolist()}
    return {"texts": TEXTS} | out


def hashed():
    stones = pd.read_csv("examples/data/diamonds.csv")[["cut", "color", "clarity"]].iloc[:200:10]
    rows = stones.to_dict("records")
    return {
        "signed": FeatureHasher(12).transform(rows).toarray().tolist(),
        "plain": FeatureHasher(5, alternate_sign=False).transform(rows).toarray().tolist(),
    }


content = {"filled": filled(), "chosen": chosen(), "counted": counted(), "hashed": hashed()}
with open("packages/learn/test/fixtures/wider-features.json", "w") as file:
    json.dump({"madeWith": f"scikit-learn {sklearn.__version__}"} | content, file, separators=(",", ":"), ensure_ascii=False)
