"""The example application as a process: its settings, its start, its end."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from . import ROOT
from .build import Progress, run
from .ending import end

BINARY = ROOT / ".build" / "debug" / "conduit"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def port_is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def settings(folder: Path, port: int) -> dict[str, str]:
    """The environment of a development server whose database and secret live in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    secret = folder / "secret"
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(48), encoding="utf-8")
    return {
        "ENVIRONMENT": "development",
        "DATABASE_URL": f"sqlite:///{folder / 'conduit.sqlite3'}",  # Four slashes in all: an absolute path.
        "SECRET_KEY": secret.read_text(encoding="utf-8").strip(),
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }


def command(name: str, environment: dict[str, str], *arguments: str, binary: Path = BINARY) -> None:
    """One of the application's commands (`migrate`, `seed`), with its output on the terminal."""
    result = subprocess.run([binary, name, *arguments], cwd=ROOT, env={**os.environ, **environment})
    if result.returncode:
        raise SystemExit(f"{binary.name} {name} failed with code {result.returncode}")


class Server:
    """`conduit serve`, or another application's, running within a `with` statement."""

    def __init__(self, environment: dict[str, str], log: Path | None = None, binary: Path = BINARY) -> None:
        self.environment, self.log, self.binary = environment, log, binary
        self.base = f"http://127.0.0.1:{environment['PORT']}"
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Server":
        out = None
        if self.log:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            out = self.log.open("wb")
        # In a group of its own: Ctrl-C reaches this script alone, which then asks the server to stop.
        self.process = subprocess.Popen(
            [self.binary, "serve"], cwd=ROOT, env={**os.environ, **self.environment}, stdout=out,
            stderr=subprocess.STDOUT if out else None, start_new_session=True,
        )
        if out:
            out.close()
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        end(self.process)

    def _wait_until_ready(self, seconds: float = 30) -> None:
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            if self.process.poll() is not None:
                text = self.log.read_text(errors="replace")[-3000:] if self.log else ""
                raise SystemExit(f"{self.binary.name} serve ended with code {self.process.returncode}\n{text}")
            try:
                with urllib.request.urlopen(self.base + "/healthz", timeout=2) as response:
                    if response.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise SystemExit(f"{self.binary.name} serve did not answer on {self.base}/healthz within {seconds:.0f} s")


def realworld(base: str, *arguments: str) -> tuple[int, Path]:
    """The API's checks against a running server. Returns their exit code and their log."""
    return checks("RealWorld checks", "Tests/RealWorld/run.py", "--base", f"{base}/api", *arguments)


def clients(base: str) -> tuple[int, Path]:
    """The same through generated clients in TypeScript and Swift."""
    return checks("RealWorld through generated clients", "Tests/Clients/run.py", "--base", base)


def checks(title: str, script: str, *arguments: str) -> tuple[int, Path]:
    """A script that prints a line for each of its checks."""
    python = ROOT / ".build" / "venv" / "bin" / "python"
    passed = 0

    def on_line(line: str, progress: Progress) -> None:
        nonlocal passed
        if line.startswith("passed  "):
            passed += 1
            progress.step = f"{passed} passed"
        elif line.startswith(("FAILED", "    ")):
            print(line.rstrip(), flush=True)

    return run(title, [str(python), script, *arguments], on_line=on_line, shows_failure=False)
