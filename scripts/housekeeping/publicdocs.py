"""Every public symbol says what it is."""

from __future__ import annotations

from pathlib import Path
from typing import Iterator

from . import Finding, swift_files
from .swiftsource import declarations, has_doc_comment


def check(root: Path) -> Iterator[Finding]:
    for path in swift_files(root, "Sources"):
        source = path.read_text(encoding="utf-8")
        lines = source.split("\n")
        for declaration in declarations(source):
            if declaration.kind == "extension" or not declaration.is_public:
                continue
            if not has_doc_comment(lines, declaration.line):
                yield Finding(path, declaration.line, f"public {declaration.kind} {declaration.qualified_name} has no doc comment",
                              "write /// above it (what, an example where it helps, units, - Throws:), or make it package")
