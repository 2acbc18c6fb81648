#!/usr/bin/env python3
"""Generates Conduit's clients in TypeScript and Swift, compiles them, and runs the RealWorld script through each. Checks the
functions of the page at /docs as well.

    python3 Tests/Clients/run.py --base http://127.0.0.1:8000                    against a running Conduit
    python3 Tests/Clients/run.py --base … --only typescript                      one language

A client that a compiler refuses is a failure. So is a document that smuggles code into a client: see hostile.py.
One line for each check, at the end `N passed, N failed`. Needs node, tsc (Debian: node-typescript) and swiftc.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.dont_write_bytecode = True

import hostile  # noqa: E402

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# A document with every kind of type, of the Swift tests.
EVERY = ROOT / "Tests" / "MartletRESTTests" / "Goldens" / "openapi.json"
STRICT = [
    "--strict", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes", "--noUnusedLocals", "--target", "es2020",
    "--lib", "es2020,dom", "--module", "es2020", "--moduleResolution", "node",
]
# The tool reads its settings, though it makes no use of them here.
SETTINGS = {
    "ENVIRONMENT": "development", "DATABASE_URL": "sqlite:///:memory:", "SECRET_KEY": "not-a-secret-" * 5,
    "ALLOWED_HOSTS": "127.0.0.1",
}


class Run:
    def __init__(self, base: str, binary: Path, folder: Path) -> None:
        self.base, self.binary, self.folder = base, binary, folder
        self.passed = self.failed = 0
        self._counting = threading.Lock()
        (folder / "hostile.json").write_text(json.dumps(hostile.document()))

    def count(self, passed: int, failed: int) -> None:
        with self._counting:
            self.passed, self.failed = self.passed + passed, self.failed + failed

    def report(self, name: str, wrong: str = "") -> bool:
        self.count(not wrong, bool(wrong))
        print(f"{'FAILED' if wrong else 'passed'}  {name}" + (f"\n        {wrong}" if wrong else ""), flush=True)
        return not wrong

    def command(self, name: str, *command: object) -> bool:
        result = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=self.folder)
        return self.report(name, "" if result.returncode == 0 else (result.stdout + result.stderr)[-3000:])

    def generate(self, language: str, output: str, document: Path | None = None) -> None:
        options = ["--document", str(document)] if document else []
        subprocess.run(
            [self.binary, "client", language, "--output", self.folder / output, *options], check=True,
            env={**os.environ, **SETTINGS}, stdout=subprocess.DEVNULL,
        )

    def script(self, name: str, *command: object) -> None:
        """A program that prints a line for each of its checks."""
        result = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=300)
        print("\n".join(f"{line[:8]}{name}: {line[8:]}" if line[:6] in ("passed", "FAILED") else line
                        for line in result.stdout.splitlines()), flush=True)
        passed, failed = (len(re.findall(f"^{word}  ", result.stdout, re.MULTILINE)) for word in ("passed", "FAILED"))
        self.count(passed, failed)
        if not passed or (result.returncode != 0) != (failed > 0):
            self.report(f"{name}: the script came to its end", result.stderr[-3000:] or f"code {result.returncode}")

    def typescript(self) -> None:
        (self.folder / "package.json").write_text('{"type": "module"}')
        for name in ("checks.ts", "canned.ts"):
            (self.folder / name).write_text((HERE / "typescript" / name).read_text(encoding="utf-8"))
        self.generate("typescript", "conduit.ts")
        self.generate("typescript", "every.ts", EVERY)
        self.generate("typescript", "notes.ts", HERE / "notes.json")
        self.generate("typescript", "hostile.ts", self.folder / "hostile.json")
        files = ["conduit.ts", "checks.ts", "notes.ts", "canned.ts", "every.ts", "hostile.ts"]
        if not self.command("typescript: tsc --strict takes the clients", "tsc", *STRICT, "--outDir", "out", *files):
            return
        self.command(
            "typescript: no text of a document becomes code", "node", "--input-type=module", "-e",
            "const { Client } = await import(process.cwd() + '/out/hostile.js'); new Client();"
            " if ('PWNED_' in globalThis) process.exit(1);",
        )
        self.script("typescript, canned", "node", self.folder / "out" / "canned.js")
        self.script("typescript", "node", self.folder / "out" / "checks.js", self.base)

    def page(self) -> None:
        self.script("page", "node", HERE / "page" / "checks.mjs", self.base)

    def swift(self) -> None:
        self.generate("swift", "Conduit.swift")
        self.generate("swift", "Every.swift", EVERY)
        self.generate("swift", "Notes.swift", HERE / "notes.json")
        self.generate("swift", "Hostile.swift", self.folder / "hostile.json")
        swiftc = ["swiftc", "-swift-version", "6", "-Onone", "-warnings-as-errors"]
        self.command("swift: swiftc takes a client of every type", *swiftc, "-typecheck", "-parse-as-library", "Every.swift")
        # A second declaration of the name would be an error.
        (self.folder / "Pwned.swift").write_text("let PWNED_ = 0\n")
        self.command(
            "swift: no text of a document becomes code", *swiftc, "-typecheck", "-parse-as-library", "Hostile.swift", "Pwned.swift")
        for name, client, arguments in (("swift, canned", "Notes", []), ("swift", "Conduit", [self.base])):
            script = HERE / "swift" / ("realworld" if arguments else "canned") / "main.swift"
            if self.command(f"{name}: swiftc takes the client", *swiftc, f"{client}.swift", script, "-o", client):
                self.script(name, self.folder / client, *arguments)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", required=True, help="where Conduit is: http://127.0.0.1:8000")
    parser.add_argument("--binary", type=Path, default=ROOT / ".build" / "debug" / "conduit")
    parser.add_argument("--only", choices=["page", "typescript", "swift"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="clients-") as folder:
        run = Run(options.base, options.binary.resolve(), Path(folder))
        # Most of the time goes into compilers, each of which keeps one core busy.
        with ThreadPoolExecutor(2) as pool:
            parts = [getattr(run, part) for part in ("swift", "page", "typescript") if options.only in (None, part)]
            for done in [pool.submit(part) for part in parts]:
                done.result()
    print(f"{run.passed} passed, {run.failed} failed")
    return 1 if run.failed or not run.passed else 0


if __name__ == "__main__":
    sys.exit(main())
