"""How a process that was started is ended."""

from __future__ import annotations

import signal
import subprocess


def end(process: subprocess.Popen[bytes] | None, seconds: float = 30, number: signal.Signals = signal.SIGTERM) -> None:
    """Asks the process to end, waits, and makes it end where it does not."""
    if process is None or process.poll() is not None:
        return
    process.send_signal(number)
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
