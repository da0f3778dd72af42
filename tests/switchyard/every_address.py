"""Every address of the platform, filled in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

WORDS = {
    "app_label": "jobs",
    "code": "unknown",
    "content_type_id": "1",
    "form": "packet",
    "lane": "mail",
    "name": "mail",
    "object_id": "{number}",
    "path": "broker",
    "provider": "postmark",
    "provider_id": "{slug}",
    "secret": "forged",
    "slug": "{slug}",
    "token": "forged",
    "update": "unknown",
}
"""What stands for a part of an address that is no number. No token here is one that the platform made."""
PART = re.compile(r"<(?:(\w+):)?(\w+)>")
CATCH_ALL = ("^(?P<url>.*)$", "(?P<url>.*)$", "")
"""Patterns that answer 404 to whatever nothing else takes."""

APPS_OF_ADMIN = "^(?P<app_label>"


@dataclass(frozen=True, kw_only=True)
class Address:
    """An address, and what leads to it."""

    name: str
    """As `reverse` takes it; the route where it has none."""
    path: str
    has_number: bool
    """Whether it names a row by its id."""


def every_address(*, number: int, slug: str) -> list[Address]:
    """Return all addresses; each id in them is `number`, each short name of a school `slug`.

    Raises:
        AssertionError: a part of an address is of a sort that nobody has told here.
    """
    return list(_below(get_resolver().url_patterns, before="/", space="", filled=(number, slug)))


def _below(patterns: Any, *, before: str, space: str, filled: tuple[int, str]) -> Iterator[Address]:
    for each in patterns:
        if str(each.pattern) in CATCH_ALL and not isinstance(each.pattern, RoutePattern):
            continue
        route = before + _fill(each.pattern, *filled)
        if isinstance(each, URLResolver):
            inner = f"{space}{each.namespace}:" if each.namespace else space
            yield from _below(each.url_patterns, before=route, space=inner, filled=filled)
        elif isinstance(each, URLPattern):
            yield Address(
                name=f"{space}{each.name}" if each.name else route,
                path=route,
                has_number=str(filled[0]) in route,
            )


def _fill(pattern: Any, number: int, slug: str) -> str:
    route = str(pattern)
    if not isinstance(pattern, RoutePattern):
        if not route.startswith(APPS_OF_ADMIN):
            message = f"{route!r} is a regular expression, which every_address.py cannot fill in."
            raise AssertionError(message)
        return "jobs/"

    def part(found: re.Match[str]) -> str:
        sort, name = found.groups()
        if sort == "int":
            return str(number)
        if name not in WORDS:
            message = (
                f"Nobody knows how to fill in {found[0]} of {route!r}. "
                "Say in WORDS of tests/switchyard/every_address.py what stands there."
            )
            raise AssertionError(message)
        return WORDS[name].format(number=number, slug=slug)

    return PART.sub(part, route)
