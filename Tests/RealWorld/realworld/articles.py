"""Articles: create, read, update, delete, favourites."""

from __future__ import annotations

from .checks import BLANK, NO_TOKEN, check
from .client import API, expect, same
from .document import moment

NOT_FOUND = {"article": ["not found"]}
FORBIDDEN = {"article": ["forbidden"]}


@check("an article is created with 201 and reads back whole")
def _(api: API) -> None:
    author, tag = api.person("author"), api.name("tag")
    fields = {"title": api.name("How to train"), "description": "Ever wonder?", "body": "It takes a Jacobian"}
    article = api.article(author, tags=[tag, f"{tag}-b"], **fields)
    same({k: article[k] for k in fields}, fields, "the article's fields")
    same(sorted(article["tagList"]), [tag, f"{tag}-b"], "tagList")
    same((article["favorited"], article["favoritesCount"]), (False, 0), "favorited and favoritesCount")
    same(article["author"], {"username": author.username, "bio": None, "image": None, "following": False}, "the author")
    same(api.call("GET", "/articles/{slug}", 200, slug=article["slug"])["article"], article, "the article as read back")


@check("an article without tags has an empty tagList")
def _(api: API) -> None:
    same(api.article(api.person("author"))["tagList"], [], "tagList when left out")
    same(api.article(api.person("author"), tags=[])["tagList"], [], "tagList when empty")


@check("an article with a blank or missing field answers 422 and names it")
def _(api: API) -> None:
    token = api.person("author").token
    whole = {"title": api.name("Whole"), "description": "d", "body": "b"}
    for field in whole:
        rest = {k: v for k, v in whole.items() if k != field}
        for article in ({**whole, field: ""}, rest, {**whole, field: None}):
            api.errors("POST", "/articles", 422, {field: BLANK}, token=token, body={"article": article})
    api.errors("POST", "/articles", 422, {"title": BLANK, "description": BLANK, "body": BLANK}, token=token,
               body={"article": {}})


@check("`tagList: null` answers 422, on creation and on update")
def _(api: API) -> None:
    author = api.person("author")
    article = {"title": api.name("Null"), "description": "d", "body": "b", "tagList": None}
    answer = api.call("POST", "/articles", 422, token=author.token, body={"article": article})
    expect("tagList" in answer["errors"], f"errors are {answer['errors']!r}")
    slug = api.article(author, tags=[api.name("tag")])["slug"]
    answer = api.call("PUT", "/articles/{slug}", 422, slug=slug, token=author.token, body={"article": {"tagList": None}})
    expect("tagList" in answer["errors"], f"errors are {answer['errors']!r}")


@check("equal titles get distinct slugs")
def _(api: API) -> None:
    author, title = api.person("author"), api.name("The same title")
    slugs = {api.article(author, title=title)["slug"] for _ in range(3)}
    same(len(slugs), 3, "the number of slugs")
    for slug in slugs:
        same(api.call("GET", "/articles/{slug}", 200, slug=slug)["article"]["title"], title, "the title")


@check("a title without a Latin letter still gets a slug that works")
def _(api: API) -> None:
    author = api.person("author")
    for title in ("测试文章", "🙂🙂", "Ünïcödé & <b>more</b>", "../../etc/passwd", "a/b?c#d%2f"):
        article = api.article(author, title=title, body="naïve 𝒳 \u2028 \"quoted\" \\ \n\t end")
        expect(article["slug"], f"the slug of {title!r} is empty")
        read = api.call("GET", "/articles/{slug}", 200, slug=article["slug"])["article"]
        same(read["title"], title, "the title")
        same(read["body"], "naïve 𝒳 \u2028 \"quoted\" \\ \n\t end", "the body")


@check("writing an article without a token answers 401")
def _(api: API) -> None:
    slug = api.article(api.person("author"))["slug"]
    api.errors("POST", "/articles", 401, NO_TOKEN, body={"article": {"title": "t", "description": "d", "body": "b"}})
    api.errors("PUT", "/articles/{slug}", 401, NO_TOKEN, slug=slug, body={"article": {"body": "b"}})
    api.errors("DELETE", "/articles/{slug}", 401, NO_TOKEN, slug=slug)


@check("an update changes only the fields that it names, and updatedAt")
def _(api: API) -> None:
    author, tag = api.person("author"), api.name("kept")
    before = api.article(author, tags=[tag])
    after = api.call("PUT", "/articles/{slug}", 200, slug=before["slug"], token=author.token,
                     body={"article": {"body": "New body"}})["article"]
    kept = {k: v for k, v in before.items() if k not in ("body", "updatedAt")}
    same({k: after[k] for k in kept}, kept, "what the update did not name")
    same(after["body"], "New body", "the body")
    expect(moment(after["updatedAt"]) > moment(before["updatedAt"]), f"updatedAt stays {after['updatedAt']}")
    same(api.call("GET", "/articles/{slug}", 200, slug=after["slug"])["article"], after, "the article as read back")


@check("an update can replace and remove tags")
def _(api: API) -> None:
    author, old, new = api.person("author"), api.name("old"), api.name("new")
    slug = api.article(author, tags=[old])["slug"]
    for tags in ([new], []):
        article = api.call("PUT", "/articles/{slug}", 200, slug=slug, token=author.token,
                           body={"article": {"tagList": tags}})["article"]
        same(article["tagList"], tags, "tagList")
    same(api.articles(tag=old)["articlesCount"], 0, "articles of the old tag")


@check("a new title keeps the article reachable under the slug that is answered")
def _(api: API) -> None:
    author, title = api.person("author"), api.name("Another title")
    slug = api.article(author)["slug"]
    article = api.call("PUT", "/articles/{slug}", 200, slug=slug, token=author.token, body={"article": {"title": title}})["article"]
    read = api.call("GET", "/articles/{slug}", 200, slug=article["slug"])["article"]
    same(read["title"], title, "the title")


@check("an update to a blank field answers 422")
def _(api: API) -> None:
    author = api.person("author")
    slug = api.article(author)["slug"]
    for field in ("title", "description", "body"):
        for blank in ("", None):
            api.errors("PUT", "/articles/{slug}", 422, {field: BLANK}, slug=slug, token=author.token,
                       body={"article": {field: blank}})


@check("only the author may change or delete an article")
def _(api: API) -> None:
    slug, stranger = api.article(api.person("author"))["slug"], api.person("stranger")
    api.errors("PUT", "/articles/{slug}", 403, FORBIDDEN, slug=slug, token=stranger.token, body={"article": {"body": "mine"}})
    api.errors("DELETE", "/articles/{slug}", 403, FORBIDDEN, slug=slug, token=stranger.token)
    same(api.call("GET", "/articles/{slug}", 200, slug=slug)["article"]["body"], "At length", "the body afterwards")


@check("a deleted article answers 204 and is gone with its comments")
def _(api: API) -> None:
    author, tag = api.person("author"), api.name("doomed")
    slug = api.article(author, tags=[tag])["slug"]
    api.comment(author, slug)
    api.call("POST", "/articles/{slug}/favorite", 200, slug=slug, token=api.person("reader").token)
    answer = api.call("DELETE", "/articles/{slug}", 204, slug=slug, token=author.token)
    same(answer.raw, b"", "the body of a 204")
    api.errors("GET", "/articles/{slug}", 404, NOT_FOUND, slug=slug)
    api.errors("GET", "/articles/{slug}/comments", 404, NOT_FOUND, slug=slug)
    same(api.articles(tag=tag)["articlesCount"], 0, "articles of its tag")


@check("an article that does not exist answers 404")
def _(api: API) -> None:
    token, slug = api.person("author").token, api.name("no-such-article")
    api.errors("GET", "/articles/{slug}", 404, NOT_FOUND, slug=slug)
    api.errors("PUT", "/articles/{slug}", 404, NOT_FOUND, slug=slug, token=token, body={"article": {"body": "b"}})
    api.errors("DELETE", "/articles/{slug}", 404, NOT_FOUND, slug=slug, token=token)
    for method in ("POST", "DELETE"):
        api.errors(method, "/articles/{slug}/favorite", 404, NOT_FOUND, slug=slug, token=token)


@check("favourites count every reader once and show only to who gave them")
def _(api: API) -> None:
    slug = api.article(api.person("author"))["slug"]
    reader, stranger = api.person("reader"), api.person("stranger")

    def seen_by(token: str | None) -> tuple[bool, int]:
        article = api.call("GET", "/articles/{slug}", 200, slug=slug, token=token)["article"]
        return article["favorited"], article["favoritesCount"]

    def change(method: str, token: str) -> tuple[bool, int]:
        article = api.call(method, "/articles/{slug}/favorite", 200, slug=slug, token=token)["article"]
        return article["favorited"], article["favoritesCount"]

    same(change("POST", reader.token), (True, 1), "after the first favourite")
    same(change("POST", reader.token), (True, 1), "after the same favourite again")
    same(change("POST", stranger.token), (True, 2), "after another's favourite")
    same((seen_by(reader.token), seen_by(None)), ((True, 2), (False, 2)), "as the reader and as nobody see it")
    same(change("DELETE", stranger.token), (False, 1), "after the other took it back")
    same(change("DELETE", stranger.token), (False, 1), "after taking it back again")
    same(seen_by(reader.token), (True, 1), "as the reader sees it in the end")


@check("favouriting without a token answers 401")
def _(api: API) -> None:
    slug = api.article(api.person("author"))["slug"]
    for method in ("POST", "DELETE"):
        api.errors(method, "/articles/{slug}/favorite", 401, NO_TOKEN, slug=slug)
