"""What every Python peer does alike: random rows, and the number that a client asks for."""

import random

WORLDS, MOST = 10_000, 500
ADDED = "Additional fortune added at request time."
# Five for each of two processes: ten connections in all, as every other contender has.
CONNECTIONS = 5


def count(text: str | None) -> int:
    """From 1 to 500; what is no number is 1."""
    try:
        return min(max(int(text or 1), 1), MOST)
    except ValueError:
        return 1


def any_id() -> int:
    return int(random.random() * WORLDS) + 1


def some_ids(number: int) -> list[int]:
    """Different ones, in order, so that two updates cannot wait for each other."""
    return sorted(random.sample(range(1, WORLDS + 1), number))
