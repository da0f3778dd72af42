"""Late jobs, with why they are late."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from jobs.canaries import KIND
from jobs.late import late_jobs, late_lanes
from jobs.models import Hold, HoldMode, HoldScope, Part, Role, School
from jobs.settings import switchyard
from jobs.testing import make_person, make_school

NO_WORKER = "No worker of the lane mail is present. It starts by itself when one is back."
PROMISE = timedelta(seconds=10)


def wait(job: Any, span: timedelta) -> None:
    promise = timedelta(seconds=switchyard().lanes["mail"].promise_seconds)
    Part.objects.filter(job=job).update(ready_at=timezone.now() - promise - span)


def test_jobs_whose_parts_wait_longer_than_promised_are_late(steps: Any, school: School) -> None:
    older, newer, on_time = (steps.submit(school, 1, key=key) for key in ("older", "newer", "on time"))
    wait(older, timedelta(minutes=9))
    wait(newer, timedelta(minutes=2))
    found = late_jobs(now=timezone.now())
    assert [each.job for each in found] == [older, newer]
    assert on_time not in {each.job for each in found}
    assert timezone.now() - found[0].late_since == pytest.approx(timedelta(minutes=9), abs=PROMISE)


def test_job_that_a_person_holds_back_is_not_late(steps: Any, school: School) -> None:
    other = make_school()
    held, free = (steps.submit(each, 1, key=each.name) for each in (school, other))
    for job in (held, free):
        wait(job, timedelta(minutes=9))
    of_school = {"scope": HoldScope.SCHOOL, "name": school.slug, "school": school}
    Hold.objects.create(**of_school, mode=HoldMode.PAUSE, why="They move.", at=timezone.now())
    assert [each.job for each in late_jobs(now=timezone.now())] == [free]


def test_page_says_why_and_what_to_press(client: Client, steps: Any, school: School) -> None:
    wait(steps.submit(school, 1, title="Spring packet"), timedelta(minutes=9))
    client.force_login(make_person(role=Role.OPS))
    page = client.get("/ops/late/").content.decode()
    assert "Spring packet" in page
    assert "No worker of the lane mail is present." in page
    assert "Limits of mail" in page
    assert 'hx-get="/ops/late/now/"' in page


def test_page_says_that_no_job_is_late(client: Client, steps: Any, school: School) -> None:
    steps.submit(school, 1)
    client.force_login(make_person(role=Role.OPS))
    assert "No job is late." in client.get("/ops/late/now/").content.decode()


def test_late_lane_is_told_by_the_job_that_has_waited_longest(steps: Any, school: School) -> None:
    older, newer = (steps.submit(school, 1, key=key) for key in ("older", "newer"))
    assert late_lanes(now=timezone.now()) == []
    wait(newer, timedelta(minutes=2))
    wait(older, timedelta(minutes=9))
    [late] = late_lanes(now=timezone.now())
    assert (late.job, late.job.reason) == (older, NO_WORKER)
    assert timezone.now() - late.late_since == pytest.approx(timedelta(minutes=9), abs=PROMISE)
    assert late.promise == timedelta(seconds=switchyard().lanes["mail"].promise_seconds)


def test_lane_in_which_only_a_canary_waits_is_late_too(steps: Any, school: School) -> None:
    job = steps.submit(school, 1)
    wait(job, timedelta(minutes=9))
    Part.objects.update(kind=KIND)
    assert [each.job for each in late_lanes(now=timezone.now())] == [job]
    assert late_jobs(now=timezone.now()) == []


def test_home_of_ops_lists_late_lanes_with_their_cause(client: Client, steps: Any, school: School) -> None:
    wait(steps.submit(school, 1, title="Spring packet"), timedelta(minutes=9))
    client.force_login(make_person(role=Role.OPS))
    page = client.get("/home/now/").content.decode().partition('id="attention"')[2].partition("</section>")[0]
    assert '<a href="/ops/">mail</a>' in page
    assert "No worker of the lane mail is present." in page
    at = timezone.localtime(timezone.now() - timedelta(minutes=9))
    assert f"{at:%H:%M}" in page or f"{at - timedelta(minutes=1):%H:%M}" in page


def test_home_of_staff_says_nothing_of_lanes(client: Client, steps: Any, school: School) -> None:
    wait(steps.submit(school, 1, title="Spring packet"), timedelta(minutes=9))
    client.force_login(make_person(school=school))
    assert 'id="attention"' not in client.get("/home/now/").content.decode()


def test_more_late_lanes_cost_home_few_queries(
    client: Client, steps: Any, school: School, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(make_person(role=Role.OPS))
    with django_assert_max_num_queries(12):
        client.get("/home/now/")
    for key in range(3):
        wait(steps.submit(school, 1, key=f"{key}"), timedelta(minutes=9))
    with django_assert_max_num_queries(24):
        client.get("/home/now/")
