"""A relay that does at each step what a test says, and files to attach."""

import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from emails.smtp.lines import Line
from emails.smtp.routes import Route
from emails.smtp.spool import Spool
from emails.smtp.tails import Enclosed
from tests.emails.steps import StepRelay

Enclose = Callable[..., Enclosed]


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


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """An empty spool of 100 MB."""
    return Spool(folder=tmp_path / "spool", budget_bytes=100 << 20)


@pytest.fixture
def enclosed() -> Enclose:
    """Return a file to be attached, made of its content."""

    def enclose(content: bytes, *, name: str = "map.pdf", media_type: str = "application/pdf") -> Enclosed:
        digest = hashlib.sha256(content).hexdigest()
        return Enclosed(
            sha256=digest,
            size=len(content),
            name=name,
            media_type=media_type,
            open=lambda: io.BytesIO(content),
        )

    return enclose
