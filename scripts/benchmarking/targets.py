"""What was promised, and what was measured."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass

from . import contenders, suite
from .rounds import Cell, Comparison


@dataclass(frozen=True)
class Target:
    """So many times the other's requests a second, and so many times less processor time for each."""

    test: str
    ours: str
    other: str
    least: float


TARGETS = [
    Target("rows", "martlet", "drf", 45),
    Target("rows", "martlet", "fastapi", 8),
    Target("rows", "martlet", "django-bolt", 12),
    Target("rows", "martlet", "go", 2.4),
    Target("rows", "martlet", "bare-nio", 0.85),
    Target("db", "martlet", "go", 2.3),
    Target("db", "martlet", "bare-nio", 0.85),
    Target("queries", "martlet", "go", 5),
    Target("json", "martlet", "go", 1.0),
    Target("json", "martlet", "bare-nio", 0.8),
    Target("plaintext", "martlet", "go", 1.0),
    Target("plaintext", "martlet", "bare-nio", 0.8),
    Target("conduit-list", "conduit", "conduit-drf", 30),
    Target("updates", "martlet", "fastapi", 4),
]
MEMORY, START, TAIL = 1 / 4, 1 / 10, 4.0


def lines(comparison: Comparison) -> list[str]:
    """The table of the targets; empty where none was measured."""
    rows = [*_ratios(comparison), *_memory(comparison), *_starts(comparison), *_tails(comparison)]
    if not rows:
        return []
    head = ["| work | against | target | requests a second | processor time | |", "|---|---|---|---|---|---|"]
    return [*head, *rows]


def _ratios(comparison: Comparison) -> Iterator[str]:
    for target in TARGETS:
        if target.test not in {test.name for test in comparison.tests}:
            continue
        if not (comparison.has(target.test, target.ours) and comparison.has(target.test, target.other)):
            continue
        title, other = suite.BY_NAME[target.test].title, contenders.BY_NAME[target.other].title
        pair = comparison.busiest(target.test, target.ours), comparison.busiest(target.test, target.other)
        if not (pair[0] and pair[1]):
            yield f"| {title} | {other} | {target.least:g} x | refused | refused | **not comparable** |"
            continue
        rate, work = ratios(pair[0], pair[1])
        yield f"| {title} | {other} | {target.least:g} x | {rate:.2f} x | {work:.2f} x | {verdict(target.least, rate, work)} |"


def ratios(ours: Cell, other: Cell) -> tuple[float, float]:
    """How many times more requests a second, how many times less processor time; above 1 is better."""
    return ours.rate / other.rate, other.work / ours.work if ours.work else 0


def verdict(least: float, rate: float, work: float) -> str:
    if rate >= least and work >= least:
        return "met"
    short = max(1 - rate / least, 1 - work / least)
    if rate >= least or work >= least:
        by = "requests" if rate >= least else "processor time"
        return f"**met by {by} alone**, {short:.0%} short"
    return f"**missed by {short:.0%}**"


def _memory(comparison: Comparison) -> Iterator[str]:
    ours, other = comparison.memory("conduit"), comparison.memory("conduit-drf")
    if ours and other:
        word = "met" if ours <= other * MEMORY else f"**missed by {ours / other / MEMORY - 1:.0%}**"
        yield (
            f"| memory under load (PSS), Conduit | {contenders.BY_NAME['conduit-drf'].title}, both processes | at most 1/4 "
            f"| {ours / 1e6:.1f} MB : {other / 1e6:.1f} MB | {ours / other:.3f} | {word} |"
        )


def _starts(comparison: Comparison) -> Iterator[str]:
    for ours, other in (("martlet", "django"), ("conduit", "conduit-drf")):
        if ours not in comparison.starts or other not in comparison.starts:
            continue
        a, b = (statistics.median(comparison.starts[name]) for name in (ours, other))
        word = "met" if a <= b * START else f"**missed by {a / b / START - 1:.0%}**"
        titles = contenders.BY_NAME[ours].title, contenders.BY_NAME[other].title
        times = f"{a * 1000:.0f} ms : {b * 1000:.0f} ms"
        yield f"| start to first answer, {titles[0]} | {titles[1]} | at most 1/10 | {times} | {a / b:.3f} | {word} |"


def _tails(comparison: Comparison) -> Iterator[str]:
    for test in comparison.tests:
        for name in ("martlet", "conduit"):
            if not (found := comparison.fixed.get((test.name, name))):
                continue
            for which, (low, high) in (("", ("p50", "p99")), (", median quarter second", ("calm50", "calm99"))):
                ratio = found[high] / found[low]
                word = "met" if ratio <= TAIL else f"**missed by {ratio / TAIL - 1:.0%}**"
                if not found["is_kept"]:
                    word = "**missed: it did not keep up with the rate**"
                times = f"{found[high] / 1000:.2f} ms : {found[low] / 1000:.2f} ms"
                yield (
                    f"| p99 : p50 at 70 % of the peak, {test.title}{which} | itself | at most {TAIL:g} | {times} | {ratio:.1f} "
                    f"| {word} |"
                )
