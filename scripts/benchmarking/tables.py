"""TechEmpower's tables and a table of items, the same in every database, and what they hold."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import urllib.parse
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from pathlib import Path

from running import servers

WORLDS, ITEMS = 10_000, 10_000
ADDED = "Additional fortune added at request time."
# TechEmpower's own: markup that must be escaped, and Japanese.
FORTUNES = [
    "fortune: No such file or directory",
    "A computer scientist is someone who fixes things that aren't broken.",
    "After enough decimal places, nobody gives a damn.",
    "A bad random number generator: 1, 1, 1, 1, 1, 4.33e+67, 1, 1, 1",
    "A computer program does what you tell it to do, not what you want it to do.",
    "Emacs is a nice operating system, but I prefer UNIX. — Tom Christaensen",
    "Any program that runs right is obsolete.",
    "A list is only as strong as its weakest link. — Donald Knuth",
    "Feature: A bug with seniority.",
    "Computers make very fast, very accurate mistakes.",
    '<script>alert("This should not be displayed in a browser alert box.");</script>',
    "フレームワークのベンチマーク",
]
SCHEMA = """
DROP TABLE IF EXISTS world, fortune, item;
CREATE TABLE world (id integer PRIMARY KEY, randomnumber integer NOT NULL);
CREATE TABLE fortune (id integer PRIMARY KEY, message varchar(2048) NOT NULL);
CREATE TABLE item (id integer PRIMARY KEY, title text NOT NULL, quantity integer NOT NULL, price double precision NOT NULL,
  active boolean NOT NULL, created timestamptz NOT NULL);
"""
BEGIN = datetime(2025, 1, 1, tzinfo=timezone.utc)


def world_number(id: int) -> int:
    """Scattered over 1…10,000, and known without asking."""
    return id * 7919 % WORLDS + 1


def item(id: int) -> dict[str, object]:
    """The row as its JSON says it. One title in ten needs escapes, one in ten has letters beyond ASCII."""
    title = f"Item number {id}" + {0: ' with a "quoted" word', 5: " für Übergrößen"}.get(id % 10, " of the catalogue")
    # Milliseconds: neither JavaScript nor Django's encoder has more.
    created = BEGIN + timedelta(minutes=id * 37, milliseconds=id * 101 % 1000)
    return {
        "id": id, "title": title, "quantity": id * 13 % 500, "price": (id * 1709 % 100_000) / 100, "active": id % 3 != 0,
        "created": created,
    }


def fill_postgres(url: str, items: int = ITEMS) -> None:
    servers.execute(url, "SET client_min_messages = warning; " + SCHEMA)
    copy(url, "world", ((id, world_number(id)) for id in range(1, WORLDS + 1)))
    copy(url, "fortune", enumerate(FORTUNES, 1))
    copy(url, "item", (values(item(id), "+00") for id in range(1, items + 1)))
    servers.execute(url, "VACUUM ANALYZE")


def psql(url: str, statement: str, *options: str, text: str = "") -> str:
    """What psql prints. The password goes by the environment: arguments can be read by everyone who may list processes."""
    parts = urllib.parse.urlsplit(url)
    bare = urllib.parse.urlunsplit(parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", "@")))
    command = [servers.program("psql", *servers.Postgres.folders), "-X", "-q", *options, bare, "-c", statement]
    secret = {"PGPASSWORD": urllib.parse.unquote(parts.password or "")}
    return subprocess.run(
        command, input=text, text=True, check=True, stdout=subprocess.PIPE, env={**os.environ, **secret}).stdout


def copy(url: str, table: str, rows: Iterable[Iterable[object]]) -> None:
    """COPY in its text format. What is copied here holds no tabs, line ends or backslashes."""
    text = "".join("\t".join(str(value) for value in row) + "\n" for row in rows)
    psql(url, f"COPY {table} FROM STDIN", text=text)


def ask(url: str, statement: str) -> str:
    """The one value that a query gives."""
    return psql(url, statement, "-A", "-t").strip()


def values(row: dict[str, object], zone: str = "") -> list[object]:
    """The columns as databases take them."""
    *others, created = row.values()
    return [*others, created.strftime("%Y-%m-%d %H:%M:%S.%f") + zone]


def fill_sqlite(path: Path, items: int = ITEMS) -> str:
    """The same in a file. Its URL."""
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript("""
            CREATE TABLE world (id integer PRIMARY KEY, randomnumber bigint NOT NULL);
            CREATE TABLE fortune (id integer PRIMARY KEY, message varchar(2048) NOT NULL);
            CREATE TABLE item (id integer PRIMARY KEY, title text NOT NULL, quantity bigint NOT NULL, price real NOT NULL,
              active bool NOT NULL, created datetime NOT NULL);
        """)
        db.executemany("INSERT INTO world VALUES (?, ?)", ((id, world_number(id)) for id in range(1, WORLDS + 1)))
        db.executemany("INSERT INTO fortune VALUES (?, ?)", enumerate(FORTUNES, 1))
        db.executemany("INSERT INTO item VALUES (?, ?, ?, ?, ?, ?)", (values(item(id)) for id in range(1, items + 1)))
    db.close()
    return f"sqlite:///{path}"
