"""Where a request's time goes: a flame graph of the server under load, from perf's samples."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from html import escape
from pathlib import Path

from . import charts, loads, machine, suite
from .contenders import Contender
from .stage import Stage

SECONDS, RATE, CONNECTIONS = 6, 1999, 64
WIDTH, ROW, LEAST = 1200, 17, 0.002
# Whose code it is, by the first match; the colour of its boxes.
OWNERS = [
    ("kernel, libc", re.compile(r"\[k\]|^(__GI_|__libc|_*pthread|epoll_|read$|write$)"), "#8fbf8f"),
    ("Swift's runtime", re.compile(r"^(_*swift|completeTask|withStatusRecord|outlined|destroy |thunk |tuple_)|Concurrency"), "#c9b8e0"),
    ("allocation, copying", re.compile(r"malloc|free|memmove|memcpy|memset"), "#d0b090"),
    ("NIO", re.compile(r"NIO|Channel|EventLoop|Selector|Socket|ByteBuffer|ByteToMessage|llhttp|HTTPDecoder|HTTPParser"), "#8fb4d9"),
    ("Martlet, the application", re.compile(r""), "#f0a860"),
]


@dataclass
class Frame:
    """A function where it was called from, and how many samples lie in it."""

    name: str
    count: int = 0
    callees: dict[str, "Frame"] = field(default_factory=dict)

    def add(self, stack: list[str]) -> None:
        self.count += 1
        frame = self
        for name in stack:
            frame = frame.callees.setdefault(name, Frame(name))
            frame.count += 1


def run(test: suite.Test, contender: Contender, folder: Path, builds: bool) -> int:
    """Draws the flame graph of a test."""
    if not shutil.which("perf"):
        print("perf is missing: install linux-perf (Debian) or linux-tools-generic (Ubuntu)", file=sys.stderr)
        return 1
    with Stage([contender], builds) as stage, tempfile.TemporaryDirectory() as scratch:
        process, data = stage.start(contender), Path(scratch) / "perf.data"
        target = test.target(process.base, contender.prefix)
        loads.wrk(process.base, target, 2, CONNECTIONS)
        load = threading.Thread(target=loads.wrk, args=(process.base, target, SECONDS + 2, CONNECTIONS))
        load.start()
        command = ["perf", "record", "-F", str(RATE), "-g", "-p", str(process.pid), "-o", str(data), "--", "sleep", str(SECONDS)]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        load.join()
        if done.returncode:
            print(f"perf failed: {done.stdout.strip()[-500:]}", file=sys.stderr)
            return 1
        root = Frame("all")
        for stack in stacks(data):
            root.add(stack)
    path = folder / f"flame-{test.name}.svg"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(drawn(root, f"{contender.title}, {test.title}: {root.count:,} samples of processor time"), encoding="utf-8")
    print(f"  written: {path}")
    for owner, part in shares(root):
        print(f"  {part:6.1%}  {owner}")
    return 0


# MARK: Stacks


def stacks(data: Path) -> Iterator[list[str]]:
    """Each sample's functions from the outermost inwards, from the event loop's run on."""
    script = subprocess.run(
        ["perf", "script", "-i", str(data), "-F", "ip,sym,dso"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    plain = subprocess.run(["swift", "demangle", "--simplified"], input=script.stdout, stdout=subprocess.PIPE, text=True)
    stack: list[str] = []
    for line in [*plain.stdout.splitlines(), ""]:
        if line.strip():
            stack.append(name_of(line))
        elif stack:
            yield trimmed(stack[::-1])
            stack = []


def name_of(line: str) -> str:
    """What a line of perf script is about, without its address and its place."""
    _, _, rest = line.strip().partition(" ")
    name, _, place = rest.rpartition(" (")
    name = re.sub(r"\+0x[0-9a-f]+$", "", name)
    for noise in ("protocol witness for ", "partial apply for ", "specialized ", "static ", "@objc "):
        name = name.replace(noise, "")
    name = re.sub(r" in conformance .*| -> .*", "", name)
    return f"{name} [k]" if "kernel" in place else name


def trimmed(stack: list[str]) -> list[str]:
    """Without what is around every sample, and without repetitions."""
    start = next((i for i, name in enumerate(stack) if name.startswith("SelectableEventLoop.run()")), 0)
    names: list[str] = []
    for name in stack[start:]:
        if name not in ("", "[unknown]") and (not names or names[-1] != name):
            names.append(name)
    return names


def owner(name: str) -> tuple[str, str]:
    return next((title, colour) for title, pattern, colour in OWNERS if pattern.search(name))


def shares(root: Frame) -> list[tuple[str, float]]:
    """How much lies in whose code: that of the innermost function."""
    found: dict[str, int] = {}

    def walk(frame: Frame) -> None:
        own = frame.count - sum(callee.count for callee in frame.callees.values())
        title = owner(frame.name)[0]
        found[title] = found.get(title, 0) + own
        for callee in frame.callees.values():
            walk(callee)

    walk(root)
    return sorted(((title, count / root.count) for title, count in found.items()), key=lambda pair: -pair[1])


# MARK: Drawing


def depth(frame: Frame, root: Frame) -> int:
    return 1 + max((depth(c, root) for c in frame.callees.values() if c.count >= root.count * LEAST), default=0)


def drawn(root: Frame, title: str) -> str:
    height = (depth(root, root) + 4) * ROW
    parts, x, found = [charts.text(8, 16, title, more="font-size='14'")], 8.0, dict(shares(root))
    for name, _, colour in OWNERS:
        label = f"{name} {found.get(name, 0):.0%}"
        parts += [f"<rect x='{x}' y='24' width='12' height='12' fill='{colour}'/>", charts.text(x + 16, 34, label)]
        x += 44 + len(label) * 6.5
    parts.append(charts.text(x, 34, f"{date.today()}, {machine.processor()}", more="fill='#666'"))
    return charts.svg(WIDTH, height, [*parts, *boxes(root, 0.0, height - ROW, root)])


def boxes(frame: Frame, x: float, y: float, root: Frame) -> Iterator[str]:
    scale = WIDTH / root.count
    width = frame.count * scale
    part = frame.count / root.count
    yield f"<g><title>{escape(frame.name)}: {part:.1%}</title>"
    yield (
        f"<rect x='{x:.1f}' y='{y}' width='{max(width - 0.4, 0.2):.1f}' height='{ROW - 1}' fill='{owner(frame.name)[1]}'/>"
    )
    if (letters := int((width - 4) / 6)) >= 3:
        shown = frame.name if len(frame.name) <= letters else frame.name[:letters - 1] + "…"
        yield charts.text(x + 2, y + 12, shown, more="font-size='11'")
    yield "</g>"
    for callee in sorted(frame.callees.values(), key=lambda c: c.name):
        if callee.count >= root.count * LEAST:
            yield from boxes(callee, x, y - ROW, root)
        x += callee.count * scale
