"""Proves that the rules can fail: a clean tree passes, and each violation is caught by its rule alone."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Callable, Iterator

from . import Finding

Rule = Callable[[Path], Iterator[Finding]]

CLEAN = {
    "Sources/MartletCore/Thing.swift": (
        '/// A thing.\npublic struct Thing: Sendable {\n  /// Its name: `"}"` is in the text, not in the code.\n'
        '  @usableFromInline\n  package var name = "public struct Fake { \\(1 + 2) \\"quoted\\" "\n'
        "  var isOpen: Bool { name.isEmpty }\n\n  /// Makes one.\n  public init() {}\n\n"
        "  /// A part.\n  public struct Part: Sendable {\n    /// Makes one.\n    public init() {}\n  }\n}\n\n"
        "extension Thing: CustomStringConvertible {\n  /** In words. */\n  public var description: String { name }\n}\n"
    ),
    "Sources/MartletSQL/Query.swift": (
        "public import MartletCore\n\n/* public struct NotCode {} */\n/// Another part.\npublic struct Query: Sendable {\n"
        "  /// Makes one.\n  public init() {\n    struct Local {}\n    _ = Local()\n  }\n"
        "  /// What it asks for.\n  // Not a rule.\n  public var thing: Thing { Thing() }\n}\n"
    ),
    "Sources/Martlet/Exports.swift": "@_exported import MartletCore\n@_exported import MartletSQL\n",
    "Sources/MartletSQLite/Driver.swift": "import CSQLite3\nimport MartletCore\nimport MartletSQL\n",
    "Tests/MartletCoreTests/ThingTests.swift": "import Testing\n\n@testable import MartletCore\n",
    "Tests/MartletMacrosTests/Goldens/Long.swift": "let x=1\n" * 900,
    "Examples/App/Sources/App/main.swift": "import Foundation\nimport Martlet\n",
}

# What is broken, the rule that must say so, the file, its text, a part of the message.
VIOLATIONS: list[tuple[str, str, str, str, str]] = [
    ("a badly formatted file", "format", "Sources/MartletCore/Bad.swift", "let a   =  1;\n", "Bad.swift"),
    ("a wrong import", "layering", "Sources/MartletSQL/Up.swift", "import MartletORM\n", "may not import MartletORM"),
    ("a sibling's import", "layering", "Sources/MartletREST/A.swift", "import MartletAuth\n", "may not import MartletAuth"),
    ("a wrong public import", "layering", "Sources/MartletHTTP/A.swift", "public import MartletORM\n", "MartletORM"),
    ("a wrong package import", "layering", "Sources/MartletHTTP/A.swift", "package import MartletSQL\n", "MartletSQL"),
    ("a wrong testable import", "layering", "Sources/MartletSQL/A.swift", "@testable import MartletWeb\n", "MartletWeb"),
    ("a wrong import of one symbol", "layering", "Sources/MartletCore/A.swift", "import struct MartletSQL.Query\n", "MartletSQL"),
    ("a re-export outside of Martlet", "layering", "Sources/MartletSQL/A.swift", "@_exported import MartletCore\n", "re-exports"),
    ("swift-syntax outside of the macros", "layering", "Sources/MartletORM/A.swift", "import SwiftSyntax\n", "SwiftSyntax"),
    ("Hummingbird outside of HTTP", "layering", "Sources/MartletREST/A.swift", "import HummingbirdCore\n", "HummingbirdCore"),
    ("a C library outside of its module", "layering", "Sources/MartletORM/A.swift", "import CSQLite3\n", "CSQLite3"),
    ("MartletTesting in a shipped module", "layering", "Sources/MartletCLI/A.swift", "import MartletTesting\n", "MartletTesting"),
    ("a test library in a shipped module", "layering", "Sources/MartletCLI/A.swift", "import Testing\n", "Testing"),
    ("an example that reaches inside", "layering", "Examples/App/Sources/App/a.swift", "import MartletORM\n", "imports MartletORM"),
    ("a module without a layer", "layering", "Sources/MartletNew/A.swift", "let a = 1\n", "not in the table"),
    ("an outdated table in the documentation", "layering", "docs/architecture.md",
     "| MartletCore | values | SQL |\n", "the table says that MartletCore"),
    ("XCTest in a test", "layering", "Tests/MartletCoreTests/A.swift", "import XCTest\n", "XCTest"),
    ("a file of 501 lines", "sizes", "Sources/MartletCore/Long.swift", "let x = 1\n" * 501, "501 lines"),
    ("a file of 801 lines with a reason", "sizes", "Tests/MartletCoreTests/Long.swift",
     "// LONG: a table\n" + "let x = 1\n" * 800, "801 lines"),
    ("an undocumented type", "docs", "Sources/MartletCore/A.swift", "public struct Undocumented {}\n", "struct Undocumented"),
    ("an undocumented member after an attribute", "docs", "Sources/MartletCore/A.swift",
     "/// Yes.\npublic struct Some {\n  @inlinable\n  public func run() {}\n}\n", "func Some.run"),
    ("an undocumented member of a public extension", "docs", "Sources/MartletCore/A.swift",
     "public extension Int {\n  func run() {}\n}\n", "func Int.run"),
    ("an undocumented requirement", "docs", "Sources/MartletCore/A.swift",
     "/// Yes.\npublic protocol Runs {\n  func run()\n}\n", "func Runs.run"),
    ("an undocumented open class's operator", "docs", "Sources/MartletCore/A.swift",
     "/// Yes.\nopen class Some {\n  public static func == (l: Some, r: Some) -> Bool { true }\n}\n", "func Some.=="),
    ("a plain comment in place of a doc comment", "docs", "Sources/MartletCore/A.swift",
     "// No.\npublic let some = 1\n", "let some"),
    ("a public name that another module has", "names", "Sources/MartletHTTP/A.swift",
     "/// Again.\npublic struct Thing {}\n", "already public in MartletCore"),
    ("a nested public name that another module has", "names", "Sources/MartletHTTP/A.swift",
     "import MartletCore\n\nextension Thing {\n  /// Again.\n  public enum Part {}\n}\n", "Thing.Part"),
]

# Near misses: none of these breaks a rule.
ALLOWED: list[tuple[str, str, str]] = [
    ("a long file with a reason", "Sources/MartletCore/Long.swift", "// LONG: one table of Unicode\n" + "let x = 1\n" * 600),
    ("an import in a comment", "Sources/MartletCore/A.swift", "// import MartletORM\n/*\nimport MartletORM\n*/\n"),
    ("an import in a string", "Sources/MartletCore/A.swift", 'let a = """\n  import MartletORM\n  """\n'),
    ("a nested name under another type", "Sources/MartletHTTP/A.swift",
     "/// One.\npublic struct Box {\n  /// Its own.\n  public struct Part {}\n}\n"),
    ("an internal type of the same name", "Sources/MartletHTTP/A.swift", "struct Thing {}\n"),
    ("a function called open", "Sources/MartletCore/A.swift", "struct File {\n  func open() {}\n  var name = 1\n}\n"),
    ("an attribute in a property's type", "Sources/MartletCore/A.swift",
     "struct Reader {\n  private let read: @Sendable () -> Int\n\n  /// Makes one.\n  public init(_ read: @escaping @Sendable () -> Int) {}\n}\n"),
    ("a documented member behind attributes", "Sources/MartletCore/A.swift",
     "/// Yes.\n@available(macOS 15, *)\n@frozen\npublic struct Some {}\n"),
]


def run(rules: dict[str, Rule]) -> int:
    passed = failed = 0

    def verdict(name: str, wrong: str) -> None:
        nonlocal passed, failed
        passed, failed = (passed, failed + 1) if wrong else (passed + 1, failed)
        if wrong:
            print(f"self-test: {name}: {wrong}")

    home = Path(__file__).resolve().parent.parent.parent
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        shutil.copy(home / ".swift-format", root)
        for path, text in CLEAN.items():
            write(root / path, text)
        verdict("a clean tree", "; ".join(found(rules, root)))
        others = {name: rule for name, rule in rules.items() if name != "format"}
        for name, path, text in ALLOWED:
            with_file(root / path, text, lambda: verdict(name, "; ".join(found(others, root))))
        for name, rule, path, text, message in VIOLATIONS:
            with_file(root / path, text, lambda: verdict(name, caught({rule: rules[rule]}, root, message)))
    print(f"check --self-test: {passed} passed, {failed} failed")
    return 1 if failed else 0


def caught(rule: dict[str, Rule], root: Path, message: str) -> str:
    texts = found(rule, root)
    if len({t.split("\n")[0].split(": ")[0] for t in texts}) != 1 or not any(message in t for t in texts):
        return f"expected one place with {message!r}, got {texts}"
    return ""


def found(rules: dict[str, Rule], root: Path) -> list[str]:
    return [finding.text(root) for rule in rules.values() for finding in rule(root)]


def with_file(path: Path, text: str, body: Callable[[], None]) -> None:
    write(path, text)
    body()
    path.unlink()
    if not any(path.parent.iterdir()):
        path.parent.rmdir()


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
