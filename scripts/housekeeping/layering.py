"""Who may import whom: the module table of docs/architecture.md, enforced."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Iterator

from . import Finding, swift_files
from .swiftsource import blanked

# A module may import what it names here and what those may import. docs/architecture.md has the same table.
TABLE: dict[str, list[str]] = {
    "MartletCore": [],
    "MartletSQL": ["MartletCore"],
    "MartletSQLite": ["MartletSQL"],
    "MartletPostgres": ["MartletSQL"],
    "MartletMySQL": ["MartletSQL"],
    "MartletMacros": [],
    "MartletORM": ["MartletSQL", "MartletMacros"],
    "MartletMigrations": ["MartletORM"],
    "MartletHTTP": ["MartletCore"],
    "MartletWeb": ["MartletHTTP"],
    "MartletAuth": ["MartletORM", "MartletHTTP"],
    "MartletREST": ["MartletORM", "MartletHTTP"],
    "MartletCLI": ["MartletSQLite", "MartletPostgres", "MartletMySQL", "MartletMigrations", "MartletWeb", "MartletAuth", "MartletREST"],
    "Martlet": ["MartletCLI"],
    "MartletTesting": ["Martlet"],
}

# Outside modules that belong to one layer: a pattern of names, the modules that may import them, why.
OUTSIDE: list[tuple[str, set[str], str]] = [
    (r"SwiftSyntax.*|SwiftCompilerPlugin|SwiftDiagnostics|SwiftParser|SwiftBasicFormat|SwiftOperators",
     {"MartletMacros"}, "only the compiler plug-in may depend on swift-syntax"),
    (r"Hummingbird.*", {"MartletHTTP"}, "the transport is MartletHTTP's secret"),
    (r"_?NIO.*", {"MartletHTTP", "MartletAuth", "MartletPostgres"},
     "event loops are the business of MartletHTTP, of MartletPostgres's connections and of MartletAuth's hashing"),
    (r"CSQLite3", {"MartletSQLite"}, "SQLite's C interface is the driver's"),
    (r"CMariaDB", {"MartletMySQL"}, "MariaDB's C interface is the driver's"),
    (r"CLibPQ", set(), "libpq is what the tests compare with"),
    (r"CArgon2", {"MartletAuth"}, "Argon2 is for passwords"),
    (r"CZlib", {"MartletHTTP", "MartletAuth"}, "zlib is for response bodies and for Django's compressed session payloads"),
    (r"Testing|XCTest", {"MartletTesting"}, "test libraries stay out of what apps ship"),
]

EXAMPLES_MAY = {"Martlet", "Foundation", "FoundationEssentials", "Synchronization", "Glibc", "Darwin"}

IMPORT = re.compile(
    r"^[ \t]*(?P<attributes>(?:@\w+(?:\([^)]*\))?\s+)*)(?:(?:public|package|internal|fileprivate|private)\s+)?"
    r"import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(?P<module>\w+)",
    re.MULTILINE,
)


def allowed(module: str) -> set[str]:
    """Every module of the package that a module may import."""
    result: set[str] = set()
    waiting = list(TABLE[module])
    while waiting:
        name = waiting.pop()
        if name not in result:
            result.add(name)
            waiting += TABLE[name]
    return result


def imports(path: Path) -> Iterator[tuple[int, str, str]]:
    """Line, module and attributes of every import of a file."""
    text = blanked(path.read_text(encoding="utf-8"))
    for match in IMPORT.finditer(text):
        yield text.count("\n", 0, match.start("module")) + 1, match["module"], match["attributes"]


def check(root: Path) -> Iterator[Finding]:
    for folder in sorted(p for p in (root / "Sources").glob("*") if p.is_dir()):
        if folder.name in TABLE:
            yield from _check_module(root, folder.name)
        elif any(folder.rglob("*.swift")):
            yield Finding(folder, 1, f"module {folder.name} is not in the table of layers",
                          "write an ADR for the new module and add it to scripts/housekeeping/layering.py")
    yield from _check_examples(root)
    yield from _check_documented_table(root / "docs" / "architecture.md")
    for path in swift_files(root, "Tests"):
        for line, module, _ in imports(path):
            if module == "XCTest":
                yield Finding(path, line, "imports XCTest", "write the test with Swift Testing: import Testing")


def _check_module(root: Path, name: str) -> Iterator[Finding]:
    may = allowed(name)
    for path in swift_files(root, f"Sources/{name}"):
        for line, module, attributes in imports(path):
            if module in TABLE and module != name and module not in may:
                names = ", ".join(sorted(may)) or "no module of the package"
                yield Finding(path, line, f"{name} may not import {module}",
                              f"it may import {names}; put a protocol or a value into a module that both see")
            if "@_exported" in attributes and name != "Martlet":
                yield Finding(path, line, f"{name} re-exports {module}", "only Martlet re-exports; write a plain import")
            for pattern, owners, reason in OUTSIDE:
                if re.fullmatch(pattern, module) and name not in owners:
                    yield Finding(path, line, f"{name} may not import {module}",
                                  f"{reason}; allowed in {', '.join(sorted(owners))}")


def _check_documented_table(page: Path) -> Iterator[Finding]:
    """The table that people read says what the one above says."""
    if not page.exists():
        return
    documented = {}
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and cells[0] in TABLE:
            names = [] if cells[2] == "–" else [name.strip() for name in cells[2].split(",")]
            documented[cells[0]] = (number, [name if name == "Martlet" else f"Martlet{name}" for name in names])
    for module, names in TABLE.items():
        line, said = documented.get(module, (1, None))
        if said != names:
            yield Finding(page, line, f"the table says that {module} imports {said}, the rule is {names}",
                          "correct whichever is wrong: this page or TABLE in scripts/housekeeping/layering.py")


def _check_examples(root: Path) -> Iterator[Finding]:
    examples = root / "Examples"
    for example in sorted(p for p in examples.glob("*") if p.is_dir()):
        own = {p.name for p in example.glob("Sources/*")}
        for path in swift_files(root, f"Examples/{example.name}"):
            in_tests = "Tests" in path.relative_to(example).parts
            may = EXAMPLES_MAY | own | ({"MartletTesting", "Testing"} if in_tests else set())
            for line, module, _ in imports(path):
                if module not in may:
                    yield Finding(path, line, f"the example {example.name} imports {module}",
                                  "an example uses Martlet's public API alone: import Martlet")
