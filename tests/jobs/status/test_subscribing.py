"""Anybody is told of incidents who confirmed that they want it, and nobody else."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.utils import timezone
from standardwebhooks import Webhook

from jobs import addresses
from jobs.models import Incident, IncidentUpdate, Job, JobState, StatusSubscriber
from jobs.status import subscribing
from jobs.testing import run_parts
from tests.jobs.receivers import Receiver, receiving

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
SITE = "https://status.example"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A server on this machine that may be called."""
    given: dict[str, Any] = settings.SWITCHYARD
    webhooks = {**given["webhooks"], "allowed_private_hosts": ["127.0.0.1"]}
    with override_settings(SWITCHYARD={**given, "webhooks": webhooks}), receiving() as receiver:
        yield receiver


def tell(body: str = "Something is wrong.", *, ago: timedelta = timedelta()) -> IncidentUpdate:
    """Write an update of an incident."""
    at = timezone.now() - ago
    incident = Incident.objects.create(
        title="Long waits",
        status="investigating",
        impact="major",
        components=["codes"],
        started_at=at,
        opened_at=at,
        updated_at=at,
    )
    return IncidentUpdate.objects.create(incident=incident, status="investigating", body=body, at=at)


def confirmed(**address: str) -> StatusSubscriber:
    """Return a subscriber that confirmed an hour ago."""
    before = timezone.now() - HOUR
    return StatusSubscriber.objects.create(site=SITE, asked_at=before, confirmed_at=before, **address)


def path_of(link: str) -> str:
    """Return a link without its site."""
    return urlsplit(link).path


def test_webhook_is_asked_and_told_only_after_it_confirmed(client: Client, receiver: Receiver) -> None:
    answer = client.post("/status/subscribe/", {"url": receiver.url})
    subscriber = StatusSubscriber.objects.get()
    assert subscriber.secret in answer.content.decode()
    tell()
    subscribing.spread(now=timezone.now())
    run_parts(lane="webhooks")
    [(headers, body)] = receiver.got
    asked = json.loads(body)
    assert asked["type"] == "status.confirm"
    Webhook(subscriber.secret).verify(body, headers)
    confirm = asked["data"]["confirm_url"]
    assert confirm.startswith("http://testserver/status/subscribers/")
    assert "Yes, tell me" in client.get(path_of(confirm)).content.decode()
    assert StatusSubscriber.objects.get().confirmed_at is None
    assert "You will be told" in client.post(path_of(confirm)).content.decode()
    update = tell("The relay fails.")
    subscribing.spread(now=timezone.now())
    run_parts(lane="webhooks")
    told = json.loads(receiver.got[1][1])
    assert told["type"] == "status.updated"
    assert told["data"]["update"]["body"] == "The relay fails."
    assert told["data"]["incident"]["name"] == "Long waits"
    assert told["data"]["incident"]["components"] == ["Sign-in codes"]
    assert (
        told["data"]["incident"]["shortlink"] == f"http://testserver/status/incidents/{update.incident.code}/"
    )
    client.post(path_of(told["data"]["unsubscribe_url"]))
    assert not StatusSubscriber.objects.exists()


def test_each_update_is_told_once_however_often_it_is_spread(receiver: Receiver) -> None:
    confirmed(url=receiver.url)
    tell()
    for _ in range(3):
        subscribing.spread(now=timezone.now())
    IncidentUpdate.objects.update(spread_at=None)  # as if the supervisor had died before it wrote that down
    subscribing.spread(now=timezone.now())
    run_parts(lane="webhooks")
    assert len(receiver.got) == 1


def test_supervisor_killed_while_it_spreads_has_told_nobody_and_the_next_one_tells_all(
    receiver: Receiver,
) -> None:
    confirmed(url=receiver.url)
    confirmed(url=f"{receiver.url}&two")
    tell()

    class Killed(BaseException):
        pass

    with mock.patch.object(subscribing, "submit_many", side_effect=Killed), pytest.raises(Killed):
        subscribing.spread(now=timezone.now())
    assert not Job.objects.exists()
    subscribing.spread(now=timezone.now())
    assert Job.objects.filter(kind="webhooks.status").count() == 2


def test_old_updates_are_no_news(receiver: Receiver) -> None:
    confirmed(url=receiver.url)
    tell(ago=2 * HOUR)
    assert subscribing.spread(now=timezone.now()) == 0


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/x", "http://10.0.0.1/x", "http://[::1]/x", "ftp://example.edu/x", "nowhere"]
)
def test_private_and_strange_addresses_are_refused(client: Client, url: str) -> None:
    answer = client.post("/status/subscribe/", {"url": url})
    assert answer.status_code == 422
    assert not StatusSubscriber.objects.exists()


@pytest.mark.parametrize(
    "found", [{"side_effect": OSError}, {"return_value": [(2, 1, 6, "", ("10.0.0.7", 80))]}]
)
def test_stranger_does_not_learn_which_hosts_are_known_here(client: Client, found: dict[str, Any]) -> None:
    with mock.patch.object(addresses.socket, "getaddrinfo", **found):
        answer = client.post("/status/subscribe/", {"url": "https://registry.lan/x"})
    assert "it is not known, or lies in a private network" in answer.content.decode()


def test_address_that_became_private_is_not_called(receiver: Receiver) -> None:
    subscriber = confirmed(url="http://rebound.example/x")
    tell()
    subscribing.spread(now=timezone.now())
    with mock.patch.object(addresses.socket, "getaddrinfo", return_value=[(2, 1, 6, "", ("10.0.0.7", 80))]):
        run_parts(lane="webhooks")
    job = Job.objects.get(kind="webhooks.status")
    assert (job.state, receiver.got) == (JobState.FAILED, [])
    assert StatusSubscriber.objects.filter(pk=subscriber.pk).exists()


def test_webhook_that_answers_gone_is_forgotten_and_one_that_fails_is_tried_again(receiver: Receiver) -> None:
    confirmed(url=receiver.url)
    receiver.replies = [500, 410]
    tell()
    subscribing.spread(now=timezone.now())
    run_parts(lane="webhooks")
    assert Job.objects.get(kind="webhooks.status").ended_at is None
    assert StatusSubscriber.objects.exists()
    tell()
    subscribing.spread(now=timezone.now())
    run_parts(lane="webhooks")
    assert not StatusSubscriber.objects.exists()


def test_who_is_known_gets_no_second_mail_and_who_asks_is_told_the_same(client: Client) -> None:
    pages = [
        client.post("/status/subscribe/", {"email": mail}).content.decode()
        for mail in ("One@school.example", "one@school.example")
    ]
    assert "A mail is on its way" in pages[0]
    assert pages[0] == pages[1]
    assert Job.objects.filter(kind="emails.status").count() == 1
    later = timezone.now() + 2 * HOUR
    subscribing.ask(email="one@school.example", site=SITE, now=later)
    assert Job.objects.filter(kind="emails.status").count() == 2
    subscribing.confirm(StatusSubscriber.objects.get().token, now=later)
    subscribing.ask(email="one@school.example", site=SITE, now=later + 2 * HOUR)
    assert Job.objects.filter(kind="emails.status").count() == 2


def test_nobody_floods_others_through_us(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscribing, "MOST_ASKED", 2)
    for number in range(2):
        client.post("/status/subscribe/", {"email": f"{number}@school.example"})
    answer = client.post("/status/subscribe/", {"email": "three@school.example"})
    assert answer.status_code == 422
    assert "Too many have asked" in answer.content.decode()
    assert StatusSubscriber.objects.count() == 2


def test_asking_again_counts_among_those_who_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscribing, "MOST_ASKED", 1)
    now = timezone.now()
    subscribing.ask(email="one@school.example", site=SITE, now=now)
    subscribing.ask(email="two@school.example", site=SITE, now=now + HOUR)
    with pytest.raises(subscribing.CannotSubscribe):
        subscribing.ask(email="one@school.example", site=SITE, now=now + HOUR)
    assert Job.objects.filter(kind="emails.status").count() == 2


def test_who_does_not_confirm_is_forgotten() -> None:
    now = timezone.now()
    subscribing.ask(email="one@school.example", site=SITE, now=now)
    subscribing.forget_unanswered(now=now + timedelta(days=1))
    token = StatusSubscriber.objects.get().token
    subscribing.forget_unanswered(now=now + timedelta(days=3))
    assert subscribing.confirm(token, now=now) is None


@pytest.mark.parametrize("given", [{}, {"email": "a@b.example", "url": "https://b.example"}, {"email": "no"}])
def test_one_address_is_wanted(client: Client, given: dict[str, str]) -> None:
    assert client.post("/status/subscribe/", given).status_code == 422
    assert client.get("/status/subscribe/").status_code == 200


def test_links_that_lead_nowhere_say_so(client: Client) -> None:
    answer = client.get("/status/subscribers/nothing/confirm/")
    assert (answer.status_code, "works no more" in answer.content.decode()) == (404, True)
    assert "You are told no more" in client.get("/status/subscribers/nothing/forget/").content.decode()
