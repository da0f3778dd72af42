"""When a job would start and end, told before it is submitted."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from jobs.drafting import Request
from jobs.expecting import expect
from jobs.foreseeing import Foreseen, foresee
from jobs.holds import Target, put
from jobs.models import Cost, HoldMode, HoldScope, Job, Role, School, WorkerPresence
from jobs.settings import switchyard
from jobs.staffing import scale
from jobs.testing import be_present, make_person, make_school


@pytest.fixture(autouse=True)
def _known(steps: Any, settings: Settings) -> None:
    """Four workers in the lane mail, and a kind that takes half a second for a unit."""
    grow_to(None, settings)
    be_present()
    Cost.objects.create(
        kind="tests.steps", unit_seconds=0.5, megabyte_seconds=1, units=100, learned_at=timezone.now()
    )


def grow_to(most: int | None, settings: Settings, *, total: int | None = None, **values: Any) -> None:
    """Let the lane mail grow to so many workers by itself."""
    given = settings.SWITCHYARD
    mail = {**given["lanes"]["mail"], "most_workers": most, **values}
    lanes = {**given["lanes"], "mail": mail}
    settings.SWITCHYARD = {**given, "lanes": lanes, "supervision": {"most_workers": total}}


def asked(school: School, *, units: int = 400) -> Foreseen:
    request = Request(
        kind="tests.steps", school=school, by=None, arguments={"parts": [units]}, key="k", units=units
    )
    return foresee(request, now=timezone.now())


def seconds_until_end(found: Foreseen) -> float:
    assert found.expected.end
    return (found.expected.end.likely - timezone.now()).total_seconds()


def test_nothing_is_written(school: School) -> None:
    assert asked(school).why_unknown == ""
    assert not Job.objects.exists()


def test_it_foresees_what_is_expected_once_it_is_submitted(steps: Any, school: School) -> None:
    steps.submit(make_school(), 4000, units=4000, key="other")
    steps.submit(school, 200, units=200, key="own")
    foreseen = asked(school)
    job = steps.submit(school, 400, units=400)
    expected = expect([job], now=timezone.now())[job.pk]
    assert expected.end
    assert foreseen.expected.end
    for told, later in zip(
        (foreseen.expected.end.earliest, foreseen.expected.end.latest),
        (expected.end.earliest, expected.end.latest),
        strict=True,
    ):
        assert abs(told - later) < timedelta(seconds=10)


def test_what_waits_before_it_counts(steps: Any, school: School) -> None:
    alone = seconds_until_end(asked(school))
    steps.submit(school, 400, units=400)
    assert seconds_until_end(asked(school)) == pytest.approx(2 * alone, rel=0.1)


def test_workers_that_come_because_of_it_count(school: School, settings: Settings) -> None:
    alone = seconds_until_end(asked(school))
    grow_to(8, settings)
    assert seconds_until_end(asked(school)) == pytest.approx(alone * 4 / 7, rel=0.1)


@pytest.mark.parametrize("pool", ["threads", "prefork"])
def test_only_workers_count_that_may_come(school: School, settings: Settings, pool: str) -> None:
    alone = seconds_until_end(asked(school))
    least = sum(lane.workers for lane in switchyard().lanes.values())
    grow_to(8, settings, total=least if pool == "threads" else None, pool=pool)
    assert seconds_until_end(asked(school)) == pytest.approx(alone, rel=0.1)


def test_no_workers_come_where_a_person_set_the_number(school: School, settings: Settings) -> None:
    alone = seconds_until_end(asked(school))
    grow_to(8, settings)
    now = timezone.now()
    scale(switchyard().lanes["mail"], workers=4, by=None, why="Try", until=None, now=now)
    assert seconds_until_end(asked(school)) == pytest.approx(alone, rel=0.1)


def test_no_workers_come_for_what_threatens_no_promise(school: School, settings: Settings) -> None:
    alone = seconds_until_end(asked(school))
    grow_to(8, settings, promise_seconds=1800)
    assert seconds_until_end(asked(school)) == pytest.approx(alone, rel=0.1)


def test_kind_of_which_nothing_was_learned_is_not_known(school: School) -> None:
    Cost.objects.all().delete()
    assert asked(school) == Foreseen(why_unknown="there is too little experience with this kind of job")


def test_lane_without_workers_is_not_known(school: School) -> None:
    WorkerPresence.objects.all().delete()
    assert asked(school) == Foreseen(why_unknown="no worker is present")


@pytest.mark.parametrize("scope", list(HoldScope))
def test_what_is_held_is_not_known(school: School, scope: HoldScope) -> None:
    name = {"lane": "mail", "kind": "tests.steps", "school": school.slug}[scope]
    by = make_person(role=Role.OPS)
    put(Target(scope=scope, name=name), mode=HoldMode.DRAIN, by=by, why="Repair", confirmed=name)
    assert asked(school) == Foreseen(why_unknown="this kind of work is paused at the moment")


def test_what_ends_in_years_is_not_told(school: School) -> None:
    Cost.objects.update(unit_seconds=10_000_000)
    assert asked(school) == Foreseen(why_unknown="there is too much to do before")
