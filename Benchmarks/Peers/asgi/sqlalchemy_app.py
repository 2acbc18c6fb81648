"""SQLAlchemy's ORM, asynchronous on asyncpg, in a FastAPI app."""

import os
from contextlib import asynccontextmanager
from datetime import datetime

import statements
from drawing import ADDED, CONNECTIONS, any_id, count, some_ids
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, PlainTextResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Text, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

url = os.environ["DATABASE_URL"].replace("postgres://", "postgresql+asyncpg://", 1)
engine = create_async_engine(url, pool_size=CONNECTIONS, max_overflow=0)
# Reads need no transaction: BEGIN and ROLLBACK around them would be two more round trips.
reading = async_sessionmaker(engine.execution_options(isolation_level="AUTOCOMMIT"), expire_on_commit=False)
writing = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    pass


class World(Base):
    __tablename__ = "world"
    id: Mapped[int] = mapped_column(primary_key=True)
    randomNumber: Mapped[int] = mapped_column("randomnumber")


class Fortune(Base):
    __tablename__ = "fortune"
    id: Mapped[int] = mapped_column(primary_key=True)
    message: Mapped[str]


class Item(Base):
    __tablename__ = "item"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    quantity: Mapped[int]
    price: Mapped[float]
    active: Mapped[bool]
    created: Mapped[datetime]


class WorldOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    randomNumber: int


class ItemOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    title: str
    quantity: int
    price: float
    active: bool
    created: datetime


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with reading() as session:
        rows = await session.scalars(select(World))
        app.state.cached = {world.id: WorldOut.model_validate(world) for world in rows}
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan, openapi_url=None)


@app.get("/plaintext", response_class=PlainTextResponse)
async def plaintext():
    return PlainTextResponse(b"Hello, World!")


@app.get("/json")
async def json() -> dict[str, str]:
    return {"message": "Hello, World!"}


@app.get("/db", response_model=WorldOut)
async def db():
    async with reading() as session:
        return await session.get_one(World, any_id())


@app.get("/queries", response_model=list[WorldOut])
async def queries(queries: str | None = None):
    async with reading() as session:
        return [await session.get_one(World, any_id()) for _ in range(count(queries))]


@app.get("/fortunes", response_class=HTMLResponse)
async def fortunes():
    async with reading() as session:
        rows = [{"id": row.id, "message": row.message} for row in await session.execute(select(Fortune.id, Fortune.message))]
    rows.append({"id": 0, "message": ADDED})
    rows.sort(key=lambda row: row["message"])
    return HTMLResponse(statements.fortunes_page.render(fortunes=rows))


@app.get("/updates", response_model=list[WorldOut])
async def updates(queries: str | None = None):
    async with writing() as session, session.begin():
        worlds = [await session.get_one(World, id) for id in some_ids(count(queries))]
        for world in worlds:
            world.randomNumber = any_id()
    return worlds


@app.get("/cached-queries", response_model=list[WorldOut])
async def cached_queries(request: Request):
    cached = request.app.state.cached
    return [cached[any_id()] for _ in range(count(request.query_params.get("count")))]


@app.get("/rows", response_model=list[ItemOut])
async def rows():
    async with reading() as session:
        return (await session.scalars(select(Item).order_by(Item.id).limit(100))).all()
