"""Connections to a relay that does at each step what a test says."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from emails.smtp.lines import Line
from emails.smtp.routes import Route
from tests.emails.steps import StepRelay


@pytest.fixture
def route(steps: StepRelay) -> Route:
    """The way to it."""
    return Route(
        host="127.0.0.1", port=steps.port, local_name="tests.example", timeout_seconds=5, verdict_seconds=5
    )


@pytest.fixture
def dial() -> Iterator[Callable[[Route], Line]]:
    """Open connections, which the end of the test closes."""
    with ExitStack() as opened:

        def call(route: Route) -> Line:
            line = Line.connect(route)
            opened.callback(line.close)
            return line

        yield call


@pytest.fixture
def line(dial: Callable[[Route], Line], route: Route) -> Line:
    """A connection to it."""
    return dial(route)
