"""Comments."""

from __future__ import annotations

from .checks import BLANK, NO_TOKEN, check
from .client import API, expect, same

PATH, ONE = "/articles/{slug}/comments", "/articles/{slug}/comments/{id}"


@check("a comment is created with 201 and listed with its author")
def _(api: API) -> None:
    slug, reader = api.article(api.person("author"))["slug"], api.person("reader")
    same(api.call("GET", PATH, 200, slug=slug)["comments"], [], "the comments of a new article")
    comment = api.comment(reader, slug, "Thank you 🙏")
    same((comment["body"], comment["author"]["username"]), ("Thank you 🙏", reader.username), "the comment")
    same(api.call("GET", PATH, 200, slug=slug)["comments"], [comment], "the comments")


@check("a comment's author shows whether the reader follows them")
def _(api: API) -> None:
    slug, follower, writer = api.article(api.person("author"))["slug"], api.register("listener"), api.person("reader")
    api.comment(writer, slug)
    api.call("POST", "/profiles/{username}/follow", 200, username=writer.username, token=follower.token)
    for token, expected in ((follower.token, True), (None, False)):
        comments = api.call("GET", PATH, 200, slug=slug, token=token)["comments"]
        same(comments[0]["author"]["following"], expected, "following")


@check("a comment with a blank or missing body answers 422")
def _(api: API) -> None:
    slug, token = api.article(api.person("author"))["slug"], api.person("reader").token
    for comment in ({"body": ""}, {}, {"body": None}):
        api.errors("POST", PATH, 422, {"body": BLANK}, slug=slug, token=token, body={"comment": comment})


@check("writing a comment without a token answers 401")
def _(api: API) -> None:
    slug = api.article(api.person("author"))["slug"]
    comment = api.comment(api.person("reader"), slug)
    api.errors("POST", PATH, 401, NO_TOKEN, slug=slug, body={"comment": {"body": "x"}})
    api.errors("DELETE", ONE, 401, NO_TOKEN, slug=slug, id=comment["id"])


@check("comments of an article that does not exist answer 404")
def _(api: API) -> None:
    slug, token, errors = api.name("no-such-article"), api.person("reader").token, {"article": ["not found"]}
    api.errors("GET", PATH, 404, errors, slug=slug)
    api.errors("POST", PATH, 404, errors, slug=slug, token=token, body={"comment": {"body": "x"}})
    api.errors("DELETE", ONE, 404, errors, slug=slug, id=1, token=token)


@check("a deleted comment answers 204 and is gone, the others stay")
def _(api: API) -> None:
    slug, reader = api.article(api.person("author"))["slug"], api.person("reader")
    first, second = api.comment(reader, slug, "first"), api.comment(reader, slug, "second")
    answer = api.call("DELETE", ONE, 204, slug=slug, id=first["id"], token=reader.token)
    same(answer.raw, b"", "the body of a 204")
    same([c["id"] for c in api.call("GET", PATH, 200, slug=slug)["comments"]], [second["id"]], "the comments left")
    api.errors("DELETE", ONE, 404, {"comment": ["not found"]}, slug=slug, id=first["id"], token=reader.token)


@check("only its author may delete a comment")
def _(api: API) -> None:
    slug = api.article(api.person("author"))["slug"]
    comment = api.comment(api.person("reader"), slug)
    api.errors("DELETE", ONE, 403, {"comment": ["forbidden"]}, slug=slug, id=comment["id"], token=api.person("stranger").token)
    expect(api.call("GET", PATH, 200, slug=slug)["comments"], "the comment is gone")


@check("a comment is found only under its own article")
def _(api: API) -> None:
    author, reader = api.person("author"), api.person("reader")
    mine, other = api.article(author)["slug"], api.article(author)["slug"]
    comment = api.comment(reader, mine)
    api.errors("DELETE", ONE, 404, {"comment": ["not found"]}, slug=other, id=comment["id"], token=reader.token)
    same(len(api.call("GET", PATH, 200, slug=mine)["comments"]), 1, "the comments left")
