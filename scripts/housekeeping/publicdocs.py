"""Every public symbol says what it is."""

from __future__ import annotations

from pathlib import Path
from typing import Iterator

from . import Finding, swift_files
from .swiftsource import Declaration, declarations, has_doc_comment

# Requirements of the standard library, Foundation and Codable: their documentation stands there.
STANDARD = {
    "==", "<", "hash", "description", "debugDescription", "rawValue", "encode", "next", "makeIterator",
    "makeAsyncIterator", "allCases", "errorDescription", "run", "configuration", "init(from:", "init(rawValue:",
    "init(stringLiteral:", "init(integerLiteral:", "init(booleanLiteral:", "init(arrayLiteral:",
    "init(dictionaryLiteral:", "init(stringInterpolation:", "init(literalCapacity:", "appendLiteral",
    "buildBlock", "buildExpression", "buildOptional", "buildEither", "buildArray", "buildFinalResult",
}


def _is_witness(declaration: Declaration, requirements: set[str]) -> bool:
    """Whether a member fulfils a protocol's requirement, whose documentation it inherits."""
    if declaration.requirement.startswith("build") and declaration.requirement in STANDARD:
        return True
    parent = declaration.parents[-1] if declaration.parents else None
    return parent is not None and parent.conforms and declaration.requirement in requirements


def check(root: Path) -> Iterator[Finding]:
    sources = {path: path.read_text(encoding="utf-8") for path in swift_files(root, "Sources")}
    found = {path: declarations(source) for path, source in sources.items()}
    requirements = STANDARD | {
        d.requirement for each in found.values() for d in each
        if d.parents and d.parents[-1].kind == "protocol" and d.kind in ("func", "var", "init", "subscript")
    }
    for path, each in found.items():
        lines = sources[path].split("\n")
        for declaration in each:
            if declaration.kind == "extension" or not declaration.is_public or _is_witness(declaration, requirements):
                continue
            if not has_doc_comment(lines, declaration.line):
                yield Finding(path, declaration.line, f"public {declaration.kind} {declaration.qualified_name} has no doc comment",
                              "write /// above it (what, an example where it helps, units, - Throws:), or make it package")
