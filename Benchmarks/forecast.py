#!/usr/bin/env python3
"""Training and predicting of forecasts, beside XGBoost's Python package on the same rows.

    Benchmarks/forecast.py STREAM [--trial FOLDER] [--program .build/release/forecast-bench] [--rounds 3]

STREAM is NDJSON of webhooks (plain or .gz). forecast-bench makes the rows of one training of it; both sides then train on
them and predict 10,000 issues (14 rows each), each in a process of its own, one thread, in turns. FOLDER has the Python
trial's hazard_backtest.py, whose parameters and prediction are used; without it the same parameters stand here. Needs
numpy and xgboost, and for FOLDER pandas and scikit-learn. Processor seconds, and resident memory at its peak.
"""
import argparse
import gzip
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

PARAMETERS = dict(
    n_estimators=150, learning_rate=0.05, max_depth=4, min_child_weight=5, subsample=0.8, colsample_bytree=0.5,
    reg_lambda=5, max_bin=64, tree_method="hist", n_jobs=1, random_state=0)
BINS = 14


def child(path, trial):
    """The Python side: prints its figures as JSON."""
    import resource
    import time

    import numpy
    import xgboost

    late, parameters = None, PARAMETERS
    if trial:
        sys.path.insert(0, trial)
        import hazard_backtest

        late, parameters = hazard_backtest.late, hazard_backtest.PARAMS
    counts = numpy.fromfile(path, numpy.int64, 3)
    rows, columns, predicted = map(int, counts)
    values = numpy.fromfile(path, numpy.float32, offset=24)
    labels, weights, rest = values[:rows], values[rows : 2 * rows], values[2 * rows :]
    matrix = rest[: rows * columns].reshape(rows, columns)
    vectors = rest[rows * columns :].reshape(predicted, columns - 1)
    start = time.process_time()
    model = xgboost.XGBClassifier(**parameters).fit(matrix, labels.astype(int), sample_weight=weights)
    train = time.process_time() - start
    start = time.process_time()
    if late:
        late(model, vectors, numpy.full(predicted, 60.0))
    else:
        for index in range(BINS):
            model.predict_proba(numpy.c_[vectors, numpy.full(predicted, index, numpy.float32)])
    predict = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"train": train, "predict": predict, "peak": peak}))


def peak_of(command):
    """Output of a command, and its peak of resident memory in MB as the kernel counts it."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": "1"})
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{command[0]} failed")
    return json.loads(output), usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stream")
    parser.add_argument("--trial")
    parser.add_argument("--program", default=".build/release/forecast-bench")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = str(pathlib.Path(folder) / "rows")
        with (gzip.open if options.stream.endswith(".gz") else open)(options.stream, "rb") as stream:
            maker = subprocess.Popen([options.program, "rows", rows], stdin=subprocess.PIPE)
            shutil.copyfileobj(stream, maker.stdin)
            maker.stdin.close()
            if maker.wait() != 0:
                sys.exit("forecast-bench could not make the rows")
        figures = {"consilod": [], "python": []}
        for _ in range(options.rounds):
            own, peak = peak_of([options.program, "cost", rows])
            figures["consilod"].append((own["trainSeconds"], own["predictSeconds"], peak))
            arguments = [sys.executable, __file__, "--child", rows] + ([options.trial] if options.trial else [])
            other, peak = peak_of(arguments)
            figures["python"].append((other["train"], other["predict"], peak))
    names = ("train s", "predict s", "peak MB")
    medians = {side: [statistics.median(column) for column in zip(*rounds)] for side, rounds in figures.items()}
    print(f"{own['rows']} rows, {own['predicted']} issues predicted; medians of {options.rounds} rounds")
    print(f"{'':10}" + "".join(f"{name:>12}" for name in names))
    for side, values in medians.items():
        print(f"{side:10}" + "".join(f"{value:12.2f}" for value in values))
    ratios = [a / b for a, b in zip(medians["consilod"], medians["python"])]
    print(f"{'ratio':10}" + "".join(f"{ratio:12.2f}" for ratio in ratios))


if __name__ == "__main__":
    if len(sys.argv) > 2 and sys.argv[1] == "--child":
        child(sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else None)
    else:
        main()
