"""What is looked at before mails go through a provider: settings at the start, sizes before sending."""

from dataclasses import replace
from typing import Any
from unittest import mock

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from emails import preflight
from emails.checks import check_provider
from emails.findings import Finding, Level
from emails.models import Mailing
from emails.preflight import preflight_of
from emails.providers.catalogue import PROVIDERS
from emails.providers.settings import HOSTS, NAMES, provider_settings
from emails.sender_checks import SENDER
from jobs.models import Person, School
from tests.emails.people import A, B, attach, hand_in, require

MAILGUN = {"name": "mailgun", "key": "s3cr3t", "webhook_secret": "signing"}


def told(settings: Settings, **given: Any) -> list[tuple[str, str]]:
    settings.MAIL_PROVIDER = {**MAILGUN, **given}
    return [(str(error.id), f"{error.msg} {error.hint}") for error in check_provider()]


@pytest.fixture
def mailing(draft: Mailing, students: Any, school: School, settings: Settings) -> Mailing:
    """A draft to one student with a file, through Mailgun."""
    students.add(school, A)
    settings.MAIL_PROVIDER = MAILGUN
    attach(draft, b"x" * 30_000)
    return draft


def mailgun_taking(most_bytes: int) -> Any:
    """Let Mailgun take mails of so many bytes."""
    known = PROVIDERS["mailgun"]
    return mock.patch.dict(PROVIDERS, mailgun=replace(known, most_mail_bytes=most_bytes))


def of(mailing: Mailing, title: str) -> Finding:
    found = preflight_of(mailing, now=timezone.now()).findings
    [finding] = [finding for finding in found if finding.title == title]
    return finding


def test_every_provider_can_be_named(settings: Settings) -> None:
    assert ("none", *PROVIDERS) == NAMES
    assert HOSTS.keys() == PROVIDERS.keys()
    for name in PROVIDERS:
        assert told(settings, name=name, webhook_secret="a:b") == []
        assert provider_settings().host == HOSTS[name]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"name": "sendmail"}, "Write one of none, postmark, mailgun, sparkpost."),
        ({"key": ""}, "Write the key that mailgun gave you"),
        ({"url": "http://mail.example/v3"}, "begins with https://"),
        ({"name": "postmark", "webhook_secret": "hunter2"}, "Write user:password"),
        ({"schools": "northfield"}, "Write a list"),
        ({"kee": "x"}, "Did you mean 'key'?"),
    ],
)
def test_value_that_cannot_work_is_named(settings: Settings, given: dict[str, Any], says: str) -> None:
    [(id_, text)] = told(settings, **given)
    assert id_ == "emails.E007"
    assert says in text
    assert "hunter2" not in text


def test_provider_whose_events_nobody_hears_is_told(settings: Settings) -> None:
    assert [id_ for id_, _ in told(settings, webhook_secret="")] == ["emails.W001"]
    assert told(settings, name="none", key="", webhook_secret="") == []


def test_preflight_names_the_provider_and_its_limit(mailing: Mailing) -> None:
    finding = of(mailing, "Mail provider")
    assert finding.level == Level.FINE
    assert finding.says == (
        "It goes through Mailgun, which takes mails up to 23.8 MB. Files travel once for many mails."
    )
    signing = of(mailing, SENDER)
    assert signing.level == Level.OPEN
    assert "Mailgun signs the mails" in signing.says


def test_mail_too_large_for_the_provider_cannot_be_sent(
    mailing: Mailing, staff: Client, school: School
) -> None:
    with mailgun_taking(120_000):
        finding = of(mailing, "Mail provider")
        assert finding.level == Level.BLOCK
        assert finding.says.startswith(
            "Mailgun takes mails up to 117.2 KB, and with these files each mail has"
        )
        with pytest.raises(preflight.Blocked, match="Make them smaller"):
            require(mailing)
        version = mailing.version(files=mailing.attached_files())
        sending = {"confirmed": "4", "version": version}
        page = staff.post(f"/mailings/{mailing.pk}/send/", sending)
    assert page.status_code == 422
    assert "Make them smaller" in page.content.decode()
    mailing.refresh_from_db()
    assert mailing.is_draft


def test_links_are_never_too_large(mailing: Mailing, settings: Settings, site: str) -> None:
    settings.MAIL = {**settings.MAIL, "attachment_policy": "link", "link_above_megabytes": 0.001}
    with mailgun_taking(120_000):
        require(mailing)
        assert of(mailing, "Mail provider").level == Level.FINE


def test_file_that_goes_to_nobody_is_never_too_large(
    draft: Mailing, students: Any, school: School, author: Person, settings: Settings
) -> None:
    settings.MAIL_PROVIDER = MAILGUN
    students.add(school, A, B)
    draft.search = A
    draft.save()
    hand_in(draft, {"00000.pdf": b"x" * 10, "00001.pdf": b"x" * 30_000})
    with mailgun_taking(120_000):
        require(draft)
        assert of(draft, "Mail provider").level == Level.FINE


def test_only_those_are_named_whose_own_files_are_too_large_for_the_provider(
    draft: Mailing, students: Any, school: School, author: Person, settings: Settings
) -> None:
    settings.MAIL_PROVIDER = MAILGUN
    students.add(school, A, B)
    hand_in(draft, {"00000.pdf": b"x" * 10, "00001.pdf": b"x" * 30_000})
    with mailgun_taking(120_000):
        finding = of(draft, "Mail provider")
    assert finding.level == Level.BLOCK
    assert "with files of their own the mails of 1 student are larger" in finding.says
    [named] = finding.named
    assert B in named


def test_relay_needs_no_such_finding(mailing: Mailing, settings: Settings) -> None:
    settings.MAIL_PROVIDER = {"name": "none"}
    titles = [finding.title for finding in preflight_of(mailing, now=timezone.now()).findings]
    assert "Mail provider" not in titles
