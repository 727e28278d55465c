"""Writes packages/learn/test/fixtures/elimination.json: the columns that scikit-learn's RFECV keeps of the example data.

Run from the repository's root, then format: npx biome format --write packages/learn/test/fixtures
Columns are standardised with the population's deviation. Folds are dealt in turn, class after class, as ours are; losses are
squared errors, and the share of probability that other classes got.
"""
import json

import numpy as np
import pandas as pd
import sklearn
from sklearn.feature_selection import RFECV
from sklearn.linear_model import LogisticRegression, Ridge

FOLDS = 5


def load(name):
    frame = pd.read_csv(f"examples/data/{name}.csv")
    target = frame.columns[-1]
    x = frame.drop(columns=target)
    return (x - x.mean()) / x.std(ddof=0), frame[target].to_numpy()


def deal(order):
    for fold in range(FOLDS):
        test = np.sort(order[fold::FOLDS])
        yield np.setdiff1d(np.arange(len(order)), test), test


def kept(model, name, order_of, score):
    x, y = load(name)
    found = RFECV(model, cv=list(deal(order_of(y))), scoring=score).fit(x, y)
    return {"columns": list(x.columns[found.support_]), "ranking": found.ranking_.tolist()}


def own_share(model, x, y):
    places = np.searchsorted(model.classes_, y)
    return model.predict_proba(x)[np.arange(len(y)), places].mean()


def squares(model, x, y):
    return -np.mean((model.predict(x) - y) ** 2)


# Classes are in the order of their first rows.
def by_class(y):
    codes = pd.factorize(y)[0]
    return np.lexsort((np.arange(len(y)), codes))


out = {
    "madeWith": f"scikit-learn {sklearn.__version__}",
    "breast_cancer": kept(LogisticRegression(C=0.1, tol=1e-10, max_iter=10_000), "breast_cancer", by_class, own_share),
    "diabetes": kept(Ridge(alpha=1), "diabetes", lambda y: np.arange(len(y)), squares),
}
with open("packages/learn/test/fixtures/elimination.json", "w") as file:
    json.dump(out, file)
print({name: len(found["columns"]) for name, found in out.items() if name != "madeWith"})
