"""Reference values of the metrics and the preprocessing, made with scikit-learn and NumPy.

Writes packages/learn/test/fixtures/metrics.json and preprocess.json. Run from the repository root:
    python bench/peers/metrics_reference.py && npx biome format --write packages/learn/test/fixtures
"""
import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn import metrics as m
from sklearn.preprocessing import StandardScaler

OUT = Path("packages/learn/test/fixtures")
rng = np.random.default_rng(20260701)


def regression(y, p):
    return {
        "actual": y.tolist(),
        "predicted": p.tolist(),
        "expected": {
            "rmse": m.root_mean_squared_error(y, p),
            "mse": m.mean_squared_error(y, p),
            "mae": m.mean_absolute_error(y, p),
            "r2": m.r2_score(y, p),
            "mape": m.mean_absolute_percentage_error(y, p),
            "medianAbsoluteError": m.median_absolute_error(y, p),
            "maxError": m.max_error(y, p),
            "explainedVariance": m.explained_variance_score(y, p),
        },
    }


def classification(y, proba, classes):
    labels = list(range(classes))
    p = proba.argmax(axis=1)
    expected = {
        "accuracy": m.accuracy_score(y, p),
        "balancedAccuracy": m.balanced_accuracy_score(y, p),
        "logLoss": m.log_loss(y, proba, labels=labels),
        "brier": m.brier_score_loss(y, proba if classes > 2 else proba[:, 1], labels=labels),
        "mcc": m.matthews_corrcoef(y, p),
        "rocAuc": m.roc_auc_score(y, proba[:, 1] if classes == 2 else proba, multi_class="ovr"),
    }
    for average in ["macro", "weighted"] + (["binary"] if classes == 2 else []):
        suffix = "" if average == "binary" else average.capitalize()
        precision, recall, f1, _ = m.precision_recall_fscore_support(y, p, average=average, zero_division=0)
        expected |= {f"precision{suffix}": precision, f"recall{suffix}": recall, f"f1{suffix}": f1}
    return {
        "classes": classes,
        "actual": y.tolist(),
        "predicted": p.tolist(),
        "probabilities": proba.ravel().tolist(),
        "confusion": m.confusion_matrix(y, p, labels=labels).ravel().tolist(),
        "expected": expected,
    }


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def class_case(n, classes, round_to=None, sharp=1.0):
    y = rng.integers(0, classes, n)
    z = rng.normal(size=(n, classes)) * sharp
    z[np.arange(n), y] += 1
    if round_to is not None:  # ties
        z = np.round(z, round_to)
    return classification(y, softmax(z), classes)


def scaled(transformer, x):
    # None stands for a missing value.
    out = transformer.fit_transform(x.reshape(-1, 1)).ravel()
    return [None if np.isnan(v) else v for v in out]


def min_max(x, low, high):
    # In extended precision: scikit-learn's x * scale + min loses digits far from zero and calls tiny ranges constant.
    x = x.astype(np.longdouble)
    span = np.nanmax(x) - np.nanmin(x)
    out = (x - np.nanmin(x)) / (span if span > 0 else 1) * (high - low) + low
    return [None if np.isnan(v) else float(v) for v in out]


y = rng.normal(size=101) * 10 + 3
with_zero = y.copy()
with_zero[::10] = 0
skewed = class_case(200, 2)
imbalanced_y = (rng.random(150) < 0.1).astype(int)
imbalanced = np.column_stack([np.full(150, 0.7), np.full(150, 0.3)])
OUT.mkdir(parents=True, exist_ok=True)
(OUT / "metrics.json").write_text(json.dumps({
    "madeWith": f"scikit-learn {sklearn.__version__}",
    "regression": {
        "noisy": regression(y, y + rng.normal(size=101)),
        "biased": regression(y, y + 5),
        "zeros": regression(with_zero, y),
        "constant target": regression(np.full(10, 2.0), np.arange(10.0)),
        "perfect": regression(y, y),
        "even count": regression(y[:50], y[:50] * 0.9),
    },
    "classification": {
        "binary": skewed,
        "binary with ties": class_case(120, 2, round_to=0),
        "four classes": class_case(300, 4),
        "four classes with ties": class_case(160, 4, round_to=0),
        "confident": class_case(80, 3, sharp=40.0),
        "constant answer": classification(imbalanced_y, imbalanced, 2),
    },
}) + "\n")

columns = {
    "spread": rng.normal(size=50) * 1e3 + 7,
    "offset": rng.normal(size=50) * 1e-3 + 1e6,
    "constant": np.full(50, 0.1),
    "tiny": rng.normal(size=50) * 1e-200,
}
missing = rng.normal(size=50)
missing[::7] = np.nan
columns["missing"] = missing
(OUT / "preprocess.json").write_text(json.dumps({
    "madeWith": f"scikit-learn {sklearn.__version__}",
    "columns": {name: {
        "values": [None if np.isnan(v) else v for v in x],
        "standard": scaled(StandardScaler(), x),
        "centred": scaled(StandardScaler(with_std=False), x),
        "minMax": min_max(x, -1, 2),
        "mean": float(np.nanmean(x)),
        "median": float(np.nanmedian(x)),
    } for name, x in columns.items()},
}) + "\n")
