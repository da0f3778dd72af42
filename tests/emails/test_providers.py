"""Mailings through a provider's HTTP API: each recipient has their own mail and one truth."""

from random import Random
from typing import Any
from unittest import mock

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from emails import sending, suppressing
from emails.models import Mailing, Recipient, SuppressionReason
from emails.providers import conveying
from emails.return_paths import mark_of
from jobs.models import JobState, Person, School
from jobs.testing import run_parts
from tests.emails.outcomes import only_mailgun, states, words_of
from tests.emails.people import SITE, A, B, C, Sent
from tests.emails.provider_fake import FakeProvider


def test_each_recipient_gets_their_own_mail_in_one_call(sent: Sent, provider: FakeProvider) -> None:
    map_of_the_fair = Random(1).randbytes(50_000)
    job = sent(
        subject="{{ first_name }}, come", body="Dear {{ first_name }},\n1 < 2 & “so on”", map=map_of_the_fair
    )
    run_parts(lane="bulk")
    job.refresh_from_db()
    assert (job.state, job.units_done) == (JobState.DONE, 3)
    assert len(provider.calls) == 1
    assert provider.addresses == [A, B, C]
    for mail, first in zip(provider.caught, ("Ana", "Bea", "Cem"), strict=True):
        recipient = Recipient.objects.get(address=mail.to)
        assert mail.subject == f"{first}, come"
        assert mail.text.splitlines()[:2] == [f"Dear {first},", "1 < 2 & “so on”"]
        assert f"To unsubscribe: {SITE}/mailings/unsubscribe/" in mail.text
        assert mail.files == {"map.pdf": map_of_the_fair}
        assert mail.headers["List-Unsubscribe"].startswith(f"<{SITE}/mailings/unsubscribe/")
        assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert "Northfield University" in mail.headers["From"]
        assert mail.headers["Reply-To"] == "sam@northfield.example"
        assert mail.mark == mark_of(recipient.pk)
        assert recipient.state == "accepted"
        assert "Accepted by" in recipient.relay_words


def test_links_to_unsubscribe_are_each_ones_own(sent: Sent, provider: FakeProvider) -> None:
    sent()
    run_parts(lane="bulk")
    assert len({mail.headers["List-Unsubscribe"] for mail in provider.caught}) == 3


def test_formatted_mail_has_both_its_forms(
    school: School, author: Person, students: Any, provider: FakeProvider
) -> None:
    students.add(school, A, B, first_name="<b>Ana</b>")
    mailing = Mailing.objects.create(
        school=school,
        created_by=author,
        subject="Fair",
        body="**Hi** {{ first_name }}",
        body_format="markdown",
    )
    sending.send(mailing=mailing, by=author, confirmed=None)
    run_parts(lane="bulk")
    for mail in provider.caught:
        assert "<strong>Hi</strong> &lt;b&gt;Ana" in mail.html
        assert "Hi <b>Ana</b>" in mail.text


def test_the_file_travels_once_where_the_provider_shares_it(
    name: str, sent: Sent, provider: FakeProvider
) -> None:
    job = sent(map=Random(1).randbytes(300_000))
    run_parts(lane="bulk")
    [call] = provider.calls
    times = 3 if name == "postmark" else 1
    assert times * 300_000 < len(call.body) < times * 430_000
    assert job.sizes["bytes"] == (300_000 if name == "postmark" else 100_000)


def test_key_is_shown_to_the_provider(name: str, sent: Sent, provider: FakeProvider) -> None:
    sent()
    run_parts(lane="bulk")
    [call] = provider.calls
    told = {
        "postmark": ("X-Postmark-Server-Token", "secret-key"),
        "sparkpost": ("Authorization", "secret-key"),
    }
    header, value = told.get(name, ("Authorization", "Basic YXBpOnNlY3JldC1rZXk="))
    assert call.headers[header] == value
    paths = {"postmark": "email/batch", "mailgun": "mg.example/messages", "sparkpost": "transmissions/"}
    assert call.path == f"/v3/{paths[name]}"


@only_mailgun
def test_recipient_suppressed_a_moment_before_gets_nothing(
    sent: Sent, provider: FakeProvider, school: School
) -> None:
    written = conveying.Conveyance._written

    def suppress_meanwhile(self: Any, recipient: Recipient) -> Any:
        mail = written(self, recipient)
        if recipient.address == B:
            suppressing.suppress(
                school=school, addresses=[B], reason=SuppressionReason.UNSUBSCRIBED, now=timezone.now()
            )
        return mail

    sent()
    with mock.patch.object(conveying.Conveyance, "_written", suppress_meanwhile):
        run_parts(lane="bulk")
    assert provider.addresses == [A, C]
    assert states() == {A: "accepted", B: "suppressed", C: "accepted"}


def test_mail_larger_than_the_provider_takes_is_refused_and_not_sent(
    name: str, sent: Sent, provider: FakeProvider
) -> None:
    with mock.patch("emails.sizes.ENCODED", 1000):
        job = sent(map=b"x" * 30_000)
        run_parts(lane="bulk")
    assert provider.calls == []
    assert set(states().values()) == {"refused"}
    assert "takes mails up to" in words_of(A)
    job.refresh_from_db()
    assert job.units_failed == 3


def test_calls_are_cut_by_what_they_may_hold(sent: Sent, provider: FakeProvider) -> None:
    addresses = [f"s{number:02d}@x.example" for number in range(20)]
    with mock.patch("emails.providers.writing.CALL_BYTES", 3000):
        sent(*addresses, body="x" * 500)
        run_parts(lane="bulk")
    assert len(provider.calls) > 3
    assert all(len(call.mails) < 6 for call in provider.calls)
    assert provider.addresses == addresses


@only_mailgun
def test_only_the_schools_that_are_named_go_through_the_provider(
    sent: Sent, provider: FakeProvider, relay: Any, settings: Settings, school: School
) -> None:
    settings.MAIL_PROVIDER = {**settings.MAIL_PROVIDER, "schools": ["another"]}
    sent()
    run_parts(lane="bulk")
    assert (relay.addresses, provider.calls) == ([A, B, C], [])
    settings.MAIL_PROVIDER = {**settings.MAIL_PROVIDER, "schools": [school.slug]}
    sent("dee@x.example")
    run_parts(lane="bulk")
    assert "dee@x.example" in provider.addresses


def test_test_mail_goes_the_same_way(
    author: Person, draft: Mailing, students: Any, school: School, provider: FakeProvider
) -> None:
    students.add(school, A)
    sending.send_test(mailing=draft, by=author, key="1")
    run_parts(lane="mail")
    [mail] = provider.caught
    assert (mail.to, mail.subject) == ("sam@northfield.example", "[Test] Fair")
    assert mail.text.startswith("Hi Ana")
    assert "List-Unsubscribe" not in mail.headers


@pytest.mark.parametrize("subject", ["Öffnung, “heute”", 'Say "hi" \\ there; a, b'])
def test_names_with_signs_of_every_kind_arrive(
    school: School, author: Person, students: Any, provider: FakeProvider, subject: str
) -> None:
    students.add(school, A, first_name='Ana "A", <x>', last_name="Öz\\y")
    mailing = Mailing.objects.create(school=school, created_by=author, subject=subject, body="Hi")
    sending.send(mailing=mailing, by=author, confirmed=None)
    run_parts(lane="bulk")
    [mail] = provider.caught
    assert mail.subject == subject
    assert mail.to == A
