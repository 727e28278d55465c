"""Writes packages/server/test/foreign/exported/*.onnx, models of other libraries as their converters write them, and
reference.json with rows and what the libraries themselves predict for these.

Needs skl2onnx 1.20 and onnxmltools 1.16 beside the other peers. Run from the repository root, then format:
npx biome format --write packages/server/test/foreign/exported
"""

import json
import os

import lightgbm
import numpy as np
import onnxmltools
import pandas as pd
import skl2onnx
import sklearn
import xgboost
from onnxmltools.convert.common.data_types import FloatTensorType as ToolsFloat
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

FOLDER = "packages/server/test/foreign/exported"
ROWS = 12
cases = {}


def write(name, model, inputs, outputs):
    with open(os.path.join(FOLDER, f"{name}.onnx"), "wb") as file:
        file.write(model.SerializeToString())
    cases[name] = {"inputs": inputs, "outputs": outputs}


def listed(array):
    return np.asarray(array, dtype=float).tolist()


def penguins():
    """A pipeline of mixed columns, once with the list of maps that converters write by default and once without."""
    frame = pd.read_csv("examples/data/penguins.csv")
    numbers, words = ["beak_length_mm", "beak_depth_mm", "flipper_length_mm", "body_mass_g"], ["island", "sex"]
    if numbers[0] not in frame:
        numbers[:2] = ["bill_length_mm", "bill_depth_mm"]
    frame = frame.dropna(subset=["species", *words]).reset_index(drop=True)
    frame[numbers] = frame[numbers].astype(np.float32)
    columns = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), numbers), (OneHotEncoder(handle_unknown="ignore"), words)
    )
    model = make_pipeline(columns, LogisticRegression()).fit(frame[numbers + words], frame["species"])
    types = [(name, FloatTensorType([None, 1])) for name in numbers] + [
        (name, StringTensorType([None, 1])) for name in words
    ]
    rows = frame.iloc[:: len(frame) // ROWS].head(ROWS)
    inputs = {name: [[value] for value in rows[name].tolist()] for name in numbers + words}
    outputs = {
        "output_label": model.predict(rows[numbers + words]).tolist(),
        "output_probability": listed(model.predict_proba(rows[numbers + words])),
    }
    for name, zipmap in (("sklearn-pipeline", False), ("sklearn-zipmap", True)):
        onnx = skl2onnx.convert_sklearn(
            model, initial_types=types, options={id(model): {"zipmap": zipmap}}, target_opset=20
        )
        shown = dict(outputs)
        if zipmap:
            del shown["output_probability"]
        else:
            shown = {"label": shown["output_label"], "probabilities": shown["output_probability"]}
        write(name, onnx, inputs, shown)


def arrays(name):
    frame = pd.read_csv(f"examples/data/{name}.csv")
    target = frame.columns[-1]
    return frame.drop(columns=[target]).to_numpy(np.float32), frame[target]


def some(x):
    return x[:: max(1, len(x) // ROWS)][:ROWS]


def forest():
    x, y = arrays("diabetes")
    model = RandomForestRegressor(10, max_depth=6, random_state=0).fit(x, y)
    rows = some(x)
    write("sklearn-forest", to_onnx(model, x[:1], target_opset=20), {"X": listed(rows)}, {"variable": [[p] for p in model.predict(rows)]})


def boosters():
    x, y = arrays("breast_cancer")
    codes = (y == sorted(y.unique())[1]).astype(int).to_numpy()
    rows = some(x)
    types = [("input", ToolsFloat([None, x.shape[1]]))]
    boosted = xgboost.XGBClassifier(n_estimators=20, max_depth=3, n_jobs=1).fit(x, codes)
    outputs = {"label": boosted.predict(rows).tolist(), "probabilities": listed(boosted.predict_proba(rows))}
    write("xgboost", onnxmltools.convert_xgboost(boosted, initial_types=types, target_opset=15), {"input": listed(rows)}, outputs)
    light = lightgbm.LGBMClassifier(n_estimators=20, num_leaves=7, n_jobs=1, verbose=-1).fit(x, codes)
    outputs = {"label": light.predict(rows).tolist(), "probabilities": listed(light.predict_proba(rows))}
    onnx = onnxmltools.convert_lightgbm(light, initial_types=types, target_opset=15, zipmap=False)
    write("lightgbm", onnx, {"input": listed(rows)}, outputs)


os.makedirs(FOLDER, exist_ok=True)
penguins()
forest()
boosters()
made = {
    "scikit-learn": sklearn.__version__,
    "skl2onnx": skl2onnx.__version__,
    "onnxmltools": onnxmltools.__version__,
    "xgboost": xgboost.__version__,
    "lightgbm": lightgbm.__version__,
}
with open(os.path.join(FOLDER, "reference.json"), "w") as file:
    json.dump({"madeWith": made, "cases": cases}, file)
