"""The programs of Benchmarks/, a package of their own, built in release."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from datetime import date
from pathlib import Path

from running import ROOT
from running.build import run, swift_build

PACKAGE = ROOT / "Benchmarks"
RESULTS = PACKAGE / "results"


def build(product: str) -> Path:
    """The program, built."""
    options = ["-c", "release", "--package-path", str(PACKAGE)]
    # As a server is shipped: one program, without Swift's libraries beside it. Apple's systems have them.
    options += ["--static-swift-stdlib"] if sys.platform == "linux" else []
    swift_build(f"building {product} in release", *options, "--product", product)
    folder = subprocess.run(["swift", "build", *options, "--show-bin-path"], cwd=ROOT, check=True, capture_output=True, text=True)
    return Path(folder.stdout.strip()) / product


def measure(product: str, title: str, *arguments: str) -> int:
    """Runs a program, shows what it prints, and keeps it in Benchmarks/results/. Its exit code."""
    lines: list[str] = []

    def on_line(line: str, _: object) -> None:
        lines.append(line.rstrip())
        print(line.rstrip(), flush=True)

    code, _ = run(title, [str(build(product)), *arguments], on_line=on_line, shows_failure=False)
    RESULTS.mkdir(exist_ok=True)
    about = f"{date.today()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores, servers on the same machine."
    text = f"# {title[0].upper()}{title[1:]}\n\n{about}\n\n" + "\n".join(lines) + "\n"
    (RESULTS / f"{title.replace(' ', '-')}.md").write_text(text, encoding="utf-8")
    return code
