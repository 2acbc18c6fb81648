"""What the peers are made of: a Python environment, Go's binary, Node's packages."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from running import LOGS, ROOT

from . import loads

PEERS = ROOT / "Benchmarks" / "Peers"
VENV = ROOT / ".build" / "bench-venv"
DEBIAN = ROOT / ".build" / "bench-debian"
GO_BINARY = loads.BINARIES / "go-peer"
GO_SOURCES = Path("/usr/share/gocode")


def python(name: str) -> str:
    return str(VENV / "bin" / name)


def python_path(folder: str) -> dict[str, str]:
    return {"PYTHONPATH": f"{PEERS / folder}:{PEERS / 'common'}", "PYTHONDONTWRITEBYTECODE": "1"}


def node_path() -> str:
    """Where Debian's node-pg is: installed, or unpacked by bootstrap where it conflicts with another Node."""
    folders = Path("/usr/share/nodejs"), DEBIAN / "usr/share/nodejs"
    return ":".join(str(folder) for folder in folders if (folder / "pg").is_dir())


def build_go() -> None:
    source = PEERS / "go" / "main.go"
    if GO_BINARY.exists() and GO_BINARY.stat().st_mtime > source.stat().st_mtime:
        return
    go = shutil.which("go")
    if not go:
        raise SystemExit("go is missing: run scripts/bootstrap --bench, which installs what is missing")
    GO_BINARY.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [go, "build", "-o", str(GO_BINARY), "."], cwd=source.parent, check=True,
        env={**os.environ, "GO111MODULE": "off", "GOPATH": str(GO_SOURCES), "GOCACHE": str(loads.BINARIES / "go-cache")},
    )


def versions() -> dict[str, str]:
    """What the peers say of themselves."""
    from . import machine

    found = {"Go": machine.first_line("go", "version"), "Node": machine.first_line("node", "--version")}
    if VENV.exists():
        found["Python"] = machine.first_line(python("python"), "--version")
        command = [python("pip"), "freeze", "--disable-pip-version-check"]
        listed = subprocess.run(command, stdout=subprocess.PIPE, text=True).stdout
        wanted = (PEERS / "requirements.txt").read_text(encoding="utf-8")
        names = {line.partition("==")[0].partition("[")[0].lower() for line in wanted.splitlines() if line and line[0] != "#"}
        found["Packages"] = ", ".join(sorted((l for l in listed.split() if l.partition("==")[0].lower() in names), key=str.lower))
    return found


def missing(kind: str) -> str:
    """Why peers of this kind cannot run here, or nothing."""
    if kind == "python" and not (VENV / "bin" / "python").exists():
        return "the Python environment is missing"
    if kind == "go" and not (shutil.which("go") and (GO_SOURCES / "src/github.com/jackc/pgx").is_dir()):
        return "Go or pgx is missing"
    if kind == "node" and not (shutil.which("node") and node_path()):
        return "Node or node-pg is missing"
    return ""


def log(name: str) -> Path:
    return LOGS / "bench" / f"{name}.log"
