#!/usr/bin/env python3
"""The same queries by Django 5.2 and by Martlet, on the same databases, must give the same rows.

    run.py --binary PATH [--queries 250] [--seed 1] [--only sqlite|postgresql|mysql] [--show]

Reads MARTLET_TEST_POSTGRES and MARTLET_TEST_MYSQL. Hand-written pairs are in library/pairs.py and Sources/Pairs*.swift,
random ones come from library/generator.py. Ends in `N passed, N failed`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import urllib.parse
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))


def server(variable: str) -> urllib.parse.SplitResult:
    if variable not in os.environ:
        sys.exit(f"{variable} is not set: `make test` starts the servers and sets it")
    return urllib.parse.urlsplit(os.environ[variable])


def database(kind: str, folder: Path) -> tuple[dict, str]:
    """Django's settings for a fresh database, and Martlet's URL."""
    if kind == "sqlite":
        path = folder / "parity.sqlite3"
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}, f"sqlite:///{path}"
    name = f"parity_{os.getpid()}"
    url = server("MARTLET_TEST_POSTGRES" if kind == "postgresql" else "MARTLET_TEST_MYSQL")
    common = {"NAME": name, "USER": url.username, "PASSWORD": url.password or "", "HOST": url.hostname, "PORT": url.port}
    address = f"{url.scheme}://{url.username}:{url.password or ''}@{url.hostname}:{url.port}/{name}"
    if kind == "postgresql":
        import psycopg

        with psycopg.connect(os.environ["MARTLET_TEST_POSTGRES"].split("?")[0], autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
            # C: texts are ordered by code points, as on the other two.
            connection.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'")
        return common | {"ENGINE": "django.db.backends.postgresql"}, address
    import pymysql

    pymysql.install_as_MySQLdb()
    pymysql.version_info = (2, 2, 1, "final", 0)  # what Django asks of mysqlclient, whose place PyMySQL takes
    with pymysql.connect(host=url.hostname, port=url.port, user=url.username, password=url.password or "", autocommit=True) as connection:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")
            cursor.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin")
    return common | {"ENGINE": "django.db.backends.mysql", "OPTIONS": {"charset": "utf8mb4", "init_command": "SET sql_mode='STRICT_TRANS_TABLES'"}}, address


def compare_all(kind: str, binary: str, queries: int, seed: int, show: bool) -> tuple[int, int]:
    """In a process of its own: Django is configured once a process."""
    import django
    from django.conf import settings

    with tempfile.TemporaryDirectory(prefix="parity-") as temporary:
        configuration, url = database(kind, Path(temporary))
        settings.configure(
            DATABASES={"default": configuration}, INSTALLED_APPS=["library"], USE_TZ=True, TIME_ZONE="UTC",
            DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", SECRET_KEY="parity",
        )
        django.setup()
        from django.db import connection, transaction

        from library import compare, data, expressions, generator, known, pairs

        compare.APPROXIMATE = kind == "sqlite"
        with connection.schema_editor() as editor:
            for model in expressions.MODELS.values():
                editor.create_model(model)
        with transaction.atomic():
            data.fill()
        source = generator.Generator(seed)
        specs = [source.query() for _ in range(queries)]
        file = Path(temporary) / "queries.jsonl"
        file.write_text("".join(json.dumps(spec) + "\n" for spec in specs), encoding="utf-8")
        results = [("generated", spec, lambda spec=spec: expressions.rows(spec), bool(spec.get("order"))) for spec in specs]
        answers = ask(binary, url, str(file))
        named = {answer["name"]: answer for answer in ask(binary, url, "--pairs")}
        for pair in pairs.ALL:
            results.append((pair.name, None, pair.rows, pair.ordered))
            answers.append(named.pop(pair.name, {"error": "the Swift side has no such pair"}))
        for name in named:
            results.append((name, None, None, False))
            answers.append({"error": "the Django side has no such pair"})
        passed = failed = 0
        differing: dict[str, int] = {}
        for (name, spec, run, ordered), answer in zip(results, answers, strict=True):
            try:
                problem = judge(compare, run, answer, ordered)
            except Exception as error:  # noqa: BLE001: whatever Django refuses is a finding
                problem = f"Django: {type(error).__name__}: {error}"
            if problem is None:
                passed += 1
                continue
            if spec is not None and (reason := known.reason(spec, kind)):
                differing[reason] = differing.get(reason, 0) + 1
                continue
            failed += 1
            if failed <= 10 or show:
                print(f"{kind}: {name} {json.dumps(spec, ensure_ascii=False) if spec else ''}\n    {problem}")
        for reason, count in differing.items():
            print(f"  {count} differ as documented: {reason}")
        return passed, failed


def ask(binary: str, url: str, what: str) -> list[dict]:
    run = subprocess.run([binary, url, what], capture_output=True, text=True, timeout=300, check=False)
    if run.returncode:
        raise SystemExit(f"{binary} ended with {run.returncode}: {run.stderr[-2000:]}")
    return [json.loads(line) for line in run.stdout.splitlines()]


def judge(compare, run, answer: dict, ordered: bool) -> str | None:
    if "error" in answer:
        return f"Martlet: {answer['error']}"
    wanted = run()
    if compare.equal_rows(wanted, answer["rows"], ordered):
        return None
    django = [[compare.text(cell) for cell in row] for row in wanted]
    for number, (a, b) in enumerate(zip(django, answer["rows"])):
        if not compare.equal_rows([wanted[number]], [b], True) and ordered:
            return f"row {number}: Django {a}, Martlet {b} ({len(django)} and {len(answer['rows'])} rows)"
    only = [row for row in django if row not in answer["rows"]][:3], [row for row in answer["rows"] if row not in django][:3]
    return f"{len(django)} and {len(answer['rows'])} rows; only Django has {only[0]}, only Martlet has {only[1]}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--queries", type=int, default=320)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=["sqlite", "postgresql", "mysql"])
    parser.add_argument("--show", action="store_true", help="show every difference, not the first ten")
    options = parser.parse_args()
    if options.only:
        passed, failed = compare_all(options.only, options.binary, options.queries, options.seed, options.show)
        print(f"{passed} passed, {failed} failed")
        return 1 if failed else 0
    totals = [0, 0]
    for kind in ["sqlite", "postgresql", "mysql"]:
        command = [sys.executable, __file__, "--only", kind, *sys.argv[1:]]
        run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        lines = run.stdout.splitlines()
        print("\n".join(lines[:-1]) + ("\n" if lines[1:] else ""), end="")
        try:
            passed, failed = (int(word.split()[0]) for word in lines[-1].split(", "))
        except (IndexError, ValueError):
            passed, failed = 0, 1
        print(f"  {kind}: {passed} queries give the same rows as Django, {failed} do not", flush=True)
        totals[0] += passed
        totals[1] += failed
    print(f"{totals[0]} passed, {totals[1]} failed")
    return 1 if totals[1] else 0


if __name__ == "__main__":
    sys.exit(main())
