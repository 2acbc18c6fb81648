"""Litestar with msgspec's structs and asyncpg."""

from datetime import datetime

import statements
from drawing import ADDED, any_id, count
from litestar import Litestar, MediaType, Request, get
from msgspec import Struct


class Message(Struct):
    message: str


class World(Struct):
    id: int
    randomNumber: int


class Item(Struct):
    id: int
    title: str
    quantity: int
    price: float
    active: bool
    created: datetime


async def start(app: Litestar) -> None:
    app.state.pool = await statements.connect()
    app.state.cached = {row[0]: World(row[0], row[1]) for row in await app.state.pool.fetch(statements.WORLDS)}


async def stop(app: Litestar) -> None:
    await app.state.pool.close()


@get("/plaintext", media_type=MediaType.TEXT)
async def plaintext() -> bytes:
    return b"Hello, World!"


@get("/json")
async def json() -> Message:
    return Message("Hello, World!")


@get("/db")
async def db(request: Request) -> World:
    row = await request.app.state.pool.fetchrow(statements.WORLD, any_id())
    return World(row[0], row[1])


@get("/queries")
async def queries(request: Request, queries: str | None = None) -> list[World]:
    return [World(row[0], row[1]) for row in await statements.some_worlds(request.app.state.pool, count(queries))]


@get("/fortunes", media_type=MediaType.HTML)
async def fortunes(request: Request) -> str:
    rows = [{"id": row[0], "message": row[1]} for row in await request.app.state.pool.fetch(statements.FORTUNES)]
    rows.append({"id": 0, "message": ADDED})
    rows.sort(key=lambda row: row["message"])
    return statements.fortunes_page.render(fortunes=rows)


@get("/updates")
async def updates(request: Request, queries: str | None = None) -> list[World]:
    return [World(id, number) for id, number in await statements.change_worlds(request.app.state.pool, count(queries))]


@get("/cached-queries")
async def cached_queries(request: Request) -> list[World]:
    cached = request.app.state.cached
    return [cached[any_id()] for _ in range(count(request.query_params.get("count")))]


@get("/rows")
async def rows(request: Request) -> list[Item]:
    return [Item(*row) for row in await request.app.state.pool.fetch(statements.ITEMS)]


app = Litestar(
    [plaintext, json, db, queries, fortunes, updates, cached_queries, rows],
    on_startup=[start], on_shutdown=[stop], openapi_config=None, debug=False,
)
