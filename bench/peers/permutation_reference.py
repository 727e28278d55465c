"""Writes packages/learn/test/fixtures/permutation.json: permutation importances of scikit-learn, over many shuffles.

Run from the repository root: python bench/peers/permutation_reference.py
"""

import json

import pandas as pd
import sklearn
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression
from sklearn.naive_bayes import GaussianNB


def importances(name, target, model, scoring):
    frame = pd.read_csv(f"examples/data/{name}.csv")
    x, y = frame.drop(columns=[target]), frame[target]
    found = permutation_importance(model.fit(x, y), x, y, scoring=scoring, n_repeats=1000, random_state=0)
    return {
        "data": name, "target": target, "columns": list(x.columns),
        "means": found.importances_mean.tolist(), "deviations": found.importances_std.tolist(),
    }


fixture = {
    "madeWith": f"scikit-learn {sklearn.__version__}",
    "mse": importances("diabetes", "progression", LinearRegression(), "neg_mean_squared_error"),
    "r2": importances("diabetes", "progression", LinearRegression(), "r2"),
    "accuracy": importances("iris", "species", GaussianNB(), "accuracy"),
}
with open("packages/learn/test/fixtures/permutation.json", "w") as file:
    json.dump(fixture, file, indent=1)
    file.write("\n")
