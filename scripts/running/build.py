"""Long commands with their progress in sight and all of their output in a log."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Callable

from . import LOGS, ROOT

# SwiftPM counts its steps: "[12/345] Compiling NIOCore Channel.swift".
STEP = re.compile(r"^\[(\d+)/(\d+)\] (.*)")
ERROR = re.compile(r"(^|: )error: ")


def clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


class Progress:
    """One line every few seconds (each second on a terminal), also while the command is silent."""

    def __init__(self, label: str) -> None:
        self.label, self.step = label, "starting"
        self.began = time.monotonic()
        self._terminal = sys.stdout.isatty()
        self._done = threading.Event()
        self._printer = threading.Thread(target=self._run, daemon=True)

    @property
    def elapsed(self) -> str:
        return clock(time.monotonic() - self.began)

    def __enter__(self) -> "Progress":
        self._printer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._printer.join()
        if self._terminal:
            print("\r" + " " * 110 + "\r", end="", flush=True)

    def _run(self) -> None:
        while not self._done.wait(1 if self._terminal else 10):
            line = f"  {self.label} {self.elapsed:>6}  {self.step}"[:110]
            print(f"\r{line:<110}" if self._terminal else line, end="" if self._terminal else "\n", flush=True)


def run(
    label: str, command: list[str], *, environment: dict[str, str] | None = None,
    on_line: Callable[[str, Progress], None] | None = None, shows_failure: bool = True,
) -> tuple[int, Path]:
    """Runs a command to its end. Returns its exit code and the log. A failure shows its errors, or the log's end,
    unless the caller has shown what matters line by line."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / (re.sub(r"\W+", "-", label).strip("-") + ".log")
    errors: list[str] = []
    with log.open("w", encoding="utf-8") as out, Progress(label) as progress:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **(environment or {})}, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace",
        )
        try:
            for line in process.stdout:
                out.write(line)
                if match := STEP.match(line):
                    progress.step = f"[{match[1]}/{match[2]}] {match[3].strip()}"
                elif ERROR.search(line) and line not in errors:
                    errors.append(line)
                if on_line:
                    on_line(line, progress)
            code = process.wait()
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        elapsed = progress.elapsed
    if code == 0:
        print(f"  {label}: done in {elapsed}", flush=True)
    else:
        if shows_failure:
            sys.stdout.writelines(errors[:30] or log.read_text(encoding="utf-8").splitlines(keepends=True)[-30:])
        print(f"  {label}: failed after {elapsed}, all of its output: {log.relative_to(ROOT)}", flush=True)
    return code, log


def swift_build(label: str, *arguments: str) -> None:
    """`swift build` with progress; ends the script when it fails."""
    code, _ = run(label, ["swift", "build", *arguments])
    if code:
        sys.exit(code)
