"""What the lanes do now, as the operations page tells it."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from jobs import holds
from jobs.claiming import claim
from jobs.models import Hold, HoldMode, HoldScope, Part, PartState, Role, School
from jobs.queries import LaneNow, lanes_now
from jobs.settings import switchyard
from jobs.testing import be_present, make_person, make_school


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


def test_scheduled_parts_are_told_from_those_to_be_tried_again(steps: Any, school: School) -> None:
    steps.submit(school, 1, not_before=timezone.now() + timedelta(hours=1))
    steps.submit(school, 1, key="again")
    Part.objects.filter(job__key="again").update(state=PartState.DELAYED, attempt=1)
    (mail,) = [lane for lane in lanes_now(now=timezone.now()) if lane.lane.name == "mail"]
    assert (mail.parts_delayed, mail.parts_scheduled, mail.parts_to_retry) == (2, 1, 1)


def test_every_lane_of_the_settings_is_listed_even_when_idle(db: None) -> None:
    assert [lane.lane.name for lane in lanes_now(now=timezone.now())] == list(switchyard().lanes)


def test_lane_is_not_late_by_what_a_hold_keeps_back(steps: Any, school: School) -> None:
    now = timezone.now()
    steps.submit(school, 1)
    steps.submit(make_school(name="Another"), 1)
    Part.objects.filter(school=school).update(ready_at=now - timedelta(hours=1))
    assert mail_now().is_late
    holds.put(
        holds.Target(scope=HoldScope.SCHOOL, name=school.slug),
        mode=HoldMode.PAUSE,
        by=make_person(role=Role.ADMIN),
        why="They asked.",
    )
    assert (mail_now().parts_waiting, mail_now().parts_held, mail_now().is_late) == (2, 1, False)


def mail_now() -> LaneNow:
    """Return the lane mail."""
    return next(
        lane
        for lane in lanes_now(now=timezone.now(), holds=list(Hold.objects.all()))
        if lane.lane.name == "mail"
    )
