"""The statements of the peers on asyncpg, and their pool."""

import os
from pathlib import Path

import asyncpg
from drawing import CONNECTIONS, any_id, some_ids
from jinja2 import Environment, FileSystemLoader

WORLD = 'SELECT id, randomnumber AS "randomNumber" FROM world WHERE id = $1'
WORLDS = 'SELECT id, randomnumber AS "randomNumber" FROM world'
FORTUNES = "SELECT id, message FROM fortune"
ITEMS = "SELECT id, title, quantity, price, active, created FROM item ORDER BY id LIMIT 100"
UPDATE = "UPDATE world SET randomnumber = $2 WHERE id = $1"

templates = Environment(loader=FileSystemLoader(Path(__file__).resolve().parent.parent / "templates"), autoescape=True)
fortunes_page = templates.get_template("fortunes.html")


async def connect() -> asyncpg.Pool:
    return await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=CONNECTIONS, max_size=CONNECTIONS)


async def some_worlds(pool: asyncpg.Pool, number: int) -> list[asyncpg.Record]:
    """Each by a statement of its own, all on one connection."""
    async with pool.acquire() as connection:
        return [await connection.fetchrow(WORLD, any_id()) for _ in range(number)]


async def change_worlds(pool: asyncpg.Pool, number: int) -> list[tuple[int, int]]:
    """Reads each row by itself and writes all of them in one batch, in one transaction."""
    changes = [(id, any_id()) for id in some_ids(number)]
    async with pool.acquire() as connection, connection.transaction():
        for id, _ in changes:
            await connection.fetchrow(WORLD, id)
        await connection.executemany(UPDATE, changes)
    return changes
