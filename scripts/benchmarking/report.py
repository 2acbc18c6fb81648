"""The page: what was measured on which machine, as Markdown."""

from __future__ import annotations

import statistics
from datetime import date
from pathlib import Path

from . import charts, machine, peers, stage, suite, targets
from .rounds import Cell, Comparison

DISTURBED = 0.1
COLUMNS = [
    "", "connections", "requests/s", "±", "x", "server µs", "database µs", "x", "p50 ms", "p99 ms", "p99.9 ms", "memory MB",
    "at 70 %: p50, p99, p99.9 ms; calm p50, p99",
]


def write(comparison: Comparison, folder: Path) -> Path:
    """The page and its chart."""
    folder.mkdir(parents=True, exist_ok=True)
    chart = folder / "comparison.svg"
    chart.write_text(charts.bars(bars(comparison)), encoding="utf-8")
    page = folder / "comparison.md"
    page.write_text("\n".join(text(comparison, chart.name)) + "\n", encoding="utf-8")
    return page


def text(comparison: Comparison, chart: str) -> list[str]:
    plan = comparison.plan
    lines = ["# Side by side", "", (
        f"{date.today()}. Medians of {plan.rounds} interleaved rounds of {plan.seconds} s after {plan.warm_up} s of warming up; "
        "± is half of the distance between the least and the greatest. Processor time is that of all processes of the server, and "
        "of the database, for one request (/proc/PID/stat). Memory is the proportional set size of all processes of the server "
        "right after the load. Percentiles are wrk's, which asks again only when it was answered; those at 70 % of the peak count from "
        "when a request was due; calm ones are medians over quarter seconds: where the host of a virtual machine takes its processors "
        "away for some milliseconds, a few of them are bad."
    ), ""]
    lines += machine.description({
        "Database": machine.first_line("psql", "--version") + ", " + ", ".join(stage.SETTINGS),
        "Client": machine.first_line("wrk", "-v").partition("[")[0], **peers.versions(),
    })
    lines += disturbance(comparison)
    lines += ["", f"![Requests a second]({chart})"]
    if refusals := comparison.refusals:
        lines += ["", "## Refused", "", "Errors occurred, so these are compared with nothing:", ""]
        lines += [f"- {refusal}" for refusal in refusals]
    if comparison.left_out:
        lines += ["", "## Left out of this run", "", *(f"- {each}" for each in comparison.left_out)]
    if table := targets.lines(comparison):
        lines += ["", "## Targets", "", "Above 1 x Martlet is better.", "", *table]
    for test in comparison.tests:
        lines += ["", f"## {test.title[0].upper()}{test.title[1:]}", "", f"`{test.path}`", "", *table_of(comparison, test)]
    lines += ["", "## Who took part", "", *participants(comparison)]
    return lines


def disturbance(comparison: Comparison) -> list[str]:
    others = comparison.others
    if others < DISTURBED:
        return []
    return ["", (
        f"**Other programs used {others:.2f} cores during the rounds (median): these figures are good for the order of "
        "magnitude, and processor times better than requests a second.**"
    )]


def table_of(comparison: Comparison, test: suite.Test) -> list[str]:
    """A line for each contender and number of connections; ratios to the first contender at its best."""
    names = [c.name for c in comparison.contenders(test)]
    first = comparison.busiest(test.name, names[0])
    lines = ["| " + " | ".join(COLUMNS) + " |", "|---" * len(COLUMNS) + "|"]
    for contender in comparison.contenders(test):
        best = comparison.busiest(test.name, contender.name)
        for connections in comparison.plan.connections(test):
            cell = comparison.cell(test.name, contender.name, connections)
            if not cell.is_good:
                lines.append(f"| {contender.title} | {connections} | refused | | | | | | | | | | |")
                continue
            fixed = comparison.fixed.get((test.name, contender.name)) if cell is best else None
            lines.append(f"| {contender.title} | {connections} | {numbers(cell, first)} | {tail(fixed)} |")
    return lines


def numbers(cell: Cell, first: Cell | None) -> str:
    def ms(which: str) -> str:
        return f"{cell.of(lambda s: getattr(s, which)) / 1000:.2f}"

    rate, work = (targets.ratios(first, cell)) if first else (0, 0)
    return " | ".join([
        f"{cell.rate:,.0f}", f"{cell.spread(lambda s: s.rate):.0%}", f"{rate:.2f}" if rate else "",
        f"{cell.of(lambda s: s.server):,.1f}", f"{cell.of(lambda s: s.database):,.1f}", f"{work:.2f}" if work else "",
        ms("p50"), ms("p99"), ms("p999"), f"{cell.of(lambda s: s.memory) / 1e6:.1f}",
    ])


def tail(fixed: dict | None) -> str:
    if not fixed:
        return ""
    times = ", ".join(f"{fixed[name] / 1000:.2f}" for name in ("p50", "p99", "p999"))
    times += "; " + ", ".join(f"{fixed[name] / 1000:.2f}" for name in ("calm50", "calm99"))
    return times if fixed["is_kept"] else f"{times} (did not keep up)"


def participants(comparison: Comparison) -> list[str]:
    lines = ["| | settings | first answer, ms | binary, MB |", "|---|---|---|---|"]
    for contender in comparison.stage.contenders:
        times = comparison.starts.get(contender.name)
        start = f"{statistics.median(times) * 1000:.0f}" if times else ""
        size = stage.binary_megabytes(contender)
        lines.append(f"| {contender.title} | {contender.settings} | {start} | {f'{size:.1f}' if size else ''} |")
    return lines


def bars(comparison: Comparison) -> list[tuple[str, list[charts.Bar]]]:
    """For each test, everybody's best."""
    panels = []
    for test in comparison.tests:
        found = [(c, comparison.busiest(test.name, c.name)) for c in comparison.contenders(test)]
        panels.append((test.title, [
            charts.Bar(contender.title, cell.rate, cell.spread(lambda s: s.rate), contender.kind == "swift")
            for contender, cell in found if cell
        ]))
    return panels


def summary(comparison: Comparison) -> list[str]:
    """The short form of a quick look: everybody against the first, at their best."""
    lines = []
    for test in comparison.tests:
        order = {c.name: place for place, c in enumerate(comparison.stage.contenders)}
        found = sorted(comparison.contenders(test), key=lambda c: order[c.name])
        first = comparison.busiest(test.name, found[0].name)
        for contender in found[1:]:
            cell = comparison.busiest(test.name, contender.name)
            if first and cell:
                rate, work = targets.ratios(first, cell)
                pair = f"{test.title}: {found[0].title} : {contender.title}"
                lines.append(f"  {pair} = {rate:.2f} requests, {work:.2f} processor time")
    if comparison.others >= DISTURBED:
        lines.append(f"  other programs used {comparison.others:.2f} cores meanwhile")
    return [*lines, *(line for line in targets.lines(comparison) if not line.startswith("|---"))]
