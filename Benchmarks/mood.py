#!/usr/bin/python3
"""How well a sentiment reader labels texts: Benchmarks/mood.py PROGRAM FILE [options]

FILE has one text a line: positive, negative or neutral, a tab, the text. PROGRAM is a built consilod; it is asked by
`model classify`, so that the texts are read as comments are. Data sets are not part of the repository: README.md here says
which were used.
"""
import argparse
import json
import random
import subprocess
import sys
import tempfile

LABELS = ("positive", "negative", "neutral")


def read(path):
    rows = []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            label, separator, text = line.rstrip("\n").partition("\t")
            if not separator or label not in LABELS:
                sys.exit(f"{path}:{number}: not a label, a tab and a text")
            rows.append((label, text))
    return rows


def classify(program, texts, folder):
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".json") as file:
        file.writelines(json.dumps(text) + "\n" for text in texts)
        file.flush()
        reader = ["--folder", folder] if folder else ["--word-list"]
        command = [program, "model", "classify", "--json", "--file", file.name, *reader]
        answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    lines = answer.splitlines()
    if len(lines) != len(texts):
        sys.exit(f"{len(texts)} texts, but {len(lines)} answers")
    # A text that is not judged has no tone for the score.
    return ["neutral" if line.startswith("not judged") else line.split()[0] for line in lines]


def figures(pairs, priors):
    """Macro-F1, and precision, recall and F1 of negative. With priors each class weighs as often as it is said to occur."""
    counts = {label: sum(1 for truth, _ in pairs if truth == label) for label in LABELS}
    weight = {label: (priors[label] / counts[label] if priors and counts[label] else 1) for label in LABELS}
    cells = {}
    for truth, said in pairs:
        cells[truth, said] = cells.get((truth, said), 0) + weight[truth]
    scores = {}
    for label in LABELS:
        right = cells.get((label, label), 0)
        said = sum(cells.get((other, label), 0) for other in LABELS)
        true = sum(cells.get((label, other), 0) for other in LABELS)
        precision, recall = (right / said if said else 0), (right / true if true else 0)
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0
        scores[label] = (precision, recall, f1)
    return [sum(s[2] for s in scores.values()) / len(LABELS), *scores["negative"]]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("file")
    parser.add_argument("--folder", help="a model's folder; without it the word list answers")
    parser.add_argument("--priors", help="how often negative, neutral and positive occur, as 710,3760,1034")
    parser.add_argument("--part", help="even or odd lines only", choices=["even", "odd"])
    options = parser.parse_args()
    rows = read(options.file)
    if options.part:
        rows = rows[0 if options.part == "even" else 1 :: 2]
    priors = None
    if options.priors:
        priors = dict(zip(("negative", "neutral", "positive"), map(float, options.priors.split(","))))
    said = classify(options.program, [text for _, text in rows], options.folder)
    pairs = list(zip([label for label, _ in rows], said))
    by_class = [[pair for pair in pairs if pair[0] == label] for label in LABELS]
    generator = random.Random(1)
    samples = [
        figures([pair for group in by_class for pair in generator.choices(group, k=len(group))], priors)
        for _ in range(1000)
    ]
    print(f"{len(rows)} texts: " + ", ".join(f"{len(g)} {label}" for g, label in zip(by_class, LABELS)))
    for index, name in enumerate(("macro-F1", "precision of negative", "recall of negative", "F1 of negative")):
        values = sorted(sample[index] for sample in samples)
        print(f"{name:22} {figures(pairs, priors)[index]:.3f}  95 % {values[25]:.2f}-{values[974]:.2f}")


main()
