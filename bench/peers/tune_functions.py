"""The functions of packages/tune/test/functions.ts once more, by the same published definitions, for Optuna to search.

Definitions and ranges: the evalset collection (McCourt, "Optimization Test Functions", 2016), as the suite of 56
"nonparametric" functions of Dewancker et al. 2016 uses them. `whole` lists the axes that are whole numbers, `steps` the
values that a result is rounded down to, per unit.
"""

from dataclasses import dataclass, field
from math import atan2, ceil, cos, e, exp, floor, log, log10, pi, prod, sin, sqrt


@dataclass
class Problem:
    name: str
    bounds: list
    value: object
    whole: list = field(default_factory=list)
    steps: float | None = None

    def __call__(self, x):
        y = self.value(x)
        return y if self.steps is None else floor(self.steps * y) / self.steps

    def ranges(self):
        return [(ceil(a), floor(b)) if i in self.whole else (a, b) for i, (a, b) in enumerate(self.bounds)]


def ackley(x):
    n = len(x)
    mean_square = sum(v * v for v in x) / n
    return 20 + e - 20 * exp(-0.2 * sqrt(mean_square)) - exp(sum(cos(2 * pi * v) for v in x) / n)


def carrom_table(x):
    return -((cos(x[0]) * cos(x[1]) * exp(abs(1 - sqrt(x[0] ** 2 + x[1] ** 2) / pi))) ** 2) / 30


def csendes(x):
    return sum(v**6 * (2 + sin(1 / (v + 2.0**-52))) for v in x)


def corrugated_spring(x):
    square = sum((v - 5) ** 2 for v in x)
    return 0.1 * square - cos(5 * sqrt(square))


def hartmann(weights, centres):
    heights = [1, 1.2, 3, 3.2]

    def value(x):
        far = [sum(w * (v - c) ** 2 for w, c, v in zip(ws, cs, x)) for ws, cs in zip(weights, centres)]
        return -sum(h * exp(-d) for h, d in zip(heights, far))

    return value


hartmann3 = hartmann(
    [[3, 10, 30], [0.1, 10, 35], [3, 10, 30], [0.1, 10, 35]],
    [[0.3689, 0.117, 0.2673], [0.4699, 0.4387, 0.747], [0.1091, 0.8732, 0.5547], [0.03815, 0.5743, 0.8828]],
)
hartmann6 = hartmann(
    [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]],
    [
        [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
        [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
        [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
        [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
    ],
)


def helical_valley(x):
    turn = atan2(x[1], x[0]) / (2 * pi)
    return 100 * ((x[2] - 10 * turn) ** 2 + (sqrt(x[0] ** 2 + x[1] ** 2) - 1) ** 2) + x[2] ** 2


def lennard_jones6(x):
    square = sum((a - b) ** 2 for a, b in zip(x[:3], x[3:]))
    sixth = square**3 + 1e-8
    return min((1 / sixth - 2) / sixth, 0) if square > 0 else 0


def michalewicz(x):
    return -sum(sin(v) * sin((i + 1) * v * v / pi) ** 20 for i, v in enumerate(x))


def pinter(x):
    n = len(x)
    total = 0
    for i in range(n):
        before, after = x[i - 1], x[(i + 1) % n]
        a = before * sin(x[i]) + sin(after)
        b = before**2 - 2 * x[i] + 3 * after - cos(x[i]) + 1
        total += (i + 1) * (x[i] ** 2 + 20 * sin(a) ** 2 + log10(1 + (i + 1) * b**2))
    return total


def rosenbrock_log(x):
    return log(1 + sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in zip(x, x[1:])))


def sargan(x):
    n = len(x)
    return n * (sum(v * v for v in x) + 0.4 * n * sum(a * b for a, b in zip(x, x[1:])))


def shekel05(x):
    centres = [[4, 4, 4, 4], [1, 1, 1, 1], [8, 8, 8, 8], [6, 6, 6, 6], [3, 7, 3, 7]]
    widths = [0.1, 0.2, 0.2, 0.4, 0.6]
    return -sum(1 / (sum((v - a) ** 2 for v, a in zip(x, c)) + w) for c, w in zip(centres, widths))


def tripod(x):
    right, up = float(x[0] >= 0), float(x[1] >= 0)
    return up * (1 + right) + abs(x[0] + 50 * up * (1 - 2 * right)) + abs(x[1] + 50 * (1 - 2 * up))


def xor_network(x):
    def out(z):
        return 1 / (1 + exp(-z))

    def answer(first, second):
        hidden1 = x[6] * out(first * x[0] + second * x[1] + x[4])
        hidden2 = x[7] * out(first * x[2] + second * x[3] + x[5])
        return out(hidden1 + hidden2 + x[8])

    return answer(1, 1) ** 2 + answer(0, 0) ** 2 + (1 - answer(1, 0)) ** 2 + (1 - answer(0, 1)) ** 2


def cube(low, high, n):
    return [(low, high)] * n


ROSENBROCK_LOG_BOUNDS = [
    (-2, 2), (-2, 1.1), (0.5, 2), (-2, 2), (0.8, 2), (-2, 1.5), (-2, 2), (-2, 1.2), (0.7, 2), (-2, 2), (-2, 2),
]  # fmt: skip

PROBLEMS = [
    Problem("Ackley 11", cube(-10, 30, 11), ackley),
    Problem("Ackley 3 r1", cube(-10, 30, 3), ackley, steps=1),
    Problem("Adjiman 2", [(-1, 2), (-1, 1)], lambda x: cos(x[0]) * sin(x[1]) - x[0] / (x[1] ** 2 + 1)),
    Problem("Alpine02 2 i0", cube(0, 10, 2), lambda x: prod(sqrt(v) * sin(v) for v in x), [0]),
    Problem("CarromTable 2 i0", cube(-10, 10, 2), carrom_table, [0]),
    Problem("Csendes 2", cube(-0.5, 1, 2), csendes),
    Problem("DeflectedCorrugatedSpring 4", cube(0, 7.5, 4), corrugated_spring),
    Problem("DeflectedCorrugatedSpring 7", cube(0, 7.5, 7), corrugated_spring),
    Problem("Easom 2", cube(-100, 20, 2), ackley),
    Problem("Easom 4", cube(-100, 20, 4), ackley),
    Problem("Easom 5", cube(-100, 20, 5), ackley),
    Problem("Hartmann3 3 i0", cube(0, 1, 3), hartmann3, [0]),
    Problem("Hartmann6 6 r10", cube(0, 1, 6), hartmann6, steps=10),
    Problem("HelicalValley 3", cube(-1, 2, 3), helical_valley),
    Problem("LennardJones6 6", cube(-3, 3, 6), lennard_jones6),
    Problem("Michalewicz 4", cube(0, pi, 4), michalewicz),
    Problem("Michalewicz 4 r20", cube(0, pi, 4), michalewicz, steps=20),
    Problem("Michalewicz 8", cube(0, pi, 8), michalewicz),
    Problem("Pinter 2 i01", cube(-5, 2, 2), pinter, [0, 1]),
    Problem("Plateau 2", cube(-2.34, 5.12, 2), lambda x: 30 + sum(floor(abs(v)) for v in x)),
    Problem("Problem03 1", cube(-10, 10, 1), lambda x: -sum(k * sin((k + 1) * x[0] + k) for k in range(1, 6))),
    Problem("RosenbrockLog 11", ROSENBROCK_LOG_BOUNDS, rosenbrock_log),
    Problem("Sargan 5", cube(-2, 4, 5), sargan),
    Problem("Sargan 2 i0", cube(-2, 4, 2), sargan, [0]),
    Problem("Schwefel20 2", cube(-60, 100, 2), lambda x: sum(abs(v) for v in x)),
    Problem("Schwefel20 2 i0", cube(-60, 100, 2), lambda x: sum(abs(v) for v in x), [0]),
    Problem("Schwefel36 2", cube(0, 20, 2), lambda x: -x[0] * x[1] * (72 - 2 * x[0] - 2 * x[1])),
    Problem("Shekel05 4", cube(0, 10, 4), shekel05),
    Problem("Sphere 7 i01234", cube(-5.12, 2.12, 7), lambda x: sum(v * v for v in x), [0, 1, 2, 3, 4]),
    Problem("StyblinskiTang 5", cube(-5, 5, 5), lambda x: sum(v**4 - 16 * v * v + 5 * v for v in x) / 2),
    Problem("Tripod 2", cube(-100, 100, 2), tripod),
    Problem("Xor 9", cube(-1, 1, 9), xor_network),
]
