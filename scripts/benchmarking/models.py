"""An application of many models, written and built for the measurement of its start."""

from __future__ import annotations

import os
from pathlib import Path

from . import measures, sources

COUNT = 500
FOLDER = measures.PACKAGE / ".build" / "generated" / "ManyModels"

MAIN = """import Foundation
import Martlet

// Written by scripts/benchmarking/models.py. BENCH_MODELS says how many of the models take part.

@main
struct ManyModels: Backend {
  var models: Models {
    Models(Array(Self.all.prefix(Int(ProcessInfo.processInfo.environment["BENCH_MODELS"] ?? "") ?? 1)))
  }
  var routes: some Routes { Get("json") { _ in "{}" } }

%s
}
"""


def build() -> Path:
    """The program; written and compiled where it is not there yet."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    files = chained(COUNT)
    lists = []
    # In parts: one literal of 500 types would take the type checker long.
    for part in range(0, COUNT, 50):
        names = ", ".join(f"Entity{n}.self" for n in range(part, part + 50))
        lists.append(f"  static let part{part}: [any Model.Type] = [{names}]")
    parts = ", ".join(f"part{part}" for part in range(0, COUNT, 50))
    lists.append(f"  static let all: [any Model.Type] = Array([{parts}].joined())")
    files["ManyModels.swift"] = MAIN % "\n".join(lists)
    for name, text in files.items():
        path = FOLDER / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    # Benchmarks/Package.swift has a target for it then.
    os.environ["BENCH_MANY_MODELS"] = "1"
    try:
        return measures.build("many-models")
    finally:
        del os.environ["BENCH_MANY_MODELS"]


def chained(count: int) -> dict[str, str]:
    """Models that refer to the one before them, so that the first of them are complete without the others."""
    files = sources.models(count)
    for number in range(count):
        name = f"Entity{number}.swift"
        files[name] = files[name].replace(sources.IMPORTS, "import Martlet\n\n")
        files[name] = files[name].replace(f"Ref<Entity{(number + 1) % count}>", f"Ref<Entity{max(0, number - 1)}>")
    return files
