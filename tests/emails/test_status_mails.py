"""Subscribers of the status page get their mail through the mail lane."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from jobs.models import Incident, IncidentUpdate, StatusSubscriber
from jobs.status import subscribing
from jobs.testing import run_parts

pytestmark = pytest.mark.django_db
LINK = re.compile(r"http://testserver(\S+)")


def test_mail_asks_first_then_tells_and_one_click_ends_it(client: Client, relay: Any) -> None:
    client.post("/status/subscribe/", {"email": "dean@school.example"})
    run_parts(lane="mail")
    [(address, mail)] = relay.caught
    assert address == "dean@school.example"
    assert mail["Subject"] == "Please confirm: status of Switchyard"
    assert mail["List-Unsubscribe"] is None
    [confirm] = LINK.findall(mail.get_content())
    client.post(confirm)
    now = timezone.now()
    incident = Incident.objects.create(
        title="Long waits",
        status="investigating",
        impact="major",
        started_at=now,
        opened_at=now,
        updated_at=now,
    )
    IncidentUpdate.objects.create(
        incident=incident,
        status="investigating",
        body="Codes wait 42 seconds.",
        at=now + timedelta(seconds=1),
    )
    subscribing.spread(now=now + timedelta(seconds=2))
    run_parts(lane="mail")
    mail = relay.caught[-1][1]
    assert mail["Subject"] == "[Being looked into] Long waits"
    text = mail.get_content()
    assert "Codes wait 42 seconds." in text
    assert f"http://testserver/status/incidents/{incident.code}/" in text
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    forget = urlsplit(mail["List-Unsubscribe"].strip("<>")).path
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(forget, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not StatusSubscriber.objects.exists()


def test_mail_of_a_subscriber_who_is_gone_is_not_sent(client: Client, relay: Any) -> None:
    client.post("/status/subscribe/", {"email": "dean@school.example"})
    StatusSubscriber.objects.all().delete()
    run_parts(lane="mail")
    assert relay.caught == []
