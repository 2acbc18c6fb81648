"""A document in which every text tries to become code, and every name to be one that a language or a client has already."""

from __future__ import annotations

# What ends a comment, a text or a line, and then declares or sets PWNED_: no identifier of a client has an underscore in it.
TEXTS = [
    "*/ globalThis.PWNED_ = 1; /*", "\n}\nlet PWNED_ = 1\n", "\r\nlet PWNED_ = 1\r\n", '"; globalThis.PWNED_ = 1; "', "\\", "\\\"",
    "${globalThis.PWNED_ = 1}", "`+(globalThis.PWNED_ = 1)+`", "\\(PWNED_)", "\u2028let PWNED_ = 1\u2029", "\0", "'", "</script>", "",
    "#\"\"\"", "\"\"\"", "\u202e", "*/", "/*", "//",
    # What is one character to Swift and two to a compiler: a mark before or behind.
    "\u0600*/ globalThis.PWNED_ = 1; /*", "*/\u0301 globalThis.PWNED_ = 1; /*\u0301", "\n\u0301let PWNED_ = 1\n\u0301",
    "\r\u0301let PWNED_ = 1", "\u0600\"; globalThis.PWNED_ = 1; \u0600\"", "\"\u0301; globalThis.PWNED_ = 1; \"\u0301", "\u0600\\",
    "`\u0301;globalThis.PWNED_ = 1;`\u0301", "\u0085let PWNED_ = 1\u0085", "🙂", "$ref", "__proto__", "constructor",
]
# Keywords, names of the languages and of the clients, and names that differ in nothing that an identifier can hold.
NAMES = [
    "class", "default", "self", "Self", "Type", "init", "in", "func", "let", "var", "await", "async", "some", "any", "protocol",
    "String", "Int", "Error", "Promise", "Record", "Array", "Client", "APIError", "ApiError", "Call", "Answer", "JSONValue", "Json",
    "Problem", "Optional", "Codable", "CodingKeys", "page_size", "page-size", "pageSize", "1st", "123", "a.b", "a b", "hash",
    "encode", "hashValue", "description", "rawValue", "allCases", "unrecognized", "none", "body", "options", "calls", "with",
    "credentials", "then", "prototype", "container", "decoder", "value", "call", "core", "-views", "views", "id", "ID",
]


def schema(texts: list[str]) -> dict:
    properties = {name: {"type": ["string", "null"], "description": text} for name, text in zip(texts, reversed(texts))}
    return {"type": "object", "description": " ".join(texts), "properties": properties, "required": texts[::2]}


def document() -> dict:
    every = TEXTS + NAMES
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/Whole"}}}
    failure = {"description": "x", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
    paths = {}
    for number, text in enumerate(every):
        path = f"/{number}/{{id}}" + text.replace("{", "").replace("}", "")
        paths[path] = {
            "post": {
                "operationId": text, "summary": text, "description": text, "deprecated": number % 7 == 0,
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
                + [{"name": name, "in": "query", "description": text, "schema": {"$ref": "#/components/schemas/Texts"}} for name in (text, "id", "body")]
                + [{"name": text, "in": "header", "schema": {"type": "string"}}],
                "requestBody": {"required": number % 2 == 0, "content": body},
                "responses": {"200": {"description": text, "content": body}, "422": failure, "default": failure},
            }
        }
    schemas = {name: schema(TEXTS) for name in every}
    schemas["Whole"] = {
        "type": "object", "properties": {name: {"$ref": f"#/components/schemas/{name.replace('~', '~0').replace('/', '~1')}"}
                                         for name in every} | {"whole": {"$ref": "#/components/schemas/Whole"}},
    }
    # Names for themselves, and for lists of themselves.
    schemas |= {
        "Own": {"$ref": "#/components/schemas/Own"}, "Ring": {"$ref": "#/components/schemas/Rung"},
        "Rung": {"type": "array", "items": {"$ref": "#/components/schemas/Ring"}},
        "Either": {"oneOf": [{"$ref": "#/components/schemas/Whole"}, {"type": "array", "items": {"$ref": "#/components/schemas/Either"}},
                             {"type": "object", "properties": {"a": {"type": "string"}}}, {"enum": ["a", 1, None]}, {"type": "null"}]},
    }
    forms = [
        {"$ref": "#/components/schemas/Whole"}, {"$ref": "#/components/schemas/Either"}, {"$ref": "#/components/schemas/Own"},
        {"type": "object"}, {"type": ["string", "integer"]}, {"type": "array", "items": {"type": "array", "items": {}}}, {}, True,
        {"type": ["array", "null"], "items": {"$ref": "#/components/schemas/Texts"}}, {"type": "string", "format": "uuid"},
    ]
    paths["/forms"] = {"put": {
        "parameters": [{"name": f"{place}{number}", "in": place, "schema": form}
                       for place in ("query", "header") for number, form in enumerate(forms)],
        "requestBody": {"content": {"application/json": {"schema": {"oneOf": forms}}}}, "responses": {"200": failure, "201": {
            "description": "", "content": {"application/json": {"schema": {"allOf": [{"$ref": "#/components/schemas/Whole"}, forms[3]]}}}}},
    }}
    schemas["Texts"] = {"type": "string", "enum": every, "description": "\n".join(TEXTS)}
    schemas["Error"] = schema(every)
    return {
        "openapi": "3.1.0",
        "info": {"title": TEXTS[0] + TEXTS[1] + TEXTS[2], "version": TEXTS[2], "description": "\n".join(TEXTS)},
        "servers": [{"url": "https://x.example/" + "".join(TEXTS)}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {text: {"type": "apiKey", "in": "header", "name": text, "x-prefix": text, "description": text}
                                for text in every},
        },
    }
