"""Writes packages/tune/test/fixtures/optuna.json: what Optuna 5 makes of kernels, pruning and the test functions.

Run from the repository's root, then `npm run format`; takes some minutes. `peer` are the best values of 80 trials for seeds 0 to 29 by Optuna's
default sampler (multivariate TPE with constant liar) and by the independent TPE that was its default before.
"""

import json
import random
import warnings
from functools import partial

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers._tpe.parzen_estimator import _ParzenEstimator, _ParzenEstimatorParameters
from optuna.samplers._tpe.sampler import default_weights

from tune_functions import PROBLEMS

BUDGET = 80
SEEDS = 30

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter("ignore")

SPACE = {
    "linear": FloatDistribution(-3, 5),
    "log": FloatDistribution(1e-4, 10, log=True),
    "step": FloatDistribution(0, 2, step=0.25),
    "whole": IntDistribution(1, 40),
    "wholeLog": IntDistribution(1, 900, log=True),
    "word": CategoricalDistribution(["a", "b", "c"]),
}


def draw(rng):
    """A point of SPACE, away from the middle so that kernels differ."""
    return {
        "linear": rng.uniform(-3, 1) if rng.random() < 0.7 else rng.uniform(-3, 5),
        "log": float(np.exp(rng.uniform(np.log(1e-4), np.log(10)))),
        "step": 0.25 * rng.randrange(9),
        "whole": rng.randint(1, 40),
        "wholeLog": int(np.clip(round(float(np.exp(rng.uniform(0, np.log(900))))), 1, 900)),
        "word": rng.choice("aab"),
    }


def internal(points):
    return {
        name: np.array([distribution.to_internal_repr(point[name]) for point in points], dtype=float)
        for name, distribution in SPACE.items()
    }


def stable(work):
    """Runs `work` with sorts that keep the order of equals: which of equal kernels takes which width is left to chance
    otherwise, and over several parameters it matters."""
    sort = np.argsort
    np.argsort = partial(sort, kind="stable")
    try:
        return work()
    finally:
        np.argsort = sort


def parzen():
    rng = random.Random(4)
    cases = []
    for n in (0, 1, 2, 7, 40, 120):
        observed = [draw(rng) for _ in range(n)]
        # Points far from every observation reach the kernels' tails.
        points = [draw(rng) for _ in range(6)] + [
            {"linear": 5, "log": 10, "step": 2, "whole": 40, "wholeLog": 900, "word": "c"}
        ]
        parameters = _ParzenEstimatorParameters(1.0, True, False, default_weights, True)
        estimator = stable(lambda: _ParzenEstimator(internal(observed), SPACE, parameters))
        cases.append({"observed": observed, "points": points, "logDensity": estimator.log_pdf(internal(points)).tolist()})
    return cases


def weights():
    return {n: default_weights(n).tolist() for n in (1, 24, 25, 26, 27, 28, 60)}


def pruning(pruner, direction, seed):
    """Curves of 30 trials and the step at which each was stopped (null: it ran to its end)."""
    rng = random.Random(seed)
    study = optuna.create_study(direction=direction, pruner=pruner)
    trials = []
    for _ in range(30):
        end, noise = rng.uniform(0, 1), rng.uniform(0.01, 0.2)
        curve = [round(end + 2 / step + rng.gauss(0, noise), 6) for step in range(1, 41)]
        if direction == "maximize":
            curve = [-value for value in curve]
        trial = study.ask()
        stopped = None
        for step, value in enumerate(curve, start=1):
            trial.report(value, step)
            if trial.should_prune():
                stopped = step
                break
        if stopped is None:
            study.tell(trial, curve[-1])
        else:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        trials.append({"curve": curve, "stopped": stopped})
    return {"direction": direction, "trials": trials}


def halving():
    fourths = optuna.pruners.SuccessiveHalvingPruner
    thirds = fourths(min_resource=2, reduction_factor=3, min_early_stopping_rate=1)
    return [
        pruning(fourths(min_resource=1), "minimize", 3),
        pruning(fourths(min_resource=1), "maximize", 4),
        pruning(thirds, "minimize", 5),
    ]


def suggest(trial, problem):
    x = []
    for i, (low, high) in enumerate(problem.ranges()):
        whole = i in problem.whole
        x.append(trial.suggest_int(f"x{i}", low, high) if whole else trial.suggest_float(f"x{i}", low, high))
    return x


def best_values(problem, multivariate):
    found = []
    for seed in range(SEEDS):
        sampler = optuna.samplers.TPESampler(seed=seed, multivariate=multivariate, constant_liar=multivariate)
        study = optuna.create_study(sampler=sampler)
        study.optimize(lambda trial: problem(suggest(trial, problem)), n_trials=BUDGET)
        found.append(float(f"{study.best_value:.10g}"))
    return found


def functions():
    rng = random.Random(9)
    out = []
    for problem in PROBLEMS:
        points = []
        for _ in range(3):
            ranges = problem.ranges()
            points.append(
                [rng.randint(a, b) if i in problem.whole else rng.uniform(a, b) for i, (a, b) in enumerate(ranges)]
            )
        out.append(
            {
                "name": problem.name,
                "points": points,
                "values": [float(problem(point)) for point in points],
                "peer": {"default": best_values(problem, True), "independent": best_values(problem, False)},
            }
        )
        print(problem.name, flush=True)
    return out


def main():
    reference = {
        "optuna": optuna.__version__,
        "parzen": parzen(),
        "weights": weights(),
        "median": [pruning(optuna.pruners.MedianPruner(), d, s) for d, s in (("minimize", 1), ("maximize", 2))],
        "halving": halving(),
        "functions": functions(),
    }
    with open("packages/tune/test/fixtures/optuna.json", "w") as file:
        json.dump(reference, file)
        file.write("\n")


if __name__ == "__main__":
    main()
