"""Conduit: its data, who asks, and what the answers must say."""

from __future__ import annotations

import json
import time
import urllib.parse
from pathlib import Path

from running import conduit, servers

from .answers import Wrong, expect, fetch, moment

USERS, ARTICLES, COMMENTS = 200, 2000, 6000
CREDENTIALS = {"user": {"email": "ada.abebe@example.com", "password": "conduit-demo"}}
TITLE = "Measured article"
JSON = {"Content-Type": "application/json"}
LISTED = {
    "slug", "title", "description", "tagList", "createdAt", "updatedAt", "favorited", "favoritesCount", "author",
}


def fill(url: str, binary: Path, environment: dict[str, str]) -> None:
    """Tables and rows by the application's own commands, and the table of Django REST framework's tokens beside them."""
    environment = {**environment, "DATABASE_URL": url, "LOG_LEVEL": "warning"}
    conduit.command("migrate", environment, binary=binary)
    counts = ["--users", str(USERS), "--articles", str(ARTICLES), "--comments", str(COMMENTS)]
    conduit.command("seed", environment, *counts, binary=binary)
    if url.startswith("postgres"):
        servers.execute(url, (
            "CREATE TABLE authtoken_token (key varchar(40) PRIMARY KEY, created timestamptz NOT NULL, "
            "user_id bigint NOT NULL UNIQUE REFERENCES auth_user (id) ON DELETE CASCADE)"
        ))
        servers.execute(url, "VACUUM ANALYZE")
    elif url.startswith("mariadb"):
        names = "article, comment, favorite, follow, profile, tag, article_tags".split(", ")
        analyzed = ", ".join(["auth_user", *(f"conduit_{name}" for name in names)])
        use(url, f"ANALYZE NO_WRITE_TO_BINLOG TABLE {analyzed}")


def use(url: str, statement: str) -> None:
    """The client of MariaDB takes the database's name from the statement."""
    servers.execute(url, f"USE {urllib.parse.urlsplit(url).path.lstrip('/')}; {statement}")


_tokens: dict[str, str] = {}
_slugs: dict[str, str] = {}


def token(base: str) -> str:
    """Of the user who asks; each server is asked for it once."""
    if base not in _tokens:
        _, content = fetch(base + "/api/users/login", headers=JSON, body=json.dumps(CREDENTIALS).encode())
        _tokens[base] = json.loads(content)["user"]["token"]
    return _tokens[base]


def headers(base: str) -> dict[str, str]:
    return {"Authorization": f"Token {token(base)}"}


def authorized(base: str) -> tuple[tuple[str, ...], str]:
    return (f"Authorization: Token {token(base)}", "Content-Type: application/json"), ""


def slug(base: str) -> str:
    """An article of the last ones."""
    if base not in _slugs:
        _, content = fetch(base + "/api/articles?limit=20&offset=100", headers=headers(base))
        _slugs[base] = json.loads(content)["articles"][0]["slug"]
    return urllib.parse.quote(_slugs[base])


def is_article(article: dict, has_body: bool) -> None:
    expect(set(article) == LISTED | ({"body"} if has_body else set()), "not an article's fields", article)
    expect(set(article["author"]) == {"username", "bio", "image", "following"}, "not an author", article)
    expect(article["tagList"] == sorted(article["tagList"]), "tags out of order", article)
    expect(type(article["favorited"]) is bool and type(article["favoritesCount"]) is int, "not the types", article)
    moment(article["createdAt"])
    moment(article["updatedAt"])


def check_list(base: str, url: str) -> None:
    kind, content = fetch(base + "/api/articles?limit=20", headers=headers(base))
    answer = json.loads(content)
    expect(kind == "application/json" and len(answer["articles"]) == 20, "not 20 articles", content)
    expect(answer["articlesCount"] == ARTICLES, "not the number of all articles", answer["articlesCount"])
    for article in answer["articles"]:
        is_article(article, has_body=False)
    times = [moment(article["createdAt"]) for article in answer["articles"]]
    expect(times == sorted(times, reverse=True), "not newest first", times)
    agree("list", normal(answer))
    try:
        fetch(base + "/api/articles?limit=20", headers={"Authorization": "Token x"})
    except Wrong as error:
        expect("status 401" in str(error), "a wrong token is not refused", error)
    else:
        raise Wrong(f"{base}: a wrong token is accepted")


def check_detail(base: str, url: str) -> None:
    _, content = fetch(f"{base}/api/articles/{slug(base)}", headers=headers(base))
    answer = json.loads(content)
    is_article(answer["article"], has_body=True)
    agree("detail", normal(answer))


def check_create(base: str, url: str) -> None:
    title = f"{TITLE} for a check {time.time_ns()}"
    new = {"title": title, "description": "d", "body": "b", "tagList": ["swift", "databases"]}
    _, content = fetch(
        base + "/api/articles", headers={**headers(base), **JSON}, body=json.dumps({"article": new}).encode(), status=201)
    article = json.loads(content)["article"]
    is_article(article, has_body=True)
    expect(article["title"] == title and article["body"] == "b", "not what was sent", article)
    expect(article["tagList"] == ["databases", "swift"], "not the tags", article)
    _, content = fetch(f"{base}/api/articles/{urllib.parse.quote(article['slug'])}", headers=headers(base))
    expect(json.loads(content)["article"]["title"] == title, "was not kept", content)
    remove(url)


def check_login(base: str, url: str) -> None:
    _, content = fetch(base + "/api/users/login", headers=JSON, body=json.dumps(CREDENTIALS).encode())
    user = json.loads(content)["user"]
    expect(set(user) == {"email", "token", "username", "bio", "image"}, "not a user", user)
    wrong = {"user": {**CREDENTIALS["user"], "password": "wrong"}}
    try:
        fetch(base + "/api/users/login", headers=JSON, body=json.dumps(wrong).encode())
    except Wrong as error:
        expect(any(f"status {code}" in str(error) for code in (401, 403, 422)), "a wrong password is not refused", error)
    else:
        raise Wrong(f"{base}: a wrong password is accepted")


def remove(url: str) -> None:
    """What was created, so that every round begins with the same rows."""
    statement = f"DELETE FROM conduit_article WHERE title LIKE '{TITLE}%'"
    if url.startswith("postgres"):
        links = statement.replace("DELETE FROM conduit_article", "SELECT id FROM conduit_article")
        servers.execute(url, f"DELETE FROM conduit_article_tags WHERE article_id IN ({links}); {statement}")
        servers.execute(url, "VACUUM ANALYZE conduit_article, conduit_article_tags")
    elif url.startswith("sqlite"):
        import sqlite3
        with sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30) as db:
            db.execute("PRAGMA foreign_keys = ON")
            db.execute(statement)
        db.close()
    else:
        use(url, statement)


_agreed: dict[str, object] = {}


def agree(what: str, answer: object) -> None:
    """Every contender says the same: the first answer is what the others are held against."""
    first = _agreed.setdefault(what, answer)
    expect(first == answer, f"{what}: not what another contender says", answer)


def normal(value: object) -> object:
    """JSON with its moments as moments."""
    if isinstance(value, dict):
        return {key: moment(v) if key in ("createdAt", "updatedAt") else normal(v) for key, v in value.items()}
    return [normal(v) for v in value] if isinstance(value, list) else value
