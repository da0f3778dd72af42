"""The preview: each recipient's own mail, as text and as HTML that can do nothing."""

from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from emails.models import Mailing
from jobs.testing import make_person, make_school, run_parts

FORMATTED = {
    "subject": "Fair, {{ first_name }}",
    "body_format": "markdown",
    "body": "Dear **{{ first_name }}**<script>alert(1)</script>",
}


def page(client: Client, address: str, **given: Any) -> str:
    return client.get(address, given).content.decode()


@pytest.fixture
def formatted(draft: Mailing) -> Mailing:
    Mailing.objects.update(**FORMATTED)
    draft.refresh_from_db()
    return draft


def test_mailing_is_written_with_markdown_and_arrives_as_html(staff: Client, relay: Any) -> None:
    staff.post("/mailings/new/", FORMATTED)
    mailing = Mailing.objects.get()
    version = mailing.version(files=[])
    staff.post(f"/mailings/{mailing.pk}/send/", {"confirmed": 3, "version": version})
    run_parts(lane="bulk")
    mail = relay.caught[1][1]
    assert mail["Subject"] == "Fair, Bea"
    assert mail.get_body(("plain",)).get_content().strip() == "Dear Bea"
    assert "<strong>Bea</strong>" in mail.get_body(("html",)).get_content()
    assert "script" not in mail.get_body(("html",)).get_content()


def test_wrong_field_in_html_keeps_what_was_typed(staff: Client) -> None:
    typed = '<p onclick="x">{{ frist_name }}</p>'
    response = staff.post("/mailings/new/", {**FORMATTED, "body_format": "html", "body": typed})
    assert response.status_code == 422
    text = response.content.decode()
    assert "Did you mean first_name?" in text
    assert "&lt;p onclick=&quot;x&quot;&gt;{{ frist_name }}&lt;/p&gt;" in text
    assert '<option value="html" selected>' in text


def test_each_mail_can_be_looked_at(staff: Client, draft: Mailing) -> None:
    first = page(staff, f"/mailings/{draft.pk}/")
    assert "Mail 1 of 3" in first
    assert "Hi Ana" in first
    assert 'rel="next"' in first
    assert 'rel="prev"' not in first
    last = page(staff, f"/mailings/{draft.pk}/", mail=3)
    assert "Hi Cem" in last
    assert 'rel="next"' not in last


@pytest.mark.parametrize(("asked", "shown"), [("99", "3"), ("0", "1"), ("x", "1"), ("", "1")])
def test_number_that_there_is_not_shows_the_nearest_mail(
    staff: Client, draft: Mailing, asked: str, shown: str
) -> None:
    assert f"Mail {shown} of 3" in page(staff, f"/mailings/{draft.pk}/", mail=asked)


def test_recipient_is_found_by_a_part_of_the_address(staff: Client, draft: Mailing) -> None:
    typed = {"search": "cem@", "mail": "1"}
    response = staff.post(f"/mailings/{draft.pk}/find/", typed, follow=True)
    assert "Hi Cem" in response.content.decode()
    assert "cem" not in response.redirect_chain[0][0]


def test_finding_goes_on_to_the_next_one_and_round(staff: Client, draft: Mailing) -> None:
    for number, following in (("1", "2"), ("2", "3"), ("3", "1")):
        response = staff.post(f"/mailings/{draft.pk}/find/", {"search": "öz", "mail": number})
        assert response["Location"] == f"/mailings/{draft.pk}/?mail={following}#mail"


def test_nobody_found_is_told(staff: Client, draft: Mailing) -> None:
    response = staff.post(f"/mailings/{draft.pk}/find/", {"search": "zoe", "mail": "2"}, follow=True)
    text = response.content.decode()
    assert "No recipient of this mailing is like “zoe”" in text
    assert "Mail 2 of 3" in text


def test_html_is_shown_in_a_frame_that_can_do_nothing(staff: Client, formatted: Mailing) -> None:
    text = page(staff, f"/mailings/{formatted.pk}/", mail=2)
    frame = (
        f'sandbox="allow-same-origin" title="The mail, formatted" src="/mailings/{formatted.pk}/html/?mail=2"'
    )
    assert frame in text
    response = staff.get(f"/mailings/{formatted.pk}/html/", {"mail": 2})
    assert "<strong>Bea</strong>" in response.content.decode()
    assert "script" not in response.content.decode()
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    policy = response["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-same-origin; default-src 'none'; ")
    assert "script-src" not in policy
    assert "allow-scripts" not in policy + frame


def test_html_of_another_school_is_not_found(client: Client, formatted: Mailing) -> None:
    client.force_login(make_person(school=make_school()))
    assert client.get(f"/mailings/{formatted.pk}/html/").status_code == 404
    assert client.post(f"/mailings/{formatted.pk}/find/", {"search": "a"}).status_code == 404


def test_frame_and_finding_ask_the_database_a_fixed_number_of_times(
    staff: Client, formatted: Mailing, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(5):
        staff.get(f"/mailings/{formatted.pk}/html/")
    with django_assert_max_num_queries(5):
        staff.post(f"/mailings/{formatted.pk}/find/", {"search": "a"})
    with django_assert_max_num_queries(6):
        staff.get(f"/mailings/{formatted.pk}/")
