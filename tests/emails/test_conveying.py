"""Conveying over a relay with pipelining: whatever it does at whatever step, each recipient has one truth."""

from itertools import product
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pytest_django.fixtures import Settings

from emails.models import Recipient, RecipientState
from emails.relay import Relay
from jobs.models import JobState, PartState
from jobs.testing import let_time_come, run_parts
from tests.emails.people import A, B, C, Sent

DROP = "drop"
NEVER = "550 never"
MOMENTS = [
    *product(("mail", "rcpt", "data", "dot"), ("451 not now", "421 closing", DROP)),
    *product(("rcpt", "data", "dot"), (NEVER,)),
]


@pytest.fixture(autouse=True)
def mailings_go_to(steps: Any, settings: Settings) -> None:
    """Send all mail to the relay of steps."""
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", steps.port, 5


def states() -> dict[str, str]:
    return dict(Recipient.objects.values_list("address", "state"))


def try_again_now() -> None:
    while let_time_come() or run_parts(lane="bulk"):
        pass


def test_each_envelope_goes_along_with_the_mail_before_it(sent: Sent, steps: Any) -> None:
    sent()
    run_parts(lane="bulk")
    assert states() == {A: "accepted", B: "accepted", C: "accepted"}
    assert steps.addresses == [A, B, C]
    assert [line[:10] for line in steps.behind_mails] == ["MAIL FROM:", "MAIL FROM:", ""]
    assert steps.connections == 1


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize(("step", "reply"), MOMENTS)
def test_one_bad_moment_loses_nobody_and_doubles_nobody(
    sent: Sent, steps: Any, step: str, reply: str, number: int
) -> None:
    steps.script[step, number] = reply
    sent()
    run_parts(lane="bulk")
    try_again_now()
    hit = (A, B, C)[number - 1]
    is_doubtful = (step, reply) == ("dot", DROP)
    ends = {NEVER: "refused"}.get(reply, "uncertain" if is_doubtful else "accepted")
    assert states() == {A: "accepted", B: "accepted", C: "accepted"} | {hit: ends}
    assert sorted(steps.addresses) == sorted({A, B, C} - ({hit} if ends != "accepted" else set()))


@pytest.mark.parametrize("number", [1, 2])
def test_sender_refused_along_the_way_fails_the_mailing(sent: Sent, steps: Any, number: int) -> None:
    for later in range(number, 9):
        steps.script["mail", later] = "553 not your domain"
    job = sent()
    run_parts(lane="bulk")
    job.refresh_from_db()
    assert job.state == (JobState.FAILED if number == 1 else JobState.PROBLEMS)
    assert "553 not your domain" in job.parts.get(step="work").error
    assert steps.addresses == [A, B, C][: number - 1]
    assert "sending" not in states().values()


def test_worker_that_dies_leaves_only_the_mail_under_way_in_doubt(sent: Sent, steps: Any) -> None:
    class Killed(BaseException):
        """The worker is gone in this instant."""

    whole = Relay.hand_over
    handed: list[object] = []

    def die_at_the_second(relay: Relay, *given: Any, **named: Any) -> str:
        handed.append(given)
        if len(handed) == 2:
            raise Killed
        return whole(relay, *given, **named)

    job = sent(A, B, C, "dee@x.example")
    with mock.patch.object(Relay, "hand_over", die_at_the_second), pytest.raises(Killed):
        run_parts(lane="bulk")
    assert states() == {A: "accepted", B: "sending", C: "waiting", "dee@x.example": "waiting"}
    job.parts.filter(step="work").update(state=PartState.WAITING, leased_until=None)
    try_again_now()
    assert states() == {A: "accepted", B: "uncertain", C: "accepted", "dee@x.example": "accepted"}
    assert steps.addresses == [A, C, "dee@x.example"]


def test_recipient_whom_another_worker_took_gets_no_second_mail(sent: Sent, steps: Any) -> None:
    take = Recipient.take

    def be_too_late(recipient: Recipient) -> bool:
        if recipient.address == B:
            Recipient.objects.filter(pk=recipient.pk).update(state=RecipientState.SENDING)
        return take(recipient)

    sent()
    with mock.patch.object(Recipient, "take", be_too_late):
        run_parts(lane="bulk")
    assert steps.addresses == [A, C]
    assert states() == {A: "accepted", B: "sending", C: "accepted"}


def test_late_refusal_does_not_touch_a_row_that_another_worker_sends(sent: Sent, steps: Any) -> None:
    sent()
    run_parts(lane="bulk")
    recipient = Recipient.objects.get(address=A)
    Recipient.objects.filter(pk=recipient.pk).update(state=RecipientState.SENDING, accepted_at=None)
    assert not recipient.turn_down(words="550 never")
    assert not recipient.put_off(words="451 not now")
    assert states()[A] == "sending"


def test_mail_over_the_relays_size_is_refused_and_not_sent(sent: Sent, steps: Any) -> None:
    steps.extensions = ["PIPELINING", "SIZE 500000"]
    job = sent(map=Random(1).randbytes(1_000_000))
    run_parts(lane="bulk")
    job.refresh_from_db()
    assert set(states().values()) == {"refused"}
    assert "takes mails up to 0.5 MB" in Recipient.objects.filter(address=A).get().relay_words
    assert not any(command.startswith("MAIL") for command in steps.commands)


def test_international_address_is_refused_where_the_relay_cannot_read_it(sent: Sent, steps: Any) -> None:
    steps.extensions = ["PIPELINING", "SIZE"]
    sent(A, "aña@x.example")
    run_parts(lane="bulk")
    assert states() == {A: "accepted", "aña@x.example": "refused"}


def test_mails_are_signed_for_our_domain(sent: Sent, steps: Any, settings: Settings, tmp_path: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    file = tmp_path / "dkim.pem"
    file.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    settings.DEFAULT_FROM_EMAIL = "Careers <careers@northfield.example>"
    settings.MAIL = {**settings.MAIL, "dkim": [f"northfield.example:s1:{file}"]}
    sent(map=Random(1).randbytes(300_000))
    run_parts(lane="bulk")
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    lines = key.public_key().public_bytes(pem, form).decode().splitlines()[1:-1]
    record = f"v=DKIM1; p={''.join(lines)}".encode()
    assert len(steps.mails) == 3
    for _, content in steps.mails:
        assert dkim.verify(content, dnsfunc=lambda _name, **_: record)
