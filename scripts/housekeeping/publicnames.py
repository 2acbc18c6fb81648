"""A public type name means one thing in the whole package."""

from __future__ import annotations

from pathlib import Path
from typing import Iterator

from . import Finding, swift_files
from .swiftsource import TYPES, declarations


def check(root: Path) -> Iterator[Finding]:
    first: dict[tuple[bool, str], tuple[str, Path, int]] = {}
    for path in swift_files(root, "Sources"):
        module = path.relative_to(root / "Sources").parts[0]
        for declaration in declarations(path.read_text(encoding="utf-8")):
            if declaration.kind not in TYPES or not declaration.is_public:
                continue
            # A macro and a type may share a name (`@Model`, `Model`): they are used in different places.
            key = (declaration.kind == "macro", declaration.qualified_name)
            owner, where, line = first.setdefault(key, (module, path, declaration.line))
            if owner != module:
                yield Finding(path, declaration.line, f"{declaration.qualified_name} is already public in {owner}",
                              f"see {where.relative_to(root)}:{line}; use that one or find the name that tells them apart")
