"""A database that breaks off its connections while a part is at work."""

import logging
import threading
from collections.abc import Iterator
from contextlib import suppress

import psycopg2
import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection

from jobs import execution
from jobs.arguments import Arguments
from jobs.failing import UNEXPECTED
from jobs.insisting import insist
from jobs.models import Attempt, Job, JobState, PartState, School
from jobs.registry import Kind
from jobs.retries import TemporaryFailure
from jobs.submission import submit
from jobs.testing import heard_doorbells, kind_in_lane
from jobs.verbs import WorkingPart

OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
)


class CutArguments(Arguments):
    """Whether it fails."""

    fails: bool


class Cut(Kind):
    """Its work ends with all connections to the database broken, well or not."""

    label = "Cut"
    unit = "units"
    arguments = CutArguments

    def work(self, part: WorkingPart) -> None:
        break_connections()
        if part.arguments["fails"]:
            message = "Busy."
            raise TemporaryFailure(message)


class Asking(Cut):
    """Asks the database after its connection was broken."""

    def work(self, _: WorkingPart) -> None:
        break_connections()
        School.objects.count()


class Crashing(Cut):
    """Crashes while the database is away."""

    def work(self, _: WorkingPart) -> None:
        break_connections()
        message = "A fault of ours."
        raise ValueError(message)


def break_connections() -> None:
    database = connection.settings_dict
    parameters = {name.lower(): database[name] for name in ("HOST", "PORT", "USER", "PASSWORD")}
    other = psycopg2.connect(dbname=database["NAME"], **parameters)
    with other.cursor() as cursor:
        cursor.execute(OTHERS, [database["NAME"]])
    other.close()


@pytest.fixture
def cut() -> Iterator[Kind]:
    with kind_in_lane(Cut, name="tests.cut", lane="mail") as kind, heard_doorbells():
        yield kind


def worked_on(*, fails: bool) -> Job:
    """Return a job whose one part was worked on, as the database has it then."""
    school = School.objects.create(name="Cut", slug="cut")
    job = submit(kind="tests.cut", school=school, by=None, arguments={"fails": fails}, key="one")
    assert execution.answer(lane="mail", worker="test")
    job.refresh_from_db()
    return job


@pytest.mark.django_db(transaction=True)
def test_work_that_is_done_when_the_database_breaks_off_stays_done(cut: Kind) -> None:
    assert worked_on(fails=False).state == JobState.DONE


@pytest.mark.django_db(transaction=True)
def test_failure_is_written_down_when_the_database_is_back(cut: Kind) -> None:
    worked_on(fails=True)
    assert list(Attempt.objects.values_list("error", flat=True)) == ["Busy."]


def lines_of(caplog: pytest.LogCaptureFixture, event: str) -> list[logging.LogRecord]:
    return [record for record in caplog.records if f"'event': '{event}'" in record.getMessage()]


@pytest.mark.django_db(transaction=True)
def test_part_that_meets_no_database_is_one_warning_and_no_crash(caplog: pytest.LogCaptureFixture) -> None:
    with kind_in_lane(Asking, name="tests.cut", lane="mail"), heard_doorbells():
        job = worked_on(fails=False)
    (line,) = lines_of(caplog, "part_met_no_database")
    assert (line.levelname, "Traceback" in caplog.text) == ("WARNING", False)
    assert lines_of(caplog, "part_crashed") == []
    (part,) = job.parts.all()
    assert (part.state, part.error) == (PartState.DELAYED, UNEXPECTED)


@pytest.mark.django_db(transaction=True)
def test_crash_while_the_database_is_away_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    with kind_in_lane(Crashing, name="tests.cut", lane="mail"), heard_doorbells():
        worked_on(fails=False)
    assert len(lines_of(caplog, "part_crashed")) == 1
    assert len(lines_of(caplog, "database_broke_off")) == 1


@pytest.mark.django_db(transaction=True)
def test_database_that_stays_away_is_an_error_in_the_end() -> None:
    def write() -> None:
        message = "away"
        raise OperationalError(message)

    with pytest.raises(OperationalError):
        insist(write, seconds=0.3)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("error", "times"), [(DatabaseError, 2), (IntegrityError, 1)])
def test_only_what_broke_off_is_asked_again(error: type[DatabaseError], times: int) -> None:
    asked: list[int] = []

    def write() -> None:
        asked.append(1)
        if len(asked) == 1:
            # psycopg2 says this without a class of its own when the server ends in the middle of an answer.
            message = "server closed the connection unexpectedly"
            raise error(message)

    with suppress(IntegrityError):
        insist(write, seconds=5)
    assert len(asked) == times


@pytest.mark.django_db(transaction=True)
def test_database_that_took_long_to_break_off_is_asked_again() -> None:
    asked: list[int] = []

    def write() -> None:
        asked.append(1)
        if len(asked) == 1:
            threading.Event().wait(0.4)
            message = "silent, then broken off"
            raise OperationalError(message)

    insist(write, seconds=0.3)
    assert len(asked) == 2
