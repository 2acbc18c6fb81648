"""Long lists of the API of twelve models (Tests/SchemathesisApp), on PostgreSQL: the deep page, and the whole table."""

from __future__ import annotations

import json
import statistics
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

from running import LOGS, conduit, servers

BINARY = conduit.BINARY.with_name("schemathesis-app")
DEEP, ROUNDS, TOLERANCE = 1_000_000, 400, 1.10
EXPORTED, RSS_LIMIT_KB = 5_000_000, 80_000


def long_lists(postgres: str, rows: int = EXPORTED) -> tuple[int, int]:
    """How many of the two measurements are within their limits, and how many are not. Prints both."""
    with tempfile.TemporaryDirectory(prefix="long-lists-") as folder, servers.fresh_database(postgres) as url:
        environment = {**conduit.settings(Path(folder), conduit.free_port()), "LOG_LEVEL": "warning", "DATABASE_URL": url}
        conduit.command("migrate", environment, binary=BINARY)
        fill(url, rows)
        with conduit.Server(environment, log=LOGS / "long-lists.log", binary=BINARY) as server:
            results = [deep_page(server.base), whole_table(server.base, server.process.pid, rows)]
    return sum(results), len(results) - sum(results)


def fill(url: str, rows: int) -> None:
    servers.execute(url, f"INSERT INTO nasty_label (name) SELECT 'label ' || n FROM generate_series(1, {rows}) n")
    servers.execute(url, "VACUUM ANALYZE nasty_label")


def fetch(url: str) -> dict:
    with urllib.request.urlopen(url, timeout=60) as response:
        return json.load(response)


def deep_page(base: str) -> bool:
    """The first page and the one at row 1,000,000 by turns."""
    first = f"{base}/api/labels?page_size=20"
    # A cursor belongs to an order, not to filters.
    deep = first + "&cursor=" + fetch(f"{first}&id[gte]={DEEP}")["next"].rpartition("cursor=")[2]
    assert fetch(deep)["results"][0]["id"] == DEEP + 20
    times: dict[str, list[float]] = {first: [], deep: []}
    for round in range(ROUNDS + 50):
        for url in (first, deep) if round % 2 else (deep, first):
            start = time.perf_counter()
            fetch(url)
            if round >= 50:
                times[url].append(time.perf_counter() - start)
    medians = {url: statistics.median(all) * 1000 for url, all in times.items()}
    ratio = medians[deep] / medians[first]
    print(f"  cursor: page 1 {medians[first]:.2f} ms, page at row {DEEP:,} {medians[deep]:.2f} ms, ratio {ratio:.2f}", flush=True)
    return 1 / TOLERANCE <= ratio <= TOLERANCE


def whole_table(base: str, pid: int, rows: int) -> bool:
    """All rows as NDJSON, while the server's memory is watched."""
    highest, is_over = [0], threading.Event()

    def watch() -> None:
        while not is_over.wait(0.2):
            highest[0] = max(highest[0], resident(pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    start, lines = time.perf_counter(), 0
    with urllib.request.urlopen(f"{base}/api/labels?format=ndjson", timeout=600) as response:
        while piece := response.read(1 << 20):
            lines += piece.count(b"\n")
    seconds = time.perf_counter() - start
    is_over.set()
    watcher.join()
    print(f"  export: {lines:,} rows in {seconds:.0f} s, resident at most {highest[0] / 1000:.1f} MB", flush=True)
    return lines == rows and highest[0] < RSS_LIMIT_KB


def resident(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0
