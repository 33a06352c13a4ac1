#!/usr/bin/env python3
"""How fast FinBERT reads in consilod, beside Hugging Face transformers on PyTorch and OpenVINO's own Python binding, on
the same weights, in one run, in turns.

    python3 -m venv VENV && VENV/bin/pip install torch transformers tokenizers safetensors numpy openvino
    VENV/bin/python Benchmarks/finbert.py --tokenizer FOLDER [--corpus TEXTS.jsonl] [--texts 400] [--rounds 2]

FOLDER holds tokenizer.json of a BERT with 30,522 pieces; TEXTS has one JSON string a line. The weights are BERT-base's
shape with random numbers (seed 1234): speed does not depend on what they are. The figures that count are the ratios.

What fewer bits do to the answers does depend on the weights:

    VENV/bin/python Benchmarks/finbert.py --tokenizer FOLDER --encoder ENCODER --corpus TEXTS.jsonl --rounds 0

takes a published encoder (a folder in Hugging Face's form) and fits three classes to it, by words in the texts.
"""
import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
GRID = [(16, 1), (16, 8), (16, 32), (64, 1), (64, 8), (64, 32), (128, 1), (128, 8), (128, 32), (512, 1), (512, 8)]
THREADS = 2


def make_model(folder, tokenizer):
    import torch
    from transformers import BertConfig, BertForSequenceClassification
    torch.manual_seed(1234)
    config = BertConfig(vocab_size=30522, num_labels=3)
    config.id2label = {0: "positive", 1: "negative", 2: "neutral"}
    config.label2id = {label: index for index, label in config.id2label.items()}
    model = BertForSequenceClassification(config).eval()
    random = torch.Generator().manual_seed(7)
    with torch.no_grad():
        # Less tame than the initial distribution, so that differences of precision show.
        for name, value in model.named_parameters():
            if "LayerNorm.weight" in name:
                value.copy_(0.8 + 0.3 * torch.rand(value.shape, generator=random))
            elif name.endswith("bias"):
                value.copy_(0.05 * torch.randn(value.shape, generator=random))
            elif value.ndim == 2 and "embeddings" not in name:
                value.mul_(2)
        model.classifier.weight.mul_(4)
    model.save_pretrained(folder)
    for name in ("tokenizer.json", "vocab.txt"):
        if (tokenizer / name).exists():
            shutil.copy(tokenizer / name, folder)


WORDS = [("positive", ["thank", "great", "work", "fixed", "good", "nice", "merged", "resolved"]),
         ("negative", ["fail", "error", "broken", "block", "wrong", "problem", "cannot", "bug", "missing", "exception"])]


def make_fitted_model(folder, encoder, texts):
    import torch
    from transformers import AutoTokenizer, BertForSequenceClassification
    torch.manual_seed(1234)
    labels = {0: "positive", 1: "negative", 2: "neutral"}
    tokenizer = AutoTokenizer.from_pretrained(encoder)
    model = BertForSequenceClassification.from_pretrained(
        encoder, num_labels=3, id2label=labels, label2id={label: index for index, label in labels.items()}).eval()
    texts = texts[::max(1, len(texts) // 1500)]
    counts = [[sum(text.lower().count(word) for word in words) for _, words in WORDS] for text in texts]
    wanted = torch.tensor([2 if a == b else 0 if a > b else 1 for a, b in counts])
    with torch.no_grad():
        pooled = torch.cat([model.bert(**tokenizer(texts[start:start + 50], padding=True, truncation=True, max_length=128,
                                                   return_tensors="pt")).pooler_output
                            for start in range(0, len(texts), 50)])
    optimizer = torch.optim.Adam(model.classifier.parameters(), lr=0.01)
    for _ in range(1500):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model.classifier(pooled), wanted)
        loss.backward()
        optimizer.step()
    right = (model.classifier(pooled).argmax(-1) == wanted).float().mean()
    print(f"fitted: {right:.1%} of {len(texts)} texts are classified as their words say", flush=True)
    model.save_pretrained(folder)
    for name in ("tokenizer.json", "vocab.txt"):
        if (encoder / name).exists():
            shutil.copy(encoder / name, folder)


class Torch:
    def __init__(self, folder, precision):
        import torch
        from transformers import BertForSequenceClassification
        torch.set_num_threads(THREADS)
        self.torch, self.model = torch, BertForSequenceClassification.from_pretrained(folder).eval()

    def __call__(self, ids, mask):
        with self.torch.inference_mode():
            return self.model(input_ids=self.torch.from_numpy(ids),
                              attention_mask=self.torch.from_numpy(mask)).logits.numpy()


class Binding:
    def __init__(self, folder, precision):
        import openvino
        import torch
        from transformers import BertForSequenceClassification
        model = BertForSequenceClassification.from_pretrained(folder, attn_implementation="sdpa").eval()
        sample = torch.ones((2, 16), dtype=torch.long)
        inputs = {"input_ids": sample, "attention_mask": sample, "token_type_ids": torch.zeros_like(sample)}
        graph = openvino.convert_model(model, example_input=inputs)
        self.compiled = openvino.Core().compile_model(graph, "CPU", {
            "INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": THREADS, "NUM_STREAMS": "1",
            "PERFORMANCE_HINT": "LATENCY", "ENABLE_CPU_PINNING": False})
        self.request = self.compiled.create_infer_request()

    def __call__(self, ids, mask):
        return self.request.infer({"input_ids": ids, "attention_mask": mask, "token_type_ids": mask * 0})[0]


PEERS = {"torch fp32": (Torch, "f32"), "OpenVINO Python fp32": (Binding, "f32"),
         "OpenVINO Python bf16": (Binding, "bf16")}


def be_peer(name, folder):
    """A peer in a process of its own, so that no two thread pools are in each other's way: answers each line of its
    input, a JSON object, with one."""
    kind, precision = PEERS[name]
    side = kind(folder, precision)
    print("{}", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        if "length" in asked:
            answer = {"texts_per_s": rate_of(side, asked["length"], asked["batch"])}
        else:
            rate, probabilities = read_corpus(side, asked["encoded"])
            answer = {"texts_per_s": rate, "probabilities": [list(map(float, row)) for row in probabilities]}
        print(json.dumps(answer), flush=True)


class Peer:
    def __init__(self, name, folder):
        self.process = subprocess.Popen([sys.executable, __file__, "--peer", name, "--folder", folder],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if not self.process.stdout.readline():
            sys.exit(f"{name} does not start")

    def ask(self, **question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def rate(self, length, batch):
        return self.ask(length=length, batch=batch)["texts_per_s"]


class Ours:
    def __init__(self, program, folder, precision):
        self.process = subprocess.Popen([program, folder, precision, str(THREADS), "rate"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        self.start = json.loads(line) if line else None

    def rate(self, length, batch):
        self.process.stdin.write(f"{length}:{batch}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())["texts_per_s"]


def rate_of(side, length, batch):
    import numpy
    ids = numpy.full((batch, length), 1037, dtype=numpy.int64)
    ids[:, 0], ids[:, -1] = 101, 102
    mask = numpy.ones_like(ids)
    side(ids, mask)
    began, count = time.monotonic(), 0
    while time.monotonic() - began < 3 or count < 2 * batch:
        side(ids, mask)
        count += batch
    return count / (time.monotonic() - began)


def read_corpus(side, encoded):
    """Batches of 32 by length, padded to the longest: what a careful Python program does."""
    import numpy
    began = time.monotonic()
    order = sorted(range(len(encoded)), key=lambda index: len(encoded[index]))
    probabilities = [None] * len(encoded)
    for start in range(0, len(order), 32):
        rows = order[start:start + 32]
        width = max(len(encoded[row]) for row in rows)
        ids = numpy.zeros((len(rows), width), dtype=numpy.int64)
        for place, row in enumerate(rows):
            ids[place, :len(encoded[row])] = encoded[row]
        logits = side(ids, (ids != 0).astype(numpy.int64))
        weights = numpy.exp(logits - logits.max(-1, keepdims=True))
        for place, row in enumerate(rows):
            probabilities[row] = weights[place] / weights[place].sum()
    return len(encoded) / (time.monotonic() - began), probabilities


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--tokenizer", type=pathlib.Path)
    options.add_argument("--encoder", type=pathlib.Path)
    options.add_argument("--peer", choices=PEERS, help=argparse.SUPPRESS)
    options.add_argument("--corpus", type=pathlib.Path)
    options.add_argument("--texts", type=int, default=400)
    options.add_argument("--rounds", type=int, default=2)
    options.add_argument("--folder", type=pathlib.Path, default=ROOT / ".build/bench-model")
    options = options.parse_args()
    if options.peer:
        return be_peer(options.peer, options.folder)
    if not options.tokenizer:
        sys.exit("--tokenizer is missing; --help tells what it is")

    subprocess.run(["swift", "build", "-c", "release", "--product", "finbert-bench"], cwd=ROOT, check=True,
                   stdout=sys.stderr)
    binaries = subprocess.run(["swift", "build", "-c", "release", "--show-bin-path"], cwd=ROOT, check=True,
                              capture_output=True, text=True).stdout.strip()
    program = f"{binaries}/finbert-bench"
    if options.encoder:
        options.folder = options.folder.with_name("bench-fitted-model")
        make_fitted_model(options.folder, options.encoder,
                          [json.loads(line) for line in options.corpus.read_text().splitlines()])
    elif not (options.folder / "model.safetensors").exists():
        make_model(options.folder, options.tokenizer)

    peers = {name: Peer(name, options.folder) for name in PEERS}
    ours = {}
    for precision in ("fp32", "bf16", "int8"):
        side = Ours(program, options.folder, precision)
        if side.start:
            ours[f"consilod {precision}"] = side
            print(f"consilod {precision}: {json.dumps(side.start)}", flush=True)
        else:
            print(f"consilod {precision}: not on this processor", flush=True)
    sides = {**peers, **ours}
    if options.rounds:
        measure_grid(sides, options.rounds)
    if options.corpus:
        measure_corpus(options, program, peers, ours)


def measure_grid(sides, rounds):
    names = list(sides)
    print(f"\ntexts/s, medians of {rounds} rounds of 3 s in turns, {THREADS} threads")
    print("length x batch  " + "  ".join(f"{name:>20}" for name in names), flush=True)
    for length, batch in GRID:
        rates = {name: [] for name in names}
        for _ in range(rounds):
            for name in names:
                rates[name].append(sides[name].rate(length, batch))
        medians = {name: statistics.median(values) for name, values in rates.items()}
        base = medians["torch fp32"]
        print(f"{length:>6} x {batch:<6}  " + "  ".join(
            f"{medians[name]:>11.1f} ({medians[name] / base:4.1f}x)" for name in names), flush=True)


def measure_corpus(options, program, peers, ours):
    from tokenizers import Tokenizer
    tokenizer = Tokenizer.from_file(str(options.tokenizer / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(512)
    # Spread over the whole corpus; longer ones are read in windows here and cut there, so they stay out.
    lines = [line for line in options.corpus.read_text().splitlines()]
    lines = [line for line in lines[::max(1, len(lines) // options.texts)]
             if len(tokenizer.encode(json.loads(line)).ids) < 512]
    sample = options.folder / "sample.jsonl"
    sample.write_text("\n".join(lines) + "\n")
    encoded = [tokenizer.encode(json.loads(line)).ids for line in lines]
    print(f"\ncorpus: {len(encoded)} real comments, {sum(map(len, encoded)) / len(encoded):.0f} tokens on average")
    # Each starts and reads a small part first, as the others did.
    for peer in peers.values():
        peer.ask(encoded=encoded[:32])
    answers = {name: peer.ask(encoded=encoded) for name, peer in peers.items()}
    base, expected = answers["torch fp32"]["texts_per_s"], answers["torch fp32"]["probabilities"]
    for name, answer in answers.items():
        print(f"{name:<22} {answer['texts_per_s']:7.1f} texts/s  {answer['texts_per_s'] / base:.1f}x  "
              + agreement(answer["probabilities"], expected), flush=True)
    for name, side in ours.items():
        side.process.stdin.close()
        side.process.wait()
        precision = name.split()[1]
        run = [program, options.folder, precision, str(THREADS)]
        result = subprocess.run([*run, "corpus", sample], check=True, capture_output=True, text=True).stdout
        figures = json.loads(result.splitlines()[-1])
        answers = subprocess.run([*run, "probabilities", sample], check=True, capture_output=True, text=True).stdout
        found = [[row["positive"], row["negative"], row["neutral"]] for row in map(json.loads, answers.splitlines()[1:])]
        print(f"{name:<22} {figures['texts_per_s']:7.1f} texts/s  {figures['texts_per_s'] / base:.1f}x  "
              f"padding {figures['padding']:.1%}  resident {figures['rss_mb']} MB  {agreement(found, expected)}",
              flush=True)


def agreement(found, expected):
    errors = [max(abs(a - b) for a, b in zip(one, other)) for one, other in zip(found, expected)]
    agree = sum(max(range(3), key=lambda i: one[i]) == max(range(3), key=lambda i: other[i])
                for one, other in zip(found, expected))
    return (f"same label {agree / len(found):.1%}  probability error {statistics.mean(errors):.1e} mean, "
            f"{max(errors):.1e} worst")


if __name__ == "__main__":
    main()
