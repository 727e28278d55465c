"""Writes packages/learn/test/fixtures/features.json: what scikit-learn makes of columns, text, clusters and margins.

Run from the repository's root, then format: npx biome format --write packages/learn/test/fixtures
Columns of the example data are standardised with the population's deviation where the tests do so too.
"""
import json

import numpy as np
import pandas as pd
import sklearn
from sklearn import cluster, decomposition, feature_selection, metrics, naive_bayes, preprocessing, svm
from sklearn.feature_extraction.text import TfidfVectorizer

rng = np.random.default_rng(20261123)


def load(name, scale):
    frame = pd.read_csv(f"examples/data/{name}.csv")
    target = frame.columns[-1]
    x = frame.drop(columns=target).to_numpy(np.float64)
    if scale:
        spread = x.std(axis=0)
        x = (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1)
    y = frame[target]
    return x, (y.to_numpy(np.float64) if name == "diabetes" else y.astype(str).to_numpy())


def columns(x):
    return np.asarray(x).T.tolist()


def scaling():
    x = np.round(rng.standard_t(2, size=(31, 3)), 3)
    bins = {}
    for strategy in ("uniform", "quantile"):
        made = preprocessing.KBinsDiscretizer(
            n_bins=4, strategy=strategy, encode="ordinal", subsample=None,
            **({"quantile_method": "linear"} if strategy == "quantile" else {}),
        ).fit(x)
        bins[strategy] = columns(made.transform(x))
    return {
        "columns": columns(x),
        "robust": columns(preprocessing.RobustScaler().fit_transform(x)),
        "robustWide": columns(preprocessing.RobustScaler(quantile_range=(10, 95)).fit_transform(x)),
        "maxAbs": columns(preprocessing.MaxAbsScaler().fit_transform(x)),
        "bins": bins,
    }


def selection():
    iris, species = load("iris", False)
    diabetes, disease = load("diabetes", False)
    return {
        "classF": feature_selection.f_classif(iris, species)[0].tolist(),
        "chi2": feature_selection.chi2(iris, species)[0].tolist(),
        "lineF": feature_selection.f_regression(diabetes, disease)[0].tolist(),
    }


TEXTS = [
    "The quick brown fox jumps over the lazy dog.",
    "A fox! The brown-red FOX; the fox's den, number 42.",
    "Über den Wolken muss die Freiheit wohl grenzenlos sein",
    "the the the dog dog barks",
    "",
    "Déjà vu: naïve café owners and the dog",
    "snake_case and x1 y2 are words, a b c are not",
    "brown dog, brown dog, brown fox",
]


def text():
    cases = {
        "plain": {},
        "pairs": {"ngram_range": (1, 2), "sublinear_tf": True, "min_df": 2},
        "rare": {"max_df": 0.4, "norm": "l1", "stop_words": ["dog"]},
        "counts": {"use_idf": False, "norm": None, "lowercase": False},
        "chars": {"analyzer": "char", "ngram_range": (2, 3), "min_df": 3},
    }
    out = {}
    for name, options in cases.items():
        made = TfidfVectorizer(**options).fit(TEXTS)
        dense = made.transform(TEXTS).toarray()
        out[name] = {"terms": made.get_feature_names_out().tolist(), "rows": np.round(dense, 12).tolist()}
    return {"texts": TEXTS, "cases": out}


def components():
    x, _ = load("wine", True)
    full = decomposition.PCA(svd_solver="full").fit(x)
    white = decomposition.PCA(n_components=2, whiten=True, svd_solver="full").fit(x)
    svd = decomposition.TruncatedSVD(n_components=2, algorithm="arpack", random_state=0).fit(load("wine", False)[0])
    return {
        "shares": full.explained_variance_ratio_.tolist(),
        "first": full.components_[:3].tolist(),
        "for90": int(decomposition.PCA(n_components=0.9, svd_solver="full").fit(x).n_components_),
        "whitened": white.transform(x)[:5].tolist(),
        "svd": svd.components_.tolist(),
    }


def bayes():
    iris, species = load("iris", False)
    digits, digit = load("digits", False)
    gauss = naive_bayes.GaussianNB().fit(iris, species)
    multi = naive_bayes.MultinomialNB(alpha=0.5).fit(digits, digit)
    return {
        "gaussian": gauss.predict_proba(iris[::10]).tolist(),
        "multinomial": multi.predict_proba(digits[::200]).tolist(),
        "multinomialAccuracy": multi.score(digits, digit),
    }


def margins():
    out = {}
    for name in ("breast_cancer", "iris"):
        x, y = load(name, True)
        for loss in ("hinge", "squared_hinge"):
            model = svm.LinearSVC(C=0.5, loss=loss, dual=True, tol=1e-9, max_iter=1_000_000, random_state=0).fit(x, y)
            out[f"{name}-{loss}"] = {
                "coefficients": np.ravel(model.coef_).tolist(),
                "intercepts": np.ravel(model.intercept_).tolist(),
                "accuracy": model.score(x, y),
            }
        rbf = svm.SVC(C=2.0, tol=1e-6, decision_function_shape="ovo").fit(x, y)
        decisions = rbf.decision_function(x)
        out[f"{name}-rbf"] = {
            "decisions": np.round(np.reshape(decisions, (len(x), -1))[::10], 6).tolist(),
            "support": int(rbf.n_support_.sum()),
            "accuracy": rbf.score(x, y),
        }
    return out


def clusters():
    out = {}
    for name, k in (("iris", 3), ("wine", 3)):
        x, _ = load(name, True)
        best = cluster.KMeans(k, n_init=50, random_state=0, tol=0).fit(x)
        out[name] = {
            "k": k,
            "inertia": best.inertia_,
            "silhouette": metrics.silhouette_score(x, best.labels_),
            "sizes": sorted(np.bincount(best.labels_).tolist(), reverse=True),
        }
    return out


with open("packages/learn/test/fixtures/features.json", "w") as file:
    json.dump(
        {
            "madeWith": f"scikit-learn {sklearn.__version__}",
            "scaling": scaling(),
            "selection": selection(),
            "text": text(),
            "components": components(),
            "bayes": bayes(),
            "margins": margins(),
            "clusters": clusters(),
        },
        file,
    )
