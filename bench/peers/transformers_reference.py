"""Writes transformers.json, imputers.json and selection.json in packages/learn/test/fixtures: what scikit-learn makes of columns, categories and gaps.

Run from the repository's root, then format: npx biome format --write packages/learn/test/fixtures
"""
import json

import numpy as np
import pandas as pd
import sklearn
from sklearn import feature_extraction, feature_selection, impute, linear_model, preprocessing

STEP = 25


def load(name, columns=None):
    frame = pd.read_csv(f"examples/data/{name}.csv")
    return frame if columns is None else frame[columns]


def shown(x, step=STEP):
    return np.asarray(x)[::step].T.tolist()


wine = load("wine", ["alcohol", "malic_acid", "color_intensity", "proline"]).to_numpy(np.float64)
# Deviations from the mean have both signs.
centred = wine - wine.mean(axis=0)


def powers():
    out = {}
    for name, x, method in (("yeoJohnson", centred, "yeo-johnson"), ("boxCox", wine, "box-cox")):
        made = preprocessing.PowerTransformer(method).fit(x)
        out[name] = {"powers": made.lambdas_.tolist(), "columns": shown(made.transform(x))}
    return out


def columns():
    quantiles = {}
    for output in ("uniform", "normal"):
        made = preprocessing.QuantileTransformer(n_quantiles=50, output_distribution=output, subsample=None).fit(wine)
        quantiles[output] = shown(made.transform(wine))
    poly = {}
    for name, options in (("all", {"degree": 3}), ("distinct", {"degree": 3, "interaction_only": True})):
        made = preprocessing.PolynomialFeatures(**options).fit(wine)
        poly[name] = {
            "names": made.get_feature_names_out(["a", "b", "c", "d"]).tolist(),
            "columns": shown(made.transform(wine), 60),
        }
    splines = {}
    for name, options in (
        ("uniform", {}),
        ("quantile", {"knots": "quantile", "n_knots": 7, "degree": 2, "include_bias": False}),
    ):
        made = preprocessing.SplineTransformer(**options).fit(wine[:120])
        splines[name] = shown(made.transform(wine), 40)
    norms = {norm: shown(preprocessing.Normalizer(norm).fit_transform(centred), 30) for norm in ("l1", "l2", "max")}
    return {"powers": powers(), "quantiles": quantiles, "polynomials": poly, "splines": splines, "norms": norms}


def encoders():
    stones = load("diamonds").iloc[:2000]
    birds = load("penguins")
    out = {}
    for name, frame, features, target in (
        ("number", stones, ["cut", "clarity"], "price"),
        ("classes", birds, ["island", "sex"], "species"),
        ("twoClasses", birds.assign(heavy=(birds.body_mass_g > 4200).map({True: "yes", False: "no"})),
         ["island", "sex"], "heavy"),
    ):
        x = frame[features].fillna("NA").to_numpy(object)
        y = frame[target].to_numpy()
        for smooth in ("auto", 10.0):
            made = preprocessing.TargetEncoder(smooth=smooth, target_type="continuous" if name == "number" else "auto").fit(x, y)
            out[f"{name}-{smooth}"] = {
                "categories": [c.tolist() for c in made.categories_],
                "encodings": [e.tolist() for e in made.encodings_],
            }
    return out


def gaps():
    """Wine with every row missing up to two of its values, in a pattern that a test can repeat."""
    x = load("wine").iloc[:, :6].to_numpy(np.float64)
    for row in range(len(x)):
        if row % 3 != 0:
            x[row, (row * 7) % 6] = np.nan
        if row % 5 == 0:
            x[row, (row * 11 + 1) % 6] = np.nan
    fresh = np.round(x[::30] * 1.01, 4)
    knn = {}
    for weights in ("uniform", "distance"):
        made = impute.KNNImputer(n_neighbors=4, weights=weights).fit(x)
        knn[weights] = {"train": shown(made.transform(x)), "fresh": fresh_values(made, fresh)}
    return {"knn": knn}


def fresh_values(made, fresh):
    return np.asarray(made.transform(fresh)).T.tolist()


TEXTS = [
    "The quick brown fox jumps over the lazy dog.",
    "Über den Wolken muss die Freiheit wohl grenzenlos sein",
    "the the the dog dog barks",
    "",
    "Déjà vu: naïve café owners and the dog 漢字かな 😀😀",
]


def text():
    hashed = feature_extraction.text.HashingVectorizer(n_features=32).transform(TEXTS).toarray()
    plain = feature_extraction.text.HashingVectorizer(
        n_features=16, norm=None, alternate_sign=False, ngram_range=(1, 2)).transform(TEXTS).toarray()
    counts = feature_extraction.text.CountVectorizer().fit(TEXTS)
    categories = feature_extraction.FeatureHasher(n_features=8, input_type="dict").transform(
        [{"island": "Biscoe", "sex": "MALE"}, {"island": "Dream"}, {"sex": "FEMALE"}]).toarray()
    return {
        "texts": TEXTS,
        "hashed": hashed.tolist(),
        "plain": plain.tolist(),
        "terms": counts.get_feature_names_out().tolist(),
        "counts": counts.transform(TEXTS).toarray().tolist(),
        "categories": categories.tolist(),
    }


def selection():
    iris, digits = load("iris"), load("diabetes")
    # Noise makes values differ, so that the noise which scikit-learn adds changes no rank.
    rng = np.random.default_rng(5)
    x = np.round(iris.iloc[:, :4].to_numpy(np.float64) + rng.normal(0, 0.05, (150, 4)), 9)
    d = np.round(digits.iloc[:, :5].to_numpy(np.float64)[:200] + rng.normal(0, 0.05, (200, 5)), 9)
    y = np.round(digits.progression.to_numpy(np.float64)[:200] + rng.normal(0, 0.5, 200), 9)
    species = iris.species.to_numpy()
    f, p = feature_selection.f_classif(iris.iloc[:, :4], species)
    chi, chi_p = feature_selection.chi2(iris.iloc[:, :4], species)
    line, line_p = feature_selection.f_regression(digits.iloc[:, :10], digits.progression)
    kept = {}
    for name, kind in (("fpr", "SelectFpr"), ("fdr", "SelectFdr"), ("fwe", "SelectFwe")):
        made = getattr(feature_selection, kind)(feature_selection.f_regression, alpha=1e-4).fit(digits.iloc[:, :10], digits.progression)
        kept[name] = np.flatnonzero(made.get_support()).tolist()
    scaled = preprocessing.StandardScaler().fit_transform(digits.iloc[:, :10])
    rfe = feature_selection.RFE(linear_model.Ridge(alpha=1.0), n_features_to_select=3).fit(scaled, digits.progression)
    forward = feature_selection.SequentialFeatureSelector(
        linear_model.Ridge(alpha=1.0), n_features_to_select=3, scoring="neg_mean_squared_error",
        cv=10).fit(scaled, digits.progression)
    return {
        "mutual": {
            "iris": x.T.tolist(),
            "classes": feature_selection.mutual_info_classif(x, species, random_state=0).tolist(),
            "columns": d.T.tolist(),
            "target": y.tolist(),
            "numbers": feature_selection.mutual_info_regression(d, y, random_state=0).tolist(),
        },
        "pValues": {"classF": p.tolist(), "chi2": chi_p.tolist(), "lineF": line_p.tolist()},
        "kept": kept,
        "eliminated": rfe.ranking_.tolist(),
        "forward": np.flatnonzero(forward.get_support()).tolist(),
    }


def rounded(value):
    """Thirteen digits are more than the tests compare."""
    if isinstance(value, float):
        return float(f"{value:.13g}")
    if isinstance(value, dict):
        return {name: rounded(each) for name, each in value.items()}
    return [rounded(each) for each in value] if isinstance(value, list) else value


for name, parts in (
    ("transformers", {"columns": columns(), "encoders": encoders(), "text": text()}),
    ("imputers", gaps()),
    ("selection", selection()),
):
    with open(f"packages/learn/test/fixtures/{name}.json", "w") as file:
        json.dump({"madeWith": f"scikit-learn {sklearn.__version__}"} | rounded(parts), file)
