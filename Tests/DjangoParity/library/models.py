"""Ten tables with every common field type: the same that the Swift side declares."""

import uuid

from django.db import models


class Country(models.Model):
    code = models.CharField(max_length=2, unique=True)
    name = models.CharField(max_length=100)
    population = models.BigIntegerField(null=True)


class Author(models.Model):
    name = models.CharField(max_length=100)
    email = models.CharField(max_length=100, unique=True)
    age = models.IntegerField(null=True)
    rating = models.FloatField(null=True)
    is_active = models.BooleanField(default=True)
    born = models.DateField(null=True)
    joined = models.DateTimeField()
    country = models.ForeignKey(Country, models.CASCADE, related_name="authors")


class Publisher(models.Model):
    name = models.CharField(max_length=100)
    founded = models.SmallIntegerField(null=True)
    country = models.ForeignKey(Country, models.SET_NULL, null=True, related_name="publishers")


class Tag(models.Model):
    name = models.CharField(max_length=50, unique=True)


class Book(models.Model):
    title = models.CharField(max_length=200)
    isbn = models.CharField(max_length=20, unique=True)
    price = models.DecimalField(max_digits=12, decimal_places=2)
    pages = models.SmallIntegerField()
    published = models.DateField(null=True)
    in_print = models.BooleanField(null=True)
    blurb = models.TextField(null=True)
    key = models.UUIDField(default=uuid.uuid4)
    author = models.ForeignKey(Author, models.CASCADE, related_name="books")
    publisher = models.ForeignKey(Publisher, models.SET_NULL, null=True, related_name="books")
    tags = models.ManyToManyField(Tag, related_name="books")


class Review(models.Model):
    book = models.ForeignKey(Book, models.CASCADE, related_name="reviews")
    reviewer = models.CharField(max_length=100)
    stars = models.SmallIntegerField()
    text = models.TextField()
    created = models.DateTimeField()


class Order(models.Model):
    customer = models.CharField(max_length=100)
    placed_at = models.DateTimeField(null=True)
    total = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    status = models.CharField(max_length=10)


class OrderLine(models.Model):
    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    book = models.ForeignKey(Book, models.CASCADE, related_name="order_lines")
    quantity = models.IntegerField()
    unit_price = models.DecimalField(max_digits=12, decimal_places=2)


class Employee(models.Model):
    name = models.CharField(max_length=100)
    salary = models.BigIntegerField()
    hired = models.DateField()
    shift = models.TimeField(null=True)
    leave = models.DurationField(null=True)
    manager = models.ForeignKey("self", models.SET_NULL, null=True, related_name="reports")
