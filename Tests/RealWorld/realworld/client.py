"""A client that holds every answer against the document and remembers what it has seen."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import quote, urlencode, urlsplit

from .document import Document, ServedDocument

TIMEOUT = 30


class Wrong(Exception):
    """A check's finding."""


def expect(condition: object, message: str) -> None:
    if not condition:
        raise Wrong(message)


def same(actual: object, expected: object, what: str) -> None:
    if actual != expected:
        raise Wrong(f"{what} is {actual!r}, expected {expected!r}")


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    raw: bytes
    request: str
    json: object = None

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").split(";")[0].strip().lower()

    def __getitem__(self, key: str) -> object:
        expect(isinstance(self.json, dict) and key in self.json, f"{self.request}: no {key!r} in {self.json!r}")
        return self.json[key]


def read(response: HTTPResponse, request: str) -> Answer:
    raw = response.read()
    answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, raw, request)
    if raw and (answer.media_type == "application/json" or answer.media_type.endswith("+json")):
        try:
            answer.json = json.loads(raw.decode("utf-8"))
        except ValueError as error:
            raise Wrong(f"{request}: the body is no JSON ({error}): {raw[:200]!r}") from None
    return answer


@dataclass
class Person:
    username: str
    email: str
    password: str
    token: str


@dataclass
class API:
    base: str
    document: Document
    seen: set[tuple[str, str, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        parts = urlsplit(self.base)
        self.host, self.port, self.prefix = parts.hostname, parts.port or 80, parts.path.rstrip("/")
        self.run = secrets.token_hex(3)  # In every name, so that a run never meets the data of another.
        self._number = 0
        self._people: dict[str, Person] = {}
        self._connection: HTTPConnection | None = None
        self._served: ServedDocument | None = None

    # Requests

    def send(
        self, method: str, target: str, body: bytes | None = None, headers: dict[str, str] | None = None, *, fresh: bool = False
    ) -> Answer:
        """Any request to any target of the server, without a look at the document."""
        connection = self._connection
        if fresh or connection is None:
            connection = HTTPConnection(self.host, self.port, timeout=TIMEOUT)
            if not fresh:
                self._connection = connection
        try:
            connection.request(method, target, body=body, headers=headers or {})
            return read(connection.getresponse(), f"{method} {target}")
        except OSError as error:
            self._connection = None
            raise Wrong(f"{method} {target}: no answer ({type(error).__name__}: {error})") from None
        finally:
            if fresh:
                connection.close()

    def call(
        self, method: str, path: str, status: int, *, body: object = None, token: str | None = None,
        query: dict[str, object] | None = None, undocumented: bool = False, **parameters: object,
    ) -> Answer:
        """One operation of the document by its path template; status and body must be as documented."""
        filled = path.format(**{name: quote(str(value), safe="") for name, value in parameters.items()})
        target = self.prefix + filled + (f"?{urlencode(query)}" if query else "")
        headers = {"Accept": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Token {token}"
        raw = None
        if body is not None:
            raw = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        answer = self.send(method, target, raw, headers)
        if answer.status != status:
            raise Wrong(f"{answer.request}: status {answer.status}, expected {status}: {answer.raw[:300]!r}")
        documented = self.document.statuses(method, path)
        if status not in documented:
            expect(undocumented, f"{answer.request}: status {status} is not documented")
            return answer
        self.seen.add((method, path, status))
        if answer.raw:
            same(answer.media_type, "application/json", f"{answer.request}: the content type")
        wrong = self.document.body_errors(method, path, status, answer.json if answer.raw else None)
        expect(not wrong, f"{answer.request}: against the schema: {'; '.join(wrong)}")
        wrong = self.served.errors(method, self.prefix + path, status, answer.media_type, answer.json if answer.raw else None)
        expect(not wrong, f"{answer.request}: against the server's own document: {'; '.join(wrong)}")
        return answer

    @property
    def served(self) -> ServedDocument:
        """The server's own document, read once."""
        if self._served is None:
            self._served = ServedDocument(self.send("GET", "/openapi.json").json)
        return self._served

    def errors(self, method: str, path: str, status: int, errors: dict[str, list[str]], **options: object) -> Answer:
        """A failing operation whose errors are exactly these."""
        answer = self.call(method, path, status, **options)
        same(answer["errors"], errors, f"{answer.request}: errors")
        return answer

    # Data

    def name(self, prefix: str = "x") -> str:
        self._number += 1
        return f"{prefix}-{self.run}-{self._number}"

    def register(self, prefix: str = "user") -> Person:
        username = self.name(prefix)
        person = Person(username, f"{username}@example.com", "correct horse battery", "")
        user = {"username": person.username, "email": person.email, "password": person.password}
        person.token = self.call("POST", "/users", 201, body={"user": user})["user"]["token"]
        return person

    def person(self, name: str) -> Person:
        """The person of that part, registered once in a run; their profile stays as registered."""
        if name not in self._people:
            self._people[name] = self.register(name)
        return self._people[name]

    def article(self, author: Person, *, tags: list[str] | None = None, **fields: object) -> dict:
        article = {"title": self.name("A title"), "description": "In short", "body": "At length", **fields}
        if tags is not None:
            article["tagList"] = tags
        return self.call("POST", "/articles", 201, body={"article": article}, token=author.token)["article"]

    def comment(self, author: Person, slug: str, body: str = "Well said") -> dict:
        return self.call(
            "POST", "/articles/{slug}/comments", 201, slug=slug, body={"comment": {"body": body}}, token=author.token
        )["comment"]

    def articles(self, token: str | None = None, **query: object) -> Answer:
        return self.call("GET", "/articles", 200, query=query, token=token)
