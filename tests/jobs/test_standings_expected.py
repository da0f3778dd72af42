"""When a job is expected to start and end, as its page tells it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from jobs import pacing
from jobs.learning import learn_costs
from jobs.models import Part, School, WorkerPresence
from jobs.moments import UNKNOWN, Expected, Times
from jobs.standings import standing_of
from jobs.testing import be_present, run_parts


def test_nothing_is_expected_before_something_was_learned(steps: Any, school: School) -> None:
    standing = standing_of(steps.submit(school, 1), now=timezone.now())
    assert (standing.expected_start, standing.expected_end) == (None, None)


def test_expected_end_follows_from_what_parts_took_and_what_is_left(steps: Any, school: School) -> None:
    be_present()
    steps.submit(school, 10, key="learned")
    run_parts(lane="mail")
    Part.objects.filter(step="work").update(seconds=20)
    learn_costs(now=timezone.now())
    job = steps.submit(school, 40, units=40)
    now = timezone.now()
    end = standing_of(job, now=now).expected_end
    assert end is not None
    assert end.earliest < end.likely < end.latest
    assert 20 <= (end.likely - now).total_seconds() <= 22


def test_ended_job_has_no_reason_and_no_expectation(steps: Any, school: School) -> None:
    job = steps.submit(school, 3)
    run_parts(lane="mail")
    job.refresh_from_db()
    standing = standing_of(job, now=timezone.now())
    assert (standing.reason, standing.expected_end, standing.units.percent) == ("", None, 100)


def test_job_that_takes_longer_than_usual_is_told_by_its_own_pace(steps: Any, school: School) -> None:
    be_present(slots=1)
    steps.submit(school, 100, key="usual")
    run_parts(lane="mail")
    Part.objects.filter(step="work").update(seconds=1)
    learn_costs(now=timezone.now())
    job = steps.submit(school, 20, 80)
    with pytest.raises(AssertionError, match="still one"):
        run_parts(lane="mail", limit=1)
    job.refresh_from_db()
    job.parts.filter(step="work", state="done").update(seconds=20)
    now = timezone.now()
    before = standing_of(job, now=now).expected_end
    pacing.watch(now=now)
    after = standing_of(job, now=now).expected_end
    assert before is not None
    assert after is not None
    assert before.likely < now + timedelta(seconds=5) < after.likely


def test_no_start_is_expected_of_a_job_that_has_begun(steps: Any, school: School) -> None:
    be_present()
    steps.submit(school, 10, key="learned")
    run_parts(lane="mail")
    learn_costs(now=timezone.now())
    job = steps.submit(school, 1, 1)
    with pytest.raises(AssertionError, match="still one"):
        run_parts(lane="mail", limit=0)
    standing = standing_of(job, now=timezone.now())
    assert standing.expected_end is not None
    assert standing.expected_start is None


def test_nothing_is_expected_while_no_worker_is_present(steps: Any, school: School) -> None:
    be_present()
    steps.submit(school, 10, key="learned")
    run_parts(lane="mail")
    WorkerPresence.objects.all().delete()
    standing = standing_of(steps.submit(school, 1), now=timezone.now())
    assert (standing.expected_start, standing.expected_end) == (None, None)


def test_nothing_is_expected_of_a_scheduled_job_before_its_time() -> None:
    now = timezone.now()
    end = now + timedelta(minutes=5)
    soon = Expected(
        start=Times(earliest=now, likely=now, latest=now), end=Times(earliest=end, likely=end, latest=end)
    )
    later = soon.not_before(now + timedelta(hours=2))
    assert later.start is not None
    assert later.end is not None
    assert later.start.earliest == later.start.likely == now + timedelta(hours=2)
    assert later.end.likely == now + timedelta(hours=2, minutes=5)
    assert soon.not_before(now - timedelta(hours=2)) == soon
    assert UNKNOWN.not_before(now) == UNKNOWN
