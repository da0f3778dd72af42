"""Whoever sends a mailing chooses how its files go, after they saw what each way weighs and takes."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from emails.findings import Level
from emails.models import Mailing
from emails.preflight import preflight_of
from jobs.models import Job, Person
from tests.emails.people import attach, hand_in, learn_mailings, named

SENT_ALONG = re.compile(r'name="as_links" value="(\w+)"')
CHECKED = re.compile(r'name="as_links" value="(\w+)"[^>]* checked')


@pytest.fixture(autouse=True)
def choosing(settings: Settings, site: str) -> None:
    settings.MAIL = {**settings.MAIL, "attachment_policy": "choose", "link_above_megabytes": 0.5}


@pytest.fixture
def mailing(draft: Mailing, staff: Client) -> Mailing:
    """A draft to three students."""
    learn_mailings(unit_seconds=5)
    return draft


def page_of(client: Client, mailing: Mailing) -> str:
    return client.get(f"/mailings/{mailing.pk}/check/").content.decode()


def send(client: Client, mailing: Mailing, **given: str) -> Any:
    version = mailing.version(files=mailing.attached_files())
    asked = {"version": version, "confirmed": "3", **given}
    return client.post(f"/mailings/{mailing.pk}/send/", asked)


def test_both_ways_tell_weight_and_time(mailing: Mailing) -> None:
    attach(mailing, b"%" * (1 << 20))
    ways = preflight_of(mailing, now=timezone.now()).ways
    assert ways is not None
    assert ways.attached == "Attached: about 4.0 MB in all, done within a minute."
    assert ways.linked == "As links: about 13.2 KB in all, done within a minute."


def test_links_are_not_for_files_of_students_own(mailing: Mailing) -> None:
    attach(mailing, b"%" * (1 << 20))
    hand_in(mailing, named("00000.pdf", "00001.pdf", "00002.pdf"))
    ways = preflight_of(mailing, now=timezone.now()).ways
    assert ways is not None
    assert ways.linked.endswith(" Files of students' own are attached all the same.")
    assert "attached all the same" not in ways.attached


@pytest.mark.parametrize(("size", "proposed"), [(1000, "attach"), (1 << 20, "link")])
def test_what_the_policy_would_do_is_proposed(
    staff: Client, mailing: Mailing, size: int, proposed: str
) -> None:
    attach(mailing, b"%" * size)
    page = page_of(staff, mailing)
    assert "As links: about" in page
    assert CHECKED.findall(page) == [proposed]


@pytest.mark.parametrize(("wanted", "as_links"), [("link", True), ("attach", False)])
def test_files_go_as_they_were_chosen(
    staff: Client,
    mailing: Mailing,
    wanted: str,
    as_links: bool,  # noqa: FBT001 - a case
) -> None:
    attach(mailing, b"%" * 1000)
    assert send(staff, mailing, as_links=wanted).status_code == 302
    assert Mailing.objects.get().files_as_links is as_links
    assert Job.objects.get().sizes["bytes"] == (0 if as_links else 1000)


def test_choice_is_kept_when_the_number_was_wrong(staff: Client, mailing: Mailing) -> None:
    attach(mailing, b"%" * 1000)
    response = send(staff, mailing, as_links="link", confirmed="2")
    assert response.status_code == 422
    assert CHECKED.findall(response.content.decode()) == ["link"]


def test_way_that_there_is_none_sends_nothing(staff: Client, mailing: Mailing) -> None:
    attach(mailing, b"%" * 1000)
    response = send(staff, mailing, as_links="pigeon")
    assert response.status_code == 422
    assert "Please choose how the files go." in response.content.decode()
    assert not Job.objects.exists()


@pytest.mark.parametrize(("seen", "now"), [("attach", "link"), ("link", "attach"), ("choose", "attach")])
def test_files_never_go_otherwise_than_the_page_said(
    staff: Client, mailing: Mailing, settings: Settings, seen: str, now: str
) -> None:
    settings.MAIL = {**settings.MAIL, "attachment_policy": seen}
    attach(mailing, b"%" * (1 << 20))
    given = SENT_ALONG.findall(page_of(staff, mailing))[-1]
    settings.MAIL = {**settings.MAIL, "attachment_policy": now}
    response = send(staff, mailing, as_links=given)
    assert response.headers["Location"] == f"/mailings/{mailing.pk}/"
    assert "how files go was changed meanwhile" in staff.get(f"/mailings/{mailing.pk}/").content.decode()
    assert not Job.objects.exists()


@pytest.mark.parametrize("way", ["attach", "link"])
def test_page_without_a_choice_sends_as_it_said(
    staff: Client, mailing: Mailing, settings: Settings, way: str
) -> None:
    settings.MAIL = {**settings.MAIL, "attachment_policy": way}
    attach(mailing, b"%" * (1 << 20))
    page = page_of(staff, mailing)
    assert "How the files go" not in page
    assert SENT_ALONG.findall(page) == [way]
    send(staff, mailing, as_links=way)
    assert Mailing.objects.get().files_as_links is (way == "link")


def test_mailing_without_files_offers_no_way(staff: Client, mailing: Mailing) -> None:
    assert "How the files go" not in page_of(staff, mailing)


def test_links_that_cannot_be_made_are_told(
    staff: Client, mailing: Mailing, author: Person, settings: Settings
) -> None:
    settings.SITE_URL = ""
    attach(mailing, b"%" * (1 << 20))
    found = preflight_of(mailing, now=timezone.now())
    [finding] = [finding for finding in found.findings if finding.title == "Files"]
    assert finding.level == Level.WARN
    assert "set SITE_URL" in finding.says
    assert "How the files go" not in page_of(staff, mailing)


def test_small_files_need_no_links(mailing: Mailing, settings: Settings) -> None:
    settings.SITE_URL = ""
    attach(mailing, b"%" * 1000)
    assert not [
        finding for finding in preflight_of(mailing, now=timezone.now()).findings if finding.title == "Files"
    ]


def test_links_can_be_chosen_where_attached_files_are_too_large(
    staff: Client, mailing: Mailing, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MAIL_PROVIDER = {"name": "mailgun", "key": "s3cr3t", "webhook_secret": "signing"}
    monkeypatch.setattr("emails.sizes.ENCODED", 1000)
    attach(mailing, b"%" * 30_000)
    assert CHECKED.findall(page_of(staff, mailing)) == ["attach"]
    refused = send(staff, mailing, as_links="attach")
    assert refused.status_code == 422
    assert "Mailgun takes mails up to" in refused.content.decode()
    assert CHECKED.findall(refused.content.decode()) == ["attach"]
    assert send(staff, mailing, as_links="link").status_code == 302
    assert Job.objects.count() == 1


def test_page_with_both_ways_asks_the_database_a_fixed_number_of_times(
    staff: Client, mailing: Mailing, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    attach(mailing, b"%" * 1000)
    with django_assert_max_num_queries(20):
        page_of(staff, mailing)
