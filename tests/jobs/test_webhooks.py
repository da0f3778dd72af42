"""Webhooks: told when a job ends, signed, retried, and never led astray."""

import base64
import hmac
import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_django import Settings
from standardwebhooks import Webhook

from jobs import delivering, lifecycle, webhooks
from jobs.delivering import signed
from jobs.models import (
    Breaker,
    BreakerState,
    DeliveryState,
    Job,
    JobState,
    Part,
    PartState,
    School,
    WebhookDelivery,
    WebhookEndpoint,
)
from jobs.settings import switchyard
from jobs.testing import let_time_come, make_person, make_school, run_parts
from tests.jobs.receivers import Receiver, receiving

pytestmark = pytest.mark.django_db


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture(autouse=True)
def _quick_and_allowed(settings: Settings) -> None:
    """Let webhooks reach this machine, and be impatient."""
    settings.SWITCHYARD = {
        **settings.SWITCHYARD,
        "webhooks": {"read_seconds": 0.2, "call_seconds": 0.6, "allowed_private_hosts": ["127.0.0.1"]},
    }


@pytest.fixture
def endpoint(receiver: Receiver, school: School) -> WebhookEndpoint:
    return webhooks.add(school=school, url=receiver.url, by=make_person(school=school))


@pytest.fixture
def end_a_job(steps: Any, school: School) -> Callable[..., Job]:
    """Submit a job of the school and work on it to its end."""

    def end(key: str = "one") -> Job:
        job = steps.submit(school, 2, 1, key=key, title="Letter to Ana Öz")
        run_parts(lane="mail")
        job.refresh_from_db()
        return job  # type: ignore[no-any-return]  # a kind of the tests

    return end


def deliver() -> int:
    return run_parts(lane="webhooks")


def delivery() -> WebhookDelivery:
    return WebhookDelivery.objects.select_related("job", "endpoint").get()


def test_signature_is_made_as_the_specification_says() -> None:
    key = b"k" * 32
    message = WebhookDelivery(
        endpoint=WebhookEndpoint(secret="whsec_" + base64.b64encode(key).decode()),
        message_id="msg_1",
        payload={"test": 1},
    )
    body, headers = signed(message, now=datetime(2021, 2, 25, tzinfo=UTC))
    mac = hmac.digest(key, b'msg_1.1614211200.{"test":1}', "sha256")
    assert body == b'{"test":1}'
    assert headers["webhook-timestamp"] == "1614211200"
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(mac).decode()}"


def test_end_of_a_job_is_told_and_verified(
    endpoint: WebhookEndpoint, receiver: Receiver, end_a_job: Callable[..., Job]
) -> None:
    job = end_a_job()
    deliver()
    [(headers, body)] = receiver.got
    told = Webhook(endpoint.secret).verify(body, headers)
    assert told["type"] == "job.ended"
    assert datetime.fromisoformat(told["timestamp"]) == job.ended_at
    assert told["data"]["job_id"] == job.pk
    assert (told["data"]["state"], told["data"]["units_done"]) == ("done", 3)
    assert b"Ana" not in body
    assert headers["content-type"] == "application/json"
    assert headers["host"] == f"127.0.0.1:{receiver.port}"
    assert (delivery().state, delivery().status_code, delivery().answer) == (
        DeliveryState.DELIVERED,
        200,
        "thanks",
    )
    endpoint.refresh_from_db()
    assert endpoint.last_success_at is not None


def test_webhook_message_itself_is_told_to_nobody(
    endpoint: WebhookEndpoint, receiver: Receiver, end_a_job: Callable[..., Job]
) -> None:
    end_a_job()
    while deliver():
        pass
    assert len(receiver.got) == 1


def test_other_schools_and_disabled_webhooks_are_told_nothing(
    endpoint: WebhookEndpoint, receiver: Receiver, steps: Any, end_a_job: Callable[..., Job]
) -> None:
    steps.submit(make_school(), 1)
    run_parts(lane="mail")
    webhooks.switch(endpoint, on=False)
    end_a_job()
    deliver()
    assert receiver.got == []


def test_message_carries_its_id_alone_through_the_job(
    endpoint: WebhookEndpoint, end_a_job: Callable[..., Job]
) -> None:
    assert not WebhookDelivery.objects.exists()
    job = end_a_job()
    assert delivery().about_id == job.pk
    assert delivery().job is not None
    assert delivery().job.arguments == {"delivery": delivery().pk}


def test_job_that_ends_again_is_told_again(
    endpoint: WebhookEndpoint, receiver: Receiver, steps: Any, school: School
) -> None:
    job = steps.submit(school, 1)
    lifecycle.stop(job, by=None)
    lifecycle.retry(job, by=None)
    run_parts(lane="mail")
    deliver()
    assert [json.loads(body)["data"]["state"] for _, body in receiver.got] == ["stopped", "done"]


def test_message_that_failed_is_tried_again_with_the_same_id_and_body(
    endpoint: WebhookEndpoint, receiver: Receiver, end_a_job: Callable[..., Job]
) -> None:
    receiver.replies = [500, 200]
    end_a_job()
    deliver()
    assert (delivery().state, delivery().status_code) == (DeliveryState.WAITING, 500)
    let_time_come()
    deliver()
    (first, body), (second, again) = receiver.got
    assert (first["webhook-id"], body) == (second["webhook-id"], again)
    assert (delivery().state, delivery().attempts) == (DeliveryState.DELIVERED, 2)
    assert not Breaker.objects.exists()


def test_redirect_is_not_followed_and_said(
    endpoint: WebhookEndpoint, receiver: Receiver, end_a_job: Callable[..., Job]
) -> None:
    receiver.replies = [(302, {"Location": receiver.url}, b"")]
    end_a_job()
    deliver()
    assert len(receiver.got) == 1
    endpoint.refresh_from_db()
    assert "Redirects are not followed" in endpoint.last_failure


def test_gone_switches_the_webhook_off(
    endpoint: WebhookEndpoint, receiver: Receiver, end_a_job: Callable[..., Job]
) -> None:
    receiver.replies = [410]
    end_a_job()
    deliver()
    endpoint.refresh_from_db()
    assert (endpoint.is_enabled, delivery().state) == (False, DeliveryState.FAILED)
    assert "switched off" in endpoint.last_failure


@pytest.mark.parametrize("way", ["hang", "drip"])
def test_receiver_that_hangs_is_given_up_and_after_five_its_breaker_opens(
    endpoint: WebhookEndpoint, receiver: Receiver, end_a_job: Callable[..., Job], way: str
) -> None:
    receiver.replies = [getattr(receiver, way)]
    for number in range(switchyard().breakers.failures + 2):
        end_a_job(str(number))
    deliver()
    assert len(receiver.got) == switchyard().breakers.failures
    breaker = Breaker.objects.get()
    assert (breaker.name, breaker.state) == (f"webhook:127.0.0.1:{receiver.port}", BreakerState.OPEN)
    waiting = Part.objects.filter(waits_for=breaker.name)
    assert set(waiting.values_list("state", "attempt")) == {(PartState.DELAYED, 0)}
    assert waiting.count() == 2
    receiver.replies = [200]
    while let_time_come():
        deliver()
    assert not Job.objects.exclude(state=JobState.DONE).exists()


def test_status_decides_though_the_body_does_not_end(
    endpoint: WebhookEndpoint, receiver: Receiver, end_a_job: Callable[..., Job]
) -> None:
    receiver.replies = [(200, {"Content-Length": "1000"}, b"\0never \xff ends")]
    end_a_job()
    deliver()
    assert (delivery().state, delivery().answer) == (DeliveryState.DELIVERED, "never � ends")


def test_long_answer_is_cut(
    endpoint: WebhookEndpoint, receiver: Receiver, end_a_job: Callable[..., Job]
) -> None:
    receiver.replies = [(200, {}, b"x" * 1_000_000)]
    end_a_job()
    deliver()
    assert delivery().answer == "x" * 500


def test_nobody_there_is_a_failure_with_a_sentence(
    school: School, endpoint: WebhookEndpoint, end_a_job: Callable[..., Job]
) -> None:
    WebhookEndpoint.objects.update(url="http://127.0.0.1:1/")
    end_a_job()
    deliver()
    assert delivery().answer == "The connection failed or broke before it answered."
    assert Breaker.objects.get().failures == 1


def test_address_that_became_private_is_not_called(
    endpoint: WebhookEndpoint, receiver: Receiver, end_a_job: Callable[..., Job], settings: Settings
) -> None:
    settings.SWITCHYARD = {**settings.SWITCHYARD, "webhooks": {}}
    end_a_job()
    deliver()
    assert receiver.got == []
    assert delivery().state == DeliveryState.FAILED
    assert "private network" in delivery().answer
    with pytest.raises(webhooks.CannotAdd, match="private network"):
        webhooks.add(school=make_school(), url=receiver.url, by=make_person())


def test_delivered_message_is_not_delivered_twice(
    endpoint: WebhookEndpoint, receiver: Receiver, end_a_job: Callable[..., Job]
) -> None:
    end_a_job()
    deliver()
    delivering.deliver(delivery_id=delivery().pk)
    assert len(receiver.got) == 1


def test_secret_stands_in_no_log_and_no_argument(
    endpoint: WebhookEndpoint,
    receiver: Receiver,
    end_a_job: Callable[..., Job],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    receiver.replies = [500, 302, 410]
    with caplog.at_level(logging.DEBUG):
        end_a_job()
        deliver()
        let_time_come()
        deliver()
        monkeypatch.setattr("jobs.calling.post", None)  # a fault of ours, whose traceback is logged
        let_time_come()
        deliver()
    assert "part_crashed" in caplog.text
    secret = endpoint.secret.removeprefix("whsec_")
    assert secret not in caplog.text
    assert "team=7" not in caplog.text
    assert secret not in str(list(Job.objects.values_list("arguments", "title", "key", "error")))
    assert secret not in str(list(Part.objects.values_list("arguments", "error")))


def test_school_has_ten_webhooks_at_most_and_each_address_once(
    endpoint: WebhookEndpoint, receiver: Receiver, school: School
) -> None:
    person = make_person(school=school)
    with pytest.raises(webhooks.CannotAdd, match="among your webhooks already"):
        webhooks.add(school=school, url=receiver.url, by=person)
    for number in range(9):
        webhooks.add(school=school, url=f"{receiver.url}&{number}", by=person)
    with pytest.raises(webhooks.CannotAdd, match="10 webhooks already"):
        webhooks.add(school=school, url=f"{receiver.url}&more", by=person)
