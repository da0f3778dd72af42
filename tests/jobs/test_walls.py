"""Around which school the wall stands while a part is worked on."""

from typing import Any, ClassVar

import pytest
from django.db import connection

from jobs import execution, walls
from jobs.models import JobState, School
from jobs.registry import Kind
from jobs.submission import submit
from jobs.testing import heard_doorbells, kind_in_lane, make_school, run_parts
from jobs.verbs import PartPlan, WorkingPart

pytestmark = pytest.mark.django_db


class Standing(Kind):
    """Keeps around whom the wall stood in each of its verbs."""

    label = "Standing"
    unit = "units"
    stood: ClassVar[list[int | None]]

    def plan(self, _: Any) -> Any:
        self.stood.append(walls.standing())
        yield PartPlan(units=1)
        self.stood.append(walls.standing())

    def work(self, _: WorkingPart) -> None:
        self.stood.append(walls.standing())

    def finish(self, _: Any) -> None:
        self.stood.append(walls.standing())


class Seeing(Standing):
    """Sees all schools."""

    looks_at_all_schools = True


class Failing(Kind):
    """Asks something, and crashes."""

    label = "Failing"
    unit = "units"
    roles: ClassVar[list[str]] = []

    def work(self, _: WorkingPart) -> None:
        self.roles[:] = [current_role()]
        message = "A fault of ours."
        raise ValueError(message)


def current_role() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return str(cursor.fetchone()[0])


def stood_around(kind: type[Standing], *schools: School) -> list[int | None]:
    """Return around whom the wall stood while a job of each of the schools was done."""
    kind.stood = []
    with kind_in_lane(kind, name="tests.standing", lane="mail"):
        jobs = [
            submit(kind="tests.standing", school=each, by=None, arguments={}, key="one") for each in schools
        ]
        run_parts(lane="mail")
        for job in jobs:
            job.refresh_from_db()
            assert job.state == JobState.DONE
    return kind.stood


def test_each_verb_is_walled_for_the_parts_school() -> None:
    ours, theirs = make_school(), make_school()
    stood = stood_around(Standing, ours, theirs)
    assert sorted(stood, key=str) == sorted([ours.pk] * 4 + [theirs.pk] * 4, key=str)
    assert walls.standing() is None


def test_a_kind_of_the_platform_looks_at_all_schools() -> None:
    assert stood_around(Seeing, make_school()) == [None] * 4


def test_a_part_that_crashed_leaves_no_wall() -> None:
    with kind_in_lane(Failing, name="tests.standing", lane="mail"), heard_doorbells():
        submit(kind="tests.standing", school=make_school(), by=None, arguments={}, key="one")
        assert execution.answer(lane="mail", worker="test")
    assert Failing.roles == ["switchyard_school"]
    assert walls.standing() is None
    assert current_role() != "switchyard_school"
