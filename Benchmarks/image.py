#!/usr/bin/env python3
"""What consilod's image takes, beside a Python service with the libraries of the product it replaces.

    Benchmarks/image.py PROGRAM IMAGE.oci.tar --python VENV/bin/python [--starts 5]

PROGRAM is a release build, IMAGE.oci.tar what script/image made of it. VENV is a virtual environment with `fastapi uvicorn
sqlalchemy transformers torch` from PyPI. The peer is a service of a dozen lines: it imports what such a service imports, loads
a BERT of FinBERT's size with random weights from its disk, opens SQLite and answers /health; the base of its image (Debian and
Python) is not counted. Both start in turns, each with an empty store; consilod without a model and with the
same one, which it loads after its first answers. Sizes are those of the unpacked files. Prints a table in Markdown.
"""
import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import tarfile
import tempfile
import textwrap
import time
import urllib.request

import start

SERVICE = textwrap.dedent("""
    import os, sys
    import torch
    from fastapi import FastAPI
    from sqlalchemy import create_engine, text
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline
    import uvicorn

    app = FastAPI()
    engine = create_engine("sqlite:///" + os.path.join(sys.argv[2], "peer.sqlite"))
    model = AutoModelForSequenceClassification.from_pretrained(sys.argv[1])
    tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
    classify = pipeline("sentiment-analysis", model=model, tokenizer=tokenizer, device=-1)

    @app.get("/health")
    def health():
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        return {"status": "healthy"}

    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[3]), log_level="error")
""")
MODEL = textwrap.dedent("""
    import sys
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer
    folder = sys.argv[1]
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + [f"word{n}" for n in range(30517)]
    open(folder + "/vocab.txt", "w").write("\\n".join(words))
    BertTokenizer(folder + "/vocab.txt").save_pretrained(folder)
    BertForSequenceClassification(BertConfig(
        vocab_size=30522, num_labels=3, id2label={0: "positive", 1: "negative", 2: "neutral"},
        label2id={"positive": 0, "negative": 1, "neutral": 2})).save_pretrained(folder)
""")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def tree_bytes(folder, *, but=()):
    total = 0
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not any(name.startswith(prefix) for prefix in but)]
        total += sum(os.lstat(os.path.join(parent, name)).st_size for name in files)
    return total


def image_bytes(archive):
    """Unpacked size of an OCI archive's layers, and the size of the archive."""
    total = 0
    with tarfile.open(archive) as outer:
        for member in outer.getmembers():
            if not member.isfile() or member.size < 1_000_000:
                continue
            with tarfile.open(fileobj=outer.extractfile(member), mode="r:*") as layer:
                total += sum(entry.size for entry in layer.getmembers() if entry.isfile())
    return total, os.path.getsize(archive)


def ready_after(command, environment, url, folder):
    """Seconds from the start to the first answer 200, and resident bytes then."""
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            if process.poll() is not None:
                raise SystemExit(f"{command[0]} ended with status {process.returncode}")
            try:
                with urllib.request.urlopen(url, timeout=5) as answer:
                    if answer.status == 200:
                        break
            except OSError:
                time.sleep(0.002)
        seconds = time.monotonic() - began
        return seconds, start.resident_bytes(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def consilod(program, folder, model):
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"], "CONSILOD_HTTP_PORT": str(port), "CONSILOD_ENCRYPTION_KEY": "A" * 43 + "=",
        "CONSILOD_STORE_PATH": f"{folder}/consilod.sqlite", "CONSILOD_MODEL_ENABLED": "true" if model else "false",
    }
    if model:
        environment["CONSILOD_MODEL_PATH"] = str(model)
    return ready_after([program, "serve"], environment, f"http://127.0.0.1:{port}/ready", folder)


def peer(python, folder, model):
    port = free_port()
    environment = {"PATH": os.environ["PATH"], "HF_HUB_OFFLINE": "1", "PYTHONDONTWRITEBYTECODE": ""}
    return ready_after(
        [python, "-c", SERVICE, str(model), folder, str(port)], environment, f"http://127.0.0.1:{port}/health", folder)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=os.path.abspath)
    parser.add_argument("image", type=os.path.abspath)
    parser.add_argument("--python", required=True, type=os.path.abspath)
    parser.add_argument("--starts", type=int, default=5)
    options = parser.parse_args()
    sides = {"consilod": [], "consilod with the model": [], "the Python service": []}
    with tempfile.TemporaryDirectory() as model:
        subprocess.run([options.python, "-c", MODEL, model], check=True, env={**os.environ, "HF_HUB_OFFLINE": "1"})
        for _ in range(options.starts):
            for name, begin in (
                ("consilod", lambda folder: consilod(options.program, folder, None)),
                ("consilod with the model", lambda folder: consilod(options.program, folder, model)),
                ("the Python service", lambda folder: peer(options.python, folder, model)),
            ):
                with tempfile.TemporaryDirectory() as folder:
                    sides[name].append(begin(folder))
    unpacked, archive = image_bytes(options.image)
    site = json.loads(subprocess.run(
        [options.python, "-c", "import json, sysconfig; print(json.dumps(sysconfig.get_paths()['purelib']))"],
        check=True, capture_output=True, text=True).stdout)
    whole, without_gpu = tree_bytes(site), tree_bytes(site, but=("nvidia", "triton", "cuda", "cusparselt"))
    print(f"consilod's image: {unpacked / 1e6:.0f} MB unpacked, {archive / 1e6:.0f} MB as an archive.")
    print(f"Python packages: {whole / 1e6:.0f} MB; {without_gpu / 1e6:.0f} MB without those for graphics processors"
          f" ({whole / unpacked:.1f} and {without_gpu / unpacked:.1f} times).\n")
    reference = statistics.median(seconds for seconds, _ in sides["the Python service"])
    print("| side | s to the first answer (median, slowest) | of the Python service | MB resident |")
    print("|---|---|---|---|")
    for name, starts in sides.items():
        seconds = [value for value, _ in starts]
        median = statistics.median(seconds)
        print(f"| {name} | {median:.2f}, {max(seconds):.2f} | 1/{reference / median:.1f} |"
              f" {statistics.median(value for _, value in starts) / 1e6:.0f} |")


main()
