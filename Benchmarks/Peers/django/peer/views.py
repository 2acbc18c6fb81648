"""Plain Django: `values()` where no model is needed, and JsonResponse."""

from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render

from drawing import ADDED, any_id, count, some_ids
from .models import Fortune, Item, World

_cached: dict[int, dict] = {}


def plaintext(request):
    return HttpResponse(b"Hello, World!", content_type="text/plain")


def json(request):
    return JsonResponse({"message": "Hello, World!"})


def _world(world: World) -> dict:
    return {"id": world.id, "randomNumber": world.randomnumber}


def db(request):
    return JsonResponse(_world(World.objects.get(id=any_id())))


def queries(request):
    number = count(request.GET.get("queries"))
    return JsonResponse([_world(World.objects.get(id=any_id())) for _ in range(number)], safe=False)


def fortunes(request):
    rows = list(Fortune.objects.values("id", "message"))
    rows.append({"id": 0, "message": ADDED})
    rows.sort(key=lambda row: row["message"])
    return render(request, "fortunes.html", {"fortunes": rows})


def updates(request):
    with transaction.atomic():
        worlds = [World.objects.get(id=id) for id in some_ids(count(request.GET.get("queries")))]
        for world in worlds:
            world.randomnumber = any_id()
        World.objects.bulk_update(worlds, ["randomnumber"])
    return JsonResponse([_world(world) for world in worlds], safe=False)


def cached_queries(request):
    if not _cached:
        _cached.update({world.id: _world(world) for world in World.objects.all()})
    number = count(request.GET.get("count"))
    return JsonResponse([_cached[any_id()] for _ in range(number)], safe=False)


def rows(request):
    items = Item.objects.order_by("id").values("id", "title", "quantity", "price", "active", "created")[:100]
    return JsonResponse(list(items), safe=False)
