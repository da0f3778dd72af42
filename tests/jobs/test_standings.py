"""Where a job stands, as its page tells it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from jobs import lifecycle
from jobs.claiming import claim
from jobs.estimates import UNKNOWN, Expected
from jobs.lanes import Lane
from jobs.models import Part, PartState, School, Share, WorkerPresence
from jobs.queries import lanes_now
from jobs.reasons import Line, explain
from jobs.settings import switchyard
from jobs.standings import standing_of
from jobs.supervision import free_parts_of
from jobs.testing import make_school, run_parts

LANE = Lane(name="bulk", workers=4, pool="threads", rate=14)


def be_present(*, slots: int = 4) -> None:
    """Let a worker of the lane mail be present."""
    now = timezone.now()
    WorkerPresence.objects.create(name="mail@here", lane="mail", slots=slots, started_at=now, beat_at=now)


def test_reason_names_what_stands_between_the_job_and_its_turn() -> None:
    reasons = [
        explain(lane=LANE, line=line, parts_working=0)
        for line in (
            Line(),
            Line(slots_present=4, is_paused=True),
            Line(slots_present=4, follows=1),
            Line(slots_present=4, starts_in=timedelta(hours=30)),
            Line(slots_present=4, retry_in=timedelta(seconds=8)),
            Line(slots_present=4, jobs_ahead=2),
            Line(slots_present=4, schools_ahead=1),
            Line(slots_present=4, is_limited=True),
            Line(slots_present=4, parts_working=4),
            Line(slots_present=4),
        )
    ]
    assert reasons == [
        "No worker of the lane bulk is present. It starts by itself when one is back.",
        "It is paused. Resume it to let it go on where it was.",
        "It follows 1 other job and starts when it has ended well.",
        "It was scheduled and starts in 30 hours.",
        "Something outside failed. The next attempt is in 8 seconds.",
        "2 older jobs are ahead in your school's own line.",
        "1 other school is ahead; then it is your turn.",
        "The lane bulk is at its limit of 14 a second.",
        "All 4 workers of the lane bulk are busy; yours is next.",
        "Yours is next; it starts at any moment.",
    ]


def test_job_at_work_says_so(steps: Any, school: School) -> None:
    job = steps.submit(school, 1)
    claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now())
    job.refresh_from_db()
    assert standing_of(job, now=timezone.now()).reason == "It is being worked on now."


def test_older_jobs_and_other_schools_ahead_are_counted(steps: Any, school: School) -> None:
    be_present()
    other = make_school()
    steps.submit(other, 1)
    steps.submit(school, 1)
    job = steps.submit(school, 1, key="two")
    Share.objects.filter(school=school).update(used_seconds=5)
    standing = standing_of(job, now=timezone.now())
    assert (standing.schools_ahead, standing.jobs_ahead) == (1, 1)


def test_nothing_is_expected_before_something_was_learned(steps: Any, school: School) -> None:
    standing = standing_of(steps.submit(school, 1), now=timezone.now())
    assert (standing.expected_start_at, standing.expected_end_at) == (None, None)


def test_expected_end_follows_from_what_parts_took_and_what_is_left(steps: Any, school: School) -> None:
    be_present()
    steps.submit(school, 10, key="learned")
    run_parts(lane="mail")
    Part.objects.filter(step="work").update(seconds=20)
    job = steps.submit(school, 40)
    plan = claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now())
    assert plan is not None
    job.units_total = 40
    now = timezone.now()
    standing = standing_of(job, now=now)
    assert standing.expected_end_at == now + timedelta(seconds=40 * 2 / 4)


def test_ended_job_has_no_reason_and_no_expectation(steps: Any, school: School) -> None:
    job = steps.submit(school, 3)
    run_parts(lane="mail")
    job.refresh_from_db()
    standing = standing_of(job, now=timezone.now())
    assert (standing.reason, standing.expected_end_at, standing.percent) == ("", None, 100)


def test_standing_costs_the_same_queries_whatever_the_backlog(
    steps: Any, school: School, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        job = steps.submit(school, 1, key=str(number))
    with django_assert_max_num_queries(4):
        standing_of(job, now=timezone.now())


def test_lane_tells_what_waits_works_and_is_present(steps: Any, school: School) -> None:
    be_present(slots=3)
    now = timezone.now()
    steps.submit(school, 1)
    steps.submit(school, 1, key="two")
    steps.submit(school, 1, key="three")
    claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now())
    Part.objects.filter(job__key="three").update(state=PartState.DELAYED)
    Part.objects.filter(job__key="two").update(ready_at=now - timedelta(minutes=2))
    (mail,) = [lane for lane in lanes_now(now=now) if lane.lane.name == "mail"]
    assert (mail.parts_waiting, mail.parts_working, mail.parts_delayed) == (1, 1, 1)
    assert mail.oldest_wait == timedelta(minutes=2)
    assert mail.is_late
    assert mail.is_short_of_workers


def test_every_lane_of_the_settings_is_listed_even_when_idle(db: None) -> None:
    assert [lane.lane.name for lane in lanes_now(now=timezone.now())] == list(switchyard().lanes)


def test_job_that_takes_longer_than_usual_is_told_by_its_own_pace(steps: Any, school: School) -> None:
    be_present(slots=1)
    steps.submit(school, 100, key="usual")
    run_parts(lane="mail")
    Part.objects.filter(step="work").update(seconds=1)
    job = steps.submit(school, 20, 80)
    with pytest.raises(AssertionError, match="still one"):
        run_parts(lane="mail", limit=1)
    job.refresh_from_db()
    job.parts.filter(step="work", state="done").update(seconds=20)
    now = timezone.now()
    expected = standing_of(job, now=now).expected_end_at
    assert expected is not None
    assert timedelta(seconds=35) < expected - now < timedelta(seconds=60)


def test_nothing_is_expected_while_no_worker_is_present(steps: Any, school: School) -> None:
    be_present()
    steps.submit(school, 10, key="learned")
    run_parts(lane="mail")
    WorkerPresence.objects.all().delete()
    standing = standing_of(steps.submit(school, 1), now=timezone.now())
    assert (standing.expected_start_at, standing.expected_end_at) == (None, None)


def test_units_of_a_part_that_was_lost_stay_in_sight(steps: Any, school: School) -> None:
    job = steps.submit(school, 10)
    with pytest.raises(AssertionError, match="still one"):
        run_parts(lane="mail", limit=0)
    held = claim(lane=switchyard().lanes["mail"], worker="lost", now=timezone.now())
    assert held is not None
    Part.objects.filter(pk=held.part.pk).update(units_done=4)
    free_parts_of(worker="lost", now=timezone.now())
    job.refresh_from_db()
    assert standing_of(job, now=timezone.now()).units_done == 4
    claim(lane=switchyard().lanes["mail"], worker="next", now=timezone.now())
    assert standing_of(job, now=timezone.now()).units_done == 4


def test_paused_job_whose_parts_are_at_work_says_so(steps: Any, school: School) -> None:
    job = steps.submit(school, 1, 1)
    claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now())
    lifecycle.pause(job, by=None)
    standing = standing_of(job, now=timezone.now())
    assert standing.reason.startswith("It is paused; what is at work is finished first.")
    assert standing.is_held
    assert standing.expected_end_at is None


def test_nothing_is_expected_of_a_scheduled_job_before_its_time() -> None:
    now = timezone.now()
    soon = Expected(start_at=now, end_at=now + timedelta(minutes=5))
    later = soon.not_before(now + timedelta(hours=2))
    assert later.start_at == now + timedelta(hours=2)
    assert later.end_at == now + timedelta(hours=2, minutes=5)
    assert soon.not_before(now - timedelta(hours=2)) == soon
    assert UNKNOWN.not_before(now) == UNKNOWN


@pytest.mark.parametrize(("state", "shown"), [(PartState.STOPPED, 4), (PartState.RETIRED, 0)])
def test_units_of_a_stopped_part_are_shown_and_those_of_a_retired_one_are_not(
    steps: Any, school: School, state: PartState, shown: int
) -> None:
    job = steps.submit(school, 10)
    with pytest.raises(AssertionError, match="still one"):
        run_parts(lane="mail", limit=0)
    job.parts.filter(step="work").update(state=state, units_done=4, ended_at=timezone.now())
    job.refresh_from_db()
    assert standing_of(job, now=timezone.now()).units_done == shown
