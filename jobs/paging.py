"""Pages of lists that may be very long."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet

MOST = 1000
"""Rows whose pages are counted and turned; nobody turns to the rest, which a search finds."""


class NewestPages(Paginator):  # type: ignore[type-arg]  # it takes none when it runs
    """The pages of the first `MOST` rows: to count millions of rows for each look would take a second."""

    object_list: QuerySet[Any]

    @property
    def count(self) -> int:
        """How many rows there are, `MOST` at most."""
        return min(self._found, MOST)

    @property
    def is_cut(self) -> bool:
        """Whether there are more rows than pages show."""
        return self._found > MOST

    @cached_property
    def _found(self) -> int:
        found: int = self.object_list.order_by()[: MOST + 1].count()
        return found
