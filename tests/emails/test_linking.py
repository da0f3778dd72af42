"""Files behind links: each recipient's own, counted when fetched, gone when revoked or too old."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import signing
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from emails import delivering, ledger, linking, sending
from emails.models import Download, LinkedFile, Mailing, Recipient
from jobs.models import Person, Role, School
from jobs.testing import make_person, make_school, run_parts
from tests.emails.people import SITE, A, B, Sent, attach

LINK = re.compile(rf"{SITE}(/mailings/files/[^/\s\"<]+/)")


@pytest.fixture(autouse=True)
def links_for_all(settings: Settings, site: str) -> None:
    settings.MAIL = {**settings.MAIL, "attachment_policy": "link", "link_above_megabytes": 0.0001}


@pytest.fixture
def stranger() -> Client:
    """A browser without sign-in."""
    return Client(enforce_csrf_checks=True)


def text_of(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content())


def link_in(mail: Any) -> str:
    """Return the path of the first link to a file in a mail."""
    [path, *_] = LINK.findall(text_of(mail))
    return str(path)


def fetch(client: Client, link: str) -> bytes:
    """Press the button of the page."""
    response = client.post(link)
    assert response.status_code == 200
    return bytes(response.getvalue())


@pytest.fixture
def link(sent: Sent, relay: Any) -> str:
    """The path of the link that one recipient got."""
    sent(A, fair=b"%PDF" * 100)
    run_parts(lane="bulk")
    return link_in(relay.caught[0][1])


def test_mail_has_a_line_for_each_file_and_no_attachment(sent: Sent, relay: Any) -> None:
    sent(A, fair=b"%PDF" * 1500, map=b"%PDF")
    run_parts(lane="bulk")
    mail = relay.caught[0][1]
    assert list(mail.iter_attachments()) == []
    lines = text_of(mail).splitlines()
    assert [line.partition(": ")[0] for line in lines[2:4]] == ["fair.pdf (5.9 KB)", "map.pdf (4 bytes)"]
    assert all(LINK.search(line) for line in lines[2:4])
    assert lines[5].startswith("This mailing comes from Northfield University. To unsubscribe: ")


def test_html_has_the_lines_too(draft: Mailing, author: Person, staff: Client, relay: Any) -> None:
    Mailing.objects.update(body="Dear **{{ first_name }}**", body_format="markdown")
    attach(draft, name='a"<b>.pdf')
    sending.send(mailing=draft, by=author, confirmed=3)
    run_parts(lane="bulk")
    mail = relay.caught[0][1]
    html = mail.get_body(("html",)).get_content()
    assert f'href="{SITE}{link_in(mail)}"' in html
    assert "a&quot;&lt;b&gt;.pdf (400 bytes): " in html


def test_each_recipient_has_a_link_of_their_own_without_personal_data(sent: Sent, relay: Any) -> None:
    sent(A, B, fair=b"%PDF" * 100)
    run_parts(lane="bulk")
    links = [link_in(mail) for _, mail in relay.caught]
    assert len(set(links)) == 2
    said = re.compile(r"/mailings/files/\d+-\d+\.[\w-]+/")
    assert all(said.fullmatch(path) for path in links)


def test_page_says_what_the_file_is_and_does_not_count(link: str, stranger: Client) -> None:
    for method in (stranger.get, stranger.head):
        response = method(link)
        assert response.status_code == 200
    page = stranger.get(link).content.decode()
    for said in ("fair.pdf", "400\xa0bytes", "Northfield University", "Download the file"):
        assert said in page
    assert A not in page
    assert not Download.objects.exists()


def test_download_is_counted_for_its_recipient(link: str, stranger: Client) -> None:
    assert fetch(stranger, link) == b"%PDF" * 100
    response = stranger.post(link)
    assert response.getvalue() == b"%PDF" * 100
    assert response["Content-Disposition"] == 'attachment; filename="fair.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    counted = Download.objects.get()
    assert (counted.recipient_id, counted.times) == (Recipient.objects.get().pk, 2)


def test_page_costs_two_queries(
    link: str, stranger: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(2):
        stranger.get(link)


def test_link_that_was_guessed_asks_no_row(
    link: str, stranger: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    linked = LinkedFile.objects.get()
    other = signing.Signer(salt="emails.unsubscribe", sep=".").sign(f"{linked.pk}-1")
    with django_assert_num_queries(0):
        for token in (f"{linked.pk}-1", f"{linked.pk}-1.x", other, "x"):
            assert stranger.get(f"/mailings/files/{token}/").status_code == 404
            assert stranger.post(f"/mailings/files/{token}/").status_code == 404


def test_link_that_is_too_old_says_what_to_do(link: str, stranger: Client) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=29, hours=23)):
        assert stranger.get(link).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=30, hours=1)):
        for response in (stranger.get(link), stranger.post(link)):
            assert response.status_code == 410
            assert "answer the mail that the link came with" in response.content.decode()
    assert not Download.objects.exists()


def test_mail_that_is_sent_later_has_a_link_that_works_as_long(sent: Sent, settings: Settings) -> None:
    mailing = sent(A, fair=b"%PDF" * 100).mailing
    settings.MAIL = {**settings.MAIL, "link_days": 2}
    first, later = timezone.now(), timezone.now() + timedelta(days=1)
    linking.links_of(mailing, now=first)
    linking.links_of(mailing, now=later)
    assert LinkedFile.objects.get().expires_at == later + timedelta(days=2)
    linking.links_of(mailing, now=first)
    assert LinkedFile.objects.get().expires_at == later + timedelta(days=2)


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_make_one_link_of_a_file(sent: Sent) -> None:
    mailing = sent(A, fair=b"%PDF" * 100, map=b"%PDF").mailing
    barrier = threading.Barrier(2, timeout=10)

    def work() -> list[tuple[int, str]]:
        barrier.wait()
        try:
            return list(linking.links_of(mailing, now=timezone.now()).files)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        first, second = (pool.submit(work) for _ in range(2))
        assert first.result(timeout=30) == second.result(timeout=30)
    assert LinkedFile.objects.count() == 2


def test_staff_see_how_many_fetched_and_take_the_files_back(
    link: str, stranger: Client, staff: Client, author: Person
) -> None:
    fetch(stranger, link)
    fetch(stranger, link)
    mailing = Mailing.objects.get()
    page = staff.get(f"/jobs/{mailing.job_id}/").content.decode()
    assert "fetched by 1 of 1 recipient, 2 times in all" in page
    assert f'href="/files/{LinkedFile.objects.get().file_id}/"' in page
    address = f"/mailings/{mailing.pk}/links/revoke/"
    assert address in page
    assert "This cannot be undone." in staff.get(address).content.decode()
    assert stranger.get(link).status_code == 200
    page = staff.post(address, follow=True).content.decode()
    assert f"{author.name} let the links work no more" in page
    assert address not in page
    for response in (stranger.get(link), stranger.post(link)):
        assert response.status_code == 410
        assert "took this file back" in response.content.decode()
    assert Download.objects.get().times == 2


def test_pages_of_staff_cost_few_queries_however_many_fetched(
    link: str, staff: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    linked, now = LinkedFile.objects.get(), timezone.now()
    for recipient_id in range(30):
        linking.count_download(linked, recipient_id=recipient_id, now=now)
    mailing = Mailing.objects.get()
    with django_assert_max_num_queries(23):
        staff.get(f"/jobs/{mailing.job_id}/")
    with django_assert_max_num_queries(5):
        staff.get(f"/mailings/{mailing.pk}/links/revoke/")


def test_only_the_schools_own_staff_take_files_back(link: str, client: Client, school: School) -> None:
    address = f"/mailings/{Mailing.objects.get().pk}/links/revoke/"
    for person, status in ((make_person(school=make_school()), 404), (make_person(role=Role.OPS), 403)):
        client.force_login(person)
        assert client.post(address).status_code == status
    assert LinkedFile.objects.get().revoked_at is None


def test_mailing_with_attachments_has_no_links_to_take_back(
    staff: Client, sent: Sent, settings: Settings
) -> None:
    settings.MAIL = {**settings.MAIL, "attachment_policy": "attach"}
    mailing = sent(A, fair=b"%PDF").mailing
    assert staff.get(f"/mailings/{mailing.pk}/links/revoke/").status_code == 404


def test_mailing_without_a_mail_yet_has_no_links_to_take_back(staff: Client, sent: Sent) -> None:
    address = f"/mailings/{sent(A, fair=b'%PDF' * 100).mailing.pk}/links/revoke/"
    assert staff.get(address).status_code == 404
    assert staff.post(address).status_code == 404


def test_test_mail_and_preview_show_where_links_will_be(
    staff: Client, draft: Mailing, author: Person, relay: Any
) -> None:
    attach(draft, name="fair.pdf")
    line = "fair.pdf (400 bytes): [each recipient&#x27;s own link]"
    page = staff.get(f"/mailings/{draft.pk}/").content.decode()
    assert line in page
    assert "each mail has links to fetch them" in page
    sending.send_test(mailing=draft, by=author, key="a" * 32)
    run_parts(lane="mail")
    mail = relay.caught[0][1]
    assert "fair.pdf (400 bytes): [each recipient's own link]" in text_of(mail)
    assert list(mail.iter_attachments()) == []
    assert not LinkedFile.objects.exists()


def test_worker_that_knows_no_address_of_the_site_attaches(
    sent: Sent, relay: Any, settings: Settings
) -> None:
    sent(A, fair=b"%PDF" * 100)
    settings.SITE_URL = ""
    run_parts(lane="bulk")
    mail = relay.caught[0][1]
    assert [part.get_filename() for part in mail.iter_attachments()] == ["fair.pdf"]


def test_mailing_with_links_weighs_nothing_in_limits(sent: Sent) -> None:
    job = sent(A, fair=b"%PDF" * 100)
    assert job.sizes["bytes"] == 0
    mailing = delivering.mailing_of(job)
    assert mailing.files_as_links
    ledger.write_ledger(mailing)
    [part] = ledger.plans(mailing)
    assert part.bytes == ledger.mail_bytes(0)
