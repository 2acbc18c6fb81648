#!/usr/bin/env python3
"""Asks running servers what their own OpenAPI documents promise: Schemathesis, with all of its checks.

    python3 Tests/Schemathesis/run.py                          1,500 examples in all, with fixed seeds
    python3 Tests/Schemathesis/run.py --examples 20000         and the cases at the edges of every parameter and field
    python3 Tests/Schemathesis/run.py --only conduit --seed 7

Two documents, Conduit's and that of the test app (Tests/SchemathesisApp), each on SQLite and, where MARTLET_TEST_POSTGRES
names a server, on PostgreSQL. openapi-spec-validator has to accept both. At the end `N passed, M failed`, in examples.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent / "scripts")]

import openapi_spec_validator  # noqa: E402

from library.apps import APPS, App  # noqa: E402
from running import LOGS, conduit, servers  # noqa: E402

# Beside a thousand examples the deterministic cases at every edge, some thousands for each document, would take minutes.
EDGES_FROM = 10_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=[app.name for app in APPS])
    parser.add_argument("--edges", action="store_true", help="the cases at the edges too, whatever the number of examples")
    parser.add_argument("--database", choices=["sqlite", "postgresql"])
    options = parser.parse_args()
    apps = [app for app in APPS if options.only in (None, app.name)]
    if missing := [str(app.binary) for app in apps if not app.binary.exists()]:
        raise SystemExit(f"not built: {', '.join(missing)}; run swift build")
    urls = {"sqlite": None, "postgresql": os.environ.get(servers.POSTGRES)}
    targets = [
        (app, database, url) for app in apps for database, url in urls.items()
        if options.database in (None, database) and (url or database == "sqlite")
    ]
    passed = failed = 0
    for app, database, url in targets:
        with_edges = options.edges or options.examples >= EDGES_FROM
        counts = examine(app, database, url, options.examples // len(targets), options.seed, with_edges)
        passed, failed = passed + counts[0], failed + counts[1]
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def examine(app: App, database: str, url: str | None, examples: int, seed: int, with_edges: bool) -> tuple[int, int]:
    """Rounds with one seed after the other, until so many examples have run. Returns how many passed and failed."""
    title = f"{app.name} on {database}"
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="schemathesis-")))
        environment = {**conduit.settings(folder, conduit.free_port()), "LOG_LEVEL": "warning", **app.environment}
        if url:
            environment["DATABASE_URL"] = stack.enter_context(servers.fresh_database(url))
        conduit.command("migrate", environment, binary=app.binary)
        log = LOGS / f"schemathesis-{app.name}-{database}.log"
        server = stack.enter_context(conduit.Server(environment, log=log, binary=app.binary))
        with urllib.request.urlopen(server.base + "/openapi.json", timeout=30) as response:
            document = json.load(response)
        openapi_spec_validator.validate(document)
        operations = sum(len(path) for path in document["paths"].values())
        print(f"  {title}: {operations} operations, the document is valid OpenAPI", flush=True)
        header = app.prepare(server.base)
        known = folder / "known.tsv"
        ran = wrong = 0

        def round_of(phases: str, each: int, seed: int) -> int:
            counts = schemathesis(server.base, header, phases, each, seed, folder, known, title)
            nonlocal wrong
            wrong += counts[1]
            return counts[0]

        # The edges are the same in every round, so they come once, besides the examples.
        edges = round_of("coverage", 1, seed) if with_edges else 0
        while ran < examples:
            each = max(1, min(40, (examples - ran) // (2 * operations)))
            number = round_of("fuzzing,stateful", each, seed)
            ran, seed = ran + number, seed + 1
            if number == 0:
                break
        ran += edges
        if server.process.poll() is not None:
            print(f"  {title}: the server ended with code {server.process.returncode}")
            wrong += 1
        tell(title, known, ran, wrong)
        return ran - wrong, wrong


def schemathesis(
    base: str, header: str, phases: str, each: int, seed: int, folder: Path, known: Path, title: str
) -> tuple[int, int]:
    """One round. Returns how many examples ran and how many of them failed; failures are shown."""
    report = folder / f"report-{phases}-{seed}.json"
    command = [
        str(Path(sys.executable).parent / "schemathesis"), "--config-file", str(HERE / "schemathesis.toml"), "run",
        base + "/openapi.json", "--header", f"Authorization: {header}", "--phases", phases, "--max-examples", str(each),
        "--seed", str(seed), "--no-shrink", "--output-sanitize", "false", "--continue-on-failure", "--report", "json", "--report-json-path", str(report),
    ]
    environment = {
        **os.environ, "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1", "SCHEMATHESIS_HOOKS": "library.hooks",
        "SCHEMATHESIS_KNOWN": str(known), "NO_COLOR": "1",
    }
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=3600, check=False)
    found = json.loads(report.read_text(encoding="utf-8")) if report.exists() else None
    if found is None or found["exit_code"] or run.returncode:
        shown = "\n".join(line[:800] for line in run.stdout.splitlines()[-400:])
        print(f"  {title}, seed {seed}, {phases}:\n{shown}\n{run.stderr[-2000:]}", flush=True)
    if found is None:
        return 0, 1
    cases = found["test_cases"]
    failures = cases["with_failures"] + cases["errored"]
    return cases["generated"], failures or (1 if run.returncode else 0)


def tell(title: str, known: Path, ran: int, wrong: int) -> None:
    print(f"  {title}: {ran} examples, {wrong} failed", flush=True)
    lines = known.read_text(encoding="utf-8").splitlines() if known.exists() else []
    for line in sorted(set(lines)):
        print(f"    {lines.count(line)} refused as documented: {line.partition(chr(9))[2]}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
