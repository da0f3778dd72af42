"""When jobs start and end, from what waits, what it costs and who is there."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from jobs import drawing
from jobs.appraising import known_cost
from jobs.expecting import attach_expected, expect, reckon
from jobs.fluid import Reckoned
from jobs.models import Cost, Job, LaneTrust, Pace, School, Share, WorkerPresence
from jobs.moments import UNKNOWN
from jobs.sections import MEGABYTE
from jobs.settings import switchyard
from jobs.testing import be_present, make_school


@pytest.fixture(autouse=True)
def _known(steps: Any) -> None:
    """Four workers in the lane mail, and a kind that takes half a second for a unit."""
    now = timezone.now()
    be_present()
    Cost.objects.create(kind="tests.steps", unit_seconds=0.5, megabyte_seconds=1, units=100, learned_at=now)


def reckoned(job: Job, *, now: datetime | None = None) -> Reckoned:
    return reckon([job], now=now or timezone.now())[job.pk].reckoned


def test_job_is_appraised_before_it_is_planned(steps: Any, school: School) -> None:
    job = steps.submit(school, 400, units=400)
    assert reckoned(job).end == pytest.approx(50, abs=1)


def test_megabytes_cost_beside_units(steps: Any, school: School) -> None:
    job = steps.submit(school, 400, units=400)
    Job.objects.update(megabytes=200)
    assert reckoned(job).end == pytest.approx(100, abs=1)


def test_megabytes_beyond_those_known_cost_what_the_settings_assume(steps: Any, school: School) -> None:
    Cost.objects.update(megabyte_seconds=0, known_megabytes=1)
    job = steps.submit(school, 400, units=400)
    for size in (0, 1, 5):
        Job.objects.update(megabytes=400 * size)
        expected = known_cost(Cost.objects.get()).seconds(units=400, megabytes=400 * size)
        assert reckoned(job).end == pytest.approx(expected / 4, abs=1)
    assert expected == pytest.approx(400 * (0.5 + 0.2 * 3.75))


def test_older_jobs_of_the_school_come_first_and_other_schools_share(steps: Any, school: School) -> None:
    steps.submit(school, 400, units=400, key="older")
    job = steps.submit(school, 400, units=400, key="own")
    assert reckoned(job).start == pytest.approx(50, abs=2)
    assert reckoned(job).end == pytest.approx(100, abs=2)
    other = make_school()
    steps.submit(other, 4000, units=4000, key="other")
    assert reckoned(job).end == pytest.approx(200, abs=2)
    urgent = steps.submit(school, 400, units=400, key="urgent", priority=5)
    assert reckoned(urgent).start == 0


def test_weights_and_what_schools_have_used_count(steps: Any, school: School) -> None:
    other = make_school()
    steps.submit(other, 4000, units=4000, key="other")
    School.objects.filter(pk=school.pk).update(weight=3)
    job = steps.submit(school, 400, units=400, key="own")
    assert reckoned(job).end == pytest.approx(67, abs=2)
    Share.objects.filter(school=school).update(used_seconds=400)
    assert reckoned(job).start == pytest.approx(100, abs=2)


def test_paused_scheduled_and_following_jobs_take_no_place(steps: Any, school: School) -> None:
    later = timezone.now() + timedelta(days=1)
    steps.submit(school, 4000, units=4000, key="scheduled", not_before=later)
    paused = steps.submit(school, 4000, units=4000, key="paused")
    Job.objects.filter(pk=paused.pk).update(state="paused")
    steps.submit(school, 4000, units=4000, key="follows", after=[paused])
    assert reckoned(steps.submit(school, 400, units=400)).end == pytest.approx(50, abs=1)


def test_limits_of_lane_and_service_slow_a_job_down(
    steps: Any, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = steps.submit(school, 400, units=400)
    given: dict[str, Any] = settings.SWITCHYARD
    monkeypatch.setattr(type(steps), "service", "relay")
    with override_settings(SWITCHYARD={**given, "services": {"relay": {"rate": 4}}}):
        assert reckoned(job).end == pytest.approx(100, abs=2)
    lanes = {**given["lanes"], "mail": {**given["lanes"]["mail"], "school_workers": 1}}
    with override_settings(SWITCHYARD={**given, "lanes": lanes}):
        assert reckoned(job).end == pytest.approx(200, abs=2)


def test_pace_of_the_job_itself_counts_and_before_that_its_kinds_lately(steps: Any, school: School) -> None:
    job = steps.submit(school, 400, units=400)
    Cost.objects.update(lately=3)
    assert reckoned(job).end == pytest.approx(150, abs=3)
    Pace.objects.create(job=job, times=2, seen_at=timezone.now())
    assert reckoned(job).end == pytest.approx(100, abs=2)


def test_what_came_true_before_corrects_what_is_told(steps: Any, school: School) -> None:
    job = steps.submit(school, 400, units=400)
    LaneTrust.objects.create(lane="mail", what="end", has_begun=False, low=1.2, middle=1.5, high=2, count=50)
    now = timezone.now()
    end = expect([job], now=now)[job.pk].end
    assert end is not None
    told = [(moment - now).total_seconds() for moment in (end.earliest, end.likely, end.latest)]
    assert told == pytest.approx([61, 77, 103], abs=3)


LIMITED = [
    {"lanes": {"mail": {"rate": 4}}},
    {"lanes": {"mail": {"school_rate": 4}}},
    {"lanes": {"mail": {"bytes_rate": 4 * MEGABYTE}}},
    {"services": {"relay": {"rate": 4}}},
]


@pytest.mark.parametrize(("rate", "seconds"), [(2.0, 200), (5.0, 80), (None, 50)])
def test_end_of_a_school_with_a_limit_of_its_own_is_that_of_this_limit(
    steps: Any, school: School, rate: float | None, seconds: float
) -> None:
    job = steps.submit(school, 400, units=400)
    lane = {"school_rate": 4, "rates_of_schools": {school.slug: rate}}
    with override_settings(SWITCHYARD=with_changes({"lanes": {"mail": lane}})):
        assert reckoned(job).end == pytest.approx(seconds, rel=0.05)


@pytest.mark.parametrize("limited", LIMITED)
@pytest.mark.parametrize("trusted", [None, {"low": 0.1, "middle": 0.5, "high": 0.9}])
def test_no_end_is_told_before_the_limits_allow_it(
    steps: Any, school: School, monkeypatch: Any, limited: Any, trusted: Any
) -> None:
    monkeypatch.setattr(type(steps), "service", "relay")
    job = steps.submit(school, 400, units=400)
    Job.objects.update(megabytes=400)
    now = timezone.now()
    with override_settings(SWITCHYARD=with_changes(limited)):
        if trusted:
            limits = drawing.limits_now(switchyard().lanes["mail"])
            LaneTrust.objects.create(
                lane="mail", what="end", has_begun=False, limits=limits, **trusted, count=50
            )
        end = expect([job], now=now)[job.pk].end
    assert end is not None
    assert now + timedelta(seconds=100) <= end.earliest <= end.likely <= end.latest


def test_no_start_is_told_before_the_limits_let_through_what_is_ahead(steps: Any, school: School) -> None:
    steps.submit(school, 400, units=400, key="older")
    job = steps.submit(school, 400, units=400)
    now = timezone.now()
    with override_settings(SWITCHYARD=with_changes({"lanes": {"mail": {"rate": 4, "burst": 84}}})):
        expected = expect([job], now=now)[job.pk]
    assert expected.start is not None
    assert expected.end is not None
    assert expected.start.earliest == now + timedelta(seconds=80)  # 80 units more than usual may be saved
    assert expected.end.earliest == now + timedelta(seconds=180)


def test_range_that_was_learned_under_other_limits_is_not_told(steps: Any, school: School) -> None:
    job = steps.submit(school, 400, units=400)
    LaneTrust.objects.create(lane="mail", what="end", has_begun=False, low=3, middle=4, high=5, count=50)
    now = timezone.now()
    with override_settings(SWITCHYARD=with_changes({"lanes": {"mail": {"rate": 1000}}})):
        end = expect([job], now=now)[job.pk].end
    assert end is not None
    assert (end.likely - now).total_seconds() == pytest.approx(50, abs=1)


def test_vital_lane_is_not_reckoned_with_an_outside_services_limit(
    steps: Any, school: School, monkeypatch: Any
) -> None:
    monkeypatch.setattr(type(steps), "service", "relay")
    job = steps.submit(school, 400, units=400)
    limited = {"lanes": {"mail": {"is_vital": True}}, "services": {"relay": {"rate": 1}}}
    with override_settings(SWITCHYARD=with_changes(limited)):
        assert reckoned(job).end == pytest.approx(50, abs=1)


def with_changes(changes: dict[str, Any]) -> dict[str, Any]:
    """Return the settings with some of lanes and services changed."""
    given: dict[str, Any] = settings.SWITCHYARD
    lanes = {
        name: {**lane, **changes.get("lanes", {}).get(name, {})} for name, lane in given["lanes"].items()
    }
    return {**given, "lanes": lanes, "services": changes.get("services", {})}


def test_nothing_is_expected_of_unknown_kinds_and_without_workers(steps: Any, school: School) -> None:
    job = steps.submit(school, 400, units=400)
    Cost.objects.update(kind="tests.others")
    assert reckon([job], now=timezone.now()) == {}
    Cost.objects.update(kind="tests.steps")
    WorkerPresence.objects.all().delete()
    assert reckon([job], now=timezone.now()) == {}


def test_many_jobs_cost_four_queries(
    steps: Any, school: School, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    jobs = [steps.submit(make_school(), 4, units=4, key=f"{number}") for number in range(40)]
    with django_assert_num_queries(4):
        assert len(expect(jobs, now=timezone.now())) == 40


def test_list_tells_nothing_of_a_job_whose_time_has_not_come(steps: Any, school: School) -> None:
    later = timezone.now() + timedelta(days=1)
    scheduled = steps.submit(school, 400, units=400, key="scheduled", not_before=later)
    own = steps.submit(school, 400, units=400)
    attach_expected([scheduled, own], now=timezone.now())
    assert scheduled.expected == UNKNOWN
    assert own.expected.end is not None


def test_ended_jobs_are_not_expected_to_end(steps: Any, school: School) -> None:
    job = steps.submit(school, 4)
    job.state, job.ended_at = "done", timezone.now()
    assert expect([job], now=timezone.now()) == {}
