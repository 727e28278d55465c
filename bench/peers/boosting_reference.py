"""Reference values of boosting losses: scikit-learn's HistGradientBoostingRegressor on the first 250 rows of diabetes,
where every distinct value has a bin of its own on both sides. Prints JSON for packages/learn/test/fixtures/boosting.json."""
import json
import pathlib

import numpy as np
import pandas as pd
import sklearn
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import mean_gamma_deviance, mean_poisson_deviance

ROOT = pathlib.Path(__file__).resolve().parents[2]
data = pd.read_csv(ROOT / "examples/data/diabetes.csv").head(250)
y = data.pop("progression").to_numpy(float)
weights = 1.0 + np.arange(250) % 3


def fit(weight=None, **options):
    model = HistGradientBoostingRegressor(
        max_iter=30, learning_rate=0.1, max_leaf_nodes=8, min_samples_leaf=1, early_stopping=False, **options
    )
    return model.fit(data, y, sample_weight=weight).predict(data)


ones = np.ones(250)
poisson, gamma = fit(loss="poisson"), fit(loss="gamma")
print(
    json.dumps(
        {
            "madeWith": f"scikit-learn {sklearn.__version__}",
            "absolute": np.round(fit(loss="absolute_error"), 8).tolist(),
            "quantile": np.round(fit(ones, loss="quantile", quantile=0.83), 8).tolist(),
            "weighted": np.round(fit(weights), 8).tolist(),
            "poisson": {"deviance": float(mean_poisson_deviance(y, poisson)), "values": np.round(poisson, 8).tolist()},
            "gamma": {"deviance": float(mean_gamma_deviance(y, gamma)), "values": np.round(gamma, 8).tolist()},
        }
    )
)
