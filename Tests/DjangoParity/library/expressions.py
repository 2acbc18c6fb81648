"""From the JSON of a query to Django's ORM. MartletParity/Interpreter.swift does the same for Martlet's."""

from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

from django.db.models import (
    Avg, BooleanField, Case, Count, Exists, ExpressionWrapper, F, IntegerField, Max, Min, OuterRef, Q, Sum, Value, When,
)
from django.db.models import DateField, DateTimeField, DecimalField, DurationField, FloatField, BigIntegerField, TextField, TimeField
from django.db.models.functions import (
    Abs, Coalesce, ExtractDay, ExtractHour, ExtractIsoWeekDay, ExtractMonth, ExtractYear, Greatest, Left, Length, Lower, NullIf, Trim,
    Upper,
)

from . import models

MODELS = {
    model.__name__: model
    for model in [models.Country, models.Author, models.Publisher, models.Tag, models.Book, models.Review, models.Order, models.OrderLine,
                  models.Employee]
}
LOOKUPS = {"eq": "exact", "lt": "lt", "le": "lte", "gt": "gt", "ge": "gte"}
FUNCTIONS = {"lower": Lower, "upper": Upper, "length": Length, "trim": Trim, "abs": Abs}
PARTS = {"year": ExtractYear, "month": ExtractMonth, "day": ExtractDay, "hour": ExtractHour, "weekday": ExtractIsoWeekDay}
AGGREGATES = {"sum": Sum, "avg": Avg, "min": Min, "max": Max, "count": Count}


def literal(kind: str, value):
    """A value of the query, as Python has it."""
    match kind:
        case "decimal":
            return Decimal(value)
        case "date":
            return date.fromisoformat(value)
        case "time":
            return time.fromisoformat(value)
        case "timestamp":
            return datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=value)
        case "duration":
            return timedelta(microseconds=value)
        case _:
            return value


class Builder:
    """Builds one queryset; computed operands become aliases, as Django wants them."""

    def __init__(self, model):
        self.queryset = model.objects.all()
        self.aliases = 0

    def value(self, node):
        """An expression."""
        match node:
            case ["f", path]:
                return F(path)
            case ["v", kind, value]:
                return Value(literal(kind, value))
            case ["arith", op, left, right]:
                l, r = self.value(left), self.value(right)
                return l + r if op == "+" else l - r if op == "-" else l * r
            case ["fn", "coalesce", first, second]:
                return Coalesce(self.value(first), self.value(second))
            case ["fn", name, argument]:
                return FUNCTIONS[name](self.value(argument))
            case ["part", part, argument]:
                return PARTS[part](self.value(argument))
            case ["case", branches, otherwise]:
                return Case(*[When(self.condition(c), then=self.value(v)) for c, v in branches], default=self.value(otherwise))
            case ["count", relation, None]:
                return Count(relation, distinct=True)
            case ["agg", "countdistinct", argument]:
                return Count(self.value(argument), distinct=True)
            case ["agg", "count", None]:
                return Count("*")
            case ["agg", name, argument]:
                return AGGREGATES[name](self.value(argument))
        raise ValueError(f"not an expression: {node}")

    def path(self, node) -> str:
        """The name to filter by: the field's path, or an alias of the expression."""
        if node[0] == "f":
            return node[1]
        self.aliases += 1
        name = f"alias_{self.aliases}"
        self.queryset = self.queryset.alias(**{name: self.value(node)})
        return name

    def condition(self, node) -> Q:
        match node:
            case ["cmp", "ne", left, right]:
                return ~self.condition(["cmp", "eq", left, right])
            case ["cmp", op, left, right]:
                other = literal(right[1], right[2]) if right[0] == "v" else self.value(right)
                return Q(**{f"{self.path(left)}__{LOOKUPS[op]}": other})
            case ["in", left, kind, values]:
                return Q(**{f"{self.path(left)}__in": [literal(kind, value) for value in values]})
            case ["null", left, wanted]:
                return Q(**{f"{self.path(left)}__isnull": wanted})
            case ["match", kind, left, text]:
                return Q(**{f"{self.path(left)}__{kind}": text})
            case ["range", left, kind, low, high]:
                return Q(**{f"{self.path(left)}__range": (literal(kind, low), literal(kind, high))})
            case ["and", *parts]:
                result = self.condition(parts[0])
                for part in parts[1:]:
                    result &= self.condition(part)
                return result
            case ["or", *parts]:
                result = self.condition(parts[0])
                for part in parts[1:]:
                    result |= self.condition(part)
                return result
            case ["not", inner]:
                return ~self.condition(inner)
            case ["exists", target, foreign_key, inner]:
                related = Builder(MODELS[target])
                queryset = related.queryset.filter(**{foreign_key: OuterRef("pk")})
                if inner is not None:
                    related.queryset = queryset
                    wanted = related.condition(inner)
                    queryset = related.queryset.filter(wanted)
                return Q(Exists(queryset))
        raise ValueError(f"not a condition: {node}")


def rows(spec: dict) -> list[list]:
    """Runs a query and returns its rows."""
    builder = Builder(MODELS[spec["model"]])
    if spec.get("filter") is not None:
        condition = builder.condition(spec["filter"])
        builder.queryset = builder.queryset.filter(condition)
    names, fresh = [], {}
    for index, node in enumerate(spec["select"]):
        if node[0] == "f":
            names.append(node[1])
        else:
            names.append(f"column_{index}")
            fresh[f"column_{index}"] = node
    groups = [name for name, node in zip(names, spec["select"]) if not aggregates(node)]
    if any(aggregates(node) for node in spec["select"]):
        # values() before annotate() is Django's GROUP BY.
        plain = {name: builder.value(node) for name, node in fresh.items() if not aggregates(node)}
        if not groups:
            result = builder.queryset.aggregate(**{name: builder.value(node) for name, node in fresh.items()})
            return [[result[name] for name in names]]
        queryset = builder.queryset.annotate(**plain).values(*groups) if plain else builder.queryset.values(*groups)
        queryset = queryset.annotate(**{name: builder.value(node) for name, node in fresh.items() if aggregates(node)})
    else:
        values = {name: builder.value(node) for name, node in fresh.items()}
        queryset = builder.queryset.annotate(**values)
    keys = []
    for place, descending, nulls in spec.get("order", []):
        key = F(names[place])
        options = {} if nulls is None else {f"nulls_{nulls}": True}
        keys.append(key.desc(**options) if descending else key.asc(**options))
    queryset = queryset.order_by(*keys)
    queryset = queryset.values_list(*names)
    if spec.get("distinct"):
        queryset = queryset.distinct()
    if spec.get("limit") is not None:
        queryset = queryset[spec.get("offset", 0):spec.get("offset", 0) + spec["limit"]]
    return [list(row) for row in queryset]


def aggregates(node) -> bool:
    """Whether an expression aggregates rows of its own table."""
    return node[0] == "agg" or node[0] == "arith" and (aggregates(node[2]) or aggregates(node[3]))
