"""What the newest parts show counts the time of work alone, not what was lost on the way."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from jobs import losing, returning
from jobs.claiming import Claim, claim
from jobs.ending import complete
from jobs.models import Job, Part, School
from jobs.progress import Progress
from jobs.settings import switchyard
from jobs.sightings import Sighting, Watcher

SECOND = timedelta(seconds=1)


@pytest.fixture
def job(steps: Any, school: School) -> Job:
    """A job with one part of 200 units that waits."""
    job: Job = steps.submit(school, 200, units=200)
    job.parts.update(step="work", units=200, arguments={"place": 0})
    return job


def take(*, now: datetime) -> Claim:
    """Claim the part."""
    held = claim(lane=switchyard().lanes["mail"], worker="test", now=now)
    assert held is not None
    return held


def beat(held: Claim, *, worked: float, done: int = 0, now: datetime) -> None:
    """Let the worker extend its lease as it does each second: it has worked so long and done so much."""
    lease = timedelta(seconds=switchyard().supervision.lease_seconds)
    Part.objects.filter(pk=held.part.pk).update(
        leased_until=now + lease, worked_seconds=worked, units_done=done
    )


def end(held: Claim, *, seconds: float) -> None:
    """Let the part be done, a while after its claim as the clock on the wall has it."""
    assert complete(held, seconds=seconds, progress=Progress(part=held.part, fence=held.fence))


def sighting(watcher: Watcher, job: Job, *, now: datetime) -> Sighting:
    return watcher.look(now=now).get(job.pk, Sighting())


def seconds_of(found: Sighting) -> float:
    """Return all seconds of a sighting."""
    return found.seconds + sum(seconds for _, seconds in found.silent)


@pytest.mark.parametrize("done", [0, 50])
def test_worker_that_gives_no_sign_of_life_takes_no_time(job: Job, done: int) -> None:
    now = timezone.now()
    held = take(now=now)
    beat(held, worked=1, done=done, now=now + SECOND)
    assert seconds_of(sighting(Watcher(), job, now=now + 9 * SECOND)) == 1


def test_standstill_between_two_looks_takes_no_time(job: Job) -> None:
    now, watcher = timezone.now(), Watcher()
    held = take(now=now)
    beat(held, worked=3, done=150, now=now + 3 * SECOND)
    sighting(watcher, job, now=now + 3 * SECOND)
    beat(held, worked=3.2, done=160, now=now + 63 * SECOND)
    found = sighting(watcher, job, now=now + 63 * SECOND)
    assert found.seconds == pytest.approx(3.2)
    assert found.units == 161


def test_part_done_after_a_standstill_counts_by_its_worker(job: Job) -> None:
    now, watcher = timezone.now(), Watcher()
    held = take(now=now - 60 * SECOND)
    beat(held, worked=3, done=150, now=now - 57 * SECOND)
    sighting(watcher, job, now=now - 57 * SECOND)
    end(held, seconds=4)
    found = sighting(watcher, job, now=timezone.now())
    assert (found.units, found.seconds) == (50, pytest.approx(1))


def test_part_that_told_nothing_until_it_was_done_counts_as_a_whole(job: Job) -> None:
    now, watcher = timezone.now(), Watcher()
    held = take(now=now - 40 * SECOND)
    beat(held, worked=38, now=now - 2 * SECOND)
    sighting(watcher, job, now=now - 2 * SECOND)
    end(held, seconds=40)
    found = sighting(watcher, job, now=timezone.now())
    assert (found.units, found.seconds) == (200, pytest.approx(40))


def test_part_begun_anew_after_its_worker_was_lost_counts_from_then_on(job: Job) -> None:
    now, watcher = timezone.now(), Watcher()
    lost = take(now=now)
    beat(lost, worked=3, done=150, now=now + 3 * SECOND)
    assert losing.lose(Part.objects.get(pk=lost.part.pk), now=now + 12 * SECOND)
    held = take(now=now + 12 * SECOND)
    for second, done in ((1, 150), (5, 10), (9, 20), (13, 30)):
        beat(held, worked=second, done=done, now=now + (12 + second) * SECOND)
        found = sighting(watcher, job, now=now + (12 + second) * SECOND)
        assert found.units >= 0
    assert (found.units, found.seconds) == (21, pytest.approx(8))


def test_failed_attempts_do_not_make_the_next_one_slow(job: Job) -> None:
    now = timezone.now()
    assert returning.try_again(take(now=now), seconds=300, error="Away.", delay_seconds=0)
    Part.objects.update(state="waiting")
    held = take(now=now)
    beat(held, worked=2, done=100, now=now)
    assert seconds_of(sighting(Watcher(), job, now=now)) <= 2


def test_part_that_was_handed_back_does_not_count_twice(job: Job) -> None:
    now = timezone.now()
    for _ in range(3):
        held = take(now=now)
        assert returning.hand_back(held, seconds=1.5, progress=Progress(part=held.part, fence=held.fence))
    held = take(now=now)
    beat(held, worked=2, done=100, now=now)
    assert seconds_of(sighting(Watcher(), job, now=now)) <= 2
    end(held, seconds=2)
    assert seconds_of(sighting(Watcher(), job, now=timezone.now())) == 0


def test_part_that_waited_for_an_outside_service_counts(job: Job) -> None:
    now = timezone.now()
    assert returning.wait_for_service(take(now=now), seconds=0, error="Away.", service="relay", until=now)
    Part.objects.update(state="waiting", waits_for="")
    end(take(now=now), seconds=4)
    found = sighting(Watcher(), job, now=timezone.now())
    assert (found.units, found.seconds) == (200, pytest.approx(4))
