"""Whether an answer is right: its status, what its JSON means, how many rows, what is escaped."""

from __future__ import annotations

import html.parser
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import datetime, timezone

from . import tables


class Wrong(Exception):
    """An answer that is not what was asked for."""


def fetch(url: str, *, headers: dict[str, str] | None = None, body: bytes | None = None, status: int = 200) -> tuple[str, bytes]:
    """The media type and the body of an answer with that status."""
    request = urllib.request.Request(url, headers=headers or {}, data=body)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            got, kind, content = response.status, response.headers.get_content_type(), response.read()
    except urllib.error.HTTPError as error:
        raise Wrong(f"{url}: status {error.code}, not {status}: {error.read()[:300]!r}") from None
    if got != status:
        raise Wrong(f"{url}: status {got}, not {status}")
    return kind, content


def expect(condition: bool, what: str, content: object) -> None:
    if not condition:
        raise Wrong(f"{what}: {str(content)[:300]}")


def moment(text: str) -> datetime:
    """RFC 3339, to the microsecond at most."""
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    expect(found.tzinfo is not None, "a moment without a zone", text)
    return found.astimezone(timezone.utc)


def is_world(value: object) -> bool:
    return (
        isinstance(value, dict) and set(value) == {"id", "randomNumber"} and all(type(n) is int for n in value.values())
        and all(1 <= n <= tables.WORLDS for n in value.values())
    )


def plaintext(base: str, url: str) -> None:
    kind, content = fetch(base + "/plaintext")
    expect(kind == "text/plain" and content == b"Hello, World!", "not the text", (kind, content))


def message(base: str, url: str) -> None:
    kind, content = fetch(base + "/json")
    expect(kind == "application/json" and json.loads(content) == {"message": "Hello, World!"}, "not the message", (kind, content))


def database(url: str) -> Callable[[int], int] | None:
    """What the table says of a row now; nothing for databases that only the server may open."""
    if not url.startswith("postgres"):
        return None
    return lambda id: int(tables.ask(url, f"SELECT randomnumber FROM world WHERE id = {int(id)}"))


def single(base: str, url: str) -> None:
    seen = set()
    for _ in range(5):
        kind, content = fetch(base + "/db")
        world = json.loads(content)
        expect(kind == "application/json" and is_world(world), "not a row", content)
        seen.add(world["id"])
    expect(len(seen) > 1, "always the same row", seen)
    if number := database(url):
        expect(number(world["id"]) == world["randomNumber"], "not what the table says", world)


def several(path: str, parameter: str, changes: bool = False) -> Callable[[str, str], None]:
    """Lists of rows: as many as asked for, at most 500, at least one."""

    def check(base: str, url: str) -> None:
        for asked, count in (("20", 20), ("1", 1), ("0", 1), ("501", 500), ("x", 1)):
            kind, content = fetch(f"{base}{path}?{parameter}={asked}")
            worlds = json.loads(content)
            expect(kind == "application/json" and isinstance(worlds, list), "not a list", content)
            expect(len(worlds) == count and all(is_world(w) for w in worlds), f"not {count} rows for {asked}", content)
            if count == 20:
                expect(len({w["id"] for w in worlds}) > 10, "rows are not drawn at random", worlds)
            if changes and (number := database(url)):
                expect(number(worlds[-1]["id"]) == worlds[-1]["randomNumber"], "the table was not changed", worlds[-1])

    return check


class Cells(html.parser.HTMLParser):
    """The texts of a table's cells, and the names of all elements."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.cells: list[str] = []
        self.names: set[str] = set()
        self.inside = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.names.add(tag)
        self.inside = tag == "td"
        if self.inside:
            self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.cells[-1] += data


def fortunes(base: str, url: str) -> None:
    kind, content = fetch(base + "/fortunes")
    cells = Cells()
    cells.feed(content.decode("utf-8"))
    rows = sorted([(0, tables.ADDED), *enumerate(tables.FORTUNES, 1)], key=lambda row: row[1])
    expected = [text for id, message in rows for text in (str(id), message)]
    expect(kind == "text/html" and "script" not in cells.names, "not escaped", content)
    expect(cells.cells == expected, "not the fortunes in their order", cells.cells)


def rows(base: str, url: str) -> None:
    kind, content = fetch(base + "/rows")
    found = json.loads(content)
    expect(kind == "application/json" and len(found) == 100, "not 100 rows", content)
    for number, row in enumerate(found, 1):
        expected = tables.item(number)
        expect(list(row) == list(expected), "not the columns in their order", row)
        expect({**row, "created": moment(row["created"])} == expected, f"not row {number}", row)
        expect(type(row["active"]) is bool and type(row["quantity"]) is int, f"not the types of row {number}", row)
