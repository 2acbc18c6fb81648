"""The OpenAPI document as an oracle: which statuses an operation has, and what their bodies look like."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

URI = "urn:realworld"
METHODS = ("get", "post", "put", "delete", "patch")
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")

formats = FormatChecker(formats=())


@formats.checks("date-time", raises=ValueError)
def is_date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    if not RFC3339.fullmatch(value):
        return False
    moment(value)
    return True


def moment(text: str) -> tuple[datetime, float]:
    """A point in time that can be compared: texts cannot, since a fraction may be left out."""
    # Python 3.10 knows neither "Z" nor every number of digits.
    fraction = re.search(r"\.\d+", text)
    whole = datetime.fromisoformat(re.sub(r"\.\d+", "", text).replace("Z", "+00:00"))
    return whole, float(fraction[0]) if fraction else 0.0


def pointer(*parts: str) -> str:
    return "/".join(part.replace("~", "~0").replace("/", "~1") for part in parts)


class Document:
    def __init__(self, path: Path) -> None:
        self.content = yaml.safe_load(path.read_text(encoding="utf-8"))
        self.registry = Registry().with_resource(URI, Resource.from_contents(self.content, default_specification=DRAFT202012))
        self._validators: dict[str, Draft202012Validator] = {}

    def operations(self) -> list[tuple[str, str, int]]:
        """Every method, path and documented status."""
        return [
            (method.upper(), path, int(status))
            for path, item in self.content["paths"].items()
            for method in METHODS if method in item
            for status in item[method]["responses"]
        ]

    def statuses(self, method: str, path: str) -> set[int]:
        return {int(s) for s in self.content["paths"][path][method.lower()]["responses"]}

    def body_errors(self, method: str, path: str, status: int, body: object) -> list[str]:
        """What in the body contradicts the schema of the documented response."""
        response = self.content["paths"][path][method.lower()]["responses"][str(status)]
        name = response["$ref"].rsplit("/", 1)[1]
        if not self.content["components"]["responses"][name]["content"]:
            return [] if body is None else ["the document knows no body here"]
        if name not in self._validators:
            schema = pointer("", "components", "responses", name, "content", "application/json", "schema")
            self._validators[name] = Draft202012Validator(
                {"$ref": f"{URI}#{schema}"}, registry=self.registry, format_checker=formats)
        return [f"{error.json_path}: {error.message}" for error in self._validators[name].iter_errors(body)]


class ServedDocument:
    """The server's own document, which must say the same of every answer that the checks get."""

    def __init__(self, content: dict) -> None:
        self.content = content
        self.registry = Registry().with_resource(URI, Resource.from_contents(content, default_specification=DRAFT202012))

    def errors(self, method: str, path: str, status: int, media_type: str, body: object) -> list[str]:
        """What in an answer the document does not say."""
        response = self.content["paths"][path][method.lower()]["responses"].get(str(status))
        if response is None:
            return [f"the status {status} is not there"]
        if "$ref" in response:
            response = self.content["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
        if body is None:
            return []
        if media_type not in response.get("content", {}):
            return [f"{media_type} is not there"]
        return self._violations(response["content"][media_type]["schema"], body)

    def wrong_examples(self) -> list[str]:
        """Examples of fields and of failures that their own schemas refuse."""
        wrong = []
        for name, schema in self.content["components"]["schemas"].items():
            for field, member in schema.get("properties", {}).items():
                for example in member.get("examples", []):
                    wrong += [f"{name}.{field}: {error}" for error in self._violations(member, example)]
        for name, response in self.content["components"]["responses"].items():
            for media in response["content"].values():
                if "example" in media:
                    wrong += [f"{name}: {error}" for error in self._violations(media["schema"], media["example"])]
        return wrong

    def _violations(self, schema: dict, value: object) -> list[str]:
        # References are to the document, wherever the schema stands in it.
        rooted = json.loads(json.dumps(schema).replace('"#/components/', f'"{URI}#/components/'))
        validator = Draft202012Validator(rooted, registry=self.registry, format_checker=formats)
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]
