"""Parts of tiny jobs are claimed and ended many at a time, with the same outcome as one by one."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from jobs import execution
from jobs.arguments import Arguments
from jobs.claiming import claim_many
from jobs.drafting import Request
from jobs.ending_together import Finished, complete_many
from jobs.models import (
    Job,
    JobState,
    Notification,
    Part,
    PartState,
    School,
    Share,
    WebhookDelivery,
    WebhookEndpoint,
)
from jobs.progress import Progress
from jobs.registry import Kind
from jobs.retries import PermanentFailure
from jobs.settings import switchyard
from jobs.submission import submit, submit_many
from jobs.testing import be_present, kind_in_lane, make_person, run_parts
from jobs.verbs import WorkingPart


class TinyArguments(Arguments):
    """Whether it fails."""

    fails: bool = False


class Tiny(Kind):
    """Does nothing, unless its arguments say that it fails."""

    label = "Tiny"
    unit = "steps"
    arguments = TinyArguments

    def work(self, part: WorkingPart) -> None:
        if part.arguments.get("fails"):
            message = "As asked."
            raise PermanentFailure(message)


@pytest.fixture
def tiny(school: School, settings: Settings) -> Iterator[None]:
    """The kind `tests.tiny` in a lane that claims ten parts at once."""
    lanes = settings.SWITCHYARD["lanes"]
    mail = {**lanes["mail"], "claim_parts": 10}
    settings.SWITCHYARD = {**settings.SWITCHYARD, "lanes": {**lanes, "mail": mail}}
    with kind_in_lane(Tiny, name="tests.tiny", lane="mail"):
        yield


def ask(school: School, count: int, **arguments: Any) -> list[Job]:
    """Submit tiny jobs."""
    return submit_many(
        [
            Request(kind="tests.tiny", school=school, by=None, arguments=arguments, key=str(number))
            for number in range(count)
        ]
    )


def test_ten_jobs_are_claimed_and_ended_by_one_doorbell(
    tiny: None, school: School, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    ask(school, 10)
    with django_assert_max_num_queries(12):
        execution.answer(lane="mail", worker="test")
    assert set(Job.objects.values_list("state", "units_done", "parts_open")) == {(JobState.DONE, 1, 0)}
    assert [event.what for event in Job.objects.all()[0].events.all()] == ["submitted", "started", "done"]


def test_school_is_charged_what_its_parts_took(tiny: None, school: School) -> None:
    ask(school, 10)
    run_parts(lane="mail")
    taken = sum(Part.objects.values_list("seconds", flat=True))
    assert Share.objects.get(lane="mail", school=school).used_seconds == pytest.approx(taken, abs=1e-6)


def test_one_that_fails_among_many_fails_alone(tiny: None, school: School) -> None:
    ask(school, 4)
    submit(kind="tests.tiny", school=school, by=None, arguments={"fails": True}, key="bad")
    run_parts(lane="mail")
    states = dict(Job.objects.values_list("key", "state"))
    assert states.pop("bad") == JobState.FAILED
    assert set(states.values()) == {JobState.DONE}


def test_job_that_others_follow_lets_them_go_on(tiny: None, school: School) -> None:
    first, _ = ask(school, 2)
    follower = submit(kind="tests.tiny", school=school, by=None, arguments={}, key="next", after=[first])
    run_parts(lane="mail")
    follower.refresh_from_db()
    assert follower.state == JobState.DONE


def test_part_that_was_lost_meanwhile_is_left_alone(tiny: None, school: School) -> None:
    ask(school, 3)
    lane = switchyard().lanes["mail"]
    held = claim_many(lane=lane, worker="test", now=timezone.now(), most=3)
    Part.objects.filter(pk=held[0].part.pk).update(state=PartState.WAITING, leased_until=None)
    complete_many(
        [Finished(held=each, seconds=1, progress=Progress(part=each.part, fence=each.fence)) for each in held]
    )
    assert Job.objects.filter(state=JobState.DONE).count() == 2
    assert Part.objects.get(pk=held[0].part.pk).state == PartState.WAITING


def test_who_asked_is_told_of_each_job(tiny: None, school: School) -> None:
    person = make_person(school=school)
    for key in ("one", "two"):
        submit(kind="tests.tiny", school=school, by=person, arguments={}, key=key)
    ask(school, 2)
    run_parts(lane="mail")
    assert Notification.objects.filter(person=person).count() == 2


def test_webhooks_are_told_of_each_job(tiny: None, school: School) -> None:
    WebhookEndpoint.objects.create(school=school, url="https://hooks.example/")
    ask(school, 3)
    run_parts(lane="mail")
    assert WebhookDelivery.objects.filter(about__state=JobState.DONE).count() == 3


def test_parts_ended_together_count_what_they_took_of_a_limit(
    tiny: None, school: School, settings: Settings
) -> None:
    lanes = settings.SWITCHYARD["lanes"]
    mail = {**lanes["mail"], "rate": 10}
    settings.SWITCHYARD = {**settings.SWITCHYARD, "lanes": {**lanes, "mail": mail}}
    be_present(slots=4)
    ask(school, 2)
    Part.objects.update(units=5)
    claims = claim_many(lane=switchyard().lanes["mail"], worker="test", now=timezone.now(), most=10)
    complete_many(
        [
            Finished(held=held, seconds=0.01, progress=Progress(part=held.part, fence=held.fence))
            for held in claims
        ]
    )
    assert set(Part.objects.values_list("state", "seconds")) == {("done", 0.01)}
    assert Share.objects.get().used_seconds == pytest.approx(2 * 4 * 5 / 10)
