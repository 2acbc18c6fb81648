"""One idea a file: over 500 lines needs a reason, over 800 is too long whatever the reason."""

from __future__ import annotations

from pathlib import Path
from typing import Iterator

from . import Finding, swift_files

NEEDS_REASON, TOO_LONG = 500, 800


def check(root: Path) -> Iterator[Finding]:
    for path in swift_files(root, "Sources", "Tests", "Examples", "Benchmarks"):
        lines = path.read_text(encoding="utf-8").splitlines()
        reason = any(line.startswith("// LONG: ") and len(line) > 14 for line in lines[:5])
        if len(lines) > TOO_LONG:
            yield Finding(path, TOO_LONG + 1, f"{len(lines)} lines, the limit is {TOO_LONG}",
                          "split it by what it holds: Query+Filter.swift, Query+Order.swift")
        elif len(lines) > NEEDS_REASON and not reason:
            yield Finding(path, NEEDS_REASON + 1, f"{len(lines)} lines, over {NEEDS_REASON} needs a reason",
                          "split it, or begin the file with: // LONG: why it is one idea")
