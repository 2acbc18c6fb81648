"""Private database servers for the tests: PostgreSQL and MariaDB on free loopback ports, gone when the tests are."""

from __future__ import annotations

import contextlib
import os
import platform
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

from . import LOGS
from .build import clock
from .conduit import free_port
from .ending import end

POSTGRES, MYSQL = "MARTLET_TEST_POSTGRES", "MARTLET_TEST_MYSQL"
HINT = "run scripts/bootstrap --tests, which installs what is missing"


def program(name: str, *folders: str) -> str:
    """A program of a server: on the path, or where Debian and Homebrew put what only administrators run."""
    for folder in folders:
        # The newest version comes last by its number.
        for path in sorted(Path("/").glob(folder.lstrip("/")), key=lambda p: [int(n) for n in p.parts if n.isdigit()], reverse=True):
            if (path / name).exists():
                return str(path / name)
    if found := shutil.which(name):
        return found
    raise SystemExit(f"{name} is missing, and tests run on all three databases: {HINT}")


def account(*names: str) -> dict[str, object]:
    """Arguments for Popen: servers refuse to run as root, so then they run as the first of these users that exists."""
    if os.geteuid() != 0:
        return {}
    for name in names:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    raise SystemExit(f"none of the users {', '.join(names)} exists, and no database server runs as root")


def execute(url: str, statement: str) -> None:
    """Runs SQL by the database's own client."""
    parts = urllib.parse.urlsplit(url)
    # Passwords go by the environment: arguments can be read by everyone who may list processes.
    if parts.scheme.startswith("postgres"):
        bare = parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", "@")) if parts.password else parts
        command = [program("psql", *Postgres.folders), "-X", "-q", urllib.parse.urlunsplit(bare), "-c"]
        secret = {"PGPASSWORD": urllib.parse.unquote(parts.password or "")}
    else:
        command = [
            program("mariadb", *MariaDB.folders), "--no-defaults", f"--host={parts.hostname}", f"--port={parts.port or 3306}",
            f"--user={urllib.parse.unquote(parts.username or '')}", "-e",
        ]
        secret = {"MYSQL_PWD": urllib.parse.unquote(parts.password or "")}
    subprocess.run([*command, statement], env={**os.environ, **secret}, check=True)


@contextlib.contextmanager
def fresh_database(url: str) -> Iterator[str]:
    """The URL of an empty database on a server, gone afterwards."""
    parts, name = urllib.parse.urlsplit(url), f"conduit_{secrets.token_hex(6)}"
    execute(url, f"CREATE DATABASE {name}")
    try:
        yield urllib.parse.urlunsplit(parts._replace(path=f"/{name}"))
    finally:
        execute(url, f"DROP DATABASE {name}")


class Server:
    """One server process with its data in a folder of its own."""

    title = ""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder / self.title.lower(), free_port()
        # Not guessable: other users of the machine reach loopback ports too.
        self.password = secrets.token_hex(16)
        self.log = LOGS / f"{self.title.lower()}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.folder.mkdir()
        if "user" in self.account():
            os.chown(self.folder, self.account()["user"], self.account()["group"])

    def account(self) -> dict[str, object]:
        raise NotImplementedError

    def run(self, *command: str, stdin: str | None = None) -> None:
        result = subprocess.run(
            command, cwd=self.folder, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **self.account(),
        )
        if result.returncode:
            raise SystemExit(f"{Path(command[0]).name} failed with code {result.returncode}:\n{result.stdout[-3000:]}")

    def launch(self, *command: str) -> None:
        LOGS.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as out:
            # In a session of its own: Ctrl-C reaches this script alone, which then stops the server.
            self.process = subprocess.Popen(
                command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                start_new_session=True, **self.account(),
            )

    def wait_for(self, *command: str, seconds: float = 60) -> None:
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            if self.process.poll() is not None:
                break
            if subprocess.run(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0:
                return
            time.sleep(0.1)
        text = self.log.read_text(errors="replace")[-3000:]
        raise SystemExit(f"{self.title} did not start within {seconds:.0f} s; its log ({self.log}) ends in:\n{text}")

    def stop(self, number: signal.Signals) -> None:
        end(self.process, 20, number)


class Postgres(Server):
    title = "PostgreSQL"
    folders = ("/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin")

    def account(self) -> dict[str, object]:
        return account("postgres", "nobody")

    def start(self) -> str:
        # By code points, and lower case beyond ASCII; macOS has no C.UTF-8 in older versions.
        locale = "C.UTF-8" if platform.system() == "Linux" else "en_US.UTF-8"
        data, key = self.folder / "data", self.folder / "password"
        key.write_text(self.password)
        key.chmod(0o644)
        self.run(
            program("initdb", *self.folders), "-D", str(data), "-U", "martlet", f"--pwfile={key}", "-A", "scram-sha-256",
            "-E", "UTF8", f"--locale={locale}", "--no-sync",
        )
        self.launch(
            program("postgres", *self.folders), "-D", str(data), "-k", str(self.folder), "-p", str(self.port), "-h", "127.0.0.1",
            "-F", "-c", "max_connections=300", "-c", "max_locks_per_transaction=512", "-c", "full_page_writes=off",
            "-c", "synchronous_commit=off",
        )
        self.wait_for(program("pg_isready", *self.folders), "-q", "-h", "127.0.0.1", "-p", str(self.port))
        url = f"postgres://martlet:{self.password}@127.0.0.1:{self.port}/postgres"
        self.run(program("psql", *self.folders), "-q", url, "-c", "CREATE DATABASE martlet")
        return url.removesuffix("/postgres") + "/martlet"

    def end(self) -> None:
        # Immediate: nothing of the data is needed again.
        self.stop(signal.SIGQUIT)


class MariaDB(Server):
    title = "MariaDB"
    folders = ("/usr/sbin", "/usr/bin", "/opt/homebrew/opt/mariadb/bin", "/usr/local/opt/mariadb/bin")

    def account(self) -> dict[str, object]:
        return account("mysql", "nobody")

    def start(self) -> str:
        data, socket = self.folder / "data", self.folder / "my.sock"
        self.run(
            program("mariadb-install-db", *self.folders), "--no-defaults", f"--datadir={data}",
            "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve",
        )
        self.launch(
            program("mariadbd", *self.folders), "--no-defaults", f"--datadir={data}", f"--port={self.port}",
            "--bind-address=127.0.0.1", f"--socket={socket}", f"--pid-file={self.folder / 'my.pid'}", "--skip-log-bin",
            "--skip-name-resolve", "--character-set-server=utf8mb4", "--innodb-flush-log-at-trx-commit=0",
            "--innodb-flush-method=nosync", "--innodb-doublewrite=0", "--max-connections=500", "--max-allowed-packet=128M",
        )
        self.wait_for(program("mariadb-admin", *self.folders), "--no-defaults", "-u", "root", "-S", str(socket), "ping")
        names = ["'martlet'@'127.0.0.1'", "'martlet'@'localhost'"]
        statements = [f"CREATE USER {name} IDENTIFIED BY '{self.password}'; GRANT ALL ON *.* TO {name} WITH GRANT OPTION;" for name in names]
        # Anyone on the machine could be root here otherwise.
        statements += [f"ALTER USER root@localhost IDENTIFIED BY '{self.password}';", "CREATE DATABASE martlet CHARACTER SET utf8mb4;"]
        self.run(
            program("mariadb", *self.folders), "--no-defaults", "-u", "root", "-S", str(socket), stdin="\n".join(statements),
        )
        return f"mariadb://martlet:{self.password}@127.0.0.1:{self.port}/martlet"

    def end(self) -> None:
        self.stop(signal.SIGKILL)


class Servers:
    """Both servers within a `with` statement, which gives the variables that tests read.

    A server that the environment names already is used instead, and left alone.
    """

    def __enter__(self) -> dict[str, str]:
        began = time.monotonic()
        self.folder = Path(tempfile.mkdtemp(prefix="martlet-"))
        # The servers' users have to pass through.
        self.folder.chmod(0o755)
        self.servers: list[Server] = []
        variables: dict[str, str] = {}
        try:
            for variable, kind in ((POSTGRES, Postgres), (MYSQL, MariaDB)):
                if os.environ.get(variable):
                    variables[variable] = os.environ[variable]
                    continue
                self.servers.append(kind(self.folder))
                variables[variable] = self.servers[-1].start()
        except BaseException:
            self.__exit__()
            raise
        places = ", ".join(f"{server.title} on port {server.port}" for server in self.servers) or "the environment's own"
        print(f"  database servers: {places}, ready in {clock(time.monotonic() - began)}", flush=True)
        return variables

    def __exit__(self, *_: object) -> None:
        for server in self.servers:
            server.end()
        shutil.rmtree(self.folder, ignore_errors=True)
