"""`swift format lint --strict` with the repository's .swift-format."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Iterator

from . import Finding, swift_files

MESSAGE = re.compile(r"^(?P<path>/?[^:\n]+\.swift):(?P<line>\d+):\d+: (?:warning|error): (?P<text>.*)$")


def check(root: Path) -> Iterator[Finding]:
    files = swift_files(root, "Sources", "Tests", "Examples", "Benchmarks")
    if (root / "Package.swift").exists():
        files.append(root / "Package.swift")
    if not files:
        return
    run = subprocess.run(
        ["swift", "format", "lint", "--strict", "--parallel", *map(str, files)],
        cwd=root, capture_output=True, text=True,
    )
    if run.returncode == 0:
        return
    found = False
    for line in (run.stderr + run.stdout).splitlines():
        if match := MESSAGE.match(line):
            found = True
            yield Finding(Path(match["path"]), int(match["line"]), match["text"],
                          "swift format -i " + str(Path(match["path"]).relative_to(root)))
    if not found:
        raise SystemExit(f"check: swift format failed with code {run.returncode}:\n{run.stderr}{run.stdout}")
