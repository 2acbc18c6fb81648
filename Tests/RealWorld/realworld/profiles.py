"""Profiles and following."""

from __future__ import annotations

from .checks import NO_TOKEN, check
from .client import API, same

NOT_FOUND = {"profile": ["not found"]}


@check("a profile is public and says that nobody follows nobody")
def _(api: API) -> None:
    author = api.person("author")
    profile = api.call("GET", "/profiles/{username}", 200, username=author.username)["profile"]
    same(profile, {"username": author.username, "bio": None, "image": None, "following": False}, "the profile")


@check("following and unfollowing change `following` for the follower alone")
def _(api: API) -> None:
    follower, author = api.register("follower"), api.person("author")

    def following(token: str | None) -> bool:
        return api.call("GET", "/profiles/{username}", 200, username=author.username, token=token)["profile"]["following"]

    same(following(follower.token), False, "following before")
    for _ in range(2):  # The second time changes nothing.
        profile = api.call("POST", "/profiles/{username}/follow", 200, username=author.username, token=follower.token)["profile"]
        same((profile["username"], profile["following"]), (author.username, True), "the followed profile")
    same(following(follower.token), True, "following for the follower")
    same(following(api.person("stranger").token), False, "following for another")
    same(following(None), False, "following for nobody")
    for _ in range(2):
        profile = api.call("DELETE", "/profiles/{username}/follow", 200, username=author.username, token=follower.token)["profile"]
        same(profile["following"], False, "the profile after unfollowing")
    same(following(follower.token), False, "following afterwards")


@check("following without a token answers 401")
def _(api: API) -> None:
    for method in ("POST", "DELETE"):
        api.errors(method, "/profiles/{username}/follow", 401, NO_TOKEN, username=api.person("author").username)


@check("a profile that does not exist answers 404")
def _(api: API) -> None:
    reader, nobody = api.person("reader"), api.name("nobody")
    api.errors("GET", "/profiles/{username}", 404, NOT_FOUND, username=nobody)
    for method in ("POST", "DELETE"):
        api.errors(method, "/profiles/{username}/follow", 404, NOT_FOUND, username=nobody, token=reader.token)


@check("a username of other scripts works in a path")
def _(api: API) -> None:
    username = f"Zoë 测试 {api.name('u')}"
    api.call("POST", "/users", 201, body={
        "user": {"username": username, "email": f"{api.name('zoe')}@example.com", "password": "correct horse"}})
    profile = api.call("GET", "/profiles/{username}", 200, username=username)["profile"]
    same(profile["username"], username, "the username")
