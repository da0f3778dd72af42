"""Files behind links outlive a mailing that is pruned early, and go when their links work no more."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from emails import linking
from emails.models import Download, LinkedFile, Mailing, Recipient
from jobs.models import Job, Person, StoredFile
from jobs.pruning import prune
from jobs.testing import run_parts
from tests.emails.people import SITE, A, B, C, Sent

pytestmark = pytest.mark.usefixtures("site")


@pytest.fixture
def links(sent: Sent, relay: Any, settings: Settings) -> list[str]:
    """The paths of the links of a mailing to three people whose job is pruned."""
    settings.MAIL = {**settings.MAIL, "attachment_policy": "link", "link_above_megabytes": 0.0001}
    mailing = sent(A, B, C, fair=b"%PDF" * 100).mailing
    run_parts(lane="bulk")
    made = linking.links_of(mailing, now=timezone.now())
    paths = [made.of(recipient.pk)[0].address.removeprefix(SITE) for recipient in Recipient.objects.all()]
    Job.objects.update(ended_at="2020-01-01T00:00Z")
    assert prune(now=timezone.now()) > 0
    return paths


def later(**span: float) -> datetime:
    return timezone.now() + timedelta(**span)


def test_link_works_after_its_mailing_was_pruned(links: list[str]) -> None:
    assert not Mailing.objects.exists()
    assert not Recipient.objects.exists()
    response = Client().post(links[0])
    assert response.getvalue() == b"%PDF" * 100
    assert Download.objects.get().times == 1
    assert prune(now=later(days=29)) == 0
    assert Client().get(links[0]).status_code == 200


def test_file_goes_once_its_links_are_too_old(links: list[str]) -> None:
    path = StoredFile.objects.get().content
    with path.open("rb") as content:
        assert content.read(4) == b"%PDF"
    with time_machine.travel(later(days=31)):
        assert prune(now=timezone.now()) == 1
        assert Client().get(links[0]).status_code == 404
    assert not StoredFile.objects.exists()


def test_downloads_go_a_batch_at_a_time(links: list[str]) -> None:
    for link in links:
        Client().post(link).getvalue()
    at = later(days=31)
    assert prune(now=at, most=2) == 2
    assert Download.objects.count() == 1
    assert prune(now=at, most=2) == 2
    assert not LinkedFile.objects.exists()
    assert not StoredFile.objects.exists()


def test_file_that_was_taken_back_goes_with_its_mailing(
    sent: Sent, relay: Any, author: Person, settings: Settings
) -> None:
    settings.MAIL = {**settings.MAIL, "attachment_policy": "link", "link_above_megabytes": 0.0001}
    mailing = sent(A, fair=b"%PDF" * 100).mailing
    run_parts(lane="bulk")
    linking.revoke(mailing, by=author, now=timezone.now())
    Job.objects.update(ended_at="2020-01-01T00:00Z")
    prune(now=timezone.now())
    assert not Mailing.objects.exists()
    assert not StoredFile.objects.exists()
