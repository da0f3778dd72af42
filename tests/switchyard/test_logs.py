"""The log of the web: one line for a refusal, a traceback for a fault of ours."""

import logging
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog
from django.test import Client
from switchyard.logs import without_traceback

from jobs.models import Role
from jobs.testing import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What the platform's own handler writes."""
    [handler] = [
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler, logging.StreamHandler) and without_traceback in handler.filters
    ]
    stream = StringIO()
    before = handler.setStream(stream)
    yield stream
    handler.setStream(before)


def test_refused_page_is_one_warning_without_a_traceback(client: Client, log: StringIO) -> None:
    client.force_login(make_person())
    assert client.get("/ops/").status_code == 403
    [line] = log.getvalue().splitlines()
    assert "level='warning' event='Forbidden (Permission denied): /ops/'" in line


def test_page_that_is_not_there_is_one_warning(client: Client, log: StringIO) -> None:
    client.force_login(make_person())
    assert client.get("/jobs/999999/").status_code == 404
    [line] = log.getvalue().splitlines()
    assert "level='warning' event='Not Found: /jobs/999999/'" in line


def test_request_for_a_host_that_is_not_ours_has_no_traceback(client: Client, log: StringIO) -> None:
    assert client.get("/jobs/", headers={"Host": "elsewhere.example"}).status_code == 400
    assert "elsewhere.example" in log.getvalue()
    assert "Traceback" not in log.getvalue()


def test_traceback_has_no_mail_addresses_whoever_logs_it(log: StringIO) -> None:
    error = LookupError("Nobody is called ana@uni.example.")
    structlog.get_logger().error("crashed", exc_info=error)
    logging.getLogger("django.request").critical("Crashed", exc_info=error)
    assert log.getvalue().count("LookupError: Nobody is called [address]") == 2
    assert "ana@" not in log.getvalue()


def test_fault_of_ours_keeps_its_traceback(
    client: Client, log: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.queries.lanes_now", None)
    client.raise_request_exception = False
    client.force_login(make_person(role=Role.OPS))
    assert client.get("/ops/").status_code == 500
    assert "Internal Server Error: /ops/" in log.getvalue()
    assert "TypeError: " in log.getvalue()
