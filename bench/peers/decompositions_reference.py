"""Writes packages/learn/test/fixtures/decompositions.json: scikit-learn's factorisations, embeddings and robust covariances.

Run from the repository's root, then format: npx biome format --write packages/learn/test/fixtures
Columns are standardised with the population's deviation where the tests do so too.
"""
import json

import numpy as np
import pandas as pd
import sklearn
from sklearn import covariance, decomposition, manifold
from sklearn.decomposition import _nmf


def load(name, scale):
    frame = pd.read_csv(f"examples/data/{name}.csv")
    target = frame.columns[-1]
    x = frame.drop(columns=target).to_numpy(np.float64)
    if scale:
        spread = x.std(axis=0)
        x = (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1)
    return x, pd.factorize(frame[target])[0]


def exact_svd(matrix, components, **_):
    u, s, v = np.linalg.svd(matrix, full_matrices=False)
    return u[:, :components], s[:components], v[:components]


# Its start rests on a randomised decomposition; with the exact one, every iterate can be compared.
_nmf._randomized_svd = exact_svd


def factorisations():
    out = {}
    settings = {
        "iris": ("iris", 2, {}),
        "digits": ("digits", 6, {}),
        "digitsPenalised": ("digits", 4, {"alpha_W": 0.02, "l1_ratio": 0.5}),
    }
    for key, (name, count, others) in settings.items():
        x, _ = load(name, False)
        model = decomposition.NMF(count, init="nndsvda", tol=1e-4, max_iter=200, **others)
        model.fit(x)
        # Tightly, by the parts found with the usual tolerance.
        shares = _nmf.non_negative_factorization(
            x[:12], H=model.components_, n_components=count, init=None, update_H=False, tol=1e-14, max_iter=100_000,
            alpha_W=others.get("alpha_W", 0.0), l1_ratio=others.get("l1_ratio", 0.0),
        )[0]
        out[key] = {
            "components": np.round(model.components_, 10).tolist(),
            "error": float(model.reconstruction_err_),
            "shares": shares.tolist(),
        }
    return out


def increments():
    out = {}
    for name, count, batch, whiten in (("wine", 4, 50, False), ("wine", 4, 50, True), ("digits", 6, 200, False)):
        x, _ = load(name, name == "wine")
        model = decomposition.IncrementalPCA(count, batch_size=batch, whiten=whiten).fit(x)
        out[f"{name}{'-whitened' if whiten else ''}"] = {
            "components": model.components_.tolist(),
            "variances": model.explained_variance_.tolist(),
            "shares": model.explained_variance_ratio_.tolist(),
            "means": model.mean_.tolist(),
            "scores": model.transform(x[:5]).tolist(),
        }
    x, _ = load("digits", False)
    few = decomposition.IncrementalPCA(3, batch_size=12).fit(x[:100])  # Fewer rows in a batch than columns.
    out["narrow"] = {"components": few.components_.tolist(), "variances": few.explained_variance_.tolist()}
    return out


def ellipses():
    out = {}
    for name, share in (("wine", None), ("breast_cancer", None), ("diabetes", 0.6)):
        x, _ = load(name, True)
        x = x[:, :8] if name == "breast_cancer" else x
        found = None
        # The best of many seeds: the least determinant is what all of them look for.
        for seed in range(20):
            model = covariance.EllipticEnvelope(support_fraction=share, contamination=0.1, random_state=seed).fit(x)
            raw = np.linalg.slogdet(model.raw_covariance_)[1]
            if found is None or raw < found[0] - 1e-12:
                found = (raw, model)
        raw, model = found
        out[name] = {
            "logDeterminant": raw,  # Of columns over their deviations.
            "rawSupport": np.flatnonzero(model.raw_support_).tolist(),
            "location": model.location_.tolist(),
            "covariance": model.covariance_.tolist(),
            "distances": model.mahalanobis(x[:40]).tolist(),
            "offset": float(model.offset_),
        }
    return out


def embeddings():
    x, _ = load("digits", False)
    x = x[:400]
    flat = decomposition.PCA(2).fit_transform(x)
    tsne = manifold.TSNE(2, random_state=0).fit_transform(x)
    return {
        "pca": manifold.trustworthiness(x, flat, n_neighbors=10),
        "tsne": manifold.trustworthiness(x, tsne, n_neighbors=10),
    }


with open("packages/learn/test/fixtures/decompositions.json", "w") as file:
    json.dump(
        {
            "madeWith": f"scikit-learn {sklearn.__version__}",
            "factorisations": factorisations(),
            "increments": increments(),
            "ellipses": ellipses(),
            "embeddings": embeddings(),
        },
        file,
    )
