"""One-click unsubscribe: signed, a link for each recipient, by POST alone, and obeyed at the last moment."""

import re
from pathlib import Path
from typing import Any
from unittest import mock

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from emails import unsubscribing
from emails.models import Recipient, Suppression, SuppressionReason
from emails.relay import Relay
from emails.suppressing import suppress, suppressed
from jobs import counting, lifecycle
from jobs.models import JobState, Person, Role, School
from jobs.testing import make_person, make_school, run_parts
from tests.emails.people import SITE, A, B, C, Sent

pytestmark = pytest.mark.usefixtures("site")


def states() -> dict[str, str]:
    return dict(Recipient.objects.values_list("address", "state"))


def put(school: School, *addresses: str) -> None:
    suppress(school=school, addresses=addresses, reason=SuppressionReason.UNSUBSCRIBED, now=timezone.now())


def links(relay: Any) -> dict[str, str]:
    return {address: mail["List-Unsubscribe"].strip("<>") for address, mail in relay.caught}


@pytest.fixture
def link(sent: Sent, relay: Any) -> str:
    """The path in the mail to Ana."""
    sent(A, B)
    run_parts(lane="bulk")
    return links(relay)[A].removeprefix(SITE)


def test_each_recipient_has_a_link_of_their_own(sent: Sent, relay: Any) -> None:
    sent()
    run_parts(lane="bulk")
    assert len(set(links(relay).values())) == 3
    assert all(link.startswith(f"{SITE}/mailings/unsubscribe/") for link in links(relay).values())
    assert {mail["List-Unsubscribe-Post"] for _, mail in relay.caught} == {"List-Unsubscribe=One-Click"}


def test_both_fields_are_signed(sent: Sent, relay: Any, settings: Settings, tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    file = tmp_path / "dkim.pem"
    file.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    settings.MAIL = {**settings.MAIL, "dkim": [f"switchyard.example:s1:{file}"]}
    sent(A)
    run_parts(lane="bulk")
    [envelope] = relay.envelopes
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public = key.public_key().public_bytes(pem, form).decode().replace("\n", "").split("-----")[2]
    record = f"v=DKIM1; k=rsa; p={public}".encode()

    def is_good(mail: bytes) -> bool:
        return bool(dkim.verify(mail, dnsfunc=lambda *_, **__: record))

    assert is_good(envelope.content)
    for field in (b"List-Unsubscribe: <", b"List-Unsubscribe-Post: "):
        assert not is_good(envelope.content.replace(field, field + b"x"))
    signed = re.search(rb"h=([^;]+);", envelope.content)
    assert signed is not None
    assert {b"list-unsubscribe", b"list-unsubscribe-post"} <= set(signed[1].split(b":"))


def test_without_an_address_of_the_site_there_is_no_link(sent: Sent, relay: Any, settings: Settings) -> None:
    settings.SITE_URL = ""
    sent(A)
    run_parts(lane="bulk")
    assert relay.caught[0][1]["List-Unsubscribe"] is None


def test_get_asks_and_unsubscribes_nobody(link: str) -> None:
    response = Client().get(link)
    page = response.content.decode()
    assert 'method="post"' in page
    assert "Nothing has changed yet." in page
    assert A not in page
    Client().head(link)
    assert not Suppression.objects.exists()


def test_post_of_a_mail_program_unsubscribes_without_sign_in_and_cookie(link: str, school: School) -> None:
    program = Client(enforce_csrf_checks=True)
    for _ in range(2):
        response = program.post(link, {"List-Unsubscribe": "One-Click"})
        assert response.status_code == 200
        assert "You are unsubscribed" in response.content.decode()
    assert not response.cookies
    entry = Suppression.objects.get()
    assert (entry.school, entry.address, entry.reason, entry.added_by) == (school, A, "unsubscribed", None)
    assert suppressed(school=make_school(), addresses=[A]) == set()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"List-Unsubscribe": "x"},
        {"list-unsubscribe": "One-Click"},
        {"wish": "x"},
        {"a": "List-Unsubscribe"},
    ],
)
def test_post_of_anything_else_changes_nothing(link: str, body: dict[str, str]) -> None:
    response = Client().post(link, body)
    assert response.status_code == 400
    assert "Nothing has changed yet." in response.content.decode()
    assert not Suppression.objects.exists()


def test_mail_programs_may_post_either_kind_of_form(link: str) -> None:
    line = "application/x-www-form-urlencoded"
    Client().post(link, "List-Unsubscribe=One-Click", content_type=line)
    assert Suppression.objects.get().reason == "unsubscribed"


def click(link: str, *, button: str) -> str:
    """Click a button of the page, which must be there."""
    assert f'name="wish" value="{button}"' in Client().get(link).content.decode()
    return Client().post(link, {"wish": button}).content.decode()


def test_page_says_that_one_has_unsubscribed_and_takes_it_back(link: str, school: School) -> None:
    assert "You are unsubscribed" in click(link, button="unsubscribe")
    page = Client().get(link).content.decode()
    assert "You have unsubscribed" in page
    assert 'value="unsubscribe"' not in page
    assert "You get mailings again" in click(link, button="undo")
    assert suppressed(school=school, addresses=[A]) == set()
    entry = Suppression.objects.get()
    assert (entry.removed_by, entry.removal_words) == (None, unsubscribing.UNDONE)
    assert 'value="unsubscribe"' in Client().get(link).content.decode()


@pytest.mark.parametrize("reason", [reason for reason in SuppressionReason if reason != "unsubscribed"])
def test_nobody_takes_back_what_they_did_not_do(link: str, school: School, reason: SuppressionReason) -> None:
    suppress(school=school, addresses=[A], reason=reason, now=timezone.now())
    page = Client().get(link).content.decode()
    assert "You get no mailings" in page
    assert 'value="undo"' not in page
    Client().post(link, {"wish": "undo"})
    assert suppressed(school=school, addresses=[A]) == {A}


def test_link_changes_nothing_at_another_school(link: str) -> None:
    other = make_school()
    put(other, A)
    assert "Nothing has changed yet." in Client().get(link).content.decode()
    Client().post(link, {"wish": "undo"})
    assert suppressed(school=other, addresses=[A]) == {A}


@pytest.mark.parametrize(
    "change", [lambda link: link[:-2] + "x/", lambda link: re.sub(r"/(\d+)\.", r"/\g<1>1.", link)]
)
def test_link_that_we_did_not_make_is_not_found(link: str, change: Any) -> None:
    other = change(link)
    assert other != link
    assert Client().post(other, {"List-Unsubscribe": "One-Click"}).status_code == 404
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("token", ["x", "1", "1.x", "."])
def test_token_that_is_none_is_not_found(db: None, token: str) -> None:
    assert Client().get(f"/mailings/unsubscribe/{token}/").status_code == 404


def test_page_costs_few_queries(link: str, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_max_num_queries(2):
        Client().get(link)


def test_suppressed_recipients_are_left_out_and_named(sent: Sent, relay: Any, school: School) -> None:
    put(school, B.upper())
    job = sent()
    run_parts(lane="bulk")
    assert relay.addresses == [A, C]
    assert states() == {A: "accepted", B: "omitted", C: "accepted"}
    assert "has unsubscribed" in Recipient.objects.get(address=B).relay_words
    job.refresh_from_db()
    assert (job.state, job.units_done, job.units_failed) == (JobState.DONE, 2, 0)


def test_who_comes_on_the_list_after_the_plan_is_left_out_by_the_part(
    sent: Sent, relay: Any, school: School
) -> None:
    job = sent()
    with pytest.raises(AssertionError, match="still one"):
        run_parts(lane="bulk", limit=0)
    put(school, B)
    run_parts(lane="bulk")
    assert relay.addresses == [A, C]
    assert states() == {A: "accepted", B: "suppressed", C: "accepted"}
    units = counting.count([job])[job.pk].units
    assert (units.total, units.done, units.skipped) == (3, 2, 1)


def test_who_unsubscribes_while_the_relay_is_asked_gets_no_mail(
    sent: Sent, relay: Any, school: School
) -> None:
    job = sent()
    open_before = Relay.open

    def open_and_unsubscribe(self: Relay, envelope: Any) -> None:
        open_before(self, envelope)
        if envelope.recipients == (B,):
            unsubscribing.unsubscribe(Recipient.objects.get(address=B), now=timezone.now())

    with mock.patch.object(Relay, "open", open_and_unsubscribe):
        run_parts(lane="bulk")
    assert relay.addresses == [A, C]
    assert states() == {A: "accepted", B: "suppressed", C: "accepted"}
    job.refresh_from_db()
    assert (job.state, job.units_done) == (JobState.DONE, 3)


def test_retry_does_not_revive_the_suppressed(sent: Sent, relay: Any, school: School) -> None:
    put(school, B)
    relay.refused[C] = "550 never"
    job = sent()
    run_parts(lane="bulk")
    relay.refused.clear()
    lifecycle.retry(job, by=None)
    run_parts(lane="bulk")
    assert states() == {A: "accepted", B: "omitted", C: "accepted"}


def test_job_page_tells_the_left_out_from_the_sent(
    client: Client, author: Person, sent: Sent, relay: Any, school: School
) -> None:
    client.force_login(author)
    put(school, B)
    job = sent()
    run_parts(lane="bulk")
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "1 left out" in page
    assert "Left out: the recipient has unsubscribed." in page
    assert '<h2 id="left-out">Left out</h2>' in page
    assert "Recipients with problems" not in page
    client.force_login(make_person(role=Role.OPS))
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "1: the recipient has unsubscribed." in " ".join(page.split())
    assert B not in page
