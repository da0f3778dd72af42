"""The line at the end of a mailing's mails by which people see how to unsubscribe."""

from html import escape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from emails import codes, footing, sending
from emails.models import Mailing
from jobs.models import Person, School
from jobs.testing import run_parts
from tests.emails.people import SITE, A, Sent

pytestmark = pytest.mark.usefixtures("site")


def parts(mail: Any) -> tuple[str, str]:
    """Return the text and the HTML of a mail, without the ends of their lines."""
    html = mail.get_body(("html",))
    text = " ".join(mail.get_body(("plain",)).get_content().split())
    return text, html.get_content() if html else ""


def test_text_ends_with_the_schools_name_and_the_own_link(sent: Sent, relay: Any) -> None:
    sent(A)
    run_parts(lane="bulk")
    mail = relay.caught[0][1]
    link = mail["List-Unsubscribe"].strip("<>")
    assert link.startswith(SITE)
    assert parts(mail)[0] == f"Hi Ana This mailing comes from Northfield University. To unsubscribe: {link}"


def test_html_has_the_line_within_the_page(draft: Mailing, author: Person, staff: Client, relay: Any) -> None:
    School.objects.update(name="Arts <& Crafts>")
    Mailing.objects.update(body="Dear **{{ first_name }}**", body_format="markdown")
    sending.send(mailing=draft, by=author, confirmed=3)
    run_parts(lane="bulk")
    mail = relay.caught[0][1]
    text, html = parts(mail)
    link = mail["List-Unsubscribe"].strip("<>")
    before, _, line = html.partition("This mailing comes from Arts &lt;&amp; Crafts&gt;.")
    assert "<strong>Ana</strong>" in before
    assert f'href="{link}"' in line
    assert line.split()[-2:] == ["</body>", "</html>"]
    assert text.endswith(f"This mailing comes from Arts <& Crafts>. To unsubscribe: {link}")


def test_without_an_address_of_the_site_there_is_no_line(sent: Sent, relay: Any, settings: Settings) -> None:
    settings.SITE_URL = ""
    sent(A)
    run_parts(lane="bulk")
    assert parts(relay.caught[0][1])[0] == "Hi Ana"


def test_preview_and_test_mail_show_where_the_link_will_be(
    staff: Client, draft: Mailing, author: Person, relay: Any
) -> None:
    line = f"This mailing comes from Northfield University. To unsubscribe: {footing.SAMPLE}"
    assert escape(line) in staff.get(f"/mailings/{draft.pk}/").content.decode()
    sending.send_test(mailing=draft, by=author, key="a" * 32)
    run_parts(lane="mail")
    mail = relay.caught[0][1]
    assert parts(mail)[0] == f"Hi Ana {line}"
    assert mail["List-Unsubscribe"] is None
    Mailing.objects.update(body_format="markdown")
    html = staff.get(f"/mailings/{draft.pk}/html/").content.decode()
    assert f"Unsubscribe: {escape(footing.SAMPLE)}" in html
    assert "href" not in html


def test_codes_are_no_mailings(author: Person, relay: Any) -> None:
    codes.request_code(person=author, now=timezone.now())
    run_parts(lane="codes")
    mail = relay.caught[0][1]
    assert "unsubscribe" not in parts(mail)[0].lower()
