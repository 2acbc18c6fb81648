"""Checks are functions with a name that states a fact; they run in the order in which they stand."""

from __future__ import annotations

from typing import Callable

from .client import API

Check = Callable[[API], None]
CHECKS: list[tuple[str, Check]] = []

BLANK = ["can't be blank"]
TAKEN = ["has already been taken"]
NO_TOKEN = {"token": ["is missing"]}
BAD_CREDENTIALS = {"credentials": ["invalid"]}
# Neither the document nor its prose says which of the two a token that is not valid gets.
BAD_TOKEN = ({"credentials": ["invalid"]}, {"token": ["is invalid"]})


def check(name: str) -> Callable[[Check], Check]:
    def register(function: Check) -> Check:
        CHECKS.append((name, function))
        return function

    return register
