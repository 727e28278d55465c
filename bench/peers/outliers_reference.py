"""Reference scores of outlier detectors by scikit-learn: standardised breast cancer, learned from its first 400 rows."""
import json
import pathlib
import sys

import numpy as np
import sklearn
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import LocalOutlierFactor

root = pathlib.Path(__file__).resolve().parents[2]
lines = (root / "examples/data/breast_cancer.csv").read_text().replace('"', "").strip().splitlines()[1:]
cells = [line.split(",") for line in lines]
points = np.array([[float(value) for value in row[:-1]] for row in cells])
labels = np.array([row[-1] for row in cells])
points = (points - points.mean(axis=0)) / points.std(axis=0)

lof = {}
for name, settings in {"own": {}, "share": {"contamination": 0.1, "n_neighbors": 7}}.items():
    model = LocalOutlierFactor(novelty=True, **settings).fit(points[:400])
    lof[name] = (-model.decision_function(points[400:])).tolist()

rare = min(set(labels), key=lambda label: (labels == label).sum())
aucs = [
    roc_auc_score(labels == rare, -IsolationForest(random_state=seed).fit(points).decision_function(points))
    for seed in range(10)
]
shares = [(IsolationForest(random_state=seed).fit(points).predict(points) < 0).mean() for seed in range(10)]
out = {
    "madeWith": f"scikit-learn {sklearn.__version__}",
    "lof": lof,
    "forest": {"rare": rare, "aucs": aucs, "shares": shares},
}
target = root / "packages/learn/test/fixtures/outliers.json"
target.write_text(json.dumps(out) + "\n")
print(target, file=sys.stderr)
