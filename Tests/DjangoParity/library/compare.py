"""Holds the cells of Martlet's rows, which are texts, against Django's values."""

from __future__ import annotations

import math
import uuid
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

# SQLite sums decimals as floating-point numbers, which Django rounds to 15 digits.
APPROXIMATE = False
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def text(value) -> str | None:
    """A value of Django's as Martlet writes it."""
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value.normalize(), "f")
        case datetime():
            return str((value - EPOCH) // timedelta(microseconds=1))
        case date():
            return f"{value.year:04}-{value.month:02}-{value.day:02}"
        case time():
            return value.isoformat()
        case timedelta():
            return str(value // timedelta(microseconds=1))
        case uuid.UUID():
            return value.hex
        case _:
            return str(value)


def same(django, martlet: str | None) -> bool:
    if django is None or martlet is None:
        return django is None and martlet is None
    if isinstance(django, bool):
        return martlet in (text(django), str(int(django)))
    try:
        if isinstance(django, float):
            return math.isclose(django, float(martlet), rel_tol=1e-9, abs_tol=1e-300)
        if isinstance(django, Decimal):
            return math.isclose(django, Decimal(martlet), rel_tol=Decimal("1e-13")) if APPROXIMATE else Decimal(martlet) == django
    except (ValueError, ArithmeticError):
        return False
    return text(django) == martlet


def equal_rows(django: list[list], martlet: list[list[str | None]], ordered: bool) -> bool:
    if len(django) != len(martlet):
        return False
    if not ordered:
        key = lambda row: [(cell is None, cell or "") for cell in row]  # noqa: E731
        django = sorted(django, key=lambda row: key([text(cell) for cell in row]))
        martlet = sorted(martlet, key=lambda row: key([canonical(cell) for cell in row]))
    return all(len(a) == len(b) and all(same(x, y) for x, y in zip(a, b)) for a, b in zip(django, martlet))


def canonical(cell: str | None) -> str | None:
    """Decimals and floating-point numbers in one form, so that both sides sort alike."""
    if cell is None:
        return None
    try:
        if "." in cell and not cell.startswith("."):
            return format(Decimal(cell).normalize(), "f")
    except ArithmeticError:
        pass
    return cell
