#!/usr/bin/env python3
"""The HTTP server, asked by other people's programs: curl, h2load, slowhttptest, a WebSocket library, a fuzzer, and rude
clients beside polite ones.

    Tests/Transport/run.py                   the short form, in make test
    Tests/Transport/run.py --soak 3600       with so many seconds of mixed load, and 60 times the fuzz
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent / "scripts")]

from library import fuzz, load  # noqa: E402
from library.app import App, make_certificate, running  # noqa: E402
from running import LOGS  # noqa: E402

Check = tuple[str, Callable[[], str | None]]


def output(*command: object, seconds: float = 120) -> str:
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, errors="replace", timeout=seconds)
    return result.stdout + result.stderr


def expect(found: object, wanted: object) -> str | None:
    return None if found == wanted else f"{str(found)[:300]!r} instead of {wanted!r}"


def curl(app: App, *options: object) -> str:
    return output("curl", "-sk", "--max-time", 30, *options)


# MARK: curl

def by_curl(app: App, name: str, *version: str) -> Iterator[Check]:
    number = {"--http1.0": "1", "--http1.1": "1.1", "--http2": "2"}[version[0]]
    end = " %{http_version} %{http_code} %{num_connects}"
    scheme = app.base.split(":")[0]
    with tempfile.NamedTemporaryFile() as upload:
        upload.write(b"x" * 20_000_000)
        upload.flush()
        yield f"{name}: a request", lambda: expect(
            curl(app, *version, "-H", "X-Echo: b", "-w", end, f"{app.base}/a"), f"{scheme} b {number} 200 1")
        yield f"{name}: HEAD", lambda: expect(
            re.findall(r"(?i)content-length: (\d+)", curl(app, *version, "-I", f"{app.base}/bytes/7")), ["7"])
        yield f"{name}: 20 MB there and back", lambda: expect(
            len(curl(app, *version, "--data-binary", f"@{upload.name}", f"{app.base}/echo")), 20_000_000)
        yield f"{name}: a stream", lambda: expect(len(curl(app, *version, f"{app.base}/stream/64")), 64 * 65_536)
        yield f"{name}: nothing there", lambda: expect(
            curl(app, *version, "-o", "/dev/null", "-w", end, f"{app.base}/none").split()[1], "404")
        if number == "1":
            return
        yield f"{name}: a body in chunks, of unknown length", lambda: expect(
            curl(app, *version, "-X", "POST", "-H", "Transfer-Encoding: chunked", "-T", upload.name, f"{app.base}/count"),
            "20000000")
        yield f"{name}: 100-continue", lambda: expect(
            curl(app, *version, "-H", "Expect: 100-continue", "-d", "abc", f"{app.base}/count"), "3")
        yield f"{name}: three requests, one connection", lambda: expect(
            curl(app, *version, "-w", "%{num_connects}", f"{app.base}/a", f"{app.base}/bytes/3", f"{app.base}/a"),
            f"{scheme} -1xxx0{scheme} -0")
        yield f"{name}: an unread body does not disturb the next request", lambda: expect(
            curl(app, *version, "-d", "x" * 1000, f"{app.base}/ignore", "--next", "-sk", f"{app.base}/a"), f"ignored{scheme} -")
        yield f"{name}: twenty at a time", lambda: expect(
            curl(app, *version, "--parallel", "--parallel-max", 20, *[f"{app.base}/wait/50"] * 20).count("waited"), 20)


# MARK: h2load, slowhttptest

def by_h2load(app: App, *options: str) -> str | None:
    text = output("h2load", "-n", 3000, "-c", 20, *options, f"{app.base}/bytes/500")
    return None if "3000 succeeded, 0 failed, 0 errored" in text else text[-800:]


def by_slowhttptest(app: App, mode: str, *options: object) -> str | None:
    text = output(
        "slowhttptest", mode, "-c", 200, "-r", 200, "-l", 6, "-p", 3, "-u", f"{app.base}/a", *options)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    states = re.findall(r"service available:\s+(\w+)", plain)
    if not states:
        return plain[-500:]
    # Whom the server lets go is free to come again; nobody else may notice.
    return None if set(states) == {"YES"} and app.answers() else f"the service was not available: {states}"


# MARK: Many at once

def by_a_crowd(app: App) -> str | None:
    """300 requests that all wait for the server when it looks: it runs those it has read while it reads the others."""
    ask = b"GET /bytes/5 HTTP/1.1\r\nHost: x\r\n%b\r\n"
    with contextlib.ExitStack() as open_files:
        clients = [open_files.enter_context(app.connect()) for _ in range(300)]
        app.process.send_signal(signal.SIGSTOP)
        try:
            for place, client in enumerate(clients):
                # One of three ends its connection, one of three asks twice.
                client.sendall(ask % b"Connection: close\r\n" if place % 3 == 0 else ask % b"" * (1 + place % 2))
        finally:
            app.process.send_signal(signal.SIGCONT)
        for place, client in enumerate(clients):
            wanted, answer = 1 if place % 3 == 0 else 1 + place % 2, b""
            while answer.count(b"xxxxx") < wanted or place % 3 == 0:
                piece = client.recv(65_536)
                if not piece:
                    break
                answer += piece
            if answer.count(b"HTTP/1.1 200") != wanted or answer.count(b"xxxxx") != wanted:
                return f"connection {place} got {answer[:300]!r}"
    return None


# MARK: WebSockets

async def talk(app: App) -> str | None:
    import ssl

    import websockets

    context = ssl._create_unverified_context() if app.base.startswith("https") else None
    async with websockets.connect(app.base.replace("http", "ws", 1) + "/echo", ssl=context, max_size=2**21) as socket:
        for message in ["", "a", "κόσμε", "x" * 70_000, b"", bytes(range(256)) * 3000]:
            await socket.send(message)
            if await asyncio.wait_for(socket.recv(), 10) != message:
                return f"{message[:20]!r} came back as another"
        await asyncio.wait_for(await socket.ping(), 10)
        # In fragments.
        await socket.send(["one ", "two ", "three"])
        if await asyncio.wait_for(socket.recv(), 10) != "one two three":
            return "fragments were not put together"
    return expect(socket.close_code, 1000)


# MARK: All of them

def checks(plain: App, secure: App, soak: int) -> Iterator[Check]:
    yield from by_curl(plain, "HTTP/1.0", "--http1.0")
    yield from by_curl(plain, "HTTP/1.1", "--http1.1")
    yield from by_curl(secure, "HTTP/1.1 with TLS", "--http1.1")
    yield from by_curl(secure, "HTTP/2", "--http2")
    yield "h2load: 3,000 requests over HTTP/2", lambda: by_h2load(secure, "-m", "10")
    yield "h2load: 3,000 requests over HTTP/1.1 with TLS", lambda: by_h2load(secure, "--h1")
    yield "h2load: 3,000 requests over HTTP/1.1", lambda: by_h2load(plain, "--h1")
    yield "slowhttptest: slow heads (Slowloris)", lambda: by_slowhttptest(plain, "-H", "-i", 1)
    yield "slowhttptest: slow bodies", lambda: by_slowhttptest(plain, "-B", "-i", 1, "-s", 8192, "-t", "POST")
    yield "slowhttptest: slow readers", lambda: by_slowhttptest(plain, "-X", "-w", 10, "-y", 20, "-n", 5, "-z", 8, "-k", 3)
    yield "slowhttptest: many ranges", lambda: by_slowhttptest(plain, "-R", "-a", 10, "-b", 3000)
    yield "300 requests in one turn of the loops", lambda: by_a_crowd(plain)
    yield "300 requests in one turn, with TLS", lambda: by_a_crowd(secure)
    yield "WebSockets, by the library websockets", lambda: asyncio.run(talk(plain))
    yield "WebSockets with TLS", lambda: asyncio.run(talk(secure))
    count = 30_000 if soak else 500
    yield f"{count} mutated requests", lambda: "\n    ".join(fuzz.faults(plain, count, 20)[:20]) or None
    seconds = soak or 20

    def steady() -> str | None:
        found, samples = load.growth(plain, seconds)
        for name in ("files", "threads", "kilobytes"):
            values = [getattr(s, name) for s in samples]
            print(
                f"    {name}: first {values[0]}, after a twelfth {values[len(values) // 12]}, most {max(values)}, "
                f"last under load {values[-2]}, at rest {values[-1]}")
        return "; ".join(found) or None

    # Files, threads and memory are read from /proc.
    if Path("/proc/self/status").exists():
        yield f"{seconds} s of mixed load leave nothing behind", steady
    yield "the servers still answer", lambda: None if plain.answers() and secure.is_alive else "they do not"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--soak", type=int, default=0, metavar="SECONDS")
    soak = parser.parse_args().soak
    log = LOGS / "transport-app.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(b"")
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="martlet-tls-") as folder:
        certificate = make_certificate(Path(folder))
        with running(log) as plain, running(log, certificate) as secure:
            for name, check in checks(plain, secure, soak):
                try:
                    problem = check()
                except (OSError, subprocess.SubprocessError, TimeoutError) as error:
                    problem = f"{type(error).__name__}: {error}"
                print(f"{'FAILED' if problem else 'passed'}  {name}" + (f"\n    {problem}" if problem else ""), flush=True)
                passed, failed = passed + (not problem), failed + bool(problem)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
