"""Limits of lanes, schools and outside services: kept by the claim, whoever works."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from jobs import drawing, returning
from jobs.claimable import claimable
from jobs.claiming import claim
from jobs.lanes import Lane
from jobs.models import Bucket, Part, PartState, School
from jobs.progress import Progress
from jobs.ringing import Openings
from jobs.settings import read, switchyard
from jobs.testing import make_school

SECOND = timedelta(seconds=1)


def lane(**changes: Any) -> Lane:
    return replace(switchyard().lanes["mail"], **changes)


def take(lane: Lane, *, now: datetime) -> Part | None:
    """Claim a part and end it at once."""
    held = claim(lane=lane, worker="test", now=now)
    if held is None:
        return None
    Part.objects.filter(pk=held.part.pk).update(state=PartState.DONE, leased_until=None, ended_at=now)
    return held.part


@pytest.fixture
def work(steps: Any, school: School) -> Any:
    """Write waiting parts of a school: `work(school, units, count, ...)`."""

    def write(count: int, *, units: int = 1, of: School = school, **values: Any) -> None:
        job = steps.submit(of, 1, key=f"{of.pk}-{Part.objects.count()}")
        plan = job.parts.get()
        fields = {
            "job": job,
            "school": of,
            "lane": "mail",
            "units": units,
            "ready_at": timezone.now(),
            **values,
        }
        Part.objects.bulk_create([Part(**fields) for _ in range(count)])
        plan.delete()

    return write


@pytest.mark.parametrize("workers", [1, 8])
def test_units_of_a_minute_are_the_rate_within_two_percent(work: Any, workers: int) -> None:
    work(200, units=5)
    limited, now, units = lane(rate=10), timezone.now(), 0
    for step in range(60 * 5):
        for _ in range(workers):
            part = take(limited, now=now + step * SECOND / 5)
            units += part.units if part else 0
    assert units == pytest.approx(60 * 10, rel=0.02)


def test_bytes_are_limited_like_units(work: Any) -> None:
    work(100, bytes=500)
    limited, now = lane(bytes_rate=1000), timezone.now()
    taken = [take(limited, now=now + step * SECOND / 5) for step in range(10 * 5)]
    assert sum(part.bytes for part in taken if part) == pytest.approx(10 * 1000, rel=0.06)


def test_savings_of_a_quiet_time_are_the_burst_at_most(work: Any) -> None:
    work(100, units=5)
    limited, now = lane(rate=10, burst=30), timezone.now()
    assert take(limited, now=now) is not None
    later = now + timedelta(hours=1)
    taken = [take(limited, now=later) for _ in range(20)]
    assert sum(part.units for part in taken if part) == 30


@pytest.mark.parametrize(("rate", "units"), [(25, 12), (5, 1)])
@pytest.mark.parametrize("rest", [0.3, 30])
def test_no_span_sees_more_than_the_burst_and_what_came_meanwhile(
    work: Any, rate: float, units: int, rest: float
) -> None:
    work(round(20 * rate / units), units=units)
    limited, start = lane(rate=rate), timezone.now()
    claimed: list[tuple[float, int]] = []
    for step in range(60):
        at = step / 10 + (rest if step >= 20 else 0)  # workers ask ten times a second, and rest once
        while (part := take(limited, now=start + at * SECOND)) is not None:
            claimed.append((at, part.units))
    for first, (begin, _) in enumerate(claimed):
        for last in range(first, len(claimed)):
            done = sum(each for _, each in claimed[first : last + 1])
            assert done <= rate + rate * (claimed[last][0] - begin) + 1e-3


def test_part_that_was_handed_back_is_paid_again_and_nothing_is_returned(work: Any) -> None:
    work(1, units=12)
    limited, now = lane(rate=25), timezone.now()
    held = claim(lane=limited, worker="test", now=now)
    assert held is not None
    assert returning.hand_back(held, seconds=1, progress=Progress(part=held.part, fence=held.fence))
    assert Bucket.objects.get().tokens == -12
    assert claim(lane=limited, worker="test", now=now) is None
    assert claim(lane=limited, worker="test", now=now + SECOND / 2) is not None
    assert Bucket.objects.get().tokens == pytest.approx(-12 + 12.5 - 12)


def test_school_with_a_limit_of_its_own_is_held_to_that(work: Any, school: School) -> None:
    free, other = make_school(), make_school()
    own = {school.slug: 5.0, free.slug: None}
    limited, now = lane(school_rate=2, rates_of_schools=own), timezone.now()
    for each in (school, other, free):
        work(40, units=2, of=each)
    units: Counter[int] = Counter()
    for step in range(10 * 5):
        for _ in range(3):
            if part := take(limited, now=now + step * SECOND / 5):
                units[part.school_id] += part.units
    assert units[school.pk] == pytest.approx(10 * 5, rel=0.05)
    assert units[other.pk] == pytest.approx(10 * 2, rel=0.1)
    assert units[free.pk] == 40 * 2


def test_limit_of_one_school_holds_anew_at_once_and_is_forgotten_without_one(
    work: Any, school: School
) -> None:
    work(1, units=30)
    now, given = timezone.now(), settings.SWITCHYARD
    mail = {**given["lanes"]["mail"], "rates_of_schools": {school.slug: 1.0}}
    assert take(lane(rates_of_schools={school.slug: 1.0}), now=now) is not None
    slow, quick, none = (
        read({**given, "lanes": {**given["lanes"], "mail": {**mail, "rates_of_schools": rates}}})
        for rates in ({school.slug: 1.0}, {school.slug: 10.0}, {})
    )
    drawing.reckon_anew(slow, now=now)
    assert Bucket.objects.get().opens_in(now=now) == pytest.approx(30)
    drawing.reckon_anew(quick, now=now)
    assert Bucket.objects.get().opens_in(now=now) == pytest.approx(3)
    drawing.reckon_anew(none, now=now)
    assert not Bucket.objects.exists()


def test_limit_of_one_school_counts_as_one_of_the_lane() -> None:
    one = lane(rates_of_schools={"north": 5.0})
    assert drawing.limits_lane(switchyard(), one)
    texts = {drawing.limits_now(each) for each in (lane(), one, lane(rates_of_schools={"north": 6.0}))}
    assert len(texts) == 3


def test_school_at_its_limit_leaves_the_lane_to_another(work: Any) -> None:
    other = make_school()
    work(10, units=5)
    work(10, units=5, of=other)
    limited, now = lane(school_rate=5), timezone.now()
    taken = [take(limited, now=now) for _ in range(4)]
    assert [part.school_id for part in taken if part][:2] != []
    assert len({part.school_id for part in taken if part}) == 2
    assert taken[2:] == [None, None]


def test_lane_keeps_workers_for_other_work_than_that_of_one_service(work: Any) -> None:
    work(5, service="relay", kind="tests.steps")
    capped, now = lane(service_workers=2), timezone.now()
    assert [claim(lane=capped, worker="test", now=now) is not None for _ in range(3)] == [True, True, False]
    assert not claimable(lane=capped, now=now).exists()
    work(2, kind="tests.steps")
    held = [claim(lane=capped, worker="test", now=now) for _ in range(3)]
    assert [one.part.service if one else None for one in held] == ["", "", None]
    Part.objects.filter(service="relay", state=PartState.WORKING).update(
        state=PartState.DONE, leased_until=None
    )
    assert claimable(lane=capped, now=now).count() == 3
    assert claim(lane=capped, worker="test", now=now) is not None


def test_service_at_its_limit_leaves_the_lane_to_other_work(work: Any, monkeypatch: Any) -> None:
    work(5, units=5, service="relay")
    work(5, units=5)
    monkeypatch.setattr("jobs.drawing.open_services", lambda _: ["relay"])
    given = {**settings_of_today(), "services": {"relay": {"rate": 5}}}
    now = timezone.now()
    with override_settings(SWITCHYARD=given):
        taken = [take(lane(), now=now) for _ in range(10)]
    services = [part.service for part in taken if part]
    assert services == ["relay", *[""] * 5]


def test_vital_lane_neither_waits_for_a_service_nor_pays_it(work: Any) -> None:
    work(5, units=50, service="relay")
    given = {**settings_of_today(), "services": {"relay": {"rate": 5}}}
    with override_settings(SWITCHYARD=given):
        taken = [take(lane(is_vital=True), now=timezone.now()) for _ in range(5)]
    assert None not in taken
    assert not Bucket.objects.exists()


def test_school_at_its_cap_leaves_workers_to_another(work: Any) -> None:
    other = make_school()
    work(5)
    capped, now = lane(school_workers=2), timezone.now()
    held = [claim(lane=capped, worker="test", now=now) for _ in range(3)]
    assert [bool(each) for each in held] == [True, True, False]
    work(1, of=other)
    following = claim(lane=capped, worker="test", now=now)
    assert following is not None
    assert following.part.school == other


def test_claimable_parts_are_those_that_the_claim_would_take(work: Any) -> None:
    other = make_school()
    work(3, units=5)
    work(1, units=1, of=other)
    limited, now = lane(school_rate=5), timezone.now()
    Bucket.objects.create(
        name="school:mail:x:units", lane="mail", school=other, rate=5, tokens=-1, filled_at=now
    )
    assert {part.school_id for part in claimable(lane=limited, now=now)} == {
        Part.objects.earliest("id").school_id
    }
    assert claimable(lane=limited, now=now + SECOND).count() == 4
    Bucket.objects.update(school=None)
    assert not claimable(lane=limited, now=now).exists()


def test_closed_limit_of_another_lane_keeps_nothing_from_being_claimable(work: Any) -> None:
    work(3, units=5)
    now = timezone.now()
    Bucket.objects.create(name="lane:bulk:units", lane="bulk", rate=5, tokens=-10, filled_at=now)
    assert take(lane(), now=now) is not None
    assert claimable(lane=lane(), now=now).count() == 2


def test_raised_limit_opens_what_the_old_one_had_closed(work: Any) -> None:
    work(3, units=100)
    now = timezone.now()
    slow, fast = (read(with_mail_rate(rate)) for rate in (1, 1000))
    assert take(slow.lanes["mail"], now=now) is not None
    assert take(slow.lanes["mail"], now=now + SECOND) is None
    drawing.reckon_anew(fast, now=now + SECOND)
    assert take(fast.lanes["mail"], now=now + 1.2 * SECOND) is not None


def test_limit_that_was_taken_away_is_forgotten(work: Any) -> None:
    work(3, units=100)
    now = timezone.now()
    assert take(read(with_mail_rate(1)).lanes["mail"], now=now) is not None
    drawing.reckon_anew(switchyard(), now=now)
    assert take(lane(), now=now) is not None


def test_lane_is_rung_when_its_limit_opens(work: Any, monkeypatch: Any) -> None:
    rings: list[dict[str, Any]] = []
    monkeypatch.setattr("jobs.publishing.ring", lambda **ring: rings.append(ring) or True)
    work(10, units=5)
    now = timezone.now()
    with override_settings(SWITCHYARD=with_mail_rate(10)):
        openings = Openings()
        assert take(switchyard().lanes["mail"], now=now) is not None
        assert openings.ring(now=now) == 0
        assert openings.ring(now=now + 0.4 * SECOND) == 0
        assert openings.ring(now=now + 0.6 * SECOND) == 1
        assert openings.ring(now=now + 0.8 * SECOND) == 0
    assert [(ring["lane"], ring["times"]) for ring in rings] == [("mail", switchyard().lanes["mail"].workers)]


def settings_of_today() -> dict[str, Any]:
    return dict(settings.SWITCHYARD)


def with_mail_rate(rate: float) -> dict[str, Any]:
    given = settings_of_today()
    return {**given, "lanes": {**given["lanes"], "mail": {**given["lanes"]["mail"], "rate": rate}}}
