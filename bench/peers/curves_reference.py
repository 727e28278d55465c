"""Reference values of the curves of a classifier and of histograms, made with scikit-learn and NumPy.

Writes packages/learn/test/fixtures/curves.json. Run from the repository root:
    python bench/peers/curves_reference.py && npx biome format --write packages/learn/test/fixtures
"""
import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn import metrics as m
from sklearn.calibration import calibration_curve

OUT = Path("packages/learn/test/fixtures/curves.json")
rng = np.random.default_rng(20260723)


def case(y, s, bins):
    fpr, tpr, roc_thresholds = m.roc_curve(y, s, drop_intermediate=False)
    precision, recall, pr_thresholds = m.precision_recall_curve(y, s)
    observed, predicted = calibration_curve(y, s, n_bins=bins)
    return {
        "bins": bins,
        "positive": y.tolist(),
        "scores": s.tolist(),
        # The first threshold is infinite, which JSON cannot say.
        "roc": {"fpr": fpr.tolist(), "tpr": tpr.tolist(), "thresholds": roc_thresholds[1:].tolist()},
        # scikit-learn ends with a point (1, 0) that no threshold gives; its thresholds rise.
        "precisionRecall": {
            "precision": precision[:-1].tolist(),
            "recall": recall[:-1].tolist(),
            "thresholds": pr_thresholds.tolist(),
        },
        "averagePrecision": m.average_precision_score(y, s),
        "auc": m.roc_auc_score(y, s),
        "calibration": {"observed": observed.tolist(), "predicted": predicted.tolist()},
    }


def scores(y, spread):
    return 1 / (1 + np.exp(-(rng.normal(size=len(y)) * spread + 1.5 * (y - 0.5))))


def bins(values, count):
    counts, edges = np.histogram(values, bins=count)
    return {"values": values.tolist(), "bins": count, "counts": counts.tolist(), "edges": edges.tolist()}


y = (rng.random(300) < 0.4).astype(int)
rare = (rng.random(250) < 0.04).astype(int)
rare[7] = 1
clear = np.repeat([0, 1], 20)
OUT.write_text(json.dumps({
    "madeWith": f"scikit-learn {sklearn.__version__}, NumPy {np.__version__}",
    "curves": {
        "noisy": case(y, scores(y, 1.0), 10),
        "ties on the edges of bins": case(y, np.round(scores(y, 1.0), 1), 10),
        "few bins": case(y, np.round(scores(y, 0.5), 2), 3),
        "a rare class": case(rare, scores(rare, 1.0), 10),
        "perfectly apart": case(clear, np.linspace(0, 1, 40), 5),
        "the same score for all": case(y, np.full(300, 0.3), 10),
    },
    "histograms": {
        "normal": bins(rng.normal(size=500), 20),
        "whole numbers": bins(rng.integers(0, 10, 200).astype(float), 10),
        "one value": bins(np.full(5, 2.0), 4),
        "offset": bins(1e6 + rng.random(100) / 10, 7),
    },
}) + "\n")
