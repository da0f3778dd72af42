"""What is the same for everybody is read once a second in each process."""

import threading
from collections.abc import Iterator

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from jobs.expecting import expect
from jobs.lately import Lately
from jobs.models import School
from jobs.testing import make_school
from tests.jobs.conftest import Steps


class Clock:
    """Tells the time that a test sets."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """Values are kept for a second by this clock."""
    clock = Clock()
    monkeypatch.setattr("jobs.lately.time.monotonic", clock)
    monkeypatch.setattr(Lately, "seconds", 1.0)
    return clock


def test_value_is_read_anew_after_a_second(clock: Clock) -> None:
    read: list[str] = []
    values = Lately(lambda name: read.append(name) or len(read))
    assert (values.get("mail"), values.get("mail"), values.get("bulk")) == (1, 1, 2)
    clock.now += 1
    assert (values.get("mail"), read) == (3, ["mail", "bulk", "mail"])


def test_while_one_reads_others_go_on_with_what_was_read_before(clock: Clock) -> None:
    begun, go_on, read = threading.Event(), threading.Event(), iter(["old", "new"])

    def wait_and_read(_name: str) -> str:
        value = next(read)
        if value == "new":
            begun.set()
            assert go_on.wait(10)
        return value

    values = Lately(wait_and_read)
    values.get("mail")
    clock.now += 1
    reader = threading.Thread(target=values.get, args=["mail"])
    reader.start()
    assert begun.wait(10)
    assert values.get("mail") == "old"
    go_on.set()
    reader.join()
    assert values.get("mail") == "new"


def test_what_could_not_be_read_is_tried_again(clock: Clock) -> None:
    answers = iter(["first", OSError("away"), "second"])

    def read(_name: str) -> str:
        answer = next(answers)
        if isinstance(answer, OSError):
            raise answer
        return answer

    values = Lately(read)
    values.get("mail")
    clock.now += 1
    with pytest.raises(OSError, match="away"):
        values.get("mail")
    assert values.get("mail") == "second"


@pytest.mark.usefixtures("clock")
def test_backlog_of_a_lane_is_read_once_for_all_schools(
    steps: Steps, school: School, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ours, theirs = steps.submit(school, 4), steps.submit(make_school(name="Lakeside College"), 4)
    expect([ours], now=timezone.now())
    with django_assert_num_queries(2):  # the workers, and the job's own line
        expect([theirs], now=timezone.now())
