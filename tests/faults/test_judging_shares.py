"""The judge of shares: seconds charged to nobody do not escape it, and those that moved are not lost."""

from typing import Any

import pytest
from django.utils import timezone

from jobs.models import Detour, Job, Part, School, Share
from jobs.testing import kind_in_lane, make_school
from tests.faults.judge import judge_shares
from tests.faults.verdict import Verdict
from tests.jobs.conftest import Steps


@pytest.fixture
def school(db: None) -> School:
    return make_school()


@pytest.fixture
def job(school: School) -> Job:
    """A job in the lane packets whose part took two seconds, as its school's share says."""
    with kind_in_lane(Steps, name="tests.steps", lane="mail") as kind:
        steps: Any = kind
        submitted: Job = steps.submit(school, 1)
    submitted.parts.update(lane="packets", seconds=2, fence=1)
    Share.objects.update_or_create(lane="packets", school=school, defaults={"used_seconds": 2})
    return submitted


def wrong() -> list[str]:
    verdict = Verdict()
    judge_shares(verdict)
    return verdict.wrong


def test_share_that_holds_what_its_parts_took_is_right(job: Job) -> None:
    assert wrong() == []


@pytest.mark.parametrize("seconds", [1.5, 1000])
def test_share_that_holds_less_or_far_more_is_wrong(job: Job, seconds: float) -> None:
    Share.objects.filter(lane="packets").update(used_seconds=seconds)
    [told] = wrong()
    assert told.endswith("its parts took 2.00 s, the lane 4.00 s at most")


def test_seconds_of_a_part_that_moved_count_where_they_were_charged(job: Job, school: School) -> None:
    Part.objects.update(lane="packets-slow")
    Share.objects.create(lane="packets-slow", school=school, used_seconds=0)
    assert len(wrong()) == 2
    Detour.objects.create(
        job=job, home="packets", lane="packets-slow", is_aside=True, why="Slow.", moved_at=timezone.now()
    )
    assert wrong() == []
    Share.objects.filter(lane="packets").update(used_seconds=1)
    assert len(wrong()) == 2
