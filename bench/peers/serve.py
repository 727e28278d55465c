"""Runs one peer's fit per request: JSON lines {case, input} in, {seconds, quality, version} out.

Each function gets the files that our side made (raw float32, row-major) and leaves out loading them from its time.
"""

import json
import sys
import time

import numpy as np

THREADS = int(sys.argv[1])
DATA = {}


def load(path, columns=None):
    if path not in DATA:
        array = np.fromfile(path, dtype=np.float32)
        DATA[path] = array if columns is None else array.reshape(-1, columns)
    return DATA[path]


def split(task):
    """Training and test rows: the last `test` rows are held out."""
    x, y, test = load(task["x"], task["columns"]), load(task["y"]), task["test"]
    return x[:-test], y[:-test], x[-test:], y[-test:]


def timed(fit):
    start = time.perf_counter()
    result = fit()
    return time.perf_counter() - start, result


def sgd_minibatch(task):
    # scikit-learn has no mini-batch SGD for linear models: its per-sample SGD over as many epochs is the nearest peer.
    from sklearn.linear_model import SGDRegressor

    x, y, xt, yt = split(task)
    model = SGDRegressor(alpha=0.0, learning_rate="invscaling", eta0=0.01, max_iter=task["epochs"], tol=None,
                         shuffle=True, random_state=0)
    seconds, _ = timed(lambda: model.fit(x, y))
    return seconds, float(np.mean((model.predict(xt) - yt) ** 2))


sgd_per_sample = sgd_minibatch


def logistic_lbfgs(task):
    from sklearn.linear_model import LogisticRegression

    x, y, xt, yt = split(task)
    model = LogisticRegression(C=task["c"], tol=task["tolerance"], max_iter=1000)
    seconds, _ = timed(lambda: model.fit(x, y))
    return seconds, float(model.score(xt, yt))


def random_forest(task):
    from sklearn.ensemble import RandomForestClassifier

    x, y, xt, yt = split(task)
    model = RandomForestClassifier(n_estimators=task["trees"], n_jobs=THREADS, random_state=0)
    seconds, _ = timed(lambda: model.fit(x, y))
    return seconds, float(model.score(xt, yt))


def auc(y, p):
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(y, p))


def boosting(y, classes, p):
    """The figure of merit of boosting: area under the curve for two classes, else the mean squared error."""
    return auc(y, p) if classes else float(np.mean((p - y) ** 2))


def boosting_xgboost(task, classes=True):
    import xgboost

    x, y, xt, yt = split(task)
    params = {
        "objective": "binary:logistic" if classes else "reg:squarederror", "tree_method": "hist", "eta": task["rate"],
        "max_bin": 255, "lambda": 1.0, "min_child_weight": 1.0, "nthread": THREADS,
    }
    if "leaves" in task:
        params |= {"grow_policy": "lossguide", "max_leaves": task["leaves"], "max_depth": 0}
    else:
        params |= {"max_depth": task["depth"]}
    seconds, model = timed(lambda: xgboost.train(params, xgboost.DMatrix(x, y, nthread=THREADS), task["trees"]))
    return seconds, boosting(yt, classes, model.predict(xgboost.DMatrix(xt)))


def boosting_lightgbm(task, classes=True):
    import lightgbm

    x, y, xt, yt = split(task)
    params = {
        "objective": "binary" if classes else "regression", "num_leaves": task["leaves"], "learning_rate": task["rate"],
        "max_bin": 255, "lambda_l2": 1.0, "min_data_in_leaf": 20, "num_threads": THREADS, "verbosity": -1,
    }
    seconds, model = timed(lambda: lightgbm.train(params, lightgbm.Dataset(x, y), task["trees"]))
    return seconds, boosting(yt, classes, model.predict(xt))


binary_xgboost = boosting_xgboost
binary_lightgbm = boosting_lightgbm


def diamonds_xgboost(task):
    return boosting_xgboost(task, classes=False)


def diamonds_lightgbm(task):
    return boosting_lightgbm(task, classes=False)


def forest_lightgbm(task):
    import lightgbm

    x, y, xt, yt = split(task)
    # A bootstrap sample holds 63.2 % of the rows; as many columns are tried at a split as by ours, the root of 20. More
    # leaves than rows allow would only make it reserve more memory.
    leaf_rows = task["leafRows"]
    params = {
        "objective": "binary", "boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.632,
        "feature_fraction_bynode": 0.2, "num_leaves": int(0.632 * len(y) / leaf_rows), "min_data_in_leaf": leaf_rows,
        "min_sum_hessian_in_leaf": 0.0, "max_bin": 255, "num_threads": THREADS, "verbosity": -1,
    }
    seconds, model = timed(lambda: lightgbm.train(params, lightgbm.Dataset(x, y), task["trees"]))
    return seconds, float(np.mean((model.predict(xt) > 0.5) == yt))


def knn(task, algorithm):
    from sklearn.neighbors import KNeighborsClassifier

    x, y, xt, yt = split(task)
    model = KNeighborsClassifier(n_neighbors=task["k"], algorithm=algorithm, n_jobs=THREADS)
    seconds, labels = timed(lambda: model.fit(x, y).predict(xt))
    return seconds, float(np.mean(labels == yt))


def knn_brute(task):
    return knn(task, "brute")


def knn_kd_tree(task):
    return knn(task, "kd_tree")


def knn_hnsw(task):
    # Its trees are slower than comparing with all points here, and it has no approximate search.
    from sklearn.neighbors import KNeighborsClassifier

    x, y, xt, yt = split(task)
    model = KNeighborsClassifier(n_neighbors=task["k"], algorithm="brute", n_jobs=THREADS).fit(x, y)
    rows = range(task["asked"])
    seconds, labels = timed(lambda: [model.predict(xt[i : i + 1])[0] for i in rows])
    return seconds, float(np.mean(np.array(labels) == yt[: task["asked"]]))


def svc_rbf(task):
    from sklearn.svm import SVC

    x, y, xt, yt = split(task)
    model = SVC()
    seconds, _ = timed(lambda: model.fit(x, y))
    return seconds, float(model.score(xt, yt))


def linear_svm(task):
    from sklearn.svm import LinearSVC

    x, y, xt, yt = split(task)
    model = LinearSVC(random_state=0)
    seconds, _ = timed(lambda: model.fit(x, y))
    return seconds, float(model.score(xt, yt))


def lasso(task):
    from sklearn.linear_model import Lasso

    x, y, xt, yt = split(task)
    model = Lasso(task["alpha"])
    seconds, _ = timed(lambda: model.fit(x, y))
    return seconds, float(np.mean((model.predict(xt) - yt) ** 2))


lasso_wide = lasso


def k_means(task):
    from sklearn.cluster import KMeans

    x = split(task)[0]
    model = KMeans(task["clusters"], n_init=1, max_iter=task["iterations"], tol=0, random_state=0)
    seconds, _ = timed(lambda: model.fit(x))
    return seconds, float(model.inertia_)


def pca(task):
    from sklearn.decomposition import PCA

    x = split(task)[0]
    model = PCA(task["components"])
    seconds, _ = timed(lambda: model.fit(x))
    return seconds, float(model.explained_variance_ratio_.sum())


def tf_idf(task):
    import pandas
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = pandas.read_csv(task["csv"]).iloc[:, 0].tolist() * task["copies"]
    model = TfidfVectorizer(max_features=task["terms"])
    seconds, matrix = timed(lambda: model.fit_transform(texts))
    return seconds, float(matrix.sum())


def one_hot_scale(task):
    # Category codes and dense output are what scikit-learn is fastest with; from strings it takes half as long again.
    import pandas
    from sklearn.compose import ColumnTransformer
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    x = split(task)[0]
    numbers = task["columns"] - len(task["categories"])
    frame = pandas.DataFrame({f"x{i}": x[:, i].astype(np.float64) for i in range(x.shape[1])})
    for i, count in enumerate(task["categories"]):
        name = f"x{numbers + i}"
        frame[name] = np.abs(np.trunc(frame[name] * 1000)).astype(np.int32) % count
    names = list(frame.columns)
    encoder = OneHotEncoder(sparse_output=False, handle_unknown="ignore")
    model = ColumnTransformer([("scale", StandardScaler(), names[:numbers]), ("encode", encoder, names[numbers:])])
    seconds, made = timed(lambda: model.fit_transform(frame))
    return seconds, float(np.square(made).sum())


FITTED = {}


def fitted(task):
    """The peer's model of the same kind and size, fitted once; with the rows to predict and their classes."""
    key = (task["x"], task["model"])
    x, y, xt, yt = split(task)
    if key not in FITTED:
        FITTED[key] = PREDICTORS[task["model"]](task).fit(x, y)
    return FITTED[key], xt, yt


def boosted_trees(task):
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(max_iter=task["trees"], max_leaf_nodes=task["leaves"], max_bins=255,
                                          early_stopping=False, random_state=0)


def forest_of_trees(task):
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(n_estimators=task["trees"], n_jobs=THREADS, random_state=0)


def scaled_logistic(task):
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression())


PREDICTORS = {"boosting": boosted_trees, "forest": forest_of_trees, "linear": scaled_logistic}


def predict_row(task):
    model, x, y = fitted(task)
    count = task["peerCalls"]
    rows = [x[i:i + 1] for i in range(count)]
    seconds, labels = timed(lambda: [model.predict(row)[0] for row in rows])
    return seconds / count, float(np.mean(np.array(labels) == y[:count]))


predict_row_linear = predict_row


def predict_batch(task):
    model, x, y = fitted(task)
    copies = np.tile(x, (task["copies"], 1))
    # Ours gives probabilities and classes: the peer's classes come of its probabilities as well.
    seconds, shares = timed(lambda: model.predict_proba(copies))
    return seconds, float(np.mean((shares[: len(y), 1] > 0.5) == y))


predict_batch_forest = predict_batch_linear = predict_batch


def csv_to_columns(task):
    import pandas

    def read():
        frame = pandas.read_csv(task["csv"])
        numbers = [frame[name].to_numpy(dtype=np.float64) for name in ("a", "b", "c", "n")]
        codes = [pandas.factorize(frame[name], sort=True) for name in ("cut", "city")]
        return numbers, codes

    seconds, (numbers, _) = timed(read)
    return seconds, float(numbers[0].mean())


def suggest(task):
    """Seconds of suggestions by Optuna's default sampler, its state in memory."""
    import optuna
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    space = {f"x{i}": FloatDistribution(-5, 10) for i in range(9)}
    space["rounds"] = IntDistribution(1, 500, log=True)
    space["depth"] = IntDistribution(2, 32)
    space["kind"] = CategoricalDistribution(["a", "b", "c"])

    def value(p):
        total = sum((p[f"x{i}"] - 1) ** 2 for i in range(9)) + (0 if p["kind"] == "b" else 1)
        return total + np.log(p["rounds"] / 30) ** 2 + 0.1 * (p["depth"] - 7) ** 2

    with open(task["trials"]) as file:
        trials = json.load(file)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=1))
    study.add_trials([optuna.trial.create_trial(distributions=space, **trial) for trial in trials])
    values = []

    def ask():
        for _ in range(task["asked"]):
            trial = study.ask(space)
            values.append(value(trial.params))
            study.tell(trial, values[-1])

    seconds, _ = timed(ask)
    return seconds, float(np.mean(values))


suggest_100 = suggest_1000 = suggest_10000 = suggest


def version(case):
    if case.endswith("_xgboost"):
        import xgboost as module
    elif case.endswith("_lightgbm"):
        import lightgbm as module
    elif case == "csv_to_columns":
        import pandas as module
    elif case.startswith("suggest"):
        import optuna as module
    else:
        import sklearn as module
    return module.__version__


for line in sys.stdin:
    request = json.loads(line)
    name = request["case"].replace("-", "_")
    try:
        seconds, quality = globals()[name](request["input"])
        answer = {"seconds": seconds, "quality": quality, "version": version(name)}
    except Exception as error:  # the parent prints it and stops
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
