"""Writes packages/learn/test/fixtures/unsupervised.json: scikit-learn's clusterings, mixtures, factorisations and figures.

Run from the repository's root, then format: npx biome format --write packages/learn/test/fixtures
Columns of the example data are standardised with the population's deviation where the tests do so too.
"""
import json

import numpy as np
import pandas as pd
import sklearn
from sklearn import cluster, decomposition, metrics, mixture


def load(name, scale):
    frame = pd.read_csv(f"examples/data/{name}.csv")
    target = frame.columns[-1]
    x = frame.drop(columns=target).to_numpy(np.float64)
    if scale:
        spread = x.std(axis=0)
        x = (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1)
    return x, pd.factorize(frame[target])[0]


def hierarchy():
    x, _ = load("wine", True)
    out = {}
    for linkage in ("ward", "complete", "average", "single"):
        out[linkage] = cluster.AgglomerativeClustering(4, linkage=linkage).fit_predict(x).tolist()
    return out


def density():
    x, _ = load("iris", True)
    out = []
    for eps, rows in ((0.5, 5), (0.8, 4), (0.4, 8)):
        model = cluster.DBSCAN(eps=eps, min_samples=rows).fit(x)
        out.append({
            "radius": eps, "minRows": rows, "labels": model.labels_.tolist(),
            "cores": model.core_sample_indices_.tolist(),
        })
    return out


def mixtures():
    x, _ = load("iris", True)
    start = cluster.KMeans(3, n_init=50, random_state=0, tol=0).fit(x)
    chances = np.eye(3)[start.labels_]
    out = {}
    for shape in ("full", "tied", "diag", "spherical"):
        model = mixture.GaussianMixture(3, covariance_type=shape, tol=1e-10, max_iter=5000, random_state=0)
        # Equal starts: the responsibilities of the tightest k-means.
        model._initialize_parameters = lambda own, random_state, xp=None, model=model: model._initialize(own, chances)
        model.fit(x)
        out[shape] = {
            "logLikelihood": model.score(x),
            "shares": sorted(model.weights_.tolist(), reverse=True),
            "sizes": sorted(np.bincount(model.predict(x)).tolist(), reverse=True),
        }
    return out


def components():
    raw, _ = load("wine", False)
    x, _ = load("digits", False)
    svd = decomposition.TruncatedSVD(3, algorithm="arpack", random_state=0).fit(raw)
    nmf = decomposition.NMF(5, init="nndsvda", tol=1e-8, max_iter=20000, random_state=0)
    w = nmf.fit_transform(x)
    return {
        "svd": svd.components_.tolist(),
        "svdShares": svd.explained_variance_ratio_.tolist(),
        "nmfError": float(np.linalg.norm(x - w @ nmf.components_)),
    }


def figures():
    out = {}
    for name, k in (("iris", 3), ("wine", 5)):
        x, y = load(name, True)
        labels = cluster.KMeans(k, n_init=10, random_state=0).fit_predict(x)
        out[name] = {
            "labels": labels.tolist(),
            "actual": y.tolist(),
            "silhouette": metrics.silhouette_score(x, labels),
            "calinskiHarabasz": metrics.calinski_harabasz_score(x, labels),
            "daviesBouldin": metrics.davies_bouldin_score(x, labels),
            "adjustedRand": metrics.adjusted_rand_score(y, labels),
            "adjustedMutualInformation": metrics.adjusted_mutual_info_score(y, labels),
            "vMeasure": metrics.homogeneity_completeness_v_measure(y, labels),
        }
    return out


with open("packages/learn/test/fixtures/unsupervised.json", "w") as file:
    json.dump(
        {
            "madeWith": f"scikit-learn {sklearn.__version__}",
            "hierarchy": hierarchy(),
            "density": density(),
            "mixtures": mixtures(),
            "components": components(),
            "figures": figures(),
        },
        file,
    )
