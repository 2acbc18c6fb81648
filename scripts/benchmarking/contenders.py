"""Who takes part: how each is started, with which settings, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from running import ROOT, conduit

from . import peers, processes

WORKERS = 2
MICRO = frozenset({"plaintext", "json"})
READS = frozenset({"plaintext", "json", "db", "queries", "rows"})
ALL = READS | {"fortunes", "updates", "cached"}
CONDUIT = frozenset({"conduit-list", "conduit-detail", "conduit-create", "conduit-login"})
RELEASE = ROOT / "Benchmarks" / ".build" / "release"


@dataclass(frozen=True)
class Contender:
    """A server that can be measured."""

    name: str
    title: str
    settings: str
    kind: str
    tests: frozenset[str]
    command: Callable[[int], list[str]]
    environment: dict[str, str] = field(default_factory=dict)
    prefix: str = ""
    database: str = "postgres"
    binary: Path | None = None
    ready: str = "/json"

    def process(self, url: str, port: int | None = None) -> processes.Process:
        """The server, ready to be entered."""
        port = port or conduit.free_port()
        environment = {"DATABASE_URL": url, "HOST": "127.0.0.1", "PORT": str(port), **self.environment}
        # A warning for each of a million requests would be measured, too.
        environment.setdefault("LOG_LEVEL", "warning")
        return processes.Process(self.name, self.command(port), environment, port, self.prefix + self.ready, peers.log(self.name))


# What Martlet asks for in production. The secret protects nothing: the server listens on the loopback address alone.
MARTLET = {
    "ENVIRONMENT": "production", "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "ALLOWED_HOSTS": "127.0.0.1,localhost", "LOG_FORMAT": "json",
    # As each peer: a line for each request would be measured, too.
    "ACCESS_LOG": "false",
}


def swift(name: str, title: str, settings: str, product: str, tests: frozenset[str], *arguments: str, **rest) -> Contender:
    binary = RELEASE / product
    return Contender(name, title, settings, "swift", tests, lambda port: [str(binary), *arguments], binary=binary, **rest)


def gunicorn(name: str, title: str, settings: str, tests: frozenset[str], **rest) -> Contender:
    def command(port: int) -> list[str]:
        return [
            peers.python("gunicorn"), "--workers", str(WORKERS), "--worker-class", "gthread", "--threads", "4",
            "--keep-alive", "60", "--log-level", "warning", "--no-control-socket", "--bind", f"127.0.0.1:{port}",
            "peer.wsgi:application",
        ]

    return Contender(name, title, settings, "python", tests, command, peers.python_path("django"), **rest)


def uvicorn(name: str, title: str, module: str) -> Contender:
    def command(port: int) -> list[str]:
        return [
            peers.python("uvicorn"), "--workers", str(WORKERS), "--loop", "uvloop", "--http", "httptools", "--no-access-log",
            "--log-level", "warning", "--host", "127.0.0.1", "--port", str(port), f"{module}:app",
        ]

    settings = "uvicorn with uvloop and httptools, 2 processes, no access log, 5 connections each"
    return Contender(name, title, settings, "python", ALL, command, peers.python_path("asgi"))


def granian(port: int) -> list[str]:
    return [
        peers.python("granian"), "--interface", "wsgi", "--workers", str(WORKERS), "--blocking-threads", "4",
        "--blocking-threads-idle-timeout", "600", "--log-level", "warning", "--no-ws", "--host", "127.0.0.1", "--port", str(port),
        "peer.wsgi:application",
    ]


def go(port: int) -> list[str]:
    return [str(peers.GO_BINARY)]


def node(port: int) -> list[str]:
    return ["node", str(peers.PEERS / "node" / "server.js")]


def bolt(port: int) -> list[str]:
    return [
        peers.python("python"), str(peers.PEERS / "django" / "manage.py"), "runbolt", "--host", "127.0.0.1", "--port", str(port),
        "--processes", str(WORKERS), "--no-admin",
    ]


DJANGO = "gunicorn gthread, 2 processes of 4 threads, a kept connection a thread, prepared statements, no middleware, psycopg in C"

CONTENDERS = [
    swift("martlet", "Martlet", "10 connections; every default of production but the access log", "techempower", ALL, "serve",
          environment=MARTLET),
    swift("martlet-one-by-one", "Martlet, no batches", "the same, each statement of a request after the one before", "techempower",
          frozenset({"queries", "updates"}), "serve", environment={**MARTLET, "ONE_BY_ONE": "1"}),
    swift("martlet-sqlite", "Martlet on SQLite", "the same on a file", "techempower", ALL, "serve", environment=MARTLET,
          database="sqlite"),
    swift("bare-nio", "limit: bare SwiftNIO, Martlet's driver", "a handler of NIOHTTP1 and JSON by hand", "bare-nio", READS),
    swift("bare-libpq", "limit: bare SwiftNIO, libpq", "the same over libpq: one thread, 4 connections in pipeline mode",
          "bare-libpq", READS),
    swift("hummingbird", "Hummingbird", "its own router and JSON, Martlet's driver, log level warning", "stock-hummingbird",
          frozenset({"plaintext", "json", "db"})),
    gunicorn("drf", "Django + DRF", DJANGO, frozenset({"json", "db", "queries", "updates", "rows"}), prefix="/drf"),
    gunicorn("django", "Django", DJANGO, ALL),
    Contender("django-granian", "Django on granian", "granian WSGI, 2 processes of 4 threads, else as Django", "python", ALL,
              granian, peers.python_path("django")),
    Contender("django-bolt", "django-bolt", "2 processes, msgspec structs, Django's ORM in its threads", "python", ALL, bolt,
              peers.python_path("django")),
    uvicorn("fastapi", "FastAPI + asyncpg", "fastapi_app"),
    uvicorn("litestar", "Litestar + asyncpg", "litestar_app"),
    uvicorn("sqlalchemy", "FastAPI + SQLAlchemy", "sqlalchemy_app"),
    Contender("go", "Go net/http + pgx", "one process on all cores, 10 connections", "go", ALL, go, binary=peers.GO_BINARY),
    Contender("go-batch", "Go + pgx, SendBatch", "the same, all statements of a request in one batch", "go",
              frozenset({"queries", "updates"}), go, {"PGX_BATCH": "1"}, binary=peers.GO_BINARY),
    Contender("node", "Node http + pg", "cluster of 2 processes, 5 connections each, prepared statements", "node", ALL,
              node, {"NODE_PATH": peers.node_path(), "NODE_ENV": "production"}),
    swift("conduit", "Conduit on Martlet", "10 connections", "bench-conduit", CONDUIT, "serve", environment=MARTLET,
          database="conduit-postgres", ready="/healthz"),
    swift("conduit-sqlite", "Conduit on Martlet, SQLite", "a file", "bench-conduit", CONDUIT, "serve", environment=MARTLET,
          database="conduit-sqlite", ready="/healthz"),
    swift("conduit-mariadb", "Conduit on Martlet, MariaDB", "10 connections", "bench-conduit", CONDUIT, "serve", environment=MARTLET,
          database="conduit-mariadb", ready="/healthz"),
    gunicorn("conduit-drf", "Conduit on Django + DRF", DJANGO + "; select_related, prefetch_related, annotations", CONDUIT,
             database="conduit-postgres"),
]
BY_NAME = {contender.name: contender for contender in CONTENDERS}
