"""Events that a provider tells: of mails that came back, complaints, arrivals; proved, or not heard."""

import hashlib
import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from emails.models import Mailing, Recipient, RecipientState, Suppression
from emails.providers.catalogue import PROVIDERS
from emails.return_paths import mark_of
from jobs.models import Person
from jobs.testing import run_parts
from tests.emails.people import A, B, Sent

SECRET = "hook:s3cr3t"
GONE, FULL = "550 5.1.1 no such user", "552 5.2.2 mailbox full"


@pytest.fixture
def told(name: str, sent: Sent, relay: Any, settings: Settings) -> "Teller":
    """A mailing to two, and a provider that tells events of it."""
    sent(A, B)
    run_parts(lane="bulk")
    settings.MAIL_PROVIDER = {"name": name, "key": "key", "webhook_secret": SECRET}
    return Teller(name)


class Teller:
    """Posts events as the provider's documentation shows them."""

    def __init__(self, name: str) -> None:
        """Be that provider."""
        self.name = name

    def __call__(
        self, what: str, *, words: str = "", mark: str = "", at: datetime | None = None, secret: str = SECRET
    ) -> HttpResponse:
        """Tell the event `what` about the mail with this mark; A's if none is given."""
        mark = mark or mark_of(Recipient.objects.get(address=A).pk)
        event = getattr(self, f"_{self.name}")(what, words, mark, at or timezone.now())
        return self.post(event, secret=secret)

    def post(self, event: Any, *, secret: str = SECRET, signed_at: datetime | None = None) -> HttpResponse:
        """Post the event with the provider's proof."""
        if self.name == "mailgun" and isinstance(event, dict):
            at = str(int((signed_at or timezone.now()).timestamp()))
            proof = hmac.new(secret.encode(), f"{at}token".encode(), hashlib.sha256).hexdigest()
            event = {**event, "signature": {"timestamp": at, "token": "token", "signature": proof}}
        content = event if isinstance(event, str) else json.dumps(event)
        basic = f"Basic {b64encode(secret.encode()).decode()}"
        answer: Any = Client().post(
            f"/mailings/providers/{self.name}/",
            content,
            content_type="application/json",
            headers={"Authorization": "" if self.name == "mailgun" else basic},
        )
        return answer

    def _postmark(self, what: str, words: str, mark: str, at: datetime) -> Any:
        types = {"gone": "HardBounce", "full": "SoftBounce", "complaint": "SpamComplaint"}
        record = {"delivered": "Delivery", "complaint": "SpamComplaint", "unsubscribed": "SubscriptionChange"}
        event = {
            "RecordType": record.get(what, "Bounce"),
            "Type": types.get(what, ""),
            "Details": words,
            "Metadata": {"switchyard": mark},
            "BouncedAt": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.0000000Z"),
        }
        if what == "unsubscribed":
            event |= {"SuppressSending": True, "SuppressionReason": "ManualSuppression"}
        return event

    def _mailgun(self, what: str, words: str, mark: str, at: datetime) -> Any:
        kind = {"gone": "failed", "full": "failed", "complaint": "complained"}.get(what, what)
        event = {
            "event": kind,
            "timestamp": at.timestamp(),
            "user-variables": {"switchyard": mark},
            "delivery-status": {"message": words},
            "recipient": A,
        }
        if kind == "failed":
            event |= {"severity": "permanent", "reason": "bounce"}
        return {"event-data": event}

    def _sparkpost(self, what: str, words: str, mark: str, at: datetime) -> Any:
        kinds = {
            "gone": "bounce",
            "full": "bounce",
            "complaint": "spam_complaint",
            "delivered": "delivery",
            "unsubscribed": "list_unsubscribe",
        }
        event = {
            "type": kinds[what],
            "timestamp": str(int(at.timestamp())),
            "rcpt_meta": {"switchyard": mark},
            "raw_reason": words,
        }
        classes = {"gone": "10", "full": "22"}
        return [
            {"msys": {"message_event": event | ({"bounce_class": classes[what]} if what in classes else {})}}
        ]


def state_of(address: str) -> str:
    return Recipient.objects.get(address=address).state


def listed() -> list[tuple[str, str]]:
    return list(Suppression.objects.values_list("address", "reason"))


@pytest.mark.parametrize("name", ["mailgun"], indirect=True)
@pytest.mark.parametrize("hours", [-13, 13])
def test_signature_of_another_time_proves_nothing(told: Teller, hours: int) -> None:
    mark = mark_of(Recipient.objects.get(address=A).pk)
    event = told._mailgun("gone", GONE, mark, timezone.now())
    assert told.post(event, signed_at=timezone.now() + timedelta(hours=hours)).status_code == 403
    assert state_of(A) == "accepted"
    assert told.post(event, signed_at=timezone.now() - timedelta(hours=11)).status_code == 204
    assert state_of(A) == "bounced"


def test_mail_that_came_back_is_noted_and_its_dead_address_suppressed(told: Teller) -> None:
    at = timezone.now() - timedelta(days=1)
    assert told("gone", words=f"smtp; {GONE}", at=at).status_code == 204
    recipient = Recipient.objects.get(address=A)
    day = f"{timezone.localtime(at):%-d %b %Y, %H:%M}"
    said = f"As {PROVIDERS[told.name].title} told on {day}: {GONE}"
    assert (recipient.state, recipient.relay_words) == ("bounced", said)
    assert listed() == [(A, "bounced")]
    assert Suppression.objects.get().words == said
    assert state_of(B) == "accepted"


def test_event_told_twice_changes_nothing_more(told: Teller) -> None:
    for _ in range(3):
        assert told("gone", words=GONE).status_code == 204
    assert listed() == [(A, "bounced")]


def test_full_mailbox_takes_later_mails(told: Teller) -> None:
    told("full", words=FULL)
    assert state_of(A) == "bounced"
    assert listed() == []


def test_complaint_is_heard(told: Teller) -> None:
    told("complaint")
    assert listed() == [(A, "complained")]
    recipient = Recipient.objects.get(address=A)
    assert recipient.state == "complained"
    assert recipient.relay_words.startswith(f"As {PROVIDERS[told.name].title} told on ")
    assert recipient.accepted_at is not None


def test_complaint_about_a_mail_that_nobody_knew_of_settles_its_doubt(told: Teller) -> None:
    Recipient.objects.filter(address=A).update(state=RecipientState.UNCERTAIN, accepted_at=None)
    told("complaint")
    assert state_of(A) == "complained"
    told("full", words=FULL)
    told("delivered", words="250 OK")
    assert state_of(A) == "complained"


def test_pages_tell_what_became_of_each_mail_in_their_words(
    told: Teller, client: Client, author: Person
) -> None:
    told("gone", words=GONE)
    told("complaint", mark=mark_of(Recipient.objects.get(address=B).pk))
    client.force_login(author)
    mailing = Mailing.objects.get()
    job = " ".join(client.get(f"/jobs/{mailing.job_id}/").content.decode().split())
    assert "<strong>2</strong> of 2 mails done" in job
    assert "1 accepted mail came back." in job
    assert "1 recipient called the mail spam" in job
    problems = job.partition('id="problems"')[2]
    assert "Came back" in problems
    assert "Called it spam" in problems
    title = PROVIDERS[told.name].title
    listed_ = client.get(f"/mailings/{mailing.pk}/recipients/", {"state": "complained"}).content.decode()
    assert f"As {title} told on " in listed_
    assert B in listed_
    assert A not in listed_


def test_who_unsubscribes_at_the_provider_is_unsubscribed_here(told: Teller) -> None:
    told("unsubscribed")
    assert listed() == [(A, "unsubscribed")]


def test_delivery_clears_a_doubt(told: Teller) -> None:
    Recipient.objects.filter(address=A).update(state=RecipientState.UNCERTAIN, accepted_at=None)
    assert told("delivered", words="250 OK").status_code == 204
    recipient = Recipient.objects.get(address=A)
    assert (recipient.state, recipient.relay_words) == ("accepted", recipient.relay_words)
    assert recipient.relay_words.endswith(": 250 OK")
    assert recipient.accepted_at is not None


def test_delivery_changes_nothing_that_is_known(told: Teller) -> None:
    told("full", words=FULL)
    before = Recipient.objects.filter(address=A).values().get()
    told("delivered", words="250 OK")
    assert Recipient.objects.filter(address=A).values().get() == before
    Recipient.objects.filter(address=B).update(state=RecipientState.WAITING, accepted_at=None)
    told("delivered", mark=mark_of(Recipient.objects.get(address=B).pk))
    assert state_of(B) == "waiting"


@pytest.mark.parametrize("mark", ["nobody", "1-0123456789abcdef", "9" * 19 + "-0123456789abcdef", " "])
def test_event_about_nobody_we_know_is_left_out(told: Teller, mark: str) -> None:
    assert told("gone", words=GONE, mark=mark).status_code == 204
    assert listed() == []


def test_event_about_a_recipient_who_was_pruned_is_left_out(told: Teller) -> None:
    mark = mark_of(Recipient.objects.get(address=A).pk)
    Recipient.objects.all().delete()
    assert told("gone", words=GONE, mark=mark).status_code == 204
    assert listed() == []


def test_old_event_is_left_out(told: Teller) -> None:
    assert told("gone", words=GONE, at=timezone.now() - timedelta(days=8)).status_code == 204
    assert state_of(A) == "accepted"
    assert listed() == []


def test_event_that_is_not_proved_is_refused(told: Teller) -> None:
    assert told("gone", words=GONE, secret="hook:guess").status_code == 403
    assert state_of(A) == "accepted"


@pytest.mark.parametrize("content", ["", "{", "null", "7", '"x"', "[[]]", "[" * 100_000])
def test_content_that_is_no_event_is_refused(told: Teller, content: str) -> None:
    assert told.post(content).status_code in {400, 403}


@pytest.mark.parametrize("metadata", [None, [], "x", {"switchyard": {"a": 1}}])
def test_event_with_strange_metadata_is_left_out(told: Teller, metadata: Any) -> None:
    at = int(timezone.now().timestamp())
    event: Any = {
        "postmark": {"RecordType": "Delivery", "Metadata": metadata, "DeliveredAt": "2026-11-05T16:33:54"},
        "mailgun": {"event-data": {"event": "delivered", "timestamp": at, "user-variables": metadata}},
        "sparkpost": [
            {"msys": {}},
            {"msys": {"message_event": {"type": "delivery", "timestamp": at, "rcpt_meta": metadata}}},
        ],
    }[told.name]
    assert told.post(event).status_code in {204, 400}


def test_provider_that_is_not_ours_finds_nobody(told: Teller, settings: Settings) -> None:
    settings.MAIL_PROVIDER = {**settings.MAIL_PROVIDER, "webhook_secret": ""}
    assert told("gone", words=GONE).status_code == 404
    settings.MAIL_PROVIDER = {"name": "none"}
    assert told("gone", words=GONE).status_code == 404


def test_address_can_be_tried(told: Teller) -> None:
    assert Client().head(f"/mailings/providers/{told.name}/").status_code == 200
    assert Client().get(f"/mailings/providers/{told.name}/").status_code == 405


def test_suppression_list_of_the_provider_counts_as_dead(sent: Sent, relay: Any, settings: Settings) -> None:
    sent(A, B)
    run_parts(lane="bulk")
    settings.MAIL_PROVIDER = {"name": "mailgun", "key": "key", "webhook_secret": SECRET}
    teller = Teller("mailgun")
    event = teller._mailgun("full", "Not delivering to previously bounced address", "", timezone.now())
    event["event-data"] |= {
        "reason": "suppress-bounce",
        "user-variables": {"switchyard": mark_of(Recipient.objects.get(address=A).pk)},
    }
    assert teller.post(event).status_code == 204
    assert listed() == [(A, "bounced")]
