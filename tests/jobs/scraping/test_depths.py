"""How many parts wait in each lane, and for how long, as the metrics tell it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from jobs import reading
from jobs.models import Hold, HoldMode, HoldScope, LaneReading, Part, School
from jobs.settings import switchyard
from jobs.submission import submit
from jobs.testing import make_school
from tests.jobs.scraping.conftest import Figures, at

Scrape = Callable[[], Figures]


def test_depths_are_those_of_the_newest_reading(steps: Any, school: School, scrape: Scrape) -> None:
    steps.submit(school, 1)
    steps.submit(school, 1, key="later", not_before=timezone.now() + timedelta(hours=1))
    assert at(scrape(), "switchyard_parts_waiting", lane="mail") is None
    reading.read(now=timezone.now())
    figures = scrape()
    assert at(figures, "switchyard_parts_waiting", lane="mail") == 1
    assert at(figures, "switchyard_parts_delayed", lane="mail") == 1
    assert at(figures, "switchyard_parts_waiting", lane="codes") == 0
    assert at(figures, "switchyard_oldest_wait_seconds", lane="codes") == 0


def test_oldest_wait_grows_while_nobody_reads(steps: Any, school: School, scrape: Scrape) -> None:
    steps.submit(school, 1)
    reading.read(now=timezone.now())
    LaneReading.objects.update(oldest_at=timezone.now() - timedelta(seconds=90))
    waited = at(scrape(), "switchyard_oldest_wait_seconds", lane="mail")
    assert waited is not None
    assert waited >= 90


def pause(scope: HoldScope, school: School) -> Hold:
    """Pause the lane mail, the kind of the steps or the school."""
    names = {HoldScope.LANE: "mail", HoldScope.KIND: "tests.steps", HoldScope.SCHOOL: school.slug}
    of = {"school": school} if scope == HoldScope.SCHOOL else {}
    return Hold.objects.create(
        scope=scope, name=names[scope], mode=HoldMode.PAUSE, why="Repairs.", at=timezone.now(), **of
    )


@pytest.mark.parametrize("scope", HoldScope)
def test_what_a_person_holds_neither_waits_for_a_worker_nor_is_late(
    steps: Any, school: School, scrape: Scrape, scope: HoldScope
) -> None:
    steps.submit(school, 1)
    submit(kind="emails.test", school=make_school(), by=None, arguments={"mailing": 1}, key="one")
    Part.objects.filter(job__kind="tests.steps").update(ready_at=timezone.now() - timedelta(hours=2))
    pause(scope, school)
    reading.read(now=timezone.now())
    figures = scrape()
    others = 0 if scope == HoldScope.LANE else 1
    assert at(figures, "switchyard_parts_waiting", lane="mail") == others
    waited = at(figures, "switchyard_oldest_wait_seconds", lane="mail")
    assert waited is not None
    assert waited < 3600


def test_school_that_is_paused_still_waits_for_its_codes(school: School, scrape: Scrape) -> None:
    submit(kind="emails.code", school=school, by=None, arguments={"code": 1}, key="one")
    pause(HoldScope.SCHOOL, school)
    reading.read(now=timezone.now())
    assert at(scrape(), "switchyard_parts_waiting", lane="codes") == 1


def test_what_goes_on_while_its_kind_is_drained_still_counts(
    steps: Any, school: School, scrape: Scrape
) -> None:
    before = steps.submit(school, 1)
    hold = pause(HoldScope.KIND, school)
    Hold.objects.filter(pk=hold.pk).update(mode=HoldMode.DRAIN, newest_job=before.pk)
    steps.submit(school, 1, key="two")
    reading.read(now=timezone.now())
    assert at(scrape(), "switchyard_parts_waiting", lane="mail") == 1


def test_reading_of_long_ago_is_not_told(steps: Any, school: School, scrape: Scrape) -> None:
    reading.read(now=timezone.now() - timedelta(minutes=2))
    figures = scrape()
    assert at(figures, "switchyard_parts_waiting", lane="mail") is None
    assert at(figures, "switchyard_workers_wanted", lane="mail") == switchyard().lanes["mail"].workers
