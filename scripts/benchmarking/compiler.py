"""Calls of the compiler as SwiftPM makes them for a debug build, and what they cost."""

from __future__ import annotations

import ctypes
import os
import re
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from running import ROOT

PRODUCTS = ROOT / ".build" / "debug"
# -debug-time-expression-type-checking prints nothing in Swift 6.3, so every expression over 1 ms is made a warning.
EXPRESSION = re.compile(r"^(?P<path>/.+):(?P<line>\d+):\d+: warning: expression took (?P<ms>\d+)ms", re.MULTILINE)


@dataclass
class Cost:
    wall: float
    cpu: float
    output: str


def adopt_orphans() -> None:
    """On Linux: makes this process the parent of the plug-in's processes, which outlive the compiler that started
    them, so that their CPU time is counted. Elsewhere the figure leaves them out."""
    if sys.platform == "linux":
        pr_set_child_subreaper = 36
        ctypes.CDLL(None).prctl(pr_set_child_subreaper, 1, 0, 0, 0)


def run(command: list[str]) -> Cost:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    result = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    wall = time.monotonic() - began
    try:
        while True:  # The orphans.
            os.waitpid(-1, 0)
    except ChildProcessError:
        pass
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if result.returncode:
        sys.exit(f"{result.stdout[-4000:]}\nbench-build: the compiler failed with code {result.returncode}")
    return Cost(wall, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, result.stdout)


def c_modules() -> list[str]:
    """The C modules of the packages below MartletORM, which SwiftPM would name to the compiler."""
    maps = sorted((ROOT / ".build" / "checkouts").glob("swift-system/Sources/*/include/module.modulemap"))
    return [flag for each in maps for flag in ("-Xcc", f"-fmodule-map-file={each}")]


def debug_flags(module: str) -> list[str]:
    return [
        "-module-name", module, "-swift-version", "6", "-Onone", "-g", "-enable-testing", "-parse-as-library",
        "-enable-upcoming-feature", "ExistentialAny", "-enable-upcoming-feature", "MemberImportVisibility",
        "-enable-upcoming-feature", "InternalImportsByDefault",
        "-I", str(PRODUCTS / "Modules"),
        *c_modules(),
        "-load-plugin-executable", f"{PRODUCTS / 'MartletMacros-tool'}#MartletMacros",
    ]


def expression_times(file: Path) -> list[tuple[int, float]]:
    """Line and milliseconds of every expression that took 1 ms or more to type-check."""
    cost = run(["swiftc", "-typecheck", *debug_flags("BenchFilters"), "-Xfrontend", "-warn-long-expression-type-checking=1", str(file)])
    return [(int(m["line"]), float(m["ms"])) for m in EXPRESSION.finditer(cost.output) if m["path"].endswith(file.name)]


def compile_module(module: str, files: list[Path], folder: Path) -> Cost:
    """A debug build of one module, in batches over the processors as SwiftPM does it."""
    objects = folder / "objects"
    objects.mkdir(exist_ok=True)
    file_map = folder / "output.json"
    entries = ",".join(f'"{f}": {{"object": "{objects / f.stem}.o"}}' for f in files)
    file_map.write_text("{" + entries + "}")
    return run([
        "swiftc", "-c", *debug_flags(module), "-enable-batch-mode", f"-j{os.cpu_count()}",
        "-emit-module", "-emit-module-path", str(folder / f"{module}.swiftmodule"),
        "-output-file-map", str(file_map), *map(str, files),
    ])
