"""Reference values of matrix factorisation for packages/learn/test/fixtures/recommend.json.

Explicit: every ridge regression of one pass solved densely by numpy. Implicit: the `implicit` package (0.7.3), started
from the same vectors, and numpy over all pairs. Run: python recommend_reference.py > recommend.json
"""
import json
import sys
from importlib.metadata import version

import numpy as np
from implicit.als import AlternatingLeastSquares
from scipy.sparse import csr_matrix

USERS, ITEMS, FACTORS, PASSES = 14, 11, 3, 4


def ridge(features, target, penalty):
    return np.linalg.solve(features.T @ features + penalty * np.eye(features.shape[1]), features.T @ target)


def explicit(ratings, mean, items, users, regularization):
    """Vectors [factors, bias]; the penalty weighted by the number of ratings (Zhou et al. 2008)."""
    for _ in range(PASSES):
        for mine, others, axis in ((users, items, 0), (items, users, 1)):
            for row in range(len(mine)):
                own = [r for r in ratings if r[axis] == row]
                if not own:
                    mine[row] = 0
                    continue
                theirs = others[[r[1 - axis] for r in own]]
                features = np.hstack([theirs[:, :-1], np.ones((len(own), 1))])
                target = np.array([r[2] for r in own]) - mean - theirs[:, -1]
                mine[row] = ridge(features, target, regularization * len(own))
    return users, items


def implicit_dense(strengths, items, users, alpha, regularization):
    """Every pair counts: preference 1 with confidence 1 + alpha r where r > 0, else 0 with confidence 1."""
    for _ in range(PASSES):
        for mine, others, table in ((users, items, strengths), (items, users, strengths.T)):
            for row in range(len(mine)):
                confidence = 1 + alpha * table[row]
                if not table[row].any():
                    mine[row] = 0
                    continue
                left = others.T @ (confidence[:, None] * others) + regularization * np.eye(FACTORS)
                mine[row] = np.linalg.solve(left, others.T @ (confidence * (table[row] > 0)))
    return users, items


def implicit_package(strengths, items, alpha, regularization):
    model = AlternatingLeastSquares(
        factors=FACTORS, regularization=regularization, alpha=1.0, iterations=PASSES, use_cg=False, use_gpu=False,
        dtype=np.float64, num_threads=1,
    )
    model.user_factors = np.zeros((USERS, FACTORS))
    model.item_factors = items.copy()
    # The package takes confidences as they are, and the Gram matrix counts 1 of them already.
    model.fit(csr_matrix(np.where(strengths > 0, 1 + alpha * strengths, 0.0)), show_progress=False)
    return model.user_factors, model.item_factors


def main():
    random = np.random.default_rng(7)
    pairs = random.permutation(USERS * ITEMS)[:70]
    values = np.round(random.normal(3.5, 1.0, len(pairs)), 3)
    ratings = [(int(p // ITEMS), int(p % ITEMS), float(v)) for p, v in zip(pairs, values)]
    counts = random.integers(1, 9, len(pairs))
    strengths = np.zeros((USERS, ITEMS))
    for (user, item, _), count in zip(ratings, counts):
        strengths[user, item] = count
    start = 0.1 * random.normal(size=(ITEMS, FACTORS))
    start_bias = np.hstack([start, 0.1 * random.normal(size=(ITEMS, 1))])
    mean = float(np.mean(values))
    users, items = explicit(ratings, mean, start_bias.copy(), np.zeros((USERS, FACTORS + 1)), 0.1)
    dense = implicit_dense(strengths, start.copy(), np.zeros((USERS, FACTORS)), 0.7, 0.05)
    package = implicit_package(strengths, start, 0.7, 0.05)
    print(max(np.abs(dense[0] - package[0]).max(), np.abs(dense[1] - package[1]).max()), file=sys.stderr)
    json.dump(
        {
            "madeWith": f"NumPy {np.__version__}, implicit {version('implicit')}",
            "passes": PASSES,
            "factors": FACTORS,
            "users": USERS,
            "items": ITEMS,
            "ratings": ratings,
            "counts": counts.tolist(),
            "explicit": {"regularization": 0.1, "mean": mean, "start": start_bias.tolist(), "users": users.tolist(), "items": items.tolist()},
            "implicit": {"regularization": 0.05, "alpha": 0.7, "start": start.tolist(), "users": dense[0].tolist(), "items": dense[1].tolist(),
                         "package": {"users": package[0].tolist(), "items": package[1].tolist()}},
        },
        sys.stdout,
    )
    print()


main()
