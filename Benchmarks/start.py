#!/usr/bin/env python3
"""How long consilod takes from its start to READY=1, and what it uses while nothing happens.

    Benchmarks/start.py PROGRAM [--starts 10] [--idle 60]

Each start has a fresh store in a folder of its own, no model, and systemd's place taken by a socket. Idle is watched with
a watchdog of 30 s, as in the unit. Prints one line of JSON.
"""
import argparse
import json
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import tempfile
import time


def start(program, folder):
    """A running daemon and the seconds it took to be ready."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(f"{folder}/notify")
    listener.settimeout(60)
    # A key for nothing: 32 bytes in base64.
    environment = {
        "PATH": os.environ["PATH"], "NOTIFY_SOCKET": f"{folder}/notify", "WATCHDOG_USEC": "30000000",
        "CONSILOD_HTTP_PORT": "0", "CONSILOD_ENCRYPTION_KEY": "A" * 43 + "=",
        "CONSILOD_STORE_PATH": f"{folder}/consilod.sqlite", "CONSILOD_MODEL_ENABLED": "false",
    }
    began = time.monotonic()
    process = subprocess.Popen([program, "serve"], cwd=folder, env=environment, stderr=subprocess.DEVNULL)
    while b"READY=1" not in listener.recv(4096):
        pass
    return process, listener, time.monotonic() - began


def used_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--starts", type=int, default=10)
    parser.add_argument("--idle", type=int, default=60, help="seconds")
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    seconds = []
    for number in range(options.starts):
        with tempfile.TemporaryDirectory() as folder:
            process, listener, taken = start(program, folder)
            seconds.append(taken)
            if number == options.starts - 1 and options.idle:
                listener.setblocking(False)
                time.sleep(5)
                before, began = used_seconds(process.pid), time.monotonic()
                while time.monotonic() - began < options.idle:
                    time.sleep(1)
                    try:
                        while listener.recv(4096):
                            pass
                    except BlockingIOError:
                        pass
                idle = (used_seconds(process.pid) - before) / (time.monotonic() - began)
                resident = resident_bytes(process.pid)
            process.send_signal(signal.SIGTERM)
            process.wait(60)
    result = {
        "starts": len(seconds), "median_ms": round(statistics.median(seconds) * 1000),
        "slowest_ms": round(max(seconds) * 1000),
    }
    if options.idle:
        result |= {"idle_cpu_percent": round(idle * 100, 3), "resident_mb": round(resident / 1e6, 1)}
    print(json.dumps(result))


main()
