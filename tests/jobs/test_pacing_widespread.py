"""Where an outside service is slow for all that goes to it, nobody moves unless that helps other work."""

from typing import Any

import pytest
from django.utils import timezone

from jobs.models import Job, Part, School
from jobs.registry import Kind
from jobs.submission import submit
from jobs.testing import kind_in_lane, make_school
from tests.jobs.slow_jobs import LATER, be_slow, planned, take, watch

pytestmark = pytest.mark.usefixtures("slow_companion")


class Inside(Kind):
    """Asks no outside service."""

    label, unit = "Inside", "units"


@pytest.fixture(autouse=True)
def _outside(steps: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs of the kind `tests.steps` go to the relay."""
    monkeypatch.setattr(steps, "service", "relay")


def lanes() -> list[str]:
    return list(Job.objects.order_by("pk").values_list("lane", flat=True))


def test_nobody_moves_where_the_service_is_slow_for_all(steps: Any, school: School) -> None:
    be_slow(steps, school)
    be_slow(steps, make_school(), key="two")
    assert watch(now=timezone.now() + LATER) == 0
    assert lanes() == ["mail", "mail"]


def test_all_move_where_other_work_gets_their_workers(steps: Any, school: School) -> None:
    be_slow(steps, school)
    be_slow(steps, make_school(), key="two")
    with kind_in_lane(Inside, name="tests.inside", lane="mail"):
        submit(kind="tests.inside", school=school, by=None, arguments={}, key="inside", title="Inside")
        assert watch(now=timezone.now() + LATER) == 2
    assert lanes() == ["bulk", "bulk", "mail"]


def test_slow_job_moves_where_the_service_is_quick_for_another_one(steps: Any, school: School) -> None:
    be_slow(steps, school)
    planned(steps, make_school(), 200, 200, key="quick")
    Part.objects.filter(pk=take().part.pk).update(units_done=190)
    assert watch(now=timezone.now() + LATER) == 1
    assert lanes() == ["bulk", "mail"]


def test_another_that_has_reported_nothing_yet_says_nothing_of_the_service(
    steps: Any, school: School
) -> None:
    be_slow(steps, school)
    planned(steps, make_school(), 200, 200, key="new")
    take(now=timezone.now() + LATER)
    assert watch(now=timezone.now() + LATER) == 1
    assert lanes() == ["bulk", "mail"]


def test_second_one_stays_where_the_service_was_as_slow_for_the_one_aside(steps: Any, school: School) -> None:
    be_slow(steps, school)
    assert watch(now=timezone.now() + LATER) == 1
    be_slow(steps, make_school(), key="two")
    assert watch(now=timezone.now() + 1.5 * LATER) == 0
    assert lanes() == ["bulk", "mail"]


def test_job_moves_that_has_the_workers_with_its_last_parts_and_can_go_on(
    steps: Any, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "goes_on", True)
    job = be_slow(steps, school)
    job.parts.filter(state="waiting").delete()
    assert watch(now=timezone.now() + LATER) == 1


def test_job_at_the_last_unit_of_its_last_part_stays(
    steps: Any, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "goes_on", True)
    job = be_slow(steps, school)
    job.parts.filter(state="waiting").delete()
    job.parts.update(units=34)
    assert watch(now=timezone.now() + LATER) == 0
