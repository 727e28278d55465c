"""Reference values of further metrics, splits and tests, made with scikit-learn and SciPy on the diabetes and iris data.

Writes packages/learn/test/fixtures/evaluation.json. Run from the repository root:
    python bench/peers/evaluation_reference.py && npx biome format --write packages/learn/test/fixtures
"""
import json
import math
from pathlib import Path

import numpy as np
import scipy
import sklearn
from scipy import stats
from sklearn import metrics as m
from sklearn import model_selection as ms
from sklearn.datasets import load_diabetes, load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.svm import LinearSVC

rng = np.random.default_rng(20261123)
ROWS = 60


def regression():
    X, y = load_diabetes(return_X_y=True)
    p = LinearRegression().fit(X, y).predict(X)[:ROWS]
    y = y[:ROWS]
    expected = {f"tweedie {power}": m.mean_tweedie_deviance(y, p, power=power) for power in [-1, 0, 1, 1.5, 2, 3]}
    expected |= {f"d2Tweedie {power}": m.d2_tweedie_score(y, p, power=power) for power in [0, 1, 1.5, 2]}
    expected |= {f"pinball {a}": m.mean_pinball_loss(y, p, alpha=a) for a in [0.1, 0.5, 0.9]}
    expected |= {f"d2Pinball {a}": m.d2_pinball_score(y, p, alpha=a) for a in [0.1, 0.33, 0.5, 0.9]}
    expected |= {"rmsle": m.root_mean_squared_log_error(y, p), "d2Absolute": m.d2_absolute_error_score(y, p)}
    return {"actual": y.tolist(), "predicted": p.tolist(), "expected": expected}


def classification(y, proba, decisions):
    p = proba.argmax(axis=1)
    labels = list(range(proba.shape[1]))
    expected = {}
    for average in ["macro", "weighted"]:
        expected[f"fBeta 2 {average}"] = m.fbeta_score(y, p, beta=2, average=average)
        expected[f"fBeta 0.5 {average}"] = m.fbeta_score(y, p, beta=0.5, average=average)
        expected[f"jaccard {average}"] = m.jaccard_score(y, p, average=average)
        if len(labels) > 2:
            for multi in ["ovr", "ovo"]:
                expected[f"auc {multi} {average}"] = m.roc_auc_score(y, proba, multi_class=multi, average=average)
    for weights in [None, "linear", "quadratic"]:
        expected[f"kappa {weights or 'none'}"] = m.cohen_kappa_score(y, p, weights=weights)
    if len(labels) > 2:
        expected["topK 2"] = m.top_k_accuracy_score(y, proba, k=2)
        expected["averagePrecision"] = m.average_precision_score(y, proba)
        expected["hinge"] = m.hinge_loss(y, decisions, labels=labels)
    else:
        expected["averagePrecision"] = m.average_precision_score(y, proba[:, 1])
        expected["hinge"] = m.hinge_loss(y, decisions)
    expected["brier"] = m.brier_score_loss(y, proba if len(labels) > 2 else proba[:, 1])
    return {
        "classes": len(labels),
        "actual": y.tolist(),
        "predicted": p.tolist(),
        "probabilities": proba.ravel().tolist(),
        "decisions": decisions.ravel().tolist(),
        "expected": expected,
    }


def classes():
    X, y = load_iris(return_X_y=True)
    X = X[:, :2]  # Two columns leave something to get wrong.
    pick = rng.permutation(len(y))[:ROWS]
    many = LogisticRegression().fit(X, y)
    # Rounded, so that scores tie.
    multi = classification(
        y[pick], many.predict_proba(X[pick]), LinearSVC(random_state=0).fit(X, y).decision_function(X[pick])
    )
    two = (y > 1).astype(int)
    binary = LogisticRegression().fit(X, two)
    return {
        "iris": multi,
        "virginica": classification(
            two[pick],
            binary.predict_proba(X[pick]),
            LinearSVC(random_state=0).fit(X, two).decision_function(X[pick]),
        ),
    }


def multilabel():
    y = (rng.random((40, 5)) < 0.4).astype(int)
    y[0], y[1] = 0, 1
    scores = np.round(y * 0.3 + rng.random((40, 5)), 1)
    p = (scores > 0.6).astype(int)
    return {
        "labels": 5,
        "actual": y.ravel().tolist(),
        "scores": scores.ravel().tolist(),
        "predicted": p.ravel().tolist(),
        "expected": {
            "hamming": m.hamming_loss(y, p),
            "subset": m.accuracy_score(y, p),
            "lrap": m.label_ranking_average_precision_score(y, scores),
            "coverage": m.coverage_error(y, scores),
            "rankingLoss": m.label_ranking_loss(y, scores),
        },
    }


def ranking():
    relevance = rng.integers(0, 4, (12, 15)).astype(float)
    relevance[3] = 0
    scores = np.round(relevance * 0.1 + rng.random((12, 15)), 1)
    expected = {}
    for k in [None, 1, 5, 15]:
        expected[f"dcg {k}"] = m.dcg_score(relevance, scores, k=k)
        expected[f"ndcg {k}"] = m.ndcg_score(relevance, scores, k=k)
    orders = [np.argsort(-s, kind="stable") for s in scores]
    hits = np.array([r[o] > 1 for r, o in zip(relevance, orders)])
    totals = hits.sum(axis=1)
    expected["mrr"] = np.mean([1 / (1 + h.argmax()) if h.any() else 0 for h in hits])
    for k in [1, 5]:
        expected[f"precision {k}"] = hits[:, :k].mean()
        expected[f"recall {k}"] = np.mean([h[:k].sum() / t if t else 0 for h, t in zip(hits, totals)])
        expected[f"map {k}"] = np.mean(
            [sum(h[: i + 1].mean() for i in range(k) if h[i]) / min(t, k) if t else 0 for h, t in zip(hits, totals)]
        )
    return {"relevance": relevance.tolist(), "scores": scores.tolist(), "expected": expected}


def splits():
    groups = rng.integers(0, 9, ROWS)
    codes = (rng.random(ROWS) < 0.3).astype(int) + (groups % 2)
    x = np.zeros((ROWS, 1))
    tests = lambda split, *args: [test.tolist() for _, test in split.split(x, *args)]
    return {
        "groups": groups.tolist(),
        "codes": codes.tolist(),
        "groupKFold": tests(ms.GroupKFold(4), codes, groups),
        "stratifiedGroupKFold": tests(ms.StratifiedGroupKFold(3), codes, groups),
        "timeSeries": [
            {"train": train.tolist(), "test": test.tolist()}
            for train, test in ms.TimeSeriesSplit(4, gap=2, test_size=5, max_train_size=30).split(x)
        ],
        "timeSeriesPlain": [len(train) for train, _ in ms.TimeSeriesSplit(7).split(x)],
    }


def intervals():
    out = []
    values = rng.gamma(2, 3, 50)
    for method in ["percentile", "bca"]:
        for statistic in [np.mean, np.median]:
            found = stats.bootstrap(
                (values,), statistic, n_resamples=400, method=method, rng=np.random.default_rng(1), vectorized=False
            )
            low, high = found.confidence_interval
            out.append(
                {
                    "method": method,
                    "statistic": statistic.__name__,
                    "distribution": found.bootstrap_distribution.tolist(),
                    "low": low,
                    "high": high,
                }
            )
    # One distribution a statistic is enough: the same seed gives the same resamples.
    for i in [2, 3]:
        assert out[i]["distribution"] == out[i - 2].pop("distribution")
    return {"values": values.tolist(), "cases": out}


def tests():
    differences = rng.normal(0.02, 0.03, 10)
    variance = differences.var(ddof=1) * (1 / 10 + 1 / 9)
    t = differences.mean() / math.sqrt(variance)
    five = rng.normal(0.01, 0.02, (5, 2))
    five_t = five[0, 0] / math.sqrt((five.var(axis=1) * 2).mean())
    return {
        "corrected": {"differences": differences.tolist(), "t": t, "p": 2 * stats.t.sf(abs(t), 9)},
        "fiveByTwo": {"differences": five.tolist(), "t": five_t, "p": 2 * stats.t.sf(abs(five_t), 5)},
        "mcnemar": [
            {"only": [a, b], "exact": stats.binomtest(min(a, b), a + b, 0.5).pvalue,
             "chi": stats.chi2.sf((abs(a - b) - 1) ** 2 / (a + b), 1)}
            for a, b in [(3, 12), (40, 25), (5, 6)]
        ],
        "studentT": [
            {"t": t, "degrees": d, "p": 2 * stats.t.sf(abs(t), d)}
            for t in [0.0, 0.5, 2.0, 7.0] for d in [1, 2.5, 9, 100]
        ],
        "normal": [{"z": z, "below": stats.norm.cdf(z)} for z in [-6.0, -2.5, -1.0, -0.1, 0.0, 0.3, 1.96, 5.0]],
    }


out = {
    "madeWith": f"scikit-learn {sklearn.__version__}, SciPy {scipy.__version__}",
    "regression": regression(),
    "classification": classes(),
    "multilabel": multilabel(),
    "ranking": ranking(),
    "splits": splits(),
    "intervals": intervals(),
    "tests": tests(),
}
Path("packages/learn/test/fixtures/evaluation.json").write_text(json.dumps(out))
