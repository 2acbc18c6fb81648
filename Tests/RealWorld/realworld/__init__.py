"""Checks of the RealWorld API (Conduit), written from its OpenAPI document."""

# Importing a module registers its checks; they run in this order.
from . import users, profiles, articles, lists, comments, badinput, served  # noqa: F401
