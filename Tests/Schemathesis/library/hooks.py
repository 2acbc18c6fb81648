"""Loaded by Schemathesis (SCHEMATHESIS_HOOKS): combinations that mean something, and the failures that are none."""

from __future__ import annotations

import json
import os
import re

import schemathesis

from library import known

COMBINATIONS = ("or", "and", "not")
# What the document asks of a combination: some filters in parentheses.
FORM = re.compile(r"^\([\s\S]+=[\s\S]*\)$")
# Everything else that a list takes.
NO_FILTERS = (
    "ordering", "page", "page_size", "pageSize", "limit", "offset", "cursor", "expand", "fields", "format", "search", *COMBINATIONS)


@schemathesis.hook
def before_call(context, case, kwargs) -> None:
    """A pattern says how a combination is written; which filters and values it may hold, only the document as a whole says.
    So what fits the pattern is made of the other parameters of the same request."""
    if case.meta is None or case.meta.generation.mode.is_negative:
        return
    refer(case)
    if not case.query:
        return
    filters = [(name, value) for name, value in case.query.items() if name not in NO_FILTERS]
    for place, name in enumerate(name for name in COMBINATIONS if FORM.match(str(case.query.get(name, "")))):
        # A request of all parameters at once has as many conditions as a request may have.
        parts = [f"{filter}={written(filter, value)}" for filter, value in filters[place * 3:place * 3 + 3]]
        if parts and len(filters) < 20:
            case.query[name] = "(" + ",".join(parts) + ")"
        else:
            del case.query[name]


def refer(case) -> None:
    """Two of three references lead to rows that are likely to be there: the first ones, which run.py made."""
    document = case.operation.schema.raw_schema
    operation = document["paths"].get(case.path, {}).get(case.method.lower(), {})
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    component = document["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], {})
    if not isinstance(case.body, dict):
        return
    for name, field in component.get("properties", {}).items():
        value = case.body.get(name)
        if field.get("description", "").startswith("The key of a") and type(value) is int and value % 3:
            case.body[name] = abs(value) % 2 + 1


def written(name: str, value) -> str:
    if known.LISTS.search(name) and not name.endswith("[contains]"):  # Written already: `1,2`.
        return f"({value})"
    return quoted(value)


def quoted(value) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@schemathesis.hook
def filter_failure(context, failure, case, response) -> bool:
    reason = known.reason(failure.code, case, response)
    if reason is None:
        return True
    if path := os.environ.get("SCHEMATHESIS_KNOWN"):
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"{failure.code}\t{reason}\n")
    return False
