"""Which machine measured, and with which versions."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def memory() -> str:
    for line in Path("/proc/meminfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("MemTotal:"):
            return f"{int(line.split()[1]) / 1048576:.0f} GiB"
    return "unknown"


def system() -> str:
    for line in Path("/etc/os-release").read_text(encoding="utf-8").splitlines():
        if line.startswith("PRETTY_NAME="):
            return line.partition("=")[2].strip('"')
    return platform.system()


def first_line(*command: str) -> str:
    """What a program says of itself, or nothing where it is missing."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip().splitlines()[0].strip() if done.stdout.strip() else ""


def cores() -> tuple[set[int], set[int]]:
    """Cores for the server with its database, and for the client. Apart where there are more than two; else all for both."""
    all_cores = sorted(os.sched_getaffinity(0))
    if len(all_cores) <= 2:
        return set(all_cores), set(all_cores)
    # A client in C on a quarter of the cores is faster than any of the servers on the rest.
    clients = max(1, len(all_cores) // 4)
    return set(all_cores[:-clients]), set(all_cores[-clients:])


def description(extra: dict[str, str]) -> list[str]:
    """Lines of Markdown."""
    server, client = cores()
    shared = "shared by server, database and client" if server == client else f"{len(client)} of them for the client alone"
    lines = {
        "Processor": f"{processor()}, {len(server | client)} cores ({shared})",
        "Memory": memory(),
        "System": f"{system()}, Linux {platform.release().partition('-')[0]}",
        "Swift": first_line("swift", "--version"),
        **extra,
    }
    return [f"- {name}: {text}" for name, text in lines.items() if text]
