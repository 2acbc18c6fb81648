"""Mixed load for some time, with the server's files, threads and memory looked at while it lasts."""

from __future__ import annotations

import os
import random
import re
import socket
import statistics
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from .app import App


@dataclass
class Sample:
    seconds: float
    files: int
    threads: int
    kilobytes: int


def sample(pid: int, began: float) -> Sample:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    return Sample(
        time.monotonic() - began, len(os.listdir(f"/proc/{pid}/fd")), int(fields["Threads"]), int(fields["VmRSS"].split()[0]),
    )


def rude_clients(app: App, stop: threading.Event) -> None:
    """Clients that break off, in the middle of everything."""
    source = random.Random(7)
    while not stop.is_set():
        try:
            with socket.create_connection(("127.0.0.1", app.port), timeout=5) as client:
                match source.randrange(4):
                    case 0:
                        client.sendall(b"GET /wait/500 HTTP/1.1\r\nHost: x\r\n\r\n")
                    case 1:
                        client.sendall(b"POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 5000)
                    case 2:
                        client.sendall(b"GET /stream/100 HTTP/1.1\r\nHost: x\r\n\r\n")
                        client.recv(10_000)
                    case _:
                        client.sendall(b"GET /a HT")
                time.sleep(source.random() / 20)
        except OSError:
            time.sleep(0.1)


def polite_clients(app: App, stop: threading.Event, complaints: list[str]) -> None:
    """wrk, again and again: connections come and go. The rude ones must not be noticed."""
    while not stop.is_set():
        path = random.choice(["/a", "/bytes/20000", "/stream/4", "/wait/5"])
        command = ["wrk", "-t1", "-c16", "-d3s", app.base + path]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+)", done.stdout)
        if done.returncode or "Non-2xx" in done.stdout or (errors and any(int(count) for count in errors.groups())):
            complaints.append(f"wrk on {path}: {done.stdout.strip()[-300:]}")


def growth(app: App, seconds: float) -> tuple[list[str], list[Sample]]:
    """What grew between the second fifth of the time and the last."""
    stop, began, samples = threading.Event(), time.monotonic(), []
    complaints: list[str] = []
    workers = [threading.Thread(target=rude_clients, args=(app, stop)) for _ in range(2)]
    workers.append(threading.Thread(target=polite_clients, args=(app, stop, complaints)))
    for worker in workers:
        worker.start()
    try:
        while time.monotonic() - began < seconds:
            time.sleep(min(1.0, seconds / 60))
            if not app.is_alive:
                return ["the server has ended: see its log"], samples
            samples.append(sample(app.process.pid, began))
    finally:
        stop.set()
        for worker in workers:
            worker.join()
    time.sleep(4)  # Longer than the time-outs of heads and bodies: those that the rude clients have left open.
    rest = sample(app.process.pid, began)

    def middle(name: str, start: float, end: float) -> float:
        return statistics.median(getattr(s, name) for s in samples if start * seconds <= s.seconds < end * seconds)

    found = complaints[:3]
    for name, slack in (("files", 20), ("threads", 2), ("kilobytes", 8_000)):
        before, after = middle(name, 0.2, 0.4), middle(name, 0.8, 1.1)
        if after > before * 1.15 + slack:
            found.append(f"{name}: {before:.0f} became {after:.0f}")
    if rest.files > 40:
        found.append(f"{rest.files} files are open when all clients are gone")
    return found, [*samples, rest]
