"""A mailing whose mails the relay would not take is not sent, and the person knows why."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from emails import relay_checks, sending
from emails.findings import Finding, Level
from emails.models import Mailing, RelayOffer
from emails.preflight import Blocked, preflight_of
from emails.reaching import reach_of
from jobs.models import Person, School
from jobs.testing import run_parts
from tests.emails.people import A, B, attach, hand_in, require

MAP = Random(7).randbytes(80_000)


def know(most_bytes: int, *, settings: Settings, age: timedelta = timedelta()) -> None:
    """Let a worker have heard how large a mail may be."""
    place = {"host": settings.EMAIL_HOST, "port": settings.EMAIL_PORT, "told_at": timezone.now() - age}
    can = dict.fromkeys(("starttls", "chunking", "utf8"), True)
    RelayOffer.objects.create(most_bytes=most_bytes, **place, **can)


@pytest.fixture
def mailing(draft: Mailing, students: Any, school: School) -> Mailing:
    """A draft to Ana (00000) and Bea (00001) with a file of 80 KB."""
    students.add(school, A, B)
    attach(draft, MAP)
    return draft


def of_relay(mailing: Mailing) -> list[Finding]:
    found = preflight_of(mailing, now=timezone.now()).findings
    return [finding for finding in found if finding.title == "Mail relay"]


def test_mails_larger_than_the_relay_takes_are_not_sent(
    mailing: Mailing, settings: Settings, staff: Client
) -> None:
    know(100_000, settings=settings)
    [finding] = of_relay(mailing)
    assert finding.level == Level.BLOCK
    assert finding.says.startswith(
        "The mail relay takes mails up to 97.7 KB, and with these files each mail has about 107.6 KB: "
    )
    assert finding.says.endswith("Make them smaller, or write a link to them into the text.")
    with pytest.raises(Blocked, match=r"up to 97\.7 KB"):
        require(mailing)
    assert "up to 97.7 KB" in staff.get(f"/mailings/{mailing.pk}/").content.decode()
    seen = {"confirmed": "3", "version": mailing.version(files=mailing.attached_files())}
    page = staff.post(f"/mailings/{mailing.pk}/send/", seen)
    assert page.status_code == 422
    assert "up to 97.7 KB" in page.content.decode()


def test_remedy_names_links_where_they_can_be_made(mailing: Mailing, settings: Settings, site: str) -> None:
    know(100_000, settings=settings)
    [finding] = of_relay(mailing)
    assert "Let the files go as links" in finding.says


@pytest.mark.parametrize(
    ("most_bytes", "age"), [(120_000, timedelta()), (0, timedelta()), (100_000, timedelta(hours=25))]
)
def test_nothing_is_found_where_they_fit_or_nobody_knows(
    mailing: Mailing, settings: Settings, most_bytes: int, age: timedelta
) -> None:
    assert of_relay(mailing) == []
    know(most_bytes, settings=settings, age=age)
    assert of_relay(mailing) == []
    require(mailing)


def test_links_are_never_too_large(mailing: Mailing, settings: Settings, site: str) -> None:
    settings.MAIL = {**settings.MAIL, "attachment_policy": "link", "link_above_megabytes": 0.01}
    know(100_000, settings=settings)
    assert of_relay(mailing) == []
    require(mailing)


def test_who_may_choose_is_told_and_cannot_attach(
    mailing: Mailing, settings: Settings, site: str, staff: Client
) -> None:
    settings.MAIL = {**settings.MAIL, "attachment_policy": "choose"}
    know(100_000, settings=settings)
    [finding] = of_relay(mailing)
    assert finding.level == Level.WARN
    assert finding.says.endswith("Choose links below.")
    seen = {"confirmed": "3", "version": mailing.version(files=mailing.attached_files())}
    address = f"/mailings/{mailing.pk}/send/"
    page = staff.post(address, {**seen, "as_links": "attach"})
    assert (page.status_code, "Let the files go as links" in page.content.decode()) == (422, True)
    assert staff.post(address, {**seen, "as_links": "link"}).status_code == 302


def test_files_of_their_own_count_and_name_who_is_concerned(
    mailing: Mailing, settings: Settings, author: Person
) -> None:
    hand_in(mailing, {"00000.pdf": b"x" * 100, "00001.pdf": b"y" * 30_000})
    know(120_000, settings=settings)
    [finding] = of_relay(mailing)
    assert (finding.level, finding.named) == (Level.BLOCK, ("Bea Öz <bea@x.example>",))
    assert "the mails of 1 student are larger, about 147.9 KB at most" in finding.says
    assert finding.says.endswith("Make these files smaller.")


def test_provider_takes_the_place_of_the_relay(mailing: Mailing, settings: Settings) -> None:
    settings.MAIL_PROVIDER = {"name": "mailgun", "key": "s3cr3t", "webhook_secret": "signing"}
    know(100_000, settings=settings)
    assert of_relay(mailing) == []


def test_text_that_cannot_be_filled_in_is_told_by_others(mailing: Mailing, settings: Settings) -> None:
    mailing.body = "{{ shoe_size }}"
    know(100_000, settings=settings)
    assert [finding.level for finding in of_relay(mailing)] == [Level.BLOCK]


@pytest.mark.parametrize("has_own", [True, False])
def test_size_that_is_told_is_that_of_the_mail(
    *, mailing: Mailing, settings: Settings, author: Person, relay: Any, site: str, has_own: bool
) -> None:
    if has_own:
        hand_in(mailing, {"00000.pdf": b"x" * 70_000, "00001.pdf": b"y" * 100})
    know(1, settings=settings)
    attached = mailing.attached_files()
    found = relay_checks.too_large(mailing, reach_of(mailing), attached=attached, now=timezone.now())
    sending.send(mailing=mailing, by=author, confirmed=None)
    run_parts(lane="bulk")
    run_parts(lane="bulk-slow")
    largest = max(len(envelope.original_content) for envelope in relay.envelopes)
    assert found is not None
    assert abs(found.largest_bytes - largest) < (200 if has_own else 100)
