"""Load on a server: by wrk, which asks as fast as it is answered, and at a fixed rate."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from running import ROOT

from . import machine, processes

DRIVERS = ROOT / "Benchmarks" / "Drivers"
BINARIES = ROOT / ".build" / "bench"


class Refused(Exception):
    """Errors occurred, so there is nothing to compare."""


@dataclass(frozen=True)
class Target:
    """What is asked for, and how."""

    path: str
    script: str = "report.lua"
    headers: tuple[str, ...] = ()
    body: str = ""


@dataclass
class Sample:
    """One measurement. Times in microseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    p999: float
    server: float
    database: float
    memory: int
    others: float

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


def wrk(base: str, target: Target, seconds: float, connections: int, stamp: str = "0") -> dict:
    """What wrk reports."""
    _, cores = machine.cores()
    threads = min(len(cores), connections) if len(os.sched_getaffinity(0)) > 2 else 1
    command = [program(), f"-t{threads}", f"-c{connections}", f"-d{seconds:g}s", "--timeout", "20s"]
    command += ["-s", str(DRIVERS / target.script)]
    for header in target.headers:
        command += ["-H", header]
    done = subprocess.run(
        [*command, base + target.path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "BENCH_BODY": target.body, "BENCH_STAMP": stamp}, preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )
    for line in done.stdout.splitlines():
        if line.startswith("RESULT "):
            return json.loads(line.removeprefix("RESULT "))
    raise Refused(f"wrk failed with code {done.returncode}: {done.stdout[-500:]}")


def program() -> str:
    if found := shutil.which("wrk"):
        return found
    raise SystemExit("wrk is missing: run scripts/bootstrap --bench, which installs what is missing")


def client_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(
    server: processes.Process, database: int | None, target: Target, seconds: float, connections: int, stamp: str = "0",
) -> Sample:
    """A round: the load, and what server and database used for it. Longer where answers are so slow that most connections
    would not get two."""
    sample = measure_once(server, database, target, seconds, connections, stamp)
    if sample.requests < 2 * connections:
        sample = measure_once(server, database, target, 5 * seconds, connections, stamp + "-long")
    if not sample.requests:
        raise Refused(f"{server.name} {target.path} with {connections} connections: no answer at all")
    return sample


def measure_once(
    server: processes.Process, database: int | None, target: Target, seconds: float, connections: int, stamp: str,
) -> Sample:
    def used() -> tuple[float, float, float, float]:
        return (
            processes.processor_seconds(server.pid), processes.processor_seconds(database) if database else 0,
            client_seconds(), processes.machine_seconds(),
        )

    before = used()
    result = wrk(server.base, target, seconds, connections, stamp)
    memory = processes.memory_bytes(server.pid)
    by_server, by_database, by_client, by_all = (b - a for a, b in zip(before, used()))
    failures = {name: result[name] for name in ("connect", "read", "write", "status", "timeout") if result[name]}
    if failures:
        raise Refused(f"{server.name} {target.path} with {connections} connections: {failures}")
    count = result["requests"]
    each = 1e6 / max(1, count)
    return Sample(
        count, result["seconds"], result["p50"], result["p99"], result["p999"], by_server * each, by_database * each, memory,
        max(0.0, by_all - by_server - by_database - by_client) / result["seconds"],
    )


def fixed_rate(base: str, target: Target, rate: float, seconds: float, connections: int) -> dict:
    """Percentiles of what happens at that many requests a second, counted from when each was due."""
    host, _, port = base.removeprefix("http://").partition(":")
    _, cores = machine.cores()
    done = subprocess.run(
        [str(fixed_rate_program()), host, port, target.path, f"{rate:.3f}", f"{seconds:g}", str(connections), *target.headers],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )
    if done.returncode:
        raise Refused(f"{base}{target.path} at {rate:.0f}/s: {done.stderr.strip()[-300:]}")
    result = json.loads(done.stdout)
    if result["errors"]:
        raise Refused(f"{base}{target.path} at {rate:.0f}/s: {result['errors']} answers were no success")
    # Where the last answer comes late, requests piled up: then the percentiles are of a queue that grows.
    return {**result, "is_kept": result["seconds"] <= seconds * 1.02 + 0.02}


def fixed_rate_program() -> Path:
    """Benchmarks/Drivers/fixedrate.c, compiled."""
    source, binary = DRIVERS / "fixedrate.c", BINARIES / "fixedrate"
    if not binary.exists() or binary.stat().st_mtime < source.stat().st_mtime:
        BINARIES.mkdir(parents=True, exist_ok=True)
        compiler = next((c for c in map(shutil.which, ("cc", "gcc", "clang")) if c), None)
        if not compiler:
            raise SystemExit("a C compiler is missing: run scripts/bootstrap --bench")
        subprocess.run([compiler, "-O2", "-o", str(binary), str(source)], check=True)
    return binary
