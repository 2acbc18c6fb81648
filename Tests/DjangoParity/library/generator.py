"""Random queries as JSON, the same for the same seed. Each expression comes with the kind of its values."""

from __future__ import annotations

import random

# What each table has: field → (kind, whether it can be NULL); paths through foreign keys too.
COUNTRY = {"id": ("int", False), "code": ("text", False), "name": ("text", False), "population": ("int", True)}
AUTHOR = {
    "id": ("int", False), "name": ("text", False), "email": ("text", False), "age": ("int", True), "rating": ("double", True),
    "is_active": ("bool", False), "born": ("date", True), "joined": ("timestamp", False),
}
PUBLISHER = {"id": ("int", False), "name": ("text", False), "founded": ("int", True)}
BOOK = {
    "id": ("int", False), "title": ("text", False), "isbn": ("text", False), "price": ("decimal", False), "pages": ("int", False),
    "published": ("date", True), "in_print": ("bool", True), "blurb": ("text", True),
}
ORDER = {"id": ("int", False), "customer": ("text", False), "placed_at": ("timestamp", True), "total": ("decimal", True), "status": ("text", False)}


def through(name: str, fields: dict, nullable: bool = False) -> dict:
    return {f"{name}__{field}": (kind, nullable or null) for field, (kind, null) in fields.items()}


FIELDS = {
    "Country": COUNTRY,
    "Author": AUTHOR | through("country", COUNTRY),
    "Publisher": PUBLISHER | through("country", COUNTRY, True),
    "Book": BOOK | through("author", AUTHOR) | through("publisher", PUBLISHER, True) | through("author__country", COUNTRY),
    "Review": {"id": ("int", False), "reviewer": ("text", False), "stars": ("int", False), "text": ("text", False), "created": ("timestamp", False)}
    | through("book", BOOK) | through("book__author", AUTHOR),
    "Order": ORDER,
    "OrderLine": {"id": ("int", False), "quantity": ("int", False), "unit_price": ("decimal", False)} | through("order", ORDER) | through("book", BOOK),
    "Employee": {
        "id": ("int", False), "name": ("text", False), "salary": ("int", False), "hired": ("date", False), "shift": ("time", True),
        "leave": ("duration", True), "manager__name": ("text", True), "manager__salary": ("int", True), "manager__hired": ("date", True),
    },
}
RELATIONS = {"Country": ["authors", "publishers"], "Author": ["books"], "Publisher": ["books"], "Book": ["reviews", "tags"], "Order": ["lines"],
             "Employee": ["reports"]}
EXISTS = {"Country": ("Author", "country"), "Author": ("Book", "author"), "Book": ("Review", "book"), "Order": ("OrderLine", "order"),
          "Employee": ("Employee", "manager")}
VALUES = {
    "int": [0, 1, 3, 17, 40, 100, 250, 50_000, -32768, 2**31 - 1],
    "double": [0.0, 3.25, -1.5, 4.0], "bool": [True, False],
    "text": ["alpha", "Alpha", "beta", "Éclair", "δέλτα", "日本語", "", "100%", "it's", "a", "DE", "paid"],
    "decimal": ["0", "9.99", "12.50", "-5.25", "9999999999.99", "0.01"],
    "date": ["0001-01-01", "1970-01-01", "2000-02-29", "2012-06-15", "9999-12-31"],
    "time": ["00:00:00", "08:30:00", "23:59:59.999999"],
    "timestamp": [978_307_200_000_000, 1_300_000_000_000_000, 1_300_000_000_500_000],
    "duration": [0, 2_592_000_000_000, -86_399_999_999, 108_000_000_000],
}
PATTERNS = ["a", "A", "alpha", "et", "%", "_", "\\", "'", "é", "日", "duck", "ta", "Z"]
ORDERED = {"int", "double", "decimal", "date", "time", "timestamp", "duration", "text"}


class Generator:
    def __init__(self, seed: int):
        self.source = random.Random(seed)

    def pick(self, model: str, kinds=None):
        names = [name for name, (kind, _) in FIELDS[model].items() if kinds is None or kind in kinds]
        name = self.source.choice(names)
        return ["f", name], *FIELDS[model][name]

    def value(self, kind: str):
        return ["v", kind, self.source.choice(VALUES[kind])]

    def operand(self, model: str):
        """An expression, its kind, whether it can be NULL."""
        match self.source.randrange(9):
            case 0:
                node, _, null = self.pick(model, {"text"})
                return ["fn", self.source.choice(["lower", "upper", "trim"]), node], "text", null
            case 1:
                node, _, null = self.pick(model, {"text"})
                return ["fn", "length", node], "int", null
            case 2 if any(kind in ("date", "timestamp") for kind, _ in FIELDS[model].values()):
                node, kind, null = self.pick(model, {"date", "timestamp"})
                parts = ["year", "month", "day", "weekday"] + (["hour"] if kind == "timestamp" else [])
                return ["part", self.source.choice(parts), node], "int", null
            case 3:
                node, _, null = self.pick(model, {"int"})
                # The extremes of the other columns would overflow, which each database answers in its own way.
                if not node[1].endswith(("id", "salary", "stars")):
                    return node, "int", null
                return ["arith", self.source.choice("+-*"), node, ["v", "int", self.source.choice([1, 2, 7])]], "int", null
            case 4:
                node, _, null = self.pick(model, {"int"})
                return ["fn", "coalesce", node, ["v", "int", -1]], "int", False
            case _:
                return self.pick(model)

    def condition(self, model: str, depth: int = 2):
        if depth > 0 and self.source.random() < 0.5:
            word = self.source.choice(["and", "or", "not", "and", "or"])
            count = 1 if word == "not" else self.source.choice([2, 2, 3])
            return [word, *[self.condition(model, depth - 1) for _ in range(count)]]
        match self.source.randrange(8):
            case 0:
                node, kind, _ = self.pick(model)
                return ["in", node, kind, [self.source.choice(VALUES[kind]) for _ in range(self.source.randrange(1, 4))]]
            case 1:
                return ["null", self.pick(model)[0], self.source.random() < 0.5]
            case 2:
                kinds = ["contains", "startswith", "endswith"]
                return ["match", self.source.choice(kinds), self.pick(model, {"text"})[0], self.source.choice(PATTERNS)]
            case 3:
                # ASCII only: Django leaves the case of other letters to each database.
                kinds = ["icontains", "istartswith", "iendswith", "iexact"]
                return ["match", self.source.choice(kinds), self.pick(model, {"text"})[0], self.source.choice([p for p in PATTERNS if p.isascii()])]
            case 4 if model in EXISTS and depth >= 0:
                target, foreign_key = EXISTS[model]
                inner = self.condition(target, -1) if self.source.random() < 0.6 else None
                return ["exists", target, foreign_key, inner]
            case 5:
                node, kind, _ = self.pick(model, ORDERED - {"text", "double"})
                low, high = self.source.choice(VALUES[kind]), self.source.choice(VALUES[kind])
                return ["range", node, kind, low, high]
            case _:
                node, kind, _ = self.operand(model)
                op = self.source.choice(["eq", "ne"] + (["lt", "le", "gt", "ge"] if kind in ORDERED else []))
                # Django turns a comparison with a year into one with two dates, and has no year 0.
                value = ["v", "int", self.source.choice([1, 5, 12, 2010])] if node[0] == "part" else self.value(kind)
                return ["cmp", op, node, value]

    def query(self) -> dict:
        model = self.source.choice(list(FIELDS))
        spec = {"model": model, "filter": self.condition(model) if self.source.random() < 0.85 else None}
        shape = self.source.choice(["rows", "rows", "groups", "total", "counts", "distinct"])
        getattr(self, shape)(model, spec)
        return spec

    def rows(self, model: str, spec: dict) -> None:
        chosen = [self.operand(model) for _ in range(self.source.randrange(1, 4))]
        spec["select"] = [node for node, _, _ in chosen] + [["f", "id"]]
        spec["kinds"] = [kind for _, kind, _ in chosen] + ["int"]
        keys = [place for place, (_, kind, _) in enumerate(chosen) if kind in ORDERED and self.source.random() < 0.6]
        spec["order"] = [[place, self.source.random() < 0.5, self.source.choice(["first", "last"])] for place in keys] + [[len(chosen), False, None]]
        if self.source.random() < 0.4:
            spec["limit"], spec["offset"] = self.source.randrange(0, 30), self.source.choice([0, 0, 5])

    def counts(self, model: str, spec: dict) -> None:
        if model not in RELATIONS:
            return self.rows(model, spec)
        spec["select"] = [["count", self.source.choice(RELATIONS[model]), None], ["f", "id"]]
        spec["kinds"] = ["int", "int"]
        spec["order"] = [[0, self.source.random() < 0.5, None], [1, False, None]]

    def groups(self, model: str, spec: dict) -> None:
        node, kind, _ = self.pick(model)
        spec["select"], spec["kinds"] = [node], [kind]
        self.totals(model, spec)

    def total(self, model: str, spec: dict) -> None:
        spec["select"], spec["kinds"] = [], []
        self.totals(model, spec)

    def totals(self, model: str, spec: dict) -> None:
        spec["select"].append(["agg", "count", None])
        spec["kinds"].append("int")
        for _ in range(self.source.randrange(1, 3)):
            name = self.source.choice(["sum", "avg", "min", "max", "count", "countdistinct"])
            node, kind, _ = self.pick(model, {"int", "decimal"} if name in ("sum", "avg") else ORDERED)
            # The sum of the largest populations leaves 64 bits; the mean of decimals is a decimal in Django.
            if name in ("sum", "avg") and (node[1].endswith("population") or kind == "decimal" and name == "avg"):
                continue
            spec["select"].append(["agg", name, node])
            spec["kinds"].append("double" if name == "avg" else "int" if name.startswith("count") else kind)

    def distinct(self, model: str, spec: dict) -> None:
        chosen = [self.pick(model) for _ in range(2)]
        spec["select"], spec["kinds"] = [node for node, _, _ in chosen], [kind for _, kind, _ in chosen]
        spec["distinct"] = True
