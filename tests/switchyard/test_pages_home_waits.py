"""What home says of forms that were left, and to ops of incidents."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from jobs.models import Incident, IncidentImpact, IncidentStatus, Postmortem, Role
from jobs.testing import make_person

pytestmark = pytest.mark.django_db


def home_of(client: Client, role: str) -> str:
    client.force_login(make_person(role=role))
    return words_of(client)


def words_of(client: Client) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", client.get("/").content.decode()).split())


def incident(title: str, *, now: datetime, **given: Any) -> Incident:
    fields = {"status": IncidentStatus.IDENTIFIED, "impact": IncidentImpact.CRITICAL, **given}
    return Incident.objects.create(title=title, started_at=now, opened_at=now, updated_at=now, **fields)


@pytest.fixture
def incidents() -> None:
    """One that is open, two that are over, of which one is published, and a maintenance."""
    now = timezone.now()
    over = {"status": IncidentStatus.RESOLVED, "ended_at": now}
    incident("Codes are late", now=now, cause="lane:codes")
    drafted, published = (incident(title, now=now, **over) for title in ("Mails were late", "All was late"))
    Postmortem.objects.create(incident=drafted, drafted_at=now)
    Postmortem.objects.create(incident=published, drafted_at=now, published_at=now, summary="Late.")
    planned = {"status": IncidentStatus.SCHEDULED, "until": now + timedelta(hours=1)}
    incident("New disks", now=now, impact=IncidentImpact.MAINTENANCE, **planned)


@pytest.mark.parametrize("role", [Role.OPS, Role.ADMIN])
def test_home_tells_ops_of_incidents_that_wait_for_them(client: Client, incidents: None, role: str) -> None:
    page = home_of(client, role)
    assert "Codes are late Incident: Critical" in page
    assert "Mails were late" in page
    assert "Read the draft of what happened, and publish it." in page
    assert not re.search("All was late|New disks", page)


def test_home_tells_staff_of_no_incident(client: Client, incidents: None) -> None:
    assert "late" not in home_of(client, Role.STAFF)


def test_home_tells_of_a_form_that_was_left(client: Client) -> None:
    assert "You began one" not in home_of(client, Role.STAFF)
    client.post("/typed/mailing/", {"subject": "Spring fair"})
    assert re.search(
        r"attachments if you like\. You began one on .* still there\. New mailing", words_of(client)
    )
    client.post("/typed/mailing/forget/")
    assert "You began one" not in words_of(client)
