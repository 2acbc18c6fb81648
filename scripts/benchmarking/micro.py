"""The micro-benchmarks of Benchmarks/Sources/Micro as a table."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

from . import machine, measures


def run(folder: Path, builds: bool = True) -> int:
    """Measures, prints, and writes the page."""
    binary = measures.build("micro") if builds else measures.PACKAGE / ".build" / "release" / "micro"
    done = subprocess.run([str(binary), "--format", "json", "--quiet"], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        print(f"micro failed with code {done.returncode}", file=sys.stderr)
        return 1
    lines = ["| | time | ± | times |", "|---|---|---|---|"]
    for found in json.loads(done.stdout)["benchmarks"]:
        time = float(found["time"]) / 1000
        lines.append(f"| {found['name']} | {time:,.2f} µs | {float(found['std']):.0f} % | {int(found['iterations']):,} |")
    print("\n".join(lines), flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    head = ["# Parts of a request", "", f"{date.today()}. Medians and standard deviations.", "", *machine.description({}), ""]
    (folder / "parts-of-a-request.md").write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")
    return 0
