"""The judge of webhooks: an end that was not told, told twice or told wrongly does not escape it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pytest_django import Settings

from jobs import webhooks
from jobs.models import School, WebhookEndpoint
from jobs.testing import kind_in_lane, let_time_come, make_person, make_school, run_parts
from tests.faults.receiver import Message, Receiver
from tests.faults.told_outside import judge_told
from tests.faults.verdict import Verdict
from tests.jobs.conftest import Steps

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> School:
    return make_school()


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    allowed = {"allowed_private_hosts": ["127.0.0.1"]}
    settings.SWITCHYARD = {**settings.SWITCHYARD, "webhooks": allowed}
    running = Receiver()
    yield running
    running.close()


@pytest.fixture
def told(receiver: Receiver, school: School) -> Iterator[list[Message]]:
    """What the receiver has got of the ends of two jobs; the first message is not answered at first."""
    endpoint = webhooks.add(school=school, url=receiver.url("/one"), by=make_person(school=school))
    receiver.secrets["/one"] = endpoint.secret
    receiver.leave_unanswered(1, seconds=30)
    Steps.worked, Steps.finished, Steps.errors = [], [], []
    with kind_in_lane(Steps, name="tests.steps", lane="mail") as kind:
        steps: Any = kind
        for key in ("one", "two"):
            steps.submit(school, 1, key=key)
        run_parts()
        let_time_come()
        run_parts()
        yield receiver.messages


def verdict_on(messages: list[Message]) -> Verdict:
    verdict = Verdict()
    judge_told(verdict, messages=messages)
    return verdict


def test_each_end_was_told_and_what_came_again_is_only_counted(told: list[Message]) -> None:
    verdict = verdict_on(told)
    assert verdict.complaints == []
    assert (verdict.compared["ends told"], verdict.told_again) == (2, 1)


def test_end_that_nobody_heard_of_is_lost(told: list[Message]) -> None:
    silent = [message for message in told if message.told["job_id"] != told[-1].told["job_id"]]
    assert [line.split(":")[0].split()[0] for line in verdict_on(silent).lost] == ["nobody", "message"]


def test_message_that_was_refused_counts_as_not_heard(told: list[Message]) -> None:
    refused = [replace(message, was_refused=True) for message in told]
    assert len(verdict_on(refused).lost) == 4


def test_end_told_by_two_messages_is_doubled(told: list[Message]) -> None:
    assert len(verdict_on([*told, replace(told[0], message_id="another")]).doubled) == 1


def test_end_that_was_none_is_wrong(told: list[Message]) -> None:
    false = replace(told[0], told={**told[0].told, "state": "stopped"})
    assert "was not so" in verdict_on([*told, false]).wrong[0]


def test_message_with_other_figures_than_the_job_is_wrong(told: list[Message]) -> None:
    false = replace(told[0], told={**told[0].told, "units_done": 7})
    assert "another units_done" in verdict_on([*told, false]).wrong[0]


def test_message_under_another_secret_is_wrong(receiver: Receiver, school: School) -> None:
    endpoint = webhooks.add(school=school, url=receiver.url("/one"), by=make_person(school=school))
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(secret="whsec_b3RoZXI=")
    receiver.secrets["/one"] = endpoint.secret
    webhooks.send_test(endpoint, by=make_person(school=school))
    run_parts()
    assert [message.is_genuine for message in receiver.messages] == [False]
