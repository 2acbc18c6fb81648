"""Lists of articles: filters, pages, the feed, tags."""

from __future__ import annotations

from .checks import NO_TOKEN, check
from .client import API, Answer, expect, same
from .document import moment


def titles(answer: Answer) -> list[str]:
    return [article["title"] for article in answer["articles"]]


@check("lists of articles carry no body")
def _(api: API) -> None:
    author = api.person("author")
    api.article(author)
    reader = api.register("subscriber")
    api.call("POST", "/profiles/{username}/follow", 200, username=author.username, token=reader.token)
    for answer in (api.articles(author=author.username), api.call("GET", "/articles/feed", 200, token=reader.token)):
        expect(answer["articles"], f"{answer.request}: no article")
        expect(all("body" not in article for article in answer["articles"]), f"{answer.request}: an article has its body")


@check("articles are listed newest first, in pages that meet without a gap")
def _(api: API) -> None:
    author, tag = api.register("prolific"), api.name("page")
    written = [api.article(author, tags=[tag])["title"] for _ in range(7)][::-1]
    whole = api.articles(tag=tag)
    same(titles(whole), written, "all titles")
    same(whole["articlesCount"], 7, "articlesCount")
    pages = [api.articles(tag=tag, limit=3, offset=offset) for offset in (0, 3, 6, 9)]
    same([titles(page) for page in pages], [written[0:3], written[3:6], written[6:7], []], "the pages")
    same([page["articlesCount"] for page in pages], [7, 7, 7, 7], "articlesCount of each page")
    newest = [moment(article["createdAt"]) for article in api.articles(limit=5)["articles"]]
    same(newest, sorted(newest, reverse=True), "createdAt of the newest")


@check("a list holds 20 articles unless a limit says otherwise")
def _(api: API) -> None:
    author = api.register("busy")
    for _ in range(21):
        api.article(author)
    same(len(api.articles(author=author.username)["articles"]), 20, "articles without a limit")
    same(len(api.articles(author=author.username, limit=21)["articles"]), 21, "articles with a limit of 21")


@check("articles can be filtered by tag, author and favourite, and by all of them")
def _(api: API) -> None:
    ann, bob, reader = api.register("ann"), api.register("bob"), api.register("fan")
    tag, other = api.name("tag"), api.name("other")
    first, second = api.article(ann, tags=[tag, other]), api.article(ann, tags=[other])
    third = api.article(bob, tags=[tag])
    for article in (first, third):
        api.call("POST", "/articles/{slug}/favorite", 200, slug=article["slug"], token=reader.token)
    same(titles(api.articles(tag=tag)), [third["title"], first["title"]], "by tag")
    same(titles(api.articles(author=ann.username)), [second["title"], first["title"]], "by author")
    same(set(titles(api.articles(favorited=reader.username))), {third["title"], first["title"]}, "by favourite")
    same(titles(api.articles(tag=tag, author=ann.username, favorited=reader.username)), [first["title"]], "by all three")
    same(sorted(api.articles(author=ann.username, tag=tag)["articles"][0]["tagList"]), sorted([tag, other]),
         "the tags of an article found by one of them")


@check("a filter that nothing matches answers an empty list")
def _(api: API) -> None:
    for query in ({"tag": api.name("none")}, {"author": api.name("none")}, {"favorited": api.name("none")},
                  {"author": "%"}, {"tag": "' OR 1=1 --"}):
        answer = api.articles(**query)
        same((answer["articles"], answer["articlesCount"]), ([], 0), f"the list for {query!r}")


@check("a token changes `favorited` and `following` in lists")
def _(api: API) -> None:
    author, reader = api.register("watched"), api.register("watcher")
    slug = api.article(author)["slug"]
    api.call("POST", "/articles/{slug}/favorite", 200, slug=slug, token=reader.token)
    api.call("POST", "/profiles/{username}/follow", 200, username=author.username, token=reader.token)
    for token, expected in ((reader.token, (True, True)), (None, (False, False)), (author.token, (False, False))):
        article = api.articles(token, author=author.username)["articles"][0]
        same((article["favorited"], article["author"]["following"]), expected, "favorited and following")


@check("the feed holds the articles of those one follows, newest first")
def _(api: API) -> None:
    reader, followed, other = api.register("feeding"), api.register("followed"), api.register("unfollowed")
    feed = lambda **query: api.call("GET", "/articles/feed", 200, token=reader.token, query=query)  # noqa: E731
    same((feed()["articles"], feed()["articlesCount"]), ([], 0), "the feed of one who follows nobody")
    api.call("POST", "/profiles/{username}/follow", 200, username=followed.username, token=reader.token)
    written = [api.article(followed)["title"] for _ in range(3)][::-1]
    api.article(other)
    same(titles(feed()), written, "the feed")
    same(feed()["articlesCount"], 3, "articlesCount")
    same(titles(feed(limit=1, offset=1)), written[1:2], "the second page of one")
    expect(all(article["author"]["following"] for article in feed()["articles"]), "following is false in the feed")


@check("the feed without a token answers 401")
def _(api: API) -> None:
    api.errors("GET", "/articles/feed", 401, NO_TOKEN)


@check("a limit or an offset out of range answers 422 and names it")
def _(api: API) -> None:
    token = api.person("reader").token
    for name, value in (("limit", -1), ("limit", 0), ("offset", -1), ("limit", "ten"), ("offset", "1.5")):
        for path, options in (("/articles", {}), ("/articles/feed", {"token": token})):
            answer = api.call("GET", path, 422, query={name: value}, **options)
            expect(name in answer["errors"], f"{answer.request}: errors are {answer['errors']!r}")


@check("tags that articles use are listed once")
def _(api: API) -> None:
    author, tag = api.person("author"), api.name("listed")
    for _ in range(2):
        api.article(author, tags=[tag])
    same(api.call("GET", "/tags", 200)["tags"].count(tag), 1, "how often the tag is listed")
