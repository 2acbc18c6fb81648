"""What a server and all of its processes cost, from /proc: time on processors, memory, and its start."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from running.ending import end

TICK = os.sysconf("SC_CLK_TCK")


def parents() -> dict[int, int]:
    """The parent of every process."""
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                found[int(entry)] = int(fields(int(entry))[1])
            except OSError:
                pass  # It has ended meanwhile.
    return found


def fields(pid: int) -> list[str]:
    """/proc/PID/stat from the state on; the name before it may hold spaces and brackets."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()


def tree(root: int) -> list[int]:
    """The process and all below it."""
    above, found = parents(), [root]
    while more := [pid for pid, parent in above.items() if parent in found and pid not in found]:
        found += more
    return found


def processor_seconds(root: int) -> float:
    """What the tree has used so far, with those of its processes that have ended."""
    total = 0
    for pid in tree(root):
        try:
            total += sum(int(ticks) for ticks in fields(pid)[11:15])
        except OSError:
            pass
    return total / TICK


def memory_bytes(root: int) -> int:
    """Proportional set size: pages that processes share count once in all."""
    total = 0
    for pid in tree(root):
        try:
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
        except OSError:
            pass
    return total


def machine_seconds() -> float:
    """What everything on this machine has used, without waiting."""
    ticks = [int(n) for n in Path("/proc/stat").read_text(encoding="utf-8").splitlines()[0].split()[1:]]
    return (sum(ticks[:8]) - ticks[3] - ticks[4]) / TICK


def pin(root: int, cores: set[int]) -> None:
    """Every thread of the tree onto these cores."""
    for pid in tree(root):
        for thread in os.listdir(f"/proc/{pid}/task"):
            os.sched_setaffinity(int(thread), cores)


class Process:
    """A server within a `with` statement: started, waited for, ended with everything it has started."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], port: int, path: str, log: Path) -> None:
        self.name, self.command, self.environment, self.port, self.path, self.log = name, command, environment, port, path, log
        self.process: subprocess.Popen[bytes] | None = None
        self.start_seconds = 0.0
        self.cores: set[int] | None = None

    @property
    def pid(self) -> int:
        assert self.process
        return self.process.pid

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "Process":
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as out:
            began = time.monotonic()
            self.process = subprocess.Popen(
                self.command, env={**os.environ, **self.environment}, stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.STDOUT, start_new_session=True,
                preexec_fn=(lambda: os.sched_setaffinity(0, self.cores)) if self.cores else None,
            )
        try:
            self._wait_for_answer(began)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait_for_answer(self, began: float, seconds: float = 60) -> None:
        """Until the first 200; asked every two milliseconds, so that a quick start shows."""
        request = f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nConnection: close\r\n\r\n".encode()
        while time.monotonic() < began + seconds:
            if self.process and self.process.poll() is not None:
                break
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                    connection.sendall(request)
                    if connection.recv(64).split(b" ")[1:2] == [b"200"]:
                        self.start_seconds = time.monotonic() - began
                        return
            except OSError:
                pass
            time.sleep(0.002)
        text = self.log.read_text(errors="replace")[-3000:]
        raise SystemExit(f"{self.name} did not answer; its log ({self.log}) ends in:\n{text}")

    def stop(self) -> None:
        """Asks the server to end, then makes its whole session end."""
        if not self.process:
            return
        end(self.process, 10)
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
