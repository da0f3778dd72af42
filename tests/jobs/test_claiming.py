"""Claiming parts: fair, under limits, with a fence."""

from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from jobs import execution
from jobs.claiming import claim
from jobs.models import JobState, Part, PartState, School, Share
from jobs.settings import switchyard
from jobs.testing import make_school

MAIL = "mail"


def claim_part(**changes: Any) -> Part | None:
    """Claim a part of the lane mail with `changes` to its settings."""
    lane = replace(switchyard().lanes[MAIL], **changes)
    held = claim(lane=lane, worker="test", now=timezone.now())
    return held.part if held else None


def test_claim_leases_the_part_and_starts_its_job(steps: Any, school: School) -> None:
    job = steps.submit(school, 1)
    part = claim_part()
    assert part is not None
    part.refresh_from_db()
    job.refresh_from_db()
    assert (part.state, part.attempt, part.fence, part.worker) == (PartState.WORKING, 1, 1, "test")
    assert part.leased_until is not None
    assert part.leased_until > timezone.now()
    assert job.state == JobState.WORKING


def test_claimed_part_is_not_offered_again(steps: Any, school: School) -> None:
    steps.submit(school, 1)
    assert claim_part() is not None
    assert claim_part() is None


@pytest.mark.parametrize("state", [PartState.DELAYED, PartState.HELD, PartState.STOPPED, PartState.FAILED])
def test_part_that_does_not_wait_in_line_is_not_offered(steps: Any, school: School, state: PartState) -> None:
    steps.submit(school, 1)
    Part.objects.update(state=state)
    assert claim_part() is None


def test_part_of_higher_priority_comes_first_within_its_school(steps: Any, school: School) -> None:
    steps.submit(school, 1, key="first")
    urgent = steps.submit(school, 1, key="urgent", priority=5)
    part = claim_part()
    assert part is not None
    assert part.job == urgent


def test_parts_of_another_lane_are_not_offered(steps: Any, school: School) -> None:
    steps.submit(school, 1)
    Part.objects.update(lane="bulk")
    assert claim_part() is None


def test_school_that_used_less_of_the_lane_comes_first(steps: Any, school: School) -> None:
    steps.submit(school, 1)
    other = make_school()
    steps.submit(other, 1)
    Share.objects.filter(school=school).update(used_seconds=10)
    part = claim_part()
    assert part is not None
    assert part.school == other


def test_school_that_had_an_idle_lane_to_itself_does_not_wait_for_it_later(
    steps: Any, school: School
) -> None:
    Share.objects.create(lane=MAIL, school=school, used_seconds=1000)
    other = make_school()
    for number in range(5):
        steps.submit(other, 1, key=str(number))
    steps.submit(school, 1)
    claimed = [claim_part(), claim_part()]
    assert school.pk in {part.school_id for part in claimed if part}


def test_school_that_comes_while_another_is_at_work_starts_where_that_began(
    steps: Any, school: School
) -> None:
    Share.objects.create(lane=MAIL, school=school, used_seconds=1000)
    schools = [school, make_school(), make_school()]
    for each in schools:
        steps.submit(each, 1)
        assert claim_part(part_seconds=2) is not None
    used = [Share.objects.get(school=each).used_seconds for each in schools]
    assert used == [1002, 1002, 1002]


def test_older_job_goes_on_to_its_end_before_a_younger_one_begins(steps: Any, school: School) -> None:
    older, younger = steps.submit(school, 1, 1, key="older"), steps.submit(school, 1, key="younger")
    seen = []
    while execution.answer(lane="mail", worker="mail@here-1"):
        older.refresh_from_db()
        younger.refresh_from_db()
        seen.append((older.state, younger.started_at is not None))
    assert seen[:4] == [("working", False)] * 3 + [("done", False)]
    assert younger.state == "done"


def test_oldest_part_of_a_school_comes_first(steps: Any, school: School) -> None:
    first = steps.submit(school, 1, key="first")
    steps.submit(school, 1, key="second")
    part = claim_part()
    assert part is not None
    assert part.job == first


def test_small_job_does_not_wait_for_the_whole_large_one(steps: Any, school: School) -> None:
    steps.submit(school, *[1] * 50)
    other = make_school()
    claimed = claim_part()
    assert claimed is not None
    steps.submit(other, 1, key="small")
    following = claim_part()
    assert following is not None
    assert following.school == other


def test_claims_of_two_schools_take_turns_by_charged_seconds(steps: Any, school: School) -> None:
    other = make_school()
    for key in ("a", "b", "c"):
        steps.submit(school, 1, key=key)
        steps.submit(other, 1, key=key)
    served = [part.school_id for part in (claim_part() for _ in range(6)) if part]
    assert sorted(served[:2]) == sorted(served[2:4]) == sorted(served[4:]) == sorted([school.pk, other.pk])


def test_school_of_double_weight_is_served_twice_as_often(steps: Any, school: School) -> None:
    School.objects.filter(pk=school.pk).update(weight=2)
    other = make_school()
    for number in range(12):
        steps.submit(school, 1, key=str(number))
        steps.submit(other, 1, key=str(number))
    served = [part.school_id for part in (claim_part() for _ in range(9)) if part]
    assert served.count(school.pk) == 6


def test_lane_at_its_rate_hands_out_nothing_and_changes_nothing(steps: Any, school: School) -> None:
    steps.submit(school, 1)
    Part.objects.update(units=100)
    steps.submit(school, 1, key="second")
    assert claim_part(rate=1) is not None
    used = Share.objects.get(school=school).used_seconds
    assert claim_part(rate=1) is None
    assert Share.objects.get(school=school).used_seconds == used
    assert Part.objects.filter(state=PartState.WAITING).count() == 1
