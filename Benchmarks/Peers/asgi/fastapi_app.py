"""FastAPI with pydantic's models and asyncpg."""

from contextlib import asynccontextmanager
from datetime import datetime

import statements
from drawing import ADDED, any_id, count
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, PlainTextResponse
from pydantic import BaseModel


class Message(BaseModel):
    message: str


class World(BaseModel):
    id: int
    randomNumber: int


class Item(BaseModel):
    id: int
    title: str
    quantity: int
    price: float
    active: bool
    created: datetime


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.pool = await statements.connect()
    rows = await app.state.pool.fetch(statements.WORLDS)
    app.state.cached = {row[0]: World(id=row[0], randomNumber=row[1]) for row in rows}
    yield
    await app.state.pool.close()


app = FastAPI(lifespan=lifespan, openapi_url=None)

# Handlers return plain dictionaries: pydantic checks and writes them in one go, which is less work than making models first.


@app.get("/plaintext", response_class=PlainTextResponse)
async def plaintext():
    return PlainTextResponse(b"Hello, World!")


@app.get("/json")
async def json() -> Message:
    return Message(message="Hello, World!")


@app.get("/db")
async def db(request: Request) -> World:
    return dict(await request.app.state.pool.fetchrow(statements.WORLD, any_id()))


@app.get("/queries")
async def queries(request: Request, queries: str | None = None) -> list[World]:
    return [dict(row) for row in await statements.some_worlds(request.app.state.pool, count(queries))]


@app.get("/fortunes", response_class=HTMLResponse)
async def fortunes(request: Request):
    rows = [{"id": row[0], "message": row[1]} for row in await request.app.state.pool.fetch(statements.FORTUNES)]
    rows.append({"id": 0, "message": ADDED})
    rows.sort(key=lambda row: row["message"])
    return HTMLResponse(statements.fortunes_page.render(fortunes=rows))


@app.get("/updates")
async def updates(request: Request, queries: str | None = None) -> list[World]:
    changes = await statements.change_worlds(request.app.state.pool, count(queries))
    return [{"id": id, "randomNumber": number} for id, number in changes]


@app.get("/cached-queries")
async def cached_queries(request: Request) -> list[World]:
    cached = request.app.state.cached
    return [cached[any_id()] for _ in range(count(request.query_params.get("count")))]


@app.get("/rows")
async def rows(request: Request) -> list[Item]:
    return [dict(row) for row in await request.app.state.pool.fetch(statements.ITEMS)]
