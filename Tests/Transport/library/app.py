"""The server that is checked, as a process."""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from running import conduit
from running.ending import end

BINARY = conduit.BINARY.with_name("transport-app")


class App:
    def __init__(self, port: int, process: subprocess.Popen[bytes], secure: bool) -> None:
        self.port, self.process = port, process
        self.base = f"{'https' if secure else 'http'}://localhost:{port}"

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def connect(self, seconds: float = 10) -> socket.socket:
        """A connection, with TLS where the server has it."""
        client = socket.create_connection(("127.0.0.1", self.port), timeout=seconds)
        if self.base.startswith("http:"):
            return client
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context.wrap_socket(client)

    def ask(self, data: bytes, seconds: float = 10, finish: bool = False) -> bytes:
        """All that the server says to these bytes until it closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as client:
            with contextlib.suppress(OSError):
                client.sendall(data)
                if finish:
                    client.shutdown(socket.SHUT_WR)
            answer = b""
            with contextlib.suppress(ConnectionResetError):
                while piece := client.recv(65_536):
                    answer += piece
            return answer

    def answers(self) -> bool:
        """Whether a plain request is answered."""
        with contextlib.suppress(OSError):
            return b"http -" in self.ask(b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 5)
        return False


@contextlib.contextmanager
def running(log: Path, certificate: tuple[Path, Path] | None = None) -> Iterator[App]:
    port = conduit.free_port()
    with log.open("ab") as out:
        process = subprocess.Popen(
            [BINARY, str(port), *(str(path) for path in certificate or ())], stdout=out, stderr=out, start_new_session=True,
        )
    app = App(port, process, certificate is not None)
    try:
        limit = time.monotonic() + 20
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            if not app.is_alive or time.monotonic() > limit:
                raise SystemExit(f"{BINARY.name} did not start: see {log}")
            time.sleep(0.05)
        yield app
    finally:
        end(process, 40)


def make_certificate(folder: Path) -> tuple[Path, Path]:
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )
    return certificate, key
