"""Requests with one thing wrong in them, and pieces of requests: whatever comes, the server answers or closes, and lives."""

from __future__ import annotations

import random
import re

from .app import App

SEEDS = [
    b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
    b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX-T: 1\r\n\r\n",
    b"GET /bytes/1000 HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\nAccept-Encoding: gzip\r\n\r\n",
    b"POST /ignore HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
    b"GET /echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\x81\x85\x01\x02\x03\x04igo`n",
    b"HEAD /stream/3 HTTP/1.0\r\nHost: x\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
]
TOKENS = [
    b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b",", b";", b"0", b"-1", b"FFFFFFFFFFFFFFFF", b"18446744073709551616",
    b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: identity\r\n", b"Connection: close\r\n",
    b"Host: y\r\n", b"HTTP/1.1", b"HTTP/0.9", b"HTTP/2.0", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\xff\xfe", b"\xc3\x28",
    b"%00", b"%", b"..", b"//", b"?", b"#", b"A" * 5000, b"X: y\r\n" * 200, b"Upgrade: h2c\r\n", b"\x16\x03\x01\x02\x00",
]
# What a response may begin with: nothing, or a status line.
STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")


def mutated(source: random.Random) -> bytes:
    data = bytearray(b"".join(source.choice(SEEDS) for _ in range(source.randint(1, 3))))
    for _ in range(source.randint(1, 4)):
        place = source.randrange(len(data) + 1)
        match source.randrange(5):
            case 0:
                data[place:place] = source.choice(TOKENS)
            case 1:
                del data[place:place + source.randint(1, 8)]
            case 2:
                data[place:place + 1] = bytes([source.randrange(256)])
            case 3:
                data = data[:place]
            case _:
                data[place:place] = data[place:place + source.randint(1, 40)]
    return bytes(data)


def faults(app: App, count: int, seed: int) -> list[str]:
    """What went wrong: a server that is gone, an answer that is no HTTP, a 5xx."""
    source = random.Random(seed)
    # As they are, they are requests like any other: what is refused here would hide what the changed ones find. A client that
    # asks for WebSockets and closes its half has said goodbye.
    answers = [(request, STATUS.match(app.ask(request, 15, finish=True))) for request in SEEDS if b"Upgrade" not in request]
    found = [f"{request[:60]!r} was not answered" for request, status in answers if not status or status[1] >= b"500"]
    for number in range(count):
        data = mutated(source)
        try:
            answer = app.ask(data, 15, finish=True)
        except TimeoutError:
            found.append(f"{number}: no end of the connection after {data[:200]!r}")
            continue
        if not app.is_alive:
            return [*found, f"{number}: the server ended after {data[:300]!r}"]
        if answer and not STATUS.match(answer):
            found.append(f"{number}: {answer[:80]!r} is no answer to {data[:200]!r}")
        elif any(status.startswith(b"5") for status in STATUS.findall(answer)):
            found.append(f"{number}: a server's fault, {answer[:80]!r}, of {data[:200]!r}")
    return found
