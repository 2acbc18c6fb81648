"""Hand-written queries as a Django developer writes them; Sources/Pairs*.swift has the same by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Callable

from django.db.models import Avg, Case, Count, Exists, F, Max, Min, OuterRef, Q, Sum, Value, When
from django.db.models.functions import Coalesce, Concat, ExtractYear, Length, Lower

from .models import Author, Book, Country, Employee, Order, OrderLine, Publisher, Review, Tag


@dataclass
class Pair:
    name: str
    query: Callable
    ordered: bool

    def rows(self) -> list[list]:
        result = self.query()
        if isinstance(result, dict):
            return [list(result.values())]
        if isinstance(result, (int, bool)):
            return [[result]]
        return [list(row) for row in result]


ALL: list[Pair] = []


def pair(name: str, ordered: bool = True):
    def add(query: Callable) -> Callable:
        ALL.append(Pair(name, query, ordered))
        return query

    return add


def ids(queryset):
    return queryset.order_by("id").values_list("id")


# Comparisons and NULL
pair("text equals")(lambda: ids(Country.objects.filter(code="DE")))
pair("text differs, and NULL differs too")(lambda: ids(Book.objects.exclude(blurb="alpha")))
pair("integer less")(lambda: ids(Author.objects.filter(age__lt=40)))
pair("integer range")(lambda: ids(Author.objects.filter(age__range=(17, 40))))
pair("smallest 32-bit integer")(lambda: ids(Author.objects.filter(age=-(2**31))))
pair("largest 64-bit integer")(lambda: ids(Country.objects.filter(population=2**63 - 1)))
pair("smallest 64-bit integer")(lambda: ids(Country.objects.filter(population=-(2**63))))
pair("boolean")(lambda: ids(Author.objects.filter(is_active=True)))
pair("boolean false")(lambda: ids(Author.objects.filter(is_active=False)))
pair("nullable boolean is not true")(lambda: ids(Book.objects.exclude(in_print=True)))
pair("is NULL")(lambda: ids(Book.objects.filter(publisher__isnull=True)))
pair("is not NULL")(lambda: ids(Book.objects.filter(published__isnull=False)))
pair("decimal equals")(lambda: ids(Book.objects.filter(price=Decimal("9.99"))))
pair("decimal between")(lambda: ids(Book.objects.filter(price__gte=Decimal("-5.25"), price__lt=Decimal("12.50"))))
pair("largest decimal")(lambda: ids(Book.objects.filter(price=Decimal("9999999999.99"))))
pair("first day of the calendar")(lambda: ids(Author.objects.filter(born=date(1, 1, 1))))
pair("last day of the calendar")(lambda: ids(Author.objects.filter(born=date(9999, 12, 31))))
pair("duration greater")(lambda: ids(Employee.objects.filter(leave__gt=timedelta(hours=1))))
pair("negative duration")(lambda: ids(Employee.objects.filter(leave__lt=timedelta(0))))
pair("floating point equals")(lambda: ids(Author.objects.filter(rating=3.25)))
pair("tiny floating point")(lambda: ids(Author.objects.filter(rating=1e-300)))
pair("in a list")(lambda: ids(Review.objects.filter(stars__in=[1, 5])))
pair("not in a list")(lambda: ids(Review.objects.exclude(stars__in=[1, 5])))
pair("not in a list, NULL stays")(lambda: ids(Author.objects.exclude(age__in=[40, 99])))
pair("column against column")(lambda: ids(OrderLine.objects.filter(unit_price=F("book__price"))))
pair("column less than column")(lambda: ids(OrderLine.objects.filter(unit_price__lt=F("book__price"))))

# Text
pair("contains is case-sensitive", True)(lambda: ids(Book.objects.filter(title__contains="alpha")) if not _sqlite() else _by_case("contains", "alpha"))
pair("icontains")(lambda: ids(Book.objects.alias(low=Lower("title")).filter(low__contains="alpha")))
pair("starts with")(lambda: ids(Book.objects.filter(title__startswith="δ")))
pair("ends with")(lambda: ids(Book.objects.filter(title__endswith="日本語")))
pair("a percent sign is no wildcard")(lambda: ids(Book.objects.filter(title__contains="%")))
pair("an underscore is no wildcard")(lambda: ids(Book.objects.filter(title__contains="_")))
pair("a backslash is no escape")(lambda: ids(Book.objects.filter(title__contains="\\")))
pair("a quote is no end")(lambda: ids(Book.objects.filter(title__contains="'")))
pair("an emoji")(lambda: ids(Book.objects.filter(title__contains="🦆")))
pair("iexact")(lambda: ids(Order.objects.alias(low=Lower("status")).filter(low="paid")))
pair("exact is case-sensitive")(lambda: ids(Order.objects.filter(status="paid")))
pair("lower")(lambda: Order.objects.annotate(low=Lower("status")).order_by("id").values_list("id", "low"))
pair("length in code points")(lambda: Tag.objects.annotate(n=Length("name")).order_by("id").values_list("id", "n"))
pair("concatenation")(lambda: Country.objects.annotate(both=Concat("code", Value(": "), "name")).order_by("id").values_list("both"))

# Joins
pair("across a foreign key")(lambda: ids(Book.objects.filter(author__country__code="JP")))
pair("across a nullable foreign key")(lambda: ids(Book.objects.filter(publisher__name="alpha")))
pair("not across a nullable foreign key, NULL stays")(lambda: ids(Book.objects.exclude(publisher__name="alpha")))
pair("two hops over a nullable key")(lambda: ids(Book.objects.filter(publisher__country__code="DE")))
pair("self-reference")(lambda: ids(Employee.objects.filter(manager__salary__gt=50_000)))
pair("a manager earns less")(lambda: ids(Employee.objects.filter(salary__gt=F("manager__salary"))))
pair("or of two tables")(lambda: ids(Book.objects.filter(Q(author__name__contains="日") | Q(publisher__name="beta"))))
pair("values of a joined table")(lambda: Book.objects.order_by("id").values_list("id", "author__name", "publisher__name"))

# To-many
pair("has reviews")(lambda: ids(Book.objects.filter(Exists(Review.objects.filter(book=OuterRef("pk"))))))
pair("has no reviews")(lambda: ids(Book.objects.filter(~Exists(Review.objects.filter(book=OuterRef("pk"))))))
pair("has a five-star review")(lambda: ids(Book.objects.filter(reviews__stars=5).distinct()))
pair("all reviews have two stars or more")(lambda: ids(Book.objects.exclude(reviews__stars__lt=2)))
pair("tagged")(lambda: ids(Book.objects.filter(tags__name="alpha").distinct()))
pair("number of reviews")(lambda: Book.objects.annotate(n=Count("reviews")).order_by("id").values_list("id", "n"))
pair("two counts do not multiply")(lambda: Book.objects.annotate(n=Count("reviews", distinct=True), m=Count("tags", distinct=True)).order_by("id").values_list("id", "n", "m"))
pair("number of good reviews")(lambda: Book.objects.annotate(n=Count("reviews", filter=Q(reviews__stars__gte=4))).order_by("id").values_list("id", "n"))
pair("best review")(lambda: Book.objects.annotate(n=Max("reviews__stars")).order_by("id").values_list("id", "n"))
pair("worst review")(lambda: Book.objects.annotate(n=Min("reviews__stars")).order_by("id").values_list("id", "n"))
pair("sum of quantities")(lambda: Order.objects.annotate(n=Sum("lines__quantity")).order_by("id").values_list("id", "n"))
pair("busy authors")(lambda: Author.objects.annotate(n=Count("books")).filter(n__gt=3).order_by("id").values_list("id", "n"))
pair("reports of a manager")(lambda: Employee.objects.annotate(n=Count("reports")).filter(n__gt=0).order_by("id").values_list("id", "n"))

# Subqueries
pair("in a subquery")(lambda: ids(Book.objects.filter(author__in=Author.objects.filter(age__gt=18).values("id"))))
pair("not in a subquery")(lambda: ids(Book.objects.exclude(author__in=Author.objects.filter(age__gt=18).values("id"))))
pair("not in a subquery with NULLs")(lambda: ids(Country.objects.exclude(id__in=Publisher.objects.filter(country__isnull=False).values("country_id"))))

# Grouping
pair("count by status")(lambda: Order.objects.values("status").annotate(n=Count("*")).order_by("status").values_list("status", "n"))
# By hand: MariaDB rounds Django's mean of integers.
pair("average by reviewer")(
    lambda: [
        (name, float(total) / number)
        for name, total, number in Review.objects.values("reviewer").annotate(s=Sum("stars"), n=Count("*")).order_by("reviewer").values_list("reviewer", "s", "n")
    ]
)
pair("sum of decimals by status")(lambda: Order.objects.values("status").annotate(s=Sum("total")).order_by("status").values_list("status", "s"))
pair("having")(lambda: Review.objects.values("reviewer").annotate(n=Count("*")).filter(n__gt=14).order_by("reviewer").values_list("reviewer", "n"))
pair("count distinct")(lambda: Review.objects.aggregate(n=Count("reviewer", distinct=True)))
pair("aggregates of no rows")(lambda: Review.objects.filter(stars=9).aggregate(n=Count("*"), s=Sum("stars"), a=Avg("stars"), m=Max("stars")))
pair("aggregate across a join")(lambda: Book.objects.values("author__country__code").annotate(n=Count("*"), p=Sum("price")).order_by("author__country__code").values_list("author__country__code", "n", "p"))
pair("conditional count")(lambda: Review.objects.aggregate(good=Count("id", filter=Q(stars__gte=4)), bad=Count("id", filter=Q(stars__lte=2))))
pair("group by year")(lambda: Book.objects.filter(published__isnull=False).annotate(y=ExtractYear("published")).values("y").annotate(n=Count("*")).order_by("y").values_list("y", "n"))

# Computed values
pair("case")(lambda: Book.objects.annotate(size=Case(When(pages__gt=200, then=Value("long")), When(pages__gt=50, then=Value("middle")), default=Value("short"))).order_by("id").values_list("id", "size"))
pair("coalesce")(lambda: Author.objects.annotate(n=Coalesce("age", Value(-1))).order_by("id").values_list("id", "n"))
pair("arithmetic")(lambda: OrderLine.objects.filter(quantity__lt=100).annotate(sum=F("quantity") * 3 + 1).order_by("id").values_list("id", "sum"))
pair("product of decimals")(lambda: OrderLine.objects.filter(quantity__lt=100).annotate(sum=F("unit_price") * F("quantity")).order_by("id").values_list("id", "sum"))
pair("parts of a moment")(lambda: Review.objects.order_by("id").values_list("created__year", "created__month", "created__day", "created__hour", "created__minute", "created__second"))
pair("weekday")(lambda: Review.objects.order_by("id").values_list("id", "created__iso_week_day"))
pair("the day of a moment")(lambda: Review.objects.order_by("id").values_list("id", "created__date"))
pair("filter by year")(lambda: ids(Review.objects.filter(created__year=2010)))

# Order, pages, distinct
pair("order by two keys")(lambda: Book.objects.order_by("-price", "title", "id").values_list("id"))
pair("nulls last")(lambda: Author.objects.order_by(F("age").asc(nulls_last=True), "id").values_list("id", "age"))
pair("nulls first, descending")(lambda: Author.objects.order_by(F("age").desc(nulls_first=True), "id").values_list("id", "age"))
pair("order across a join")(lambda: Book.objects.order_by("author__country__name", "id").values_list("id"))
pair("order of texts is that of code points")(lambda: Tag.objects.order_by("name").values_list("name"))
pair("a page")(lambda: Book.objects.order_by("id")[20:30].values_list("id"))
pair("beyond the last page")(lambda: Book.objects.order_by("id")[500:510].values_list("id"))
pair("distinct")(lambda: Book.objects.order_by("pages").values_list("pages").distinct())
pair("count")(lambda: Book.objects.filter(pages__gt=0).count())
pair("count of distinct pairs")(lambda: Book.objects.values("pages", "in_print").distinct().count())
pair("exists")(lambda: Book.objects.filter(pages__gt=32766).exists())
pair("exists not")(lambda: Book.objects.filter(title="no such title").exists())


def _sqlite() -> bool:
    from django.db import connection

    return connection.vendor == "sqlite"


def _by_case(lookup: str, text: str) -> list[tuple]:
    """Django's `contains` ignores ASCII case on SQLite (its LIKE does); Martlet's does not: docs/coming-from-django.md."""
    rows = Book.objects.filter(**{f"title__{lookup}": text}).order_by("id").values_list("id", "title")
    return [(key,) for key, title in rows if text in title]
