"""Who takes the mails of a mailing, in the words of its pages: the mail relay, or the school's provider."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from emails import carriers
from emails.models import Mailing
from emails.providers.catalogue import PROVIDERS
from emails.providers.visiting import visit_provider
from jobs import lifecycle
from jobs.models import Breaker, BreakerState, Job, Person
from jobs.testing import run_parts
from tests.emails.people import A, B, Sent
from tests.emails.provider_fake import FakeProvider


def shown(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def pages_of(client: Client, job: Job) -> tuple[str, str]:
    """Return the mailing's page and the list of its recipients."""
    mailing = Mailing.objects.get(job=job)
    return shown(client, f"/jobs/{job.pk}/"), shown(client, f"/mailings/{mailing.pk}/recipients/")


def test_pages_name_the_provider_that_took_the_mails(
    name: str, sent: Sent, provider: FakeProvider, client: Client, author: Person
) -> None:
    client.force_login(author)
    job = sent()
    title = PROVIDERS[name].title
    assert f"Accepted means: {title} has taken the mail." in pages_of(client, job)[0]
    run_parts(lane="bulk")
    for page in pages_of(client, job):
        assert f"{title} has taken the mail" in page
        assert "the mail relay" not in page
        assert "accepted by the relay" not in page


def test_pages_name_the_relay_that_took_the_mails(
    sent: Sent, relay: Any, client: Client, author: Person, settings: Settings
) -> None:
    client.force_login(author)
    job = sent()
    run_parts(lane="bulk")
    settings.MAIL_PROVIDER = {"name": "postmark", "key": "key"}
    for page in pages_of(client, job):
        assert "he mail relay has taken the mail" in page
        assert "Postmark" not in page


@pytest.mark.parametrize("name", ["postmark"], indirect=True)
def test_both_are_named_when_the_settings_changed_between(
    sent: Sent, provider: FakeProvider, relay: Any, author: Person, settings: Settings
) -> None:
    provider.refused[A] = "no"
    job = sent(A, B)
    run_parts(lane="bulk")
    settings.MAIL_PROVIDER = {"name": "none"}
    job.refresh_from_db()
    lifecycle.retry(job, by=author)
    run_parts(lane="bulk")
    assert relay.addresses == [A]
    assert carriers.taken_by(Mailing.objects.get()) == "Postmark or the mail relay"


def test_carrier_that_is_not_asked_is_not_told_as_having_taken_mails(
    sent: Sent, relay: Any, settings: Settings
) -> None:
    now = timezone.now()
    service = f"relay:{settings.EMAIL_HOST}:{settings.EMAIL_PORT}/mailings"
    later = now + timedelta(hours=1)
    Breaker.objects.create(name=service, state=BreakerState.OPEN, opened_at=now, retry_at=later)
    sent()
    run_parts(lane="bulk")
    assert Mailing.objects.get().carriers == []


@pytest.mark.django_db
def test_waits_for_a_provider_are_told_by_its_name(name: str, provider: FakeProvider) -> None:
    with visit_provider(use="mailings") as visit:
        assert visit.called == PROVIDERS[name].title
