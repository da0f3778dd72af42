"""Pages do not wait for a broker that hangs."""

import threading
import time
from collections.abc import Iterator
from unittest import mock

import pytest
from django.test import Client

from jobs import publishing
from jobs.depths import PATIENCE_SECONDS, Asker
from jobs.models import Role
from jobs.testing import make_person, wait_until


@pytest.fixture
def hang() -> Iterator[threading.Event]:
    """Let the broker hang until the event is set; then it has 3 doorbells for each lane."""
    answers = threading.Event()

    def depths(lanes: list[str]) -> dict[str, int]:
        answers.wait(timeout=30)
        return dict.fromkeys(lanes, 3)

    with mock.patch.object(publishing, "depths", side_effect=depths):
        yield answers
        answers.set()


def test_broker_that_answers_is_believed(hang: threading.Event) -> None:
    hang.set()
    assert Asker().depths(["mail"]) == {"mail": 3}


def test_pages_wait_once_for_a_broker_that_hangs(hang: threading.Event) -> None:
    asker = Asker()
    began = time.monotonic()
    for _ in range(20):
        assert asker.depths(["mail"]) == {}
    assert time.monotonic() - began < 5 * PATIENCE_SECONDS
    assert publishing.depths.call_count == 1  # type: ignore[attr-defined]  # mocked


def test_broker_that_answers_again_is_asked_anew(hang: threading.Event) -> None:
    asker = Asker()
    assert asker.depths(["mail"]) == {}
    hang.set()
    wait_until(lambda: asker.depths(["mail"]) == {"mail": 3})


@pytest.mark.django_db
def test_ops_page_comes_and_says_that_the_broker_does_not_answer(
    client: Client, hang: threading.Event
) -> None:
    client.force_login(make_person(role=Role.OPS))
    hang.set()
    client.get("/ops/lanes/")  # compiles templates
    hang.clear()
    began = time.monotonic()
    page = client.get("/ops/lanes/").content.decode()
    assert time.monotonic() - began < 1
    assert "The broker does not answer" in page
    assert "no answer" in page
    hang.set()

    def says_nothing() -> bool:
        return "The broker does not answer" not in client.get("/ops/lanes/").content.decode()

    wait_until(says_nothing)
