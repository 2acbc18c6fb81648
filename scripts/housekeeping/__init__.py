"""The checks behind `make check`: each module holds one rule and yields `Finding`s."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Finding:
    """One broken rule: where, what is wrong and what to do."""

    path: Path
    line: int
    message: str
    hint: str

    def text(self, root: Path) -> str:
        return f"{self.path.relative_to(root)}:{self.line}: {self.message}\n    {self.hint}"


def swift_files(root: Path, *folders: str) -> list[Path]:
    """All Swift files under the folders, without goldens (texts that tests compare with) and build products."""
    found = []
    for folder in folders:
        for path in sorted((root / folder).rglob("*.swift")):
            parts = path.relative_to(root).parts
            if "Goldens" not in parts and ".build" not in parts:
                found.append(path)
    return found
