"""Where Martlet and Django differ on purpose. Each reason is a row of docs/coming-from-django.md."""

from __future__ import annotations

from .generator import FIELDS

CASE = "SQLite: Django's contains, startswith and endswith ignore the case of ASCII letters, Martlet's do not"
LOWER = "SQLite: Django's Lower and Upper know ASCII alone, Martlet's know Unicode"
NEGATION = "Django: a negated comparison of a computed value leaves out the rows where it is NULL, Martlet keeps them, as both do for columns"

CASE_BY_COLLATION = "MySQL: Django's i… lookups ignore case only where the column's collation does, Martlet's always"
AVERAGE = "MySQL: Django's Avg of integers has four decimals, Martlet's is a floating-point number"


def reason(spec: dict, kind: str) -> str | None:
    """Why a query may give other rows in Django; `None` where it must give the same."""
    nodes = list(walk([spec.get("filter"), spec["select"]]))
    if kind == "sqlite":
        for node in nodes:
            if node[0] == "match" and node[1] in ("contains", "startswith", "endswith") and any(c.isascii() and c.isalpha() for c in node[3]):
                return CASE
            if node[0] == "fn" and node[1] in ("lower", "upper"):
                return LOWER
    if kind == "mysql":
        for node in nodes:
            if node[0] == "match" and node[1].startswith("i"):
                return CASE_BY_COLLATION
            if node[0] == "agg" and node[1] == "avg":
                return AVERAGE
    if spec.get("filter") and negates_computed(spec["filter"], spec["model"], False):
        return NEGATION
    return None


def walk(node):
    if isinstance(node, list):
        if node and isinstance(node[0], str):
            yield node
        for part in node:
            yield from walk(part)


def negates_computed(node, model: str, negated: bool) -> bool:
    match node:
        case ["not", inner]:
            return negates_computed(inner, model, not negated)
        case ["and" | "or", *parts]:
            return any(negates_computed(part, model, negated) for part in parts)
        case ["exists", target, _, inner]:
            return inner is not None and negates_computed(inner, target, False)
        case ["cmp", op, left, _]:
            return left[0] != "f" and negated != (op == "ne") and can_be_null(left, model)
        case [_, left, *_] if isinstance(left, list) and left and left[0] != "f":
            return negated and can_be_null(left, model)
    return False


def can_be_null(node, model: str) -> bool:
    match node:
        case ["f", path]:
            return FIELDS[model].get(path, (None, True))[1]
        case ["fn", "coalesce", _, other]:
            return can_be_null(other, model)
        case ["v", *_]:
            return False
    return any(can_be_null(part, model) for part in node if isinstance(part, list))
