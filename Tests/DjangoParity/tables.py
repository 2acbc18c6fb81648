#!/usr/bin/env python3
"""The tables of users, groups, permissions, sessions and migrations: Martlet's beside Django 5.2's, by the server's catalogue.

    tables.py --binary .build/debug/conduit [--only postgresql|mysql] [--show]

Both migrate an empty database on the same server. Types, nullability, defaults, keys, names of indexes and constraints must
be the same, but for what `known` lists; docs/coming-from-django.md gives the reasons. Reads MARTLET_TEST_POSTGRES and
MARTLET_TEST_MYSQL. Ends in `N passed, N failed`, a check for each table.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import urllib.parse
from pathlib import Path

sys.dont_write_bytecode = True

TABLES = [
    "auth_group", "auth_group_permissions", "auth_permission", "auth_user", "auth_user_groups", "auth_user_user_permissions",
    "django_content_type", "django_migrations", "django_session",
]
# Django gives its own apps 32-bit keys; Martlet's keys have 64 bits.
KEYS = {
    "auth_group": {"id"}, "auth_group_permissions": {"group_id", "permission_id"}, "auth_permission": {"id", "content_type_id"},
    "auth_user": {"id"}, "auth_user_groups": {"user_id", "group_id"},
    "auth_user_user_permissions": {"user_id", "permission_id"}, "django_content_type": {"id"},
}
# The example app's own: an address for one user only.
OWN = re.compile(r"conduit_(user_)?email")

COLUMNS = """SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity::text,
coalesce(pg_get_expr(d.adbin, d.adrelid), '') FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid
AND d.adnum = a.attnum WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped"""
CONSTRAINTS = "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = to_regclass(%s)"
INDEXES = "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = to_regclass(%s)"


class Side:
    """A fresh database on the server."""

    def __init__(self, kind: str, name: str) -> None:
        variable = "MARTLET_TEST_POSTGRES" if kind == "postgresql" else "MARTLET_TEST_MYSQL"
        if variable not in os.environ:
            sys.exit(f"{variable} is not set: `make test` starts the servers and sets it")
        self.kind, self.name, self.parts = kind, f"tables_{name}_{os.getpid()}", urllib.parse.urlsplit(os.environ[variable])
        self.user, self.password = (urllib.parse.unquote(text or "") for text in (self.parts.username, self.parts.password))

    def connect(self, database: str | None):
        address = {"host": self.parts.hostname, "port": self.parts.port, "user": self.user, "password": self.password}
        if self.kind == "postgresql":
            import psycopg

            return psycopg.connect(**address, dbname=database or self.parts.path.lstrip("/"), autocommit=True)
        import pymysql

        return pymysql.connect(**address, database=database, autocommit=True)

    def rows(self, text: str, *values: str, database: str | None = None) -> list[tuple]:
        connection = self.connect(database)
        try:
            cursor = connection.cursor()
            cursor.execute(text, values or None)
            return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    def __enter__(self) -> "Side":
        self.rows(f"DROP DATABASE IF EXISTS {self.name}")
        self.rows(f"CREATE DATABASE {self.name}" + ("" if self.kind == "postgresql" else " CHARACTER SET utf8mb4"))
        return self

    def __exit__(self, *_: object) -> None:
        self.rows(f"DROP DATABASE IF EXISTS {self.name}")

    @property
    def url(self) -> str:
        return urllib.parse.urlunsplit(self.parts._replace(path=f"/{self.name}", query=""))

    def lines(self, table: str) -> set[str]:
        """What the catalogue says of a table, a line for each column, constraint and index."""
        if self.kind == "postgresql":
            found = {f"column {' '.join(str(part) for part in row)}".rstrip() for row in self.rows(COLUMNS, table, database=self.name)}
            found |= {f"constraint {name} {text}" for name, text in self.rows(CONSTRAINTS, table, database=self.name)}
            return found | {f"index {text}" for (text,) in self.rows(INDEXES, table, database=self.name)}
        text = self.rows(f"SHOW CREATE TABLE {table}", database=self.name)[0][1]
        return {re.sub(r" AUTO_INCREMENT=\d+", "", line).strip().rstrip(",") for line in text.splitlines()}


def known(kind: str, table: str, line: str) -> str | None:
    """A line of Django's as Martlet has it; None for one that Martlet does not have."""
    for key in KEYS.get(table, ()):
        if kind == "postgresql":
            line = re.sub(rf"^column {key} integer ", f"column {key} bigint ", line)
        else:
            line = line.replace(f"`{key}` int(11) ", f"`{key}` bigint(20) ")
    # Rows are deleted by the database (ADR 0004).
    if kind == "postgresql":
        line = re.sub(r"(FOREIGN KEY .*?\)) (DEFERRABLE)", r"\1 ON DELETE CASCADE \2", line)
    else:
        line = re.sub(r"^(CONSTRAINT .* FOREIGN KEY .*)$", r"\1 ON DELETE CASCADE", line)
        # By code points, spaces at the end included; a text differs from another in any byte.
        line = re.sub(r"COLLATE=\w+$", "COLLATE=utf8mb4_nopad_bin", line)
    return line


def extra(kind: str, line: str) -> bool:
    """Whether Martlet may have a line that Django has not."""
    # The index of a foreign key is kept where a unique key would serve: see MySQLGrammar.
    return bool(OWN.search(line)) or kind == "mysql" and re.match(r"KEY `\w+_fk_\w+` \(`\w+`\)$", line) is not None


def django(side: Side) -> None:
    """Migrates with Django, in a process of its own: settings are made once in each."""
    engine = {"postgresql": "django.db.backends.postgresql", "mysql": "django.db.backends.mysql"}[side.kind]
    database = {
        "ENGINE": engine, "NAME": side.name, "USER": side.user, "PASSWORD": side.password, "HOST": side.parts.hostname,
        "PORT": side.parts.port,
    }
    from django.conf import settings
    from django.core.management import call_command

    if side.kind == "mysql":
        import pymysql

        pymysql.install_as_MySQLdb()
        pymysql.version_info = (2, 2, 1, "final", 0)  # what Django asks of mysqlclient, whose place PyMySQL takes
    settings.configure(
        DATABASES={"default": database}, DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", USE_TZ=True, SECRET_KEY="x",
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    )
    import django

    django.setup()
    call_command("migrate", verbosity=0)


def compare(kind: str, binary: str, show: bool) -> tuple[int, int]:
    passed = failed = 0
    with Side(kind, "django") as theirs, Side(kind, "martlet") as ours, tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, __file__, "--django", theirs.name, "--only", kind], check=True)
        environment = {**os.environ, "ENVIRONMENT": "development", "DATABASE_URL": ours.url}
        subprocess.run([str(Path(binary).resolve()), "migrate"], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
        for table in TABLES:
            wanted = {known(kind, table, line) for line in theirs.lines(table)}
            found = {line for line in ours.lines(table)}
            missing, more = sorted(wanted - found), sorted(line for line in found - wanted if not extra(kind, line))
            if missing or more:
                failed += 1
                print(f"FAILED  {table} on {kind}")
                for line in missing:
                    print(f"    Django only:  {line}")
                for line in more:
                    print(f"    Martlet only: {line}")
            else:
                passed += 1
                print(f"passed  {table} on {kind}")
            if show:
                print("\n".join(f"    {line}" for line in sorted(found)))
    return passed, failed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary")
    parser.add_argument("--only", choices=["postgresql", "mysql"])
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--django", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.django:
        side = Side(arguments.only, "django")
        side.name = arguments.django
        django(side)
        return 0
    if not arguments.binary:
        parser.error("--binary is missing")
    kinds = [arguments.only] if arguments.only else ["postgresql", "mysql"]
    counts = [compare(kind, arguments.binary, arguments.show) for kind in kinds]
    passed, failed = sum(p for p, _ in counts), sum(f for _, f in counts)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
