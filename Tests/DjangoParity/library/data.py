"""Rows with NULLs, ties, Unicode and the extremes of each type; the same for every run."""

import random
import uuid
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

from .models import Author, Book, Country, Employee, Order, OrderLine, Publisher, Review, Tag

WORDS = ["alpha", "Alpha", "beta", "Beta%", "ga_mma", "δέλτα", "Éclair", "éclair", "naïve", "Straße", "日本語", "🦆 duck",
         "it's", 'say "hi"', "back\\slash", "zeta", "Zeta", "100%", "a  b", "tab\tbed"]


def moment(source: random.Random) -> datetime:
    base = datetime(2001, 1, 1, tzinfo=timezone.utc)
    return base + timedelta(days=source.randrange(9000), seconds=source.randrange(86400), microseconds=source.choice([0, 1, 500000, 999999]))


def maybe(source: random.Random, value, share: float = 0.25):
    return None if source.random() < share else value


def fill() -> None:
    source = random.Random(20240229)
    countries = [
        Country(code=code, name=name, population=population)
        for code, name, population in [
            ("DE", "Deutschland", 83_000_000), ("FR", "France", 68_000_000), ("JP", "日本", 124_000_000),
            ("AQ", "Antarctica", 0), ("XX", "Nowhere", None), ("ZZ", "Ωmega", 2**63 - 1), ("YY", "ångström", -(2**63)),
        ]
    ]
    Country.objects.bulk_create(countries)
    countries = list(Country.objects.order_by("id"))
    Author.objects.bulk_create(
        Author(
            name=f"{source.choice(WORDS)} {source.choice(WORDS)}", email=f"a{n}@example.org",
            age=maybe(source, source.choice([0, 17, 18, 40, 40, 99, 2**31 - 1, -(2**31)])),
            rating=maybe(source, source.choice([0.0, -1.5, 3.25, 3.25, 4.5, 1e-300, 1.7e308])),
            is_active=source.random() < 0.7,
            born=maybe(source, source.choice([date(1, 1, 1), date(9999, 12, 31), date(1900, 2, 28), date(2000, 2, 29), date(1970, 1, 1)])),
            joined=moment(source), country=source.choice(countries),
        )
        for n in range(40)
    )
    authors = list(Author.objects.order_by("id"))
    Publisher.objects.bulk_create(
        Publisher(name=word, founded=maybe(source, source.choice([1750, 1999, -32768, 32767])), country=maybe(source, source.choice(countries)))
        for word in WORDS[:10]
    )
    publishers = list(Publisher.objects.order_by("id"))
    Tag.objects.bulk_create(Tag(name=word) for word in WORDS)
    tags = list(Tag.objects.order_by("id"))
    Book.objects.bulk_create(
        Book(
            title=f"{source.choice(WORDS)} {source.choice(WORDS)}", isbn=f"isbn-{n:04}",
            price=source.choice([Decimal("0.00"), Decimal("9.99"), Decimal("9.99"), Decimal("12.50"), Decimal("9999999999.99"), Decimal("-5.25")]),
            pages=source.choice([0, 100, 100, 250, 32767, -32768]),
            published=maybe(source, date(2000 + source.randrange(24), 1 + source.randrange(12), 1 + source.randrange(28))),
            in_print=maybe(source, source.random() < 0.5), blurb=maybe(source, source.choice(WORDS + [""])),
            key=uuid.UUID(int=source.getrandbits(128), version=4), author=source.choice(authors), publisher=maybe(source, source.choice(publishers)),
        )
        for n in range(120)
    )
    books = list(Book.objects.order_by("id"))
    for book in books:
        book.tags.set(source.sample(tags, source.randrange(4)))
    Review.objects.bulk_create(
        Review(book=source.choice(books), reviewer=source.choice(WORDS), stars=source.randrange(1, 6), text=source.choice(WORDS), created=moment(source))
        for _ in range(300)
    )
    Order.objects.bulk_create(
        Order(
            customer=source.choice(WORDS), placed_at=maybe(source, moment(source)),
            total=maybe(source, source.choice([Decimal("0"), Decimal("10.10"), Decimal("999999999999.99"), Decimal("-0.01")])),
            status=source.choice(["new", "paid", "sent", "Paid"]),
        )
        for _ in range(80)
    )
    orders = list(Order.objects.order_by("id"))
    OrderLine.objects.bulk_create(
        OrderLine(order=source.choice(orders), book=source.choice(books), quantity=source.choice([1, 1, 2, 3, 10, 2**31 - 1]),
                  unit_price=source.choice([Decimal("9.99"), Decimal("0.01"), Decimal("12.50")]))
        for _ in range(250)
    )
    for n in range(30):
        managers = list(Employee.objects.order_by("id"))
        Employee.objects.create(
            name=source.choice(WORDS), salary=source.choice([0, 50_000, 50_000, 75_000, 2**40]), hired=date(2010 + n % 12, 1 + n % 12, 1 + n % 28),
            shift=maybe(source, source.choice([time(0), time(8, 30), time(23, 59, 59, 999999)])),
            leave=maybe(source, source.choice([timedelta(0), timedelta(days=30), timedelta(days=-1, microseconds=1), timedelta(hours=30)])),
            manager=maybe(source, source.choice(managers), 0.2) if managers else None,
        )
