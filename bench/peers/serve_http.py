"""The serving peer: scikit-learn boosting behind FastAPI and one uvicorn worker, as its documentation shows it.

Usage: serve_http.py DIAMONDS.csv PORT; prints `ready` once the model is trained.
"""

import sys

import pandas as pd
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

table = pd.read_csv(sys.argv[1])
features = [name for name in table.columns if name != "price"]
encoder = make_column_transformer((OrdinalEncoder(), ["cut", "color", "clarity"]), remainder="passthrough")
model = make_pipeline(encoder, HistGradientBoostingRegressor(max_iter=100)).fit(table[features], table["price"])
app = FastAPI()


class Rows(BaseModel):
    rows: list[dict]


@app.post("/predict")
def predict(body: Rows):
    return {"predictions": model.predict(pd.DataFrame(body.rows)[features]).tolist()}


@app.get("/health")
def health():
    return {"status": "ok"}


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="error")
