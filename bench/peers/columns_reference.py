"""Writes packages/learn/test/fixtures/columns.json: what scikit-learn makes of the columns of real data, categories, gaps and
texts among them; pandas of dates; NumPy of circles.

Run from the repository root, then format: npx biome format --write packages/learn/test/fixtures
"""

import json

import numpy as np
import pandas as pd
import sklearn
from sklearn import preprocessing
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.feature_selection import SelectFromModel, VarianceThreshold
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge

penguins = pd.read_csv("examples/data/penguins.csv")
STEP = 19


def load(name, scale):
    frame = pd.read_csv(f"examples/data/{name}.csv")
    y = frame.pop(frame.columns[-1]).to_numpy()
    x = frame.to_numpy(np.float64)
    return frame.columns, (x - x.mean(axis=0)) / x.std(axis=0) if scale else x, y


def shown(x, step=STEP):
    """Every so manieth row, by column; gaps are null."""
    rows = np.asarray(x, dtype=object)[::step].T
    return [[None if pd.isna(value) else value for value in column] for column in rows.tolist()]


def categories():
    own = penguins[["island", "sex"]]
    one_hot = preprocessing.OneHotEncoder(sparse_output=False)
    ordinal = preprocessing.OrdinalEncoder(encoded_missing_value=-1)
    full = own.dropna()
    dropped = {
        drop: {"names": model.get_feature_names_out().tolist(), "columns": shown(columns)}
        for drop, model in (
            (drop, preprocessing.OneHotEncoder(sparse_output=False, drop=drop)) for drop in ("first", "if_binary")
        )
        for columns in [model.fit_transform(full)]
    }
    counts = own.apply(lambda column: column.map(column.value_counts())).fillna(0)
    return {
        "oneHot": shown(one_hot.fit_transform(own)),
        "dropped": dropped,
        "ordinal": shown(ordinal.fit_transform(own)),
        "ordered": shown(preprocessing.OrdinalEncoder(categories=[["Torgersen", "Biscoe", "Dream"]]).fit_transform(own[["island"]])),
        "counts": shown(counts),
        "shares": shown(counts / len(own)),
        "logs": shown(np.log1p(counts)),
    }


def gaps():
    numbers = penguins[["beak_length_mm", "body_mass_g"]]
    words = penguins[["sex"]]
    return {
        "mean": shown(SimpleImputer(strategy="mean").fit_transform(numbers), 1)[0][:12],
        "fills": {
            strategy: SimpleImputer(strategy=strategy).fit(numbers).statistics_.tolist() for strategy in ("mean", "median")
        },
        "word": SimpleImputer(strategy="most_frequent").fit(words).statistics_.tolist(),
        "constant": shown(SimpleImputer(strategy="constant", fill_value=-7, add_indicator=True).fit_transform(numbers), 43),
        "missing": shown(MissingIndicator(features="missing-only").fit_transform(penguins).astype(int), 1),
        "all": shown(MissingIndicator(features="all").fit_transform(penguins).astype(int), 43),
        "rows": [int(row) for row in np.flatnonzero(penguins.isna().any(axis=1))],
    }


def scales():
    _, x, _ = load("breast_cancer", False)
    x = x[:, [0, 3, 27]]
    bins = dict(n_bins=6, encode="ordinal", quantile_method="linear", subsample=None)
    models = {
        "standard": preprocessing.StandardScaler(),
        "minMax": preprocessing.MinMaxScaler(),
        "maxAbs": preprocessing.MaxAbsScaler(),
        "robust": preprocessing.RobustScaler(),
        "notCentred": preprocessing.StandardScaler(with_mean=False),
        "robustNotCentred": preprocessing.RobustScaler(with_centering=False),
        "robustNotScaled": preprocessing.RobustScaler(with_scaling=False),
        "powers": preprocessing.PowerTransformer(standardize=False),
        "binarizer": preprocessing.Binarizer(threshold=15.25),
        "uniform": preprocessing.KBinsDiscretizer(strategy="uniform", **bins),
        "quantile": preprocessing.KBinsDiscretizer(strategy="quantile", **bins),
    }
    return {name: shown(model.fit_transform(x), 19) for name, model in models.items()}


def selections():
    names, x, y = load("breast_cancer", False)
    keep = {str(t): names[VarianceThreshold(t).fit(x).get_support()].tolist() for t in (1e-4, 0.01, 1, 300)}
    out = {"variance": keep}
    _, scaled, _ = load("breast_cancer", True)
    cultivars, wine, cultivar = load("wine", True)
    columns, disease, progression = load("diabetes", True)
    settings = dict(C=0.1, solver="newton-cg", tol=1e-12, max_iter=10000)
    by_mean = SelectFromModel(LogisticRegression(**settings), threshold="mean")
    by_count = SelectFromModel(Ridge(alpha=1), threshold=-np.inf, max_features=4)
    out["cancer"] = names[by_mean.fit(scaled, y).get_support()].tolist()
    out["wine"] = cultivars[by_mean.fit(wine, cultivar).get_support()].tolist()
    out["diabetes"] = columns[by_count.fit(disease, progression).get_support()].tolist()
    return out


def dates():
    times = pd.date_range("1897-02-27 05:00", "2104-03-02", periods=37).floor("h")
    days = (times - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)
    # 1970-01-04 was a Sunday; a mean Gregorian year has 365.2425 days.
    circles = [2 * np.pi * days / 365.2425, 2 * np.pi * (days - 3) / 7, 2 * np.pi * days]
    return {
        "times": (days * 86_400_000).round().astype(int).tolist(),
        "columns": {
            "year": times.year.tolist(),
            "month": times.month.tolist(),
            "day": times.day.tolist(),
            "weekday": ((times.day_of_week + 1) % 7).tolist(),
            "days": days.tolist(),
            "hour": times.hour.tolist(),
        },
        "circles": [values.tolist() for circle in circles for values in (np.sin(circle), np.cos(circle))],
        "hours": [np.sin(2 * np.pi * times.hour / 24).tolist(), np.cos(2 * np.pi * times.hour / 24).tolist()],
    }


def texts():
    passages = pd.read_csv("examples/data/speeches.csv")["passage"].head(240)

    def told(model):
        made = model.fit_transform(passages).toarray()
        found = {"sums": made.sum(axis=0).tolist(), "rows": made[::130].tolist()}
        return found | ({"terms": model.get_feature_names_out().tolist()} if hasattr(model, "vocabulary_") else {})

    def most(limit, **settings):
        """The largest number of terms up to the limit that leaves no term out that is as frequent as one kept."""
        counts = np.sort(CountVectorizer(**settings).fit_transform(passages).sum(axis=0).A1)[::-1]
        return next(k for k in range(limit, 0, -1) if counts[k - 1] > counts[k])

    pairs = dict(ngram_range=(1, 2), min_df=3, max_df=0.6)
    runs = dict(analyzer="char", ngram_range=(2, 3))
    return {
        "counts": told(CountVectorizer(max_features=most(120, **pairs), **pairs)),
        "tfidf": told(TfidfVectorizer(max_features=most(120, **pairs), sublinear_tf=True, **pairs)),
        "runs": told(TfidfVectorizer(max_features=most(60, **runs), norm="l1", **runs)),
        "hashed": told(HashingVectorizer(n_features=64)),
        "hashedPlain": told(HashingVectorizer(n_features=48, lowercase=False, stop_words=["the", "of"], alternate_sign=False)),
    }


content = {
    "madeWith": f"scikit-learn {sklearn.__version__}, pandas {pd.__version__}, NumPy {np.__version__}",
    "categories": categories(),
    "gaps": gaps(),
    "scales": scales(),
    "selections": selections(),
    "dates": dates(),
    "texts": texts(),
}


def rounded(value):
    """Twelve digits are enough, and keep the file small."""
    if isinstance(value, dict):
        return {key: rounded(own) for key, own in value.items()}
    if isinstance(value, list):
        return [rounded(own) for own in value]
    return float(f"{value:.12g}") if isinstance(value, float) else value


with open("packages/learn/test/fixtures/columns.json", "w") as file:
    json.dump(rounded(content), file, separators=(",", ":"))
    file.write("\n")
