"""The parts of a mailing: whatever limits and costs become on the way, each recipient is in one of them."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from emails import ledger
from emails.models import Recipient
from jobs import planning
from jobs.models import Job, Part, Step
from jobs.testing import run_parts
from tests.emails.people import Sent, learn_mailings

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _known() -> None:
    """What a mail costs is known, so that limits alone make small parts."""
    learn_mailings()


def limit(settings: Settings, rate: float | None) -> None:
    """Let the lane bulk have this limit; None for none."""
    lanes = settings.SWITCHYARD["lanes"]
    settings.SWITCHYARD = {**settings.SWITCHYARD, "lanes": {**lanes, "bulk": {**lanes["bulk"], "rate": rate}}}


def addresses(count: int) -> list[str]:
    return [f"student-{number}@x.example" for number in range(count)]


def held_by_parts(job: Job) -> list[list[int]]:
    """Return the ids of the recipients of each part, in the order of the parts."""
    mailing = job.mailing
    work = job.parts.filter(step=Step.WORK).order_by("pk")
    return [list(ledger.rows_of(mailing, part.arguments).values_list("pk", flat=True)) for part in work]


def each_once(job: Job) -> bool:
    """Say whether each recipient is in one part, and the parts have as many units."""
    held = sorted(pk for part in held_by_parts(job) for pk in part)
    units = sum(Part.objects.filter(job=job, step=Step.WORK).values_list("units", flat=True))
    return held == sorted(Recipient.objects.values_list("pk", flat=True)) and units == len(held)


class Lost(BaseException):
    """The worker is gone in the middle of a plan."""


def lose_after(batches: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the worker be lost once so many batches of a plan are written."""
    cut = planning._batches

    def some(plans: Any) -> Iterator[Any]:
        for number, batch in enumerate(cut(plans)):
            if number == batches:
                raise Lost
            yield batch

    monkeypatch.setattr(planning, "_batches", some)


@pytest.mark.parametrize(("before", "after"), [(2, None), (None, 2)])
def test_plan_that_goes_on_under_another_limit_leaves_nobody_out(
    sent: Sent, settings: Settings, monkeypatch: pytest.MonkeyPatch, before: float | None, after: float | None
) -> None:
    monkeypatch.setattr(planning, "BATCH_PARTS", 2)
    monkeypatch.setattr(ledger, "PART_RECIPIENTS", 3)
    limit(settings, before)
    job = sent(*addresses(10))
    with monkeypatch.context() as lost:
        lose_after(1, lost)
        with pytest.raises(Lost):
            run_parts(lane="bulk")
    assert len(held_by_parts(job)) == 2
    limit(settings, after)
    job.parts.filter(step=Step.PLAN).update(state="waiting", leased_until=None)
    with pytest.raises(AssertionError, match="still one"):
        run_parts(lane="bulk", limit=0)
    assert each_once(job)
