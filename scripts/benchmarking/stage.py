"""Where a run takes place: private database servers with the same rows, binaries, and contenders that were started."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
import urllib.parse
from pathlib import Path

from running import LOGS, servers

from . import articles, machine, measures, peers, processes, suite, tables
from .contenders import BY_NAME, MARTLET, RELEASE, Contender

# Enough memory for all tables, no writing to disk that would be waited for, no vacuum in the middle of a round.
SETTINGS = (
    "shared_buffers=512MB", "work_mem=16MB", "autovacuum=off", "fsync=off", "synchronous_commit=off", "full_page_writes=off",
    "max_connections=300", "checkpoint_timeout=1h", "max_wal_size=8GB",
)


class Postgres(servers.Postgres):
    """A server with memory for all tables."""

    def launch(self, *command: str) -> None:
        super().launch(*command, *(part for setting in SETTINGS for part in ("-c", setting)))


class Stage:
    """Within a `with` statement: everything is there, and gone afterwards."""

    def __init__(self, contenders: list[Contender], builds: bool = True) -> None:
        self.contenders, self.builds = contenders, builds
        self.urls: dict[str, str] = {}
        self.started: dict[str, processes.Process] = {}
        self.servers: list[servers.Server] = []
        self.database_pids: dict[str, int] = {}

    def __enter__(self) -> "Stage":
        if self.builds:
            self._build()
        # The servers' users have to pass through.
        self.folder = Path(tempfile.mkdtemp(prefix="martlet-"))
        self.folder.chmod(0o755)
        try:
            self._open_databases()
            (LOGS / "bench").mkdir(parents=True, exist_ok=True)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.started.values():
            process.stop()
        for server in self.servers:
            server.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _build(self) -> None:
        products = sorted({c.binary.name for c in self.contenders if c.kind == "swift" and c.binary})
        for product in products:
            measures.build(product)
        if any(c.kind == "go" for c in self.contenders):
            peers.build_go()

    def _open_databases(self) -> None:
        wanted = {c.database for c in self.contenders}
        if any("postgres" in name for name in wanted):
            postgres = Postgres(self.folder)
            self.servers.append(postgres)
            url = postgres.start()
            if "postgres" in wanted:
                self.urls["postgres"] = url
                tables.fill_postgres(url)
            if "conduit-postgres" in wanted:
                self.urls["conduit-postgres"] = self._database(url, "conduit")
            for name in ("postgres", "conduit-postgres"):
                self.database_pids[name] = postgres.process.pid if postgres.process else 0
        if "conduit-mariadb" in wanted:
            mariadb = servers.MariaDB(self.folder)
            self.servers.append(mariadb)
            self.urls["conduit-mariadb"] = mariadb.start()
            self.database_pids["conduit-mariadb"] = mariadb.process.pid if mariadb.process else 0
        if "sqlite" in wanted:
            self.urls["sqlite"] = tables.fill_sqlite(self.folder / "tables.sqlite3")
        if "conduit-sqlite" in wanted:
            self.urls["conduit-sqlite"] = f"sqlite:///{self.folder / 'conduit.sqlite3'}"
        for name, url in self.urls.items():
            if name.startswith("conduit"):
                articles.fill(url, RELEASE / "bench-conduit", MARTLET)

    def _database(self, url: str, name: str) -> str:
        servers.execute(url, f"CREATE DATABASE {name}")
        return urllib.parse.urlunsplit(urllib.parse.urlsplit(url)._replace(path=f"/{name}"))

    def start(self, contender: Contender) -> processes.Process:
        """The contender's server; started when it is asked for first."""
        if contender.name not in self.started:
            process = contender.process(self.urls[contender.database])
            process.cores = own_cores()
            self.started[contender.name] = process.__enter__()
        return self.started[contender.name]

    def database_of(self, contender: Contender) -> int | None:
        return self.database_pids.get(contender.database)

    def check(self, contender: Contender, test: suite.Test) -> None:
        """Raises `answers.Wrong`."""
        process = self.start(contender)
        test.check(process.base + contender.prefix, self.urls[contender.database])

    def settle(self, contender: Contender, test: suite.Test) -> None:
        """After writes: the rows as they were, and no dead ones that the next would have to pass."""
        if not test.writes:
            return
        url = self.urls[contender.database]
        if test.name.startswith("conduit"):
            articles.remove(url)
        elif url.startswith("postgres"):
            servers.execute(url, "VACUUM ANALYZE world")

    def start_times(self, contender: Contender, count: int = 5) -> list[float]:
        """Seconds from the start of the process to its first answer, each time by a new one."""
        times = []
        for _ in range(count):
            with contender.process(self.urls[contender.database]) as process:
                times.append(process.start_seconds)
            time.sleep(0.1)
        return times


def own_cores() -> set[int] | None:
    server, client = machine.cores()
    return None if server == client else server


def choose(names: list[str] | None, tests: list[str] | None) -> tuple[list[Contender], list[suite.Test], list[str]]:
    """Those that can run here and have something to do, the tests, and who is left out for which reason."""
    chosen = [BY_NAME[name] for name in names] if names else list(BY_NAME.values())
    wanted = [suite.BY_NAME[name] for name in tests] if tests else list(suite.TESTS)
    able, left_out = [], []
    for contender in chosen:
        if not any(test.name in contender.tests for test in wanted):
            continue
        if reason := peers.missing(contender.kind):
            left_out.append(f"{contender.title}: {reason}")
            print(f"  left out: {left_out[-1]}", flush=True)
            continue
        able.append(contender)
    return able, [test for test in wanted if any(test.name in c.tests for c in able)], left_out


def binary_megabytes(contender: Contender) -> float | None:
    """Of the program as it would be shipped: without symbols."""
    if not contender.binary or not contender.binary.exists():
        return None
    strip = shutil.which("strip")
    if not strip:
        return contender.binary.stat().st_size / 1e6
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "stripped"
        subprocess.run([strip, "-o", str(copy), str(contender.binary)], check=True)
        return copy.stat().st_size / 1e6
