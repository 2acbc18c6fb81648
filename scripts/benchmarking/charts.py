"""Charts as SVG, written by hand: bars with their spread, and lines over a logarithmic axis."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape

FONT = "font-family='system-ui, sans-serif' font-size='12'"
OURS, OTHERS, INK, FAINT = "#c2410c", "#64748b", "#1e293b", "#cbd5e1"
COLOURS = ["#c2410c", "#1d4ed8", "#15803d", "#7e22ce", "#a16207", "#0e7490"]


@dataclass(frozen=True)
class Bar:
    label: str
    value: float
    spread: float
    is_ours: bool


@dataclass(frozen=True)
class Line:
    label: str
    points: list[tuple[float, float]]


def svg(width: float, height: float, parts: list[str]) -> str:
    body = "\n".join(parts)
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width:g} {height:g}' width='{width:g}' height='{height:g}'>\n"
        f"<rect width='100%' height='100%' fill='white'/>\n<g {FONT} fill='{INK}'>\n{body}\n</g>\n</svg>\n"
    )


def text(x: float, y: float, words: str, anchor: str = "start", more: str = "") -> str:
    return f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' {more}>{escape(words)}</text>"


def bars(panels: list[tuple[str, list[Bar]]], unit: str = "requests a second") -> str:
    """A panel for each test, from the fastest to the slowest, with the spread as a whisker."""
    left, width, row = 240.0, 520.0, 20
    parts: list[str] = []
    y = 24.0
    for title, found in panels:
        parts.append(text(10, y, f"{title}, {unit}", more="font-weight='bold'"))
        y += 10
        most = max((bar.value * (1 + bar.spread) for bar in found), default=1) or 1
        for bar in sorted(found, key=lambda bar: -bar.value):
            length, whisker = bar.value / most * width, bar.spread * bar.value / most * width
            colour, middle = OURS if bar.is_ours else OTHERS, y + row / 2
            parts.append(text(left - 8, middle + 4, bar.label, "end"))
            parts.append(f"<rect x='{left:g}' y='{y + 3:.1f}' width='{max(length, 1):.1f}' height='{row - 6}' fill='{colour}'/>")
            low, high = left + length - whisker, left + length + whisker
            parts.append(f"<path d='M{low:.1f} {middle:.1f} H{high:.1f}' stroke='{INK}' stroke-width='1.5'/>")
            parts.append(text(high + 6, middle + 4, f"{bar.value:,.0f}"))
            y += row
        y += 26
    return svg(left + width + 90, y, parts)


def lines(title: str, across: str, upward: str, found: list[Line], is_log_up: bool = False) -> str:
    """Lines over a logarithmic axis."""
    width, height, left, top, bottom, right = 720.0, 360.0, 80.0, 46.0, 50.0, 190.0
    xs = [x for line in found for x, _ in line.points]
    ys = [y for line in found for _, y in line.points]
    if not xs:
        return svg(width, height, [text(10, 20, f"{title}: nothing was measured")])
    low, high = math.log10(min(xs)), math.log10(max(xs))
    peak, floor = max(ys) * 1.08, min(ys) * 0.8 if is_log_up else 0.0

    def place(x: float, y: float) -> tuple[float, float]:
        across_part = (math.log10(x) - low) / ((high - low) or 1)
        up_part = (math.log10(y) - math.log10(floor)) / (math.log10(peak) - math.log10(floor)) if is_log_up else y / peak
        return left + across_part * (width - left - right), height - bottom - up_part * (height - top - bottom)

    parts = [text(10, 20, title, more="font-weight='bold' font-size='14'"), text(10, 38, upward)]
    parts.append(text(left + (width - left - right) / 2, height - 10, across, "middle"))
    for x in sorted(set(xs)):
        at, _ = place(x, peak)
        parts.append(f"<path d='M{at:.1f} {top} V{height - bottom}' stroke='{FAINT}'/>")
        parts.append(text(at, height - bottom + 16, short(x), "middle", "font-size='10'"))
    for y in ticks(floor, peak, is_log_up):
        _, at = place(xs[0], y)
        parts.append(f"<path d='M{left} {at:.1f} H{width - right}' stroke='{FAINT}'/>")
        parts.append(text(left - 6, at + 4, short(y), "end", "font-size='10'"))
    for number, line in enumerate(found):
        colour = COLOURS[number % len(COLOURS)]
        points = [place(x, y) for x, y in line.points]
        path = " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        parts.append(f"<path d='M{path}' fill='none' stroke='{colour}' stroke-width='2'/>")
        parts += [f"<circle cx='{x:.1f}' cy='{y:.1f}' r='3' fill='{colour}'/>" for x, y in points]
        y = top + 14 + number * 18
        parts.append(f"<rect x='{width - right + 14:g}' y='{y - 9:g}' width='10' height='10' fill='{colour}'/>")
        parts.append(text(width - right + 30, y, line.label))
    return svg(width, height, parts)


def ticks(floor: float, peak: float, is_log: bool) -> list[float]:
    if is_log:
        return [10.0 ** n for n in range(math.ceil(math.log10(floor)), math.floor(math.log10(peak)) + 1)]
    step = 10 ** math.floor(math.log10(peak / 4))
    step *= next(f for f in (1, 2, 5, 10) if peak / (step * f) <= 6)
    return [step * n for n in range(int(peak / step) + 1)]


def short(value: float) -> str:
    """`1500` → `1.5k`"""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"
