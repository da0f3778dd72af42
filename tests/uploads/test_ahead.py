"""Items made in advance."""

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from uploads.ahead import ahead


def test_the_next_item_is_made_while_one_is_worked_on() -> None:
    is_second_made = threading.Event()

    def items() -> Iterator[str]:
        yield "first"
        is_second_made.set()
        yield "second"

    found = ahead(items())
    assert next(found) == "first"
    assert is_second_made.wait(10)
    assert list(found) == ["second"]


def test_what_fails_in_making_an_item_fails_where_it_is_asked_for() -> None:
    def items() -> Iterator[str]:
        yield "first"
        message = "no second"
        raise ValueError(message)

    found = ahead(items())
    assert next(found) == "first"
    with pytest.raises(ValueError, match="no second"):
        next(found)


def test_who_leaves_early_leaves_no_thread() -> None:
    before = threading.active_count()
    with closing(ahead(iter("abc"))) as found:
        assert next(found) == "a"
    assert threading.active_count() == before
