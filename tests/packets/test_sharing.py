"""Links by which employers fetch a packet, and the record of who got it."""

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from jobs.models import School
from packets import sharing
from packets.models import Disclosure, Packet, Share
from tests.packets.shares import SITE, record_of, share_on_page, way_to

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _site(settings: Any) -> None:
    settings.SITE_URL = SITE


@pytest.fixture
def packet(students: Any, school: School, pdf: Callable[..., bytes], build: Callable[..., Packet]) -> Packet:
    """A packet that was built."""
    amy = students.add(school, "Amy Adams")
    students.give(amy, "resume", pdf("Amy R"))
    return build(amy)


@pytest.fixture
def employer() -> Client:
    """A browser in which nobody is signed in."""
    return Client()


@pytest.fixture
def share(client: Client, packet: Packet) -> Callable[..., Share]:
    """Shares the packet and returns its newest link."""
    return partial(share_on_page, client, packet)


def test_an_employer_reads_the_notice_and_fetches_the_file_without_signing_in(
    share: Callable[..., Share], packet: Packet, employer: Client
) -> None:
    link = share(recipients="Harbor Health <jobs@harbor.example>")
    page = employer.get(way_to(link))
    assert page.status_code == 200
    assert "Do not pass them on" in page.content.decode()
    assert page["X-Robots-Tag"].startswith("noindex")
    assert "no-store" in page["Cache-Control"]
    assert record_of(packet) == []  # looking at the page hands nothing out
    file = employer.post(way_to(link))
    with packet.result.content.open("rb") as content:
        assert file.getvalue() == content.read()
    assert file["Content-Disposition"] == 'attachment; filename="Spring fair.pdf"'
    assert file["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in file["Cache-Control"]
    link.refresh_from_db()
    assert (link.views, link.downloads) == (1, 1)
    row = Disclosure.objects.get()
    assert (row.way, row.name, row.email) == ("link", "Harbor Health", "jobs@harbor.example")
    assert (row.sha256, row.packet_title) == (packet.result.sha256, "Spring fair")
    assert link.created_by is not None
    assert link.created_by.email in row.by


def test_a_link_with_a_password_shows_nothing_before_it(
    share: Callable[..., Share], packet: Packet, employer: Client
) -> None:
    link = share(password="harbor lights")
    assert link.password.startswith(("pbkdf2", "argon2", "md5"))
    first = employer.get(way_to(link))
    assert "Spring fair" not in first.content.decode()
    assert "A password, please" in employer.post(way_to(link)).content.decode()
    wrong = employer.post(way_to(link), {"password": "guess"})
    assert (wrong.status_code, "This is not the password" in wrong.content.decode()) == (403, True)
    page = employer.post(way_to(link), {"password": "harbor lights"}).content.decode()
    found = re.search('name="pass" value="([^"]+)"', page)
    assert found is not None
    assert employer.post(way_to(link), {"pass": found[1]}).getvalue().startswith(b"%PDF")
    assert record_of(packet) == [("link", "Harbor Health")]
    link.refresh_from_db()
    assert (link.views, link.downloads) == (1, 1)


def test_a_pass_is_good_for_its_own_link_and_half_an_hour(
    share: Callable[..., Share], employer: Client
) -> None:
    one, other = share(password="harbor lights"), share(password="harbor lights")
    given = sharing.try_password(one, "harbor lights", network="", now=timezone.now())
    assert sharing.lets_in(one, given)
    assert not sharing.lets_in(other, given)
    with time_machine.travel(timezone.now() + timedelta(minutes=31), tick=False):
        assert not sharing.lets_in(one, given)
        assert "A password, please" in employer.post(way_to(one), {"pass": given}).content.decode()


def test_guesses_are_limited_also_when_the_right_one_comes_at_last(
    share: Callable[..., Share], employer: Client
) -> None:
    link = share(password="harbor lights")
    tries = [employer.post(way_to(link), {"password": f"guess {n}"}).status_code for n in range(6)]
    assert tries == [403] * 5 + [429]
    late = employer.post(way_to(link), {"password": "harbor lights"})
    assert (late.status_code, "Spring fair" in late.content.decode()) == (429, False)


def test_no_log_holds_a_link(
    share: Callable[..., Share], employer: Client, caplog: pytest.LogCaptureFixture
) -> None:
    link = share(password="harbor lights")
    assert employer.post(way_to(link), {"password": "guess"}).status_code == 403
    Share.objects.update(expires_at=timezone.now())
    assert employer.get(way_to(link)).status_code == 410
    assert way_to(link) not in caplog.text


def test_a_link_that_nobody_made_leads_nowhere(share: Callable[..., Share], employer: Client) -> None:
    token = way_to(share()).split("/")[-2]
    number, _, signature = token.partition(".")
    other = f"{int(number) + 1}.{signature}"
    assert [employer.get(f"/packets/shared/{each}/").status_code for each in (other, number, "x")] == [
        404
    ] * 3


def test_a_revoked_link_says_so(
    share: Callable[..., Share], client: Client, employer: Client, packet: Packet
) -> None:
    link = share()
    assert client.get(f"/packets/shares/{link.pk}/revoke/").status_code == 200
    client.post(f"/packets/shares/{link.pk}/revoke/")
    for answer in (employer.get(way_to(link)), employer.post(way_to(link))):
        assert answer.status_code == 410
        assert "took this link back" in answer.content.decode()
        assert "Spring fair" not in answer.content.decode()
    assert record_of(packet) == []


def test_an_expired_link_says_so(share: Callable[..., Share], employer: Client) -> None:
    link = share(days="1")
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1), tick=False):
        answer = employer.post(way_to(link))
    assert (answer.status_code, "The link worked until" in answer.content.decode()) == (410, True)


def test_the_same_form_twice_makes_one_link(share: Callable[..., Share]) -> None:
    key = str(uuid4())
    share(form_key=key)
    share(form_key=key)
    assert Share.objects.count() == 1


def test_a_form_that_is_sent_again_after_a_change_makes_other_links(share: Callable[..., Share]) -> None:
    key = str(uuid4())
    share(form_key=key, recipients="Harbor Health")
    share(form_key=key, recipients="River Works")
    assert list(Share.objects.values_list("name", flat=True)) == ["Harbor Health", "River Works"]


def test_the_password_of_many_links_is_hashed_once(share: Callable[..., Share]) -> None:
    share(recipients="Harbor Health\nRiver Works", password="harbor lights")
    assert Share.objects.count() == 2
    assert Share.objects.values("password").distinct().count() == 1


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"recipients": ""}, "Write who is to get the packet"),
        ({"recipients": "Harbor Health", "way": "mail-link"}, "Write the address of Harbor Health too"),
        ({"recipients": "Harbor <harbor@>"}, "has no address that a mail can go to"),
        ({"password": "short"}, "at least 8 characters"),
        ({"days": "0"}, "greater than or equal to 1"),
        ({"days": "31"}, "The file is deleted after 30 days: write at most that many."),
        ({"recipients": "\n".join(f"R{n}" for n in range(21))}, "share with 20 at once"),
    ],
)
def test_a_form_that_cannot_be_used_says_why(
    client: Client, packet: Packet, chosen: dict[str, str], said: str
) -> None:
    usual = {"recipients": "Harbor", "way": "link", "days": "7", "form_key": str(uuid4())}
    answer = client.post(f"/packets/{packet.pk}/share/", {**usual, **chosen})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Share.objects.exists()
