"""The parts of a mailing: whatever limits and costs become on the way, each recipient is in one of them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from pytest_django import DjangoAssertNumQueries, Settings

from emails import ledger
from emails.models import Mailing
from jobs import adding, lifecycle, planning, recutting
from jobs.models import Cost, Job, JobState, Part, Step
from jobs.recutting import Recutter
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
    return held == sorted(job.mailing.recipients.values_list("pk", flat=True)) and units == len(held)


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


def plan(job: Job) -> None:
    """Cut the mailing as the limits of now want it, and work on nothing of it."""
    ledger.write_ledger(job.mailing)
    adding.add(job, list(ledger.plans(job.mailing)))
    job.parts.filter(step=Step.PLAN).update(state="done", ended_at=job.created_at)
    Job.objects.filter(pk=job.pk).update(parts_open=F("parts_open") - 1)


class Mails:
    """A mailing to ten students that is cut while the lane bulk has a limit of two mails a second."""

    def __init__(self, sent: Sent, settings: Settings) -> None:
        """Plan it, and let supervision look at it once."""
        self._settings = settings
        limit(settings, 2)
        self.job = sent(*addresses(10))
        plan(self.job)
        self.recutter, self._now = Recutter(), self.job.created_at
        assert self.look(2) == [1] * 10

    def look(self, rate: float | None) -> list[int]:
        """Let supervision look while the lane has this limit, ten seconds later than the last time.

        Return how many recipients the parts hold.
        """
        limit(self._settings, rate)
        self._now += timedelta(seconds=10)
        self.recutter.take_turn(now=self._now)
        return self.sizes()

    def sizes(self) -> list[int]:
        """Return how many recipients the parts hold, in which each is once."""
        assert each_once(self.job)
        self.job.refresh_from_db()
        assert self.job.parts_open == self.job.parts.filter(ended_at=None).count()
        return [len(part) for part in held_by_parts(self.job)]


@pytest.fixture
def mails(sent: Sent, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Mails:
    monkeypatch.setattr(ledger, "PART_RECIPIENTS", 4)
    return Mails(sent, settings)


def test_what_a_low_limit_cut_small_is_put_together_once_that_is_lifted(mails: Mails, relay: Any) -> None:
    assert mails.look(None) == [4, 4, 2]
    run_parts(lane="bulk")
    mails.job.refresh_from_db()
    assert (mails.job.state, mails.job.units_done, len(relay.caught)) == (JobState.DONE, 10, 10)


@pytest.mark.parametrize(("rate", "sizes"), [(1, [1] * 10), (4, [2] * 5), (6, [3, 3, 3, 1])])
def test_parts_are_as_large_as_the_limit_of_now_allows(mails: Mails, rate: float, sizes: list[int]) -> None:
    assert mails.look(rate) == sizes


def test_limit_that_is_lowered_again_leaves_parts_as_they_are(mails: Mails) -> None:
    assert [mails.look(rate) for rate in (None, 2)] == [[4, 4, 2]] * 2


def test_parts_that_were_claimed_stay_and_part_what_waits_beside_them(mails: Mails) -> None:
    work = mails.job.parts.filter(step=Step.WORK).order_by("pk")
    Part.objects.filter(pk__in=[work[0].pk, work[4].pk]).update(state="delayed", fence=1, attempt=1)
    assert mails.look(None) == [1, 3, 1, 4, 1]


def test_parts_of_a_paused_job_are_put_together_and_stay_held(mails: Mails) -> None:
    lifecycle.pause(mails.job, by=None)
    assert mails.look(None) == [4, 4, 2]
    assert set(mails.job.parts.filter(ended_at=None).values_list("state", flat=True)) == {"held"}


def test_job_that_has_ended_is_left_alone(mails: Mails) -> None:
    lifecycle.stop(mails.job, by=None)
    assert mails.look(None) == [1] * 10


def test_job_that_is_being_planned_is_looked_at_again(mails: Mails) -> None:
    planning_part = mails.job.parts.filter(step=Step.PLAN)
    planning_part.update(state="delayed", fence=1)
    assert mails.look(None) == [1] * 10
    planning_part.update(state="done")
    assert mails.look(None) == [4, 4, 2]


def test_job_is_looked_at_again_when_larger_parts_taught_that_a_mail_costs_less(mails: Mails) -> None:
    Cost.objects.update(unit_seconds=1)
    assert mails.look(None) == [2] * 5
    Cost.objects.update(unit_seconds=0.01)
    assert mails.look(None) == [4, 4, 2]


def test_job_in_which_a_look_changed_nothing_is_not_looked_at_again(
    mails: Mails, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert mails.look(None) == mails.look(None) == [4, 4, 2]
    later = mails.job.created_at + timedelta(hours=1)
    with django_assert_num_queries(0):
        mails.recutter.take_turn(now=later)


def test_many_parts_and_jobs_are_looked_at_a_few_at_a_time(
    mails: Mails, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recutting, "MOST_PARTS", 3)
    monkeypatch.setattr(recutting, "MOST_JOBS", 1)
    other = sent("eve@x.example", "fay@x.example", subject="Spring fair")
    plan(other)
    assert mails.look(None) == [3, 3, 3, 1]
    assert len(held_by_parts(other)) == 12
    mails.look(None)
    assert len(held_by_parts(other)) == 4


def test_job_that_nobody_has_begun_to_plan_is_left_alone_until_limits_change(
    mails: Mails, sent: Sent, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    sent("eve@x.example", subject="Spring fair")
    assert mails.look(None) == mails.look(None) == [4, 4, 2]
    with django_assert_num_queries(0):
        mails.recutter.take_turn(now=mails.job.created_at + timedelta(hours=1))


def test_job_that_cannot_be_cut_keeps_no_other_waiting(mails: Mails, sent: Sent, settings: Settings) -> None:
    other = sent("eve@x.example", "fay@x.example", subject="Spring fair")
    plan(other)
    Job.objects.filter(pk=mails.job.pk).update(arguments={"mailing": 0})
    limit(settings, None)
    later = mails.job.created_at + timedelta(minutes=1)
    with pytest.raises(Mailing.DoesNotExist):
        mails.recutter.take_turn(now=later)
    mails.recutter.take_turn(now=later)
    assert [len(part) for part in held_by_parts(other)] == [4, 4, 4]


def test_supervision_that_has_just_begun_looks_at_all_jobs(mails: Mails, settings: Settings) -> None:
    limit(settings, None)
    Recutter().take_turn(now=mails.job.created_at)
    assert mails.sizes() == [4, 4, 2]
