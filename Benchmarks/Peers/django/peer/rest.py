"""Django REST framework: a ModelSerializer for rows, `Response` for the rest."""

from django.db import transaction
from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.response import Response

from drawing import any_id, count, some_ids
from .models import Item, World


class ItemSerializer(serializers.ModelSerializer):
    class Meta:
        model = Item
        fields = ["id", "title", "quantity", "price", "active", "created"]
        read_only_fields = fields


class WorldSerializer(serializers.ModelSerializer):
    randomNumber = serializers.IntegerField(source="randomnumber", read_only=True)

    class Meta:
        model = World
        fields = ["id", "randomNumber"]
        read_only_fields = ["id"]


@api_view()
def json(request):
    return Response({"message": "Hello, World!"})


@api_view()
def db(request):
    return Response(WorldSerializer(World.objects.get(id=any_id())).data)


@api_view()
def queries(request):
    number = count(request.query_params.get("queries"))
    return Response(WorldSerializer([World.objects.get(id=any_id()) for _ in range(number)], many=True).data)


@api_view()
def updates(request):
    with transaction.atomic():
        worlds = [World.objects.get(id=id) for id in some_ids(count(request.query_params.get("queries")))]
        for world in worlds:
            world.randomnumber = any_id()
        World.objects.bulk_update(worlds, ["randomnumber"])
    return Response(WorldSerializer(worlds, many=True).data)


@api_view()
def rows(request):
    return Response(ItemSerializer(Item.objects.order_by("id")[:100], many=True).data)
