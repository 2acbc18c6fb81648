"""What must never be more than a precise 4xx."""

from __future__ import annotations

import json
import select
import socket

from .checks import check
from .client import API, Answer, Wrong, expect, same

JSON = {"Content-Type": "application/json"}


def explains_itself(answer: Answer, *statuses: int) -> Answer:
    """A 4xx whose body is a problem document (RFC 9457) or the API's own error document."""
    expect(answer.status in statuses, f"{answer.request}: status {answer.status}, expected {statuses}: {answer.raw[:200]!r}")
    if answer.media_type == "application/problem+json":
        expect(isinstance(answer["type"], str) and isinstance(answer["title"], str), f"{answer.request}: {answer.json!r}")
        same(answer["status"], answer.status, f"{answer.request}: the status within the document")
    else:
        same(answer.media_type, "application/json", f"{answer.request}: the content type")
        errors = answer["errors"]
        expect(isinstance(errors, dict) and errors, f"{answer.request}: no errors in {answer.json!r}")
    return answer


def authorized(api: API) -> dict[str, str]:
    return {**JSON, "Authorization": f"Token {api.person('author').token}"}


@check("malformed JSON answers 400 or 422")
def _(api: API) -> None:
    for text in (b"{", b'{"article": }', b"", b"\xff\xfe", b'{"article": {"title": "\xc3\x28"}}', b'{"article": "\\ud800"}', b"nul"):
        explains_itself(api.send("POST", f"{api.prefix}/articles", text, authorized(api)), 400, 422)


@check("JSON nested a hundred thousand deep answers 4xx and the server lives")
def _(api: API) -> None:
    deep = b'{"article": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    explains_itself(api.send("POST", f"{api.prefix}/articles", deep, authorized(api)), 400, 413, 422)
    api.call("GET", "/tags", 200)


@check("values of the wrong type answer 422 and name the field")
def _(api: API) -> None:
    token = api.person("author").token
    whole = {"title": api.name("Types"), "description": "d", "body": "b"}
    for field, value in (("title", 5), ("body", ["b"]), ("description", {}), ("tagList", "one"), ("tagList", [1])):
        answer = api.call("POST", "/articles", 422, token=token, body={"article": {**whole, field: value}})
        expect(any(name.split(".")[0] == field for name in answer["errors"]), f"errors are {answer['errors']!r}")
    for body in ([], "text", 5, {"article": []}, {"article": None}, {"other": whole}):
        answer = api.send("POST", f"{api.prefix}/articles", json.dumps(body).encode(), authorized(api))
        explains_itself(answer, 400, 422)


@check("a body of another media type answers 4xx")
def _(api: API) -> None:
    headers = {**authorized(api), "Content-Type": "text/plain"}
    explains_itself(api.send("POST", f"{api.prefix}/articles", b"title=x", headers), 400, 415, 422)


@check("an unknown route answers 404 with a problem document")
def _(api: API) -> None:
    for target in (f"{api.prefix}/nothing", f"{api.prefix}/articles/a/b/c", "/nothing-here", f"{api.prefix}/article"):
        explains_itself(api.send("GET", target), 404)


@check("a wrong method answers 405 with the methods that are allowed")
def _(api: API) -> None:
    for method, path, allowed in (("DELETE", "/tags", "GET"), ("PATCH", "/articles", "POST"), ("PUT", "/users/login", "POST")):
        answer = explains_itself(api.send(method, api.prefix + path, b"{}", JSON), 405)
        listed = [name.strip() for name in answer.headers.get("allow", "").split(",")]
        expect(allowed in listed and method not in listed, f"{answer.request}: Allow is {listed}")


@check("a token in another form answers 401")
def _(api: API) -> None:
    token = api.person("author").token
    for value in ("Token", "Token ", "Token a b", "Basic YTpi", token, "Token " + "x" * 4000):
        explains_itself(api.send("GET", f"{api.prefix}/user", headers={"Authorization": value}), 401)


@check("a body over the limit answers 413, declared or chunked")
def _(api: API) -> None:
    size = 64 << 20
    head = f"POST {api.prefix}/users HTTP/1.1\r\nHost: 127.0.0.1:{api.port}\r\nContent-Type: application/json\r\n"
    for framing, chunk in (
        (f"Content-Length: {size}\r\n\r\n", b" " * 65536),
        ("Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b" " * 65536 + b"\r\n"),
    ):
        status = upload(api, (head + framing).encode(), chunk, size // 65536)
        same(status, 413, f"the status of {size >> 20} MiB with {framing.split(':')[0]}")
    api.call("GET", "/tags", 200)


def upload(api: API, head: bytes, chunk: bytes, count: int) -> int:
    """Sends until the server has answered, as it may before the end of the body."""
    with socket.create_connection((api.host, api.port), timeout=30) as connection:
        try:
            connection.sendall(head)
            for _ in range(count):
                if select.select([connection], [], [], 0)[0]:
                    break
                connection.sendall(chunk)
        except ConnectionError:
            pass  # The server has closed its side; its answer may be here nevertheless.
        try:
            line = connection.makefile("rb").readline().decode("latin-1")
        except OSError as error:
            raise Wrong(f"the connection broke before an answer ({error})") from None
    expect(line.startswith("HTTP/1.1 "), f"no status line but {line!r}")
    return int(line.split()[1])


@check("a Host that is not allowed answers 400")
def _(api: API) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", f"127.0.0.1@evil.example:{api.port}", ""):
        answer = api.send("GET", f"{api.prefix}/tags", headers={"Host": host}, fresh=True)
        explains_itself(answer, 400)


@check("a path cannot climb out of the static files")
def _(api: API) -> None:
    for target in ("/../../../../etc/passwd", "/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/static/../../../etc/passwd",
                   "/static/..%2f..%2f..%2fetc%2fpasswd", "/static/%2fetc%2fpasswd", "/static/....//....//etc/passwd",
                   f"{api.prefix}/articles/..%2f..%2f..%2fetc%2fpasswd", "/static/x%00.css"):
        answer = api.send("GET", target, fresh=True)
        expect(400 <= answer.status < 500, f"{answer.request}: status {answer.status}")
        expect(b"root:" not in answer.raw, f"{answer.request}: answered with /etc/passwd")


@check("odd ids and texts answer 4xx or work, never 500")
def _(api: API) -> None:
    author = api.person("author")
    slug = api.article(author)["slug"]
    for id in ("0", "-1", "99999999999999999999", "1e3", "x", " ", "%00"):
        answer = api.send("DELETE", f"{api.prefix}/articles/{slug}/comments/{id.replace(' ', '%20')}", headers=authorized(api))
        explains_itself(answer, 400, 404, 422)
    for title in ("a\u0000b", "x" * 100_000):
        body = json.dumps({"article": {"title": title, "description": "d", "body": "b"}}).encode()
        answer = api.send("POST", f"{api.prefix}/articles", body, authorized(api))
        if answer.status != 201:
            explains_itself(answer, 400, 413, 422)


@check("HEAD answers as GET does, without a body")
def _(api: API) -> None:
    get, head = api.send("GET", f"{api.prefix}/tags"), api.send("HEAD", f"{api.prefix}/tags", fresh=True)
    same((head.status, head.media_type, head.raw), (200, get.media_type, b""), "status, content type and body")
