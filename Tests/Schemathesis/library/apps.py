"""The applications that are examined, and what they need before: an account, and the first rows."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from running import conduit


@dataclass(frozen=True)
class App:
    name: str
    binary: Path
    # Makes the first rows. Returns the value of the header Authorization.
    prepare: Callable[[str], str]
    environment: dict[str, str] = field(default_factory=dict)


def post(url: str, body: dict, authorization: str | None = None) -> dict:
    headers = {"Content-Type": "application/json"} | ({"Authorization": authorization} if authorization else {})
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method="POST")
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


def prepare_conduit(base: str) -> str:
    """Two users, of whom the first asks; articles and comments of hers."""
    tokens = [
        post(f"{base}/api/users", {"user": {"username": name, "email": f"{name}@example.com", "password": f"{name}-Pass-1"}})
        ["user"]["token"]
        for name in ("ann", "bo")
    ]
    header = f"Token {tokens[0]}"
    for number in range(3):
        article = {"title": f"Title {number}", "description": "About", "body": "Text", "tagList": ["one", "two"]}
        slug = post(f"{base}/api/articles", {"article": article}, header)["article"]["slug"]
        post(f"{base}/api/articles/{slug}/comments", {"comment": {"body": "A comment"}}, header)
    return header


def prepare_nasty(base: str) -> str:
    """Two people, of whom the first asks, and rows to refer to."""
    api = f"{base}/api"
    for name in ("ann", "bo"):
        post(f"{api}/people", {"name": name, "email": f"{name}@example.com"}, "Bearer staff")
    header = "Bearer 1"
    for key in ("AT", "CH"):
        post(f"{api}/countries", {"id": key, "name": f"Country {key}"}, header)
    company = post(f"{api}/companies", {"name": "One", "country": "AT"}, header)["id"]
    for title in ("First", "Second"):
        post(f"{api}/projects", {"title": title, "owner": 1, "stage": "open", "company": company}, header)
        post(f"{api}/tasks", {"text": "Do it", "project": 1}, header)
        post(f"{api}/labels", {"name": title}, header)
    return header


APPS = [
    App("conduit", conduit.BINARY, prepare_conduit),
    App("app", conduit.BINARY.with_name("schemathesis-app"), prepare_nasty),
]
