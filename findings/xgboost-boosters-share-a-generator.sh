#!/usr/bin/env bash
# XGBoost 1.7: boosters that are trained on one thread share a random generator, whatever seed each was given.
#
# A booster seeds the generator once, when it is configured; from then on every booster of that thread draws from the
# same one. With subsample or colsample_bytree below 1, a booster whose rounds alternate with those of another therefore
# gets other trees than the same booster, with the same data and seed, trained alone: one that is trained alone twice is
# byte-equal. With seed_per_iteration=true the generator is seeded for each round, and company changes nothing.
#
# Whom it matters to: programs that promise the same model for the same data and train several at a time (folds of a
# backtest, one model a tenant), and tests of such a promise, which pass as long as one model is trained after another.
#
# Needs python3 with venv and pip. Ends with 0 when it still is as described.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet xgboost==1.7.6 numpy==1.26.4 scipy==1.13.1
OMP_NUM_THREADS=1 "$folder/venv/bin/python" - <<'PY'
import sys

import numpy
import xgboost

random = numpy.random.RandomState(1)
rows = random.rand(2000, 6).astype("float32")
labels = (rows[:, 0] + random.rand(2000) > 1).astype(int)


def make(**more):
    data = xgboost.DMatrix(rows, labels, nthread=1)
    parameters = dict(
        objective="binary:logistic", tree_method="hist", max_depth=3, subsample=0.5, seed=7, nthread=1, **more)
    return xgboost.Booster(parameters, [data]), data


def alone(**more):
    booster, data = make(**more)
    for number in range(6):
        booster.update(data, number)
    return booster.get_dump()


def beside_another(**more):
    (booster, data), (other, others) = make(**more), make(**more)
    for number in range(6):
        booster.update(data, number)
        other.update(others, number)
    return booster.get_dump()


seen = dict(
    twice_alone=alone() == alone(), beside_another=alone() == beside_another(),
    beside_another_seeded_per_round=alone(seed_per_iteration=True) == beside_another(seed_per_iteration=True))
print(f"xgboost {xgboost.__version__}: are the trees equal to those of a booster trained alone?")
print("  a good guess: yes, yes, yes (each booster has a seed of its own)")
print("  seen:        ", ", ".join(f"{name}: {'yes' if equal else 'no'}" for name, equal in seen.items()))
sys.exit(0 if list(seen.values()) == [True, False, True] else 1)
PY
