"""What a check of Schemathesis holds against an answer that is right: each single case with its reason."""

from __future__ import annotations

import json
import re

import jsonschema

# Rules that a JSON Schema cannot state, because they depend on the rows that are there. A request that breaks one of them
# fits the schema and is refused with 422 all the same; each code is documented in docs/guides/rest.md.
DEPENDS_ON_ROWS = {
    "does_not_exist": "a reference has to lead to a row that is there and that the caller may read",
    "unique": "a value has to be new",
    "duplicate": "a row may stand in a list once",
    "read_only": "a read-only field may come back with the value that it has, and no other",
    "max_whole_digits": "a decimal is a text with a pattern or a number, and a number has no pattern",
    "max_digits": "a decimal is a text with a pattern or a number, and a number has no pattern",
    "max_decimal_places": "a decimal is a text with a pattern or a number, and a number has no pattern",
}
# The same in the RealWorld API's form, which has no codes.
REALWORLD_MESSAGES = {
    "has already been taken": "a value has to be new",
    "Ensure this field has at least 1 characters.": "blank text is trimmed, and nothing is left of it",
    "is your own: nobody follows themselves": "who asks decides",
}
# `/articles/{slug}` takes PUT and DELETE for every slug, the word `feed` too, which RFC 9110, section 10.2.1, wants in Allow;
# OpenAPI writes the two path items apart.
OVERLAPPING_PATHS = {"/api/articles/feed"}

# A value with a comma stands in quotation marks (docs/guides/rest-filters.md, and the parameters' descriptions); Schemathesis
# writes it as it is, so that it becomes two values, and a quotation mark makes one of several.
COMMAS = "commas and quotation marks in a list of texts are written as if they were none"
LISTS = re.compile(r"(^|[.\[])(in|not_in|notIn|range|overlap|contains|contained_by|containedBy)\]$")
TOO_LARGE = {413, 414, 431}
REJECTED_POSITIVE, ACCEPTED_NEGATIVE, ALLOW_MISMATCH, UNDOCUMENTED_TYPE = "ST202", "ST201", "ST205", "ST105"


def reason(code: str, case, response) -> str | None:
    """Why a failure is none; `None` where it is one."""
    if code in (REJECTED_POSITIVE, ACCEPTED_NEGATIVE) and response.status_code == 412:
        return "a made-up entity tag names no state of a row, and the condition is looked at first"
    if code == REJECTED_POSITIVE and response.status_code == 400 and b'"field":"cursor"' in response.content:
        return "a cursor is what another page says"
    if code == UNDOCUMENTED_TYPE and b'"/problems/invalid-path"' in response.content:
        return "what is no path is refused before any route, whose form of errors it cannot have"
    if code == REJECTED_POSITIVE and b'"/problems/idempotency-key-reused"' in response.content:
        return "a key stands for one request"
    if code == REJECTED_POSITIVE and b"A value breaks a rule of the table." in response.content:
        return "a check of the table, which is SQL, stands in no schema"
    if code == REJECTED_POSITIVE and response.status_code == 422:
        return rows(response)
    if code == REJECTED_POSITIVE and response.status_code in TOO_LARGE:
        return "the limits of a whole request stand in no schema of its parts"
    if code == REJECTED_POSITIVE and b"Expected two values, separated by a comma." in response.content:
        return COMMAS
    if code == ACCEPTED_NEGATIVE and response.status_code in TOO_LARGE:
        return "what is too large is refused before it is read"
    if code == ACCEPTED_NEGATIVE and is_empty_list(case):
        return "a list of one empty text is written as a list of nothing is (RFC 6570), which is allowed"
    if code == ACCEPTED_NEGATIVE and has_quoted_list(case):
        return COMMAS
    if code == ACCEPTED_NEGATIVE and body_fits(case):
        return "Schemathesis puts a part of the body in the place of the whole; the body fits its schema"
    if code == ALLOW_MISMATCH and case.path in OVERLAPPING_PATHS:
        return "Allow speaks of the path, which two path items of the document share"
    return None


def has_quoted_list(case) -> bool:
    return any(LISTS.search(name) and re.search(r'(^|,)"', str(value)) for name, value in (case.query or {}).items())


def is_empty_list(case) -> bool:
    """Whether lists that hold an empty text at most, or one text without the list around it, which is written the same, are
    all that can be wrong with the request. An object in a parameter's place is not written at all."""
    query = case.query or {}
    lists = [name for name, value in query.items() if value in ("", [""], []) or LISTS.search(name) and isinstance(value, str)]
    lists += [name for name in names(case) if query.get(name, {}) == {}]
    wrong = [part for place, part in case.meta.components.items() if part.mode.is_negative and place.name != "QUERY"]
    return bool(lists) and not wrong and names(case) <= set(lists)


def names(case) -> set[str]:
    """The parameters that are meant to be wrong."""
    named = {mutation.parameter for mutation in getattr(case.meta.phase.data, "mutations", [])}
    named.add(case.meta.phase.data.parameter)
    return named - {None}


def rows(response) -> str | None:
    try:
        errors = json.loads(response.content).get("errors")
    except ValueError:
        return None
    if isinstance(errors, list) and errors and all(error["code"] in DEPENDS_ON_ROWS or is_new_row(error) for error in errors):
        return DEPENDS_ON_ROWS.get(errors[0]["code"], "a row inside of another needs its fields where it is new, and it is where it has no key")
    if isinstance(errors, dict):
        messages = [message for texts in errors.values() for message in texts]
        if messages and all(message in REALWORLD_MESSAGES for message in messages):
            return REALWORLD_MESSAGES[messages[0]]
    return None


def is_new_row(error: dict) -> bool:
    return error["code"] == "required" and "." in error["field"]


def trimmed(value):
    """The value as the server measures it: white space around texts does not count."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return [trimmed(each) for each in value]
    return {name: trimmed(each) for name, each in value.items()} if isinstance(value, dict) else value


def body_fits(case) -> bool:
    """Whether the body is what the document asks for, and every other part of the request is meant to be right."""
    if not isinstance(case.body, dict) or case.meta is None:
        return False
    if any(part.mode.is_negative for place, part in case.meta.components.items() if place.name != "BODY"):
        return False
    document = case.operation.schema.raw_schema
    operation = document["paths"][case.path][case.method.lower()]
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return False
    whole = {**schema, "components": document["components"]}
    return any(jsonschema.Draft202012Validator(whole).is_valid(body) for body in (case.body, trimmed(case.body)))
