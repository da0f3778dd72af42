"""Leases are kept while the work goes on, from a thread of the working process."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from jobs import lifecycle
from jobs.breakers import Visit
from jobs.claiming import Claim, claim
from jobs.leases import Hold, Keeper
from jobs.models import Part, School
from jobs.progress import PAUSE_SECONDS, Progress
from jobs.settings import switchyard
from jobs.testing import wait_until


@pytest.fixture
def held(steps: Any, school: School, settings: Settings) -> Claim:
    """A claimed part whose lease lasts half a second."""
    settings.SWITCHYARD = {**settings.SWITCHYARD, "supervision": {"lease_seconds": 0.5}}
    steps.submit(school, 1)
    held = claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now())
    assert held is not None
    return held


def hold_for_a_minute(held: Claim) -> Hold:
    """Return a hold that may extend its lease for a minute."""
    return Hold(claim=held, now=timezone.now(), limit=timedelta(minutes=1), grace=timedelta(seconds=5))


@pytest.mark.django_db(transaction=True)
def test_lease_is_extended_while_it_is_held(held: Claim) -> None:
    before = Part.objects.get().leased_until
    assert before is not None
    with Keeper().holding(hold_for_a_minute(held)):
        wait_until(lambda: (Part.objects.get().leased_until or before) > before + timedelta(seconds=1))


@pytest.mark.django_db(transaction=True)
def test_lease_is_extended_within_a_long_transaction_that_reports(held: Claim) -> None:
    before = Part.objects.get().leased_until
    assert before is not None
    progress = Progress(part=held.part, fence=held.fence)
    progress._throttle.written_at -= PAUSE_SECONDS
    with Keeper().holding(hold_for_a_minute(held)), transaction.atomic():
        progress.note(done=1, failed=0)
        wait_until(lambda: (Part.objects.get().leased_until or before) > before + timedelta(seconds=1))
        wait_until(lambda: Part.objects.get().units_done == 1)


@pytest.mark.django_db(transaction=True)
def test_work_on_a_part_is_told_when_its_job_was_ended(held: Claim) -> None:
    lifecycle.stop(held.part.job, by=None)
    with Keeper().holding(hold_for_a_minute(held)) as hold:
        assert hold.lost.wait(timeout=10)


@pytest.mark.django_db(transaction=True)
def test_keeper_ends_its_thread_when_nothing_is_held_and_starts_again(held: Claim) -> None:
    keeper = Keeper()
    for _ in range(2):
        with keeper.holding(hold_for_a_minute(held)):
            thread = keeper._thread
            assert thread is not None
            assert thread.is_alive()
        thread.join(timeout=10)
        assert not thread.is_alive()


@pytest.mark.django_db(transaction=True)
def test_keeper_goes_on_whatever_went_wrong(held: Claim, monkeypatch: pytest.MonkeyPatch) -> None:
    hold, errors = hold_for_a_minute(held), [RuntimeError("no database now"), OSError("no socket")]
    extend = hold.extend

    def fail_at_first(*, now: datetime) -> None:
        if errors:
            raise errors.pop()
        extend(now=now)

    monkeypatch.setattr(hold, "extend", fail_at_first)
    before = Part.objects.get().leased_until
    assert before is not None
    with Keeper().holding(hold):
        wait_until(lambda: (Part.objects.get().leased_until or before) > before)
    assert not errors


@pytest.mark.django_db(transaction=True)
def test_keeper_tells_which_service_does_not_answer_until_it_does(held: Claim) -> None:
    hold = hold_for_a_minute(held)
    quick, slow = (Visit(name, longest_pause_seconds=1, probe=None, called=name) for name in ("a", "b"))
    hold.visits += [quick, slow]
    with Keeper().holding(hold):
        with slow.asking(), quick.asking():
            wait_until(lambda: Part.objects.get().asks_seconds > 0)
            assert Part.objects.get().asks == "b"
        wait_until(lambda: Part.objects.get().asks == "")
        assert Part.objects.get().asks_seconds == 0
