"""The tests: what is asked for, how the answer is checked, and where the limits of a run lie."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from . import answers, articles, loads


@dataclass(frozen=True)
class Test:
    """One kind of request."""

    name: str
    title: str
    path: str
    # Raises `answers.Wrong`. Gets the server's base and the URL of its database.
    check: Callable[[str, str], None]
    script: str = "report.lua"
    # The most connections at once, where more would only wait.
    most: int = 1 << 20
    # Gives the headers and the body of a request, where it has some.
    prepare: Callable[[str], tuple[tuple[str, ...], str]] = lambda base: ((), "")
    writes: bool = False

    def target(self, base: str, prefix: str) -> loads.Target:
        headers, body = self.prepare(base)
        path = self.path.replace("{slug}", articles.slug(base)) if "{slug}" in self.path else prefix + self.path
        return loads.Target(path, self.script, headers, body)


def login(base: str) -> tuple[tuple[str, ...], str]:
    return ("Content-Type: application/json",), json.dumps(articles.CREDENTIALS)


TESTS = [
    Test("plaintext", "plaintext", "/plaintext", answers.plaintext),
    Test("json", "JSON", "/json", answers.message),
    Test("db", "single query", "/db", answers.single),
    Test("queries", "20 queries", "/queries?queries=20", answers.several("/queries", "queries")),
    Test("fortunes", "fortunes", "/fortunes", answers.fortunes),
    Test("updates", "updates of 20 rows", "/updates?queries=20", answers.several("/updates", "queries", changes=True),
         writes=True),
    Test("cached", "20 cached queries", "/cached-queries?count=20", answers.several("/cached-queries", "count")),
    Test("rows", "list of 100 rows x 6 columns", "/rows", answers.rows),
    Test("conduit-list", "Conduit: list of 20 articles", "/api/articles?limit=20", articles.check_list,
         prepare=articles.authorized),
    Test("conduit-detail", "Conduit: an article", "/api/articles/{slug}", articles.check_detail, prepare=articles.authorized),
    Test("conduit-create", "Conduit: create an article", "/api/articles", articles.check_create, "create.lua",
         prepare=articles.authorized, writes=True),
    Test("conduit-login", "Conduit: login (Argon2id)", "/api/users/login", articles.check_login, "post.lua", most=4,
         prepare=login),
]
BY_NAME = {test.name: test for test in TESTS}
