"""django-bolt: Django's models behind a server in Rust, msgspec's structs out."""

from datetime import datetime

import drawing
import msgspec
from django.db import transaction
from django.template.loader import render_to_string
from django_bolt import BoltAPI
from django_bolt.responses import HTML, PlainText

from .models import Fortune, Item, World

api = BoltAPI()
_cached: dict[int, "WorldOut"] = {}


class Message(msgspec.Struct):
    message: str


class WorldOut(msgspec.Struct):
    id: int
    randomNumber: int


class ItemOut(msgspec.Struct):
    id: int
    title: str
    quantity: int
    price: float
    active: bool
    created: datetime


@api.get("/plaintext")
async def plaintext() -> PlainText:
    return PlainText("Hello, World!")


@api.get("/json")
async def json() -> Message:
    return Message("Hello, World!")


# django-bolt looks into a handler for calls of the ORM, and runs it in a thread where it finds one: so they stand in the
# handlers themselves.


@api.get("/db")
def db() -> WorldOut:
    world = World.objects.get(id=drawing.any_id())
    return WorldOut(world.id, world.randomnumber)


@api.get("/queries")
def queries(queries: str = "1") -> list[WorldOut]:
    worlds = [World.objects.get(id=drawing.any_id()) for _ in range(drawing.count(queries))]
    return [WorldOut(world.id, world.randomnumber) for world in worlds]


@api.get("/fortunes")
def fortunes() -> HTML:
    rows = list(Fortune.objects.values("id", "message"))
    rows.append({"id": 0, "message": drawing.ADDED})
    rows.sort(key=lambda row: row["message"])
    return HTML(render_to_string("fortunes.html", {"fortunes": rows}))


@api.get("/updates")
def updates(queries: str = "1") -> list[WorldOut]:
    with transaction.atomic():
        worlds = [World.objects.get(id=id) for id in drawing.some_ids(drawing.count(queries))]
        for world in worlds:
            world.randomnumber = drawing.any_id()
        World.objects.bulk_update(worlds, ["randomnumber"])
    return [WorldOut(world.id, world.randomnumber) for world in worlds]


async def _fill() -> None:
    _cached.update({world.id: WorldOut(world.id, world.randomnumber) async for world in World.objects.all()})


@api.get("/cached-queries")
async def cached_queries(count: str = "1") -> list[WorldOut]:
    if not _cached:
        await _fill()
    return [_cached[drawing.any_id()] for _ in range(drawing.count(count))]


@api.get("/rows")
def rows() -> list[ItemOut]:
    values = Item.objects.order_by("id").values_list("id", "title", "quantity", "price", "active", "created")[:100]
    return [ItemOut(*row) for row in values]
