"""The tables of TechEmpower's tests and of Conduit, as they are: nothing here is migrated."""

from django.conf import settings
from django.db import models


class World(models.Model):
    id = models.IntegerField(primary_key=True)
    randomnumber = models.IntegerField()

    class Meta:
        managed = False
        db_table = "world"


class Fortune(models.Model):
    id = models.IntegerField(primary_key=True)
    message = models.CharField(max_length=2048)

    class Meta:
        managed = False
        db_table = "fortune"


class Item(models.Model):
    id = models.IntegerField(primary_key=True)
    title = models.CharField(max_length=200)
    quantity = models.IntegerField()
    price = models.FloatField()
    active = models.BooleanField()
    created = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "item"


class Profile(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="profile")
    bio = models.TextField()
    image = models.CharField(max_length=2000)

    class Meta:
        managed = False
        db_table = "conduit_profile"


class Tag(models.Model):
    name = models.CharField(max_length=50, unique=True)

    class Meta:
        managed = False
        db_table = "conduit_tag"
        ordering = ["name"]


class Article(models.Model):
    slug = models.CharField(max_length=255, unique=True)
    title = models.CharField(max_length=200)
    description = models.TextField()
    body = models.TextField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="articles")
    tags = models.ManyToManyField(Tag, db_table="conduit_article_tags", related_name="articles")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        managed = False
        db_table = "conduit_article"


class Favorite(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="favorites")
    article = models.ForeignKey(Article, models.CASCADE, related_name="favorites")

    class Meta:
        managed = False
        db_table = "conduit_favorite"


class Follow(models.Model):
    follower = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="following")
    followed = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="followers")

    class Meta:
        managed = False
        db_table = "conduit_follow"
