"""Writes packages/learn/test/fixtures/quality.json: how good scikit-learn's, XGBoost's and LightGBM's models get where algorithms
differ, and what the same steps come to: boosting of categories and gaps by several losses, networks, matrix factorisation.

Run from the repository root, then format: npx biome format --write packages/learn/test/fixtures
"""

import json
import warnings

import lightgbm
import numpy as np
import pandas as pd
import sklearn
import xgboost
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import accuracy_score, log_loss, mean_gamma_deviance, mean_pinball_loss, mean_tweedie_deviance, r2_score
from sklearn.neural_network import MLPClassifier, MLPRegressor

warnings.filterwarnings("ignore")


def diamonds(target):
    """Every sixth diamond with a sixth of its values missing; every fifth of these is a test row."""
    frame = pd.read_csv("examples/data/diamonds.csv").iloc[::6].reset_index(drop=True)
    y = frame.pop(target)
    for j, column in enumerate(frame.columns):
        gone = (np.arange(len(frame)) * 7 + j * 13) % 6 == 0
        values = frame[column].astype(float) if pd.api.types.is_numeric_dtype(frame[column]) else frame[column]
        frame[column] = values.mask(gone)
        if not pd.api.types.is_numeric_dtype(frame[column]):
            frame[column] = frame[column].astype("category")
    test = np.arange(len(frame)) % 5 == 0
    return frame[~test], frame[test], y[~test], y[test]


def price():
    x, test, y, actual = diamonds("price")
    hist = dict(categorical_features="from_dtype", early_stopping=False)
    light = dict(verbose=-1, num_threads=1, deterministic=True)
    tree = dict(n_jobs=1, max_depth=0, max_leaves=31, grow_policy="lossguide", tree_method="hist", learning_rate=0.1)
    models = {
        "squared": ("squared_error", "regression", "reg:squarederror", {}),
        "gamma": ("gamma", "gamma", "reg:gamma", {}),
        "quantile": ("quantile", "quantile", "reg:quantileerror", {"quantile": 0.9}),
    }
    judges = {
        "squared": lambda p: float(1 - r2_score(actual, p)),
        "gamma": lambda p: float(mean_gamma_deviance(actual, np.maximum(p, 1e-6))),
        "quantile": lambda p: float(mean_pinball_loss(actual, p, alpha=0.9)),
    }
    out = {}
    for name, (ours, theirs, xgb, options) in models.items():
        alpha = {"alpha": 0.9} if options else {}
        quantile = {"quantile_alpha": 0.9} if options else {}
        fits = {
            "scikitLearn": HistGradientBoostingRegressor(loss=ours, **options, **hist),
            "lightgbm": lightgbm.LGBMRegressor(objective=theirs, **alpha, **light),
            "xgboost": xgboost.XGBRegressor(objective=xgb, enable_categorical=True, **quantile, **tree),
        }
        out[name] = {library: judges[name](model.fit(x, y).predict(test)) for library, model in fits.items()}
    tweedie = {
        "lightgbm": lightgbm.LGBMRegressor(objective="tweedie", tweedie_variance_power=1.7, **light),
        "xgboost": xgboost.XGBRegressor(objective="reg:tweedie", tweedie_variance_power=1.7, enable_categorical=True, **tree),
    }
    out["tweedie"] = {
        library: float(mean_tweedie_deviance(actual, model.fit(x, y).predict(test), power=1.7))
        for library, model in tweedie.items()
    }
    return out


def cuts():
    x, test, y, actual = diamonds("cut")
    names = sorted(set(y))
    codes, told = y.map(names.index), actual.map(names.index)
    tree = dict(n_jobs=1, max_depth=0, max_leaves=31, grow_policy="lossguide", tree_method="hist", learning_rate=0.1)
    fits = {
        "scikitLearn": HistGradientBoostingClassifier(categorical_features="from_dtype", early_stopping=False),
        "lightgbm": lightgbm.LGBMClassifier(verbose=-1, num_threads=1, deterministic=True),
        "xgboost": xgboost.XGBClassifier(enable_categorical=True, **tree),
    }
    out = {}
    for library, model in fits.items():
        shares = model.fit(x, codes).predict_proba(test)
        out[library] = {"logLoss": log_loss(told, shares), "accuracy": accuracy_score(told, shares.argmax(axis=1))}
    return out


def gaps():
    """The same trees: diabetes with gaps, of which every distinct value has a bin of its own."""
    frame = pd.read_csv("examples/data/diabetes.csv").head(250).astype(float)
    y = frame.pop("progression").to_numpy()
    for j, column in enumerate(frame.columns):
        frame[column] = frame[column].mask((np.arange(250) * 7 + j * 13) % 6 == 0)
    model = HistGradientBoostingRegressor(max_iter=30, max_leaf_nodes=8, min_samples_leaf=1, early_stopping=False)
    return np.round(model.fit(frame, y).predict(frame), 8).tolist()


def networks():
    """A network with scikit-learn's weights, and R² and accuracy on every fourth row over seeds."""
    frame = pd.read_csv("examples/data/diabetes.csv")
    y = frame.pop("progression").to_numpy(float)
    y = (y - y.mean()) / y.std()
    x = frame.to_numpy(float)
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    test = np.arange(len(y)) % 4 == 0
    net = MLPRegressor(hidden_layer_sizes=(5, 5), activation="logistic", max_iter=60, random_state=0).fit(x, y)
    weights = [value for pair in zip(net.coefs_, net.intercepts_) for part in pair for value in part.ravel().tolist()]
    settings = dict(hidden_layer_sizes=(20,), max_iter=300, learning_rate_init=0.01, alpha=1)
    scores = [
        MLPRegressor(random_state=seed, **settings).fit(x[~test], y[~test]).score(x[test], y[test]) for seed in range(8)
    ]
    digits = pd.read_csv("examples/data/digits.csv")
    digit = digits.pop("digit" if "digit" in digits else digits.columns[-1]).astype(str).to_numpy()
    pixels = digits.to_numpy(float)
    spread = pixels.std(axis=0)
    pixels = (pixels - pixels.mean(axis=0)) / np.where(spread > 0, spread, 1)
    held = np.arange(len(digit)) % 4 == 0
    rights = [
        MLPClassifier((32,), max_iter=30, random_state=seed).fit(pixels[~held], digit[~held]).score(pixels[held], digit[held])
        for seed in range(5)
    ]
    return {"weights": weights, "shown": net.predict(x)[::40].tolist(), "r2": scores, "accuracy": rights}


def ridge(features, target, penalty):
    return np.linalg.solve(features.T @ features + penalty * np.eye(features.shape[1]), features.T @ target)


def uses():
    """What alternating least squares makes of how often owners use packages, solved densely by NumPy, over seeds."""
    frame = pd.read_csv("examples/data/npm_tools.csv")
    users, items = pd.factorize(frame.owner)[0], pd.factorize(frame.package)[0]
    values = frame.uses.to_numpy(float)
    shape = (users.max() + 1, items.max() + 1)
    strengths = np.zeros(shape)
    np.add.at(strengths, (users, items), values)
    logs = np.log1p(values)

    def explicit(seed, factors=3, penalty=0.05, passes=60):
        random = np.random.default_rng(seed)
        sides = [np.zeros((shape[0], factors + 1)), 0.1 * random.normal(size=(shape[1], factors + 1))]
        mean = logs.mean()
        places = (users, items)
        for _ in range(passes):
            for side in (0, 1):
                for row in range(shape[side]):
                    own = places[side] == row
                    theirs = sides[1 - side][places[1 - side][own]]
                    features = np.hstack([theirs[:, :-1], np.ones((own.sum(), 1))])
                    sides[side][row] = ridge(features, logs[own] - mean - theirs[:, -1], penalty * own.sum())
        u, i = sides[0][users], sides[1][items]
        errors = logs - mean - (u[:, :-1] * i[:, :-1]).sum(axis=1) - u[:, -1] - i[:, -1]
        objective = (errors**2 + penalty * ((u**2).sum(axis=1) + (i**2).sum(axis=1))).mean()
        return {"objective": float(objective), "rmse": float(np.sqrt((errors**2).mean()))}

    def implicit(seed, factors=6, penalty=2.0, alpha=1.0, passes=40):
        random = np.random.default_rng(seed)
        u, i = np.zeros((shape[0], factors)), 0.1 * random.normal(size=(shape[1], factors))
        wanted, trust = (strengths > 0).astype(float), 1 + alpha * strengths
        for _ in range(passes):
            for mine, others, w, c in ((u, i, wanted, trust), (i, u, wanted.T, trust.T)):
                for row in range(len(mine)):
                    left = others.T @ (c[row][:, None] * others) + penalty * np.eye(factors)
                    mine[row] = np.linalg.solve(left, others.T @ (c[row] * w[row]))
        errors = (trust * (wanted - u @ i.T) ** 2).sum()
        return float((errors + penalty * ((u**2).sum() + (i**2).sum())) / (strengths > 0).sum())

    return {"explicit": [explicit(seed) for seed in range(6)], "implicit": [implicit(seed) for seed in range(6)]}


libraries = {"scikit-learn": sklearn, "XGBoost": xgboost, "LightGBM": lightgbm, "NumPy": np}
content = {"madeWith": ", ".join(f"{name} {library.__version__}" for name, library in libraries.items())}
content |= {"price": price(), "cuts": cuts(), "gaps": gaps(), "networks": networks(), "uses": uses()}
with open("packages/learn/test/fixtures/quality.json", "w") as file:
    json.dump(content, file, separators=(",", ":"))
    file.write("\n")
