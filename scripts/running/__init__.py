"""What the scripts share: building with visible progress, running the example, counting tests."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LOGS = ROOT / ".build" / "logs"


def stop_cleanly_on_signals() -> None:
    """A TERM or HUP unwinds like Ctrl-C, so that `finally` stops what was started."""

    def stop(number: int, _: object) -> None:
        sys.exit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
