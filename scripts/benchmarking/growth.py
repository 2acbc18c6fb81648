"""How costs grow: a chart for each kind of more."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from running import servers

from . import charts, loads, machine, models, tables
from .contenders import BY_NAME, Contender
from .stage import Stage

SECONDS, ROUNDS, CONNECTIONS = 3, 3, 32
TURN = 2  # seconds, where contenders take turns
OURS, LIMIT = BY_NAME["martlet"], BY_NAME["bare-nio"]


@dataclass
class Curve:
    """What one chart shows, and what must be true of it."""

    title: str
    across: str
    upward: str
    lines: list[charts.Line]
    notes: list[str] = field(default_factory=list)
    is_log_up: bool = False


def cost(stage: Stage, contender: Contender, path: str) -> float:
    """Microseconds of processor for a request, server and database: the median of the rounds."""
    process, database = stage.start(contender), stage.database_of(contender)
    target = loads.Target(path)
    loads.wrk(process.base, target, 1, CONNECTIONS)
    samples = [loads.measure(process, database, target, SECONDS, CONNECTIONS) for _ in range(ROUNDS)]
    return statistics.median(s.server + s.database for s in samples)


def rates(stage: Stage, path: str, counts: list[int]) -> dict[str, list[float]]:
    """Requests a second with each number of connections, of Martlet and of the limit: medians of rounds that take turns."""
    found: dict[str, dict[int, list[float]]] = {c.name: {n: [] for n in counts} for c in (OURS, LIMIT)}
    for contender in (OURS, LIMIT):
        loads.wrk(stage.start(contender).base, loads.Target(path), 1, CONNECTIONS)
    for _ in range(ROUNDS):
        for count in counts:
            for contender in (OURS, LIMIT):
                process, database = stage.start(contender), stage.database_of(contender)
                sample = loads.measure(process, database, loads.Target(path), TURN, count)
                found[contender.name][count].append(sample.rate)
    return {name: [statistics.median(of[n]) for n in counts] for name, of in found.items()}


def fall(counts: list[int], found: list[float]) -> tuple[int, float, float]:
    """Where the peak is, how high, and the least behind it as a part of it."""
    peak = max(found)
    place = found.index(peak)
    return counts[place], peak, min(found[place:]) / peak


def concurrency(stage: Stage) -> Curve:
    """1 to 1,024 connections; beside it bare NIO with the same driver."""
    lines, notes, counts = [], [f"rounds of {TURN} s, by turns"], [2 ** n for n in range(11)]
    for path in ("/json", "/db", "/rows"):
        found = rates(stage, path, counts)
        for contender, label in ((OURS, path), (LIMIT, f"{path}, bare NIO")):
            lines.append(charts.Line(label, [(float(n), rate) for n, rate in zip(counts, found[contender.name])]))
        place, peak, least = fall(counts, found[OURS.name])
        allowed = "within" if least >= 0.9 else "beyond"
        notes.append(
            f"{path}: most at {place} connections, {peak:,.0f}/s; past the peak at worst {least - 1:+.0%}, {allowed} the 10 % that "
            f"are allowed; {LIMIT.title} {fall(counts, found[LIMIT.name])[2] - 1:+.0%}")
    return Curve("Connections", "connections", "requests a second", lines, notes)


def rows(stage: Stage) -> Curve:
    """Lists of 1 to 10,000 rows."""
    counts = (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000)
    points = [(float(n), cost(stage, OURS, f"/list/{n}")) for n in counts]
    each = [(n, work / n) for n, work in points]
    fixed = points[0][1]
    slope = (points[-1][1] - points[-3][1]) / (points[-1][0] - points[-3][0])
    notes = [f"a request {fixed:.0f} µs with one row; each row more {slope:.2f} µs of server and database"]
    lines = [charts.Line("a request", points), charts.Line("a row", each)]
    return Curve("Rows of a list", "rows", "µs of processor, server and database", lines, notes, is_log_up=True)


def table_size(stage: Stage) -> Curve:
    """Tables of 10^3 to 10^7 rows: one row by key, and the first hundred."""
    url = stage.urls["postgres"]
    found: dict[str, list[tuple[float, float]]] = {"one row by its key": [], "the first 100 rows": []}
    for exponent in range(3, 8):
        count = 10 ** exponent
        servers.execute(url, (
            "TRUNCATE item; INSERT INTO item SELECT n, 'Item number ' || n || ' of the catalogue', n % 500, n % 100000 / 100.0, "
            f"n % 3 <> 0, timestamptz '2025-01-01' + n * interval '1 second' FROM generate_series(1, {count}) n"))
        servers.execute(url, "VACUUM ANALYZE item")
        for name, path in zip(found, (f"/any-of/{count}", "/list/100")):
            found[name].append((float(count), cost(stage, OURS, path)))
    tables.fill_postgres(url)
    notes = [f"{name}: {p[0][1]:.0f} µs at 1,000 rows, {p[-1][1]:.0f} µs at 10,000,000" for name, p in found.items()]
    return Curve(
        "Size of the table", "rows in the table", "µs of processor, server and database",
        [charts.Line(name, points) for name, points in found.items()], notes)


def model_count(stage: Stage) -> Curve:
    """An application of 1 to 500 models: from its start to its first answer."""
    binary = models.build()
    points = []
    for count in (1, 5, 20, 50, 100, 200, 500):
        contender = replace(
            OURS, command=lambda port: [str(binary), "serve"],
            environment={**OURS.environment, "BENCH_MODELS": str(count)}, ready="/healthz")
        points.append((float(count), statistics.median(stage.start_times(contender)) * 1000))
    first, last = points[0][1], points[-1][1]
    notes = [f"{first:.0f} ms with one model, {last:.0f} ms with 500: {(last - first) / 499 * 1000:.0f} µs for each"]
    return Curve("Models", "models", "ms from the start to the first answer", [charts.Line("start", points)], notes)


def route_count(stage: Stage) -> Curve:
    """10 to 5,000 routes, of which one in the middle is asked for."""
    points, starts = [], []
    for count in (10, 50, 100, 500, 1000, 5000):
        environment = {**OURS.environment, "BENCH_ROUTES": str(count)}
        contender = replace(OURS, name=f"martlet-{count}", environment=environment)
        middle = count // 2
        points.append((float(count), cost(stage, contender, f"/section{middle % 50}/page{middle}/7")))
        starts.append((float(count), stage.started[contender.name].start_seconds * 1000))
        stage.started.pop(contender.name).stop()
    notes = [
        f"a request {points[0][1]:.1f} µs with 10 routes, {points[-1][1]:.1f} µs with 5,000",
        f"start {starts[0][1]:.0f} ms with 10 routes, {starts[-1][1]:.0f} ms with 5,000",
    ]
    return Curve("Routes", "routes", "µs of processor for a request", [charts.Line("a request", points)], notes)


PARTS: dict[str, Callable[[Stage], Curve]] = {
    "concurrency": concurrency, "rows": rows, "table": table_size, "models": model_count, "routes": route_count,
}


def run(parts: list[str] | str, folder: Path, builds: bool) -> int:
    """The charts, and a page of them."""
    chosen = list(PARTS) if "all" in parts else list(parts)
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["# How costs grow", "", (
        f"{date.today()}. Martlet on PostgreSQL; medians of {ROUNDS} rounds of {SECONDS} s, {CONNECTIONS} connections where "
        "nothing else is said."
    ), "", *machine.description({})]
    failed = 0
    with Stage([OURS, LIMIT], builds) as stage:
        for name in chosen:
            try:
                curve = PARTS[name](stage)
            except loads.Refused as refusal:
                print(f"refused: {name}: {refusal}", file=sys.stderr)
                lines += ["", f"## {name}", "", f"Refused: {refusal}"]
                failed = 1
                continue
            chart = folder / f"growth-{name}.svg"
            drawn = charts.lines(curve.title, curve.across, curve.upward, curve.lines, curve.is_log_up)
            chart.write_text(drawn, encoding="utf-8")
            lines += ["", f"## {curve.title}", "", f"![{curve.upward}]({chart.name})", ""]
            lines += [*(f"- {note}" for note in curve.notes), ""]
            lines += points(curve)
            print("\n".join(f"  {curve.title}: {note}" for note in curve.notes), flush=True)
    if chosen == list(PARTS):
        (folder / "growth.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    else:
        print("\n".join(lines[4:]))
    return failed


def points(curve: Curve) -> list[str]:
    head = f"| {curve.across} | " + " | ".join(f"{line.label}, {curve.upward}" for line in curve.lines) + " |"
    lines = [head, "|---" * (len(curve.lines) + 1) + "|"]
    for place, (x, _) in enumerate(curve.lines[0].points):
        values = (line.points[place][1] for line in curve.lines)
        cells = [f"{value:,.2f}" if value < 100 else f"{value:,.0f}" for value in values]
        lines.append(f"| {x:,.0f} | " + " | ".join(cells) + " |")
    return lines
