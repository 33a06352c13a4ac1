#!/usr/bin/env bash
# XGBoost 1.7.4 (Debian 12): a model saved by XGBoost 3.1 or later loads without a word, but without its base score, so
# every prediction is shifted by the same amount.
#
# The trees of a model add to a base score. Up to 3.0 a saved model has it as a number, "1E-1"; since 3.1 it is a list,
# "[1E-1]", as a model may have several. 1.7.4 finds no number there, does not say so, and goes on with 0.5, its own
# default. XGBoosterLoadModelFromBuffer returns 0, the trees are all there, the order of the rows is right, and so are
# AUC and any test that compares ranks. Only probabilities are wrong. Since 2.0 the base score is estimated from the
# labels unless one is set, so this is the usual case: with one late issue in ten, 0.1 becomes 0.5. JSON and UBJSON do
# the same.
#
# Whom it matters to: teams that train in Python with a current package and predict with the distribution's library.
# Train with base_score=0.5, which survives, or take the brackets off learner_model_param.base_score in the saved JSON.
# Compare some predictions of the two after each hand-over: the result of the call says nothing.
#
# Needs Debian's or Ubuntu's apt (amd64) and python3 (3.10 to 3.12) with venv and pip. Ends with 0 when it still is as
# described.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# The library and what it is linked with, unpacked and not installed.
apt-get -qq download libxgboost0=1.7.4-1 libdmlc0 libgomp1 >apt.log 2>&1 || { cat apt.log; exit 2; }
for package in ./*.deb; do dpkg-deb -x "$package" root; done
python3 -m venv venv
{
    venv/bin/pip --disable-pip-version-check install --quiet --only-binary=:all: numpy==1.26.4 scipy==1.13.1
    for version in 3.0.5 3.2.0; do
        venv/bin/pip --disable-pip-version-check install --quiet --only-binary=:all: --no-deps \
            --target "writer-$version" "xgboost-cpu==$version"
    done
} >pip.log 2>&1 || { cat pip.log; exit 2; }

cat >write.py <<'PY'
import json
import sys

import numpy
import xgboost

random = numpy.random.RandomState(1)
rows = random.rand(1000, 4).astype("float32")
labels = numpy.zeros(1000)
labels[numpy.argsort(rows[:, 0] + random.rand(1000))[-100:]] = 1  # a tenth, where the first column tends to be large


def write(name, **more):
    parameters = dict(objective="binary:logistic", tree_method="hist", max_depth=3, seed=7, nthread=1, **more)
    booster = xgboost.train(parameters, xgboost.DMatrix(rows, labels), 5)
    margins = booster.predict(xgboost.DMatrix(rows[:50]), output_margin=True)
    model = json.loads(booster.save_raw("json"))
    kept = model["learner"]["learner_model_param"]
    common = dict(rows=rows[:50].tolist(), margins=margins.tolist())
    heading = f"{xgboost.__version__} {name}"
    for form in "json", "ubj":
        with open(f"{heading}.{form}.model", "wb") as file:
            file.write(booster.save_raw(form))
        with open(f"{heading}.{form}.case", "w") as file:
            json.dump(dict(common, saved=kept["base_score"]), file)
    if kept["base_score"].startswith("["):
        kept["base_score"] = kept["base_score"].strip("[]")
        with open(f"{heading}, no brackets.json.model", "w") as file:
            json.dump(model, file)
        with open(f"{heading}, no brackets.json.case", "w") as file:
            json.dump(dict(common, saved=kept["base_score"]), file)


write("default")
if xgboost.__version__ != "3.0.5":
    write("0.5", base_score=0.5)
    write("0.2", base_score=0.2)
PY
for version in 3.0.5 3.2.0; do PYTHONPATH="writer-$version" venv/bin/python write.py; done

cat >read.py <<'PY'
import ctypes
import glob
import json
import pathlib

# In the order in which they need each other.
for name in "libgomp.so.1", "libdmlc.so.0":
    ctypes.CDLL(glob.glob(f"root/**/{name}", recursive=True)[0], mode=ctypes.RTLD_GLOBAL)
library = ctypes.CDLL(glob.glob("root/**/libxgboost.so*", recursive=True)[0])
library.XGBGetLastError.restype = ctypes.c_char_p


def check(status):
    if status != 0:
        raise SystemExit(library.XGBGetLastError().decode())


def predict(model, rows):
    booster, data = ctypes.c_void_p(), ctypes.c_void_p()
    check(library.XGBoosterCreate(None, ctypes.c_uint64(0), ctypes.byref(booster)))
    check(library.XGBoosterLoadModelFromBuffer(booster, model, ctypes.c_uint64(len(model))))
    values = [value for row in rows for value in row]
    check(library.XGDMatrixCreateFromMat(
        (ctypes.c_float * len(values))(*values), ctypes.c_uint64(len(rows)), ctypes.c_uint64(len(rows[0])),
        ctypes.c_float(float("nan")), ctypes.byref(data)))
    options = dict(type=1, training=False, iteration_begin=0, iteration_end=0, strict_shape=False)
    shape, dimensions, result = ctypes.c_void_p(), ctypes.c_uint64(), ctypes.POINTER(ctypes.c_float)()
    check(library.XGBoosterPredictFromDMatrix(
        booster, data, json.dumps(options).encode(), ctypes.byref(shape), ctypes.byref(dimensions),
        ctypes.byref(result)))
    return result[:len(rows)]


for path in pathlib.Path(".").glob("*.model"):
    case = json.loads(path.with_suffix(".case").read_text())
    there = predict(path.read_bytes(), case["rows"])
    shifts = [one - other for one, other in zip(there, case["margins"])]
    shift = f"{shifts[0]:+.3f} for all" if max(shifts) - min(shifts) < 1e-4 else "differ by row"
    name, form = path.stem.rsplit(".", 1)
    print(f"{name + ', ' + form:<33} saved as {case['saved']:<10} {'none' if abs(shifts[0]) < 1e-4 else shift}")
PY
seen=$(venv/bin/python read.py | LC_ALL=C sort)

line() { printf '%-33s saved as %-10s %s\n' "$@"; }
answers() { # what becomes of a default base score, and of 0.2
    line '3.0.5 default, json' 1E-1 none
    line '3.0.5 default, ubj' 1E-1 none
    line '3.2.0 0.2, json' '[2E-1]' "$2"
    line '3.2.0 0.2, no brackets, json' 2E-1 none
    line '3.2.0 0.2, ubj' '[2E-1]' "$2"
    line '3.2.0 0.5, json' '[5E-1]' none
    line '3.2.0 0.5, no brackets, json' 5E-1 none
    line '3.2.0 0.5, ubj' '[5E-1]' none
    line '3.2.0 default, json' '[1E-1]' "$1"
    line '3.2.0 default, no brackets, json' 1E-1 none
    line '3.2.0 default, ubj' '[1E-1]' "$1"
}
expected=$(answers none none | LC_ALL=C sort)
recorded=$(answers '+2.197 for all' '+1.386 for all' | LC_ALL=C sort)

printf '== libxgboost0 1.7.4 reads models of xgboost-cpu 3.0.5 and 3.2.0: by how much the log-odds are shifted\n'
printf '\n== expected (or an error while loading)\n%s\n\n== seen\n%s\n\n' "$expected" "$seen"
[ "$seen" = "$recorded" ] || { echo 'This is not what was recorded.'; exit 1; }
echo 'As recorded: a list of one base score counts for 0.5.'
