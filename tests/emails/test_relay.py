"""The relay's answers: what is certain after each, and what is not."""

import threading
from contextlib import suppress
from typing import Any

import pytest
from django.core.mail.utils import DNS_NAME
from django.utils import timezone
from pytest_django.fixtures import Settings

from emails.relay import Relay
from emails.smtp.dialogue import ConnectionLost, Deferred, Doubtful, Refused, SenderRefused
from emails.smtp.lines import RelayAway
from emails.smtp.messages import Message
from emails.visiting import visit_relay
from jobs.breakers import guarding
from jobs.models import Breaker
from jobs.testing import wait_until
from tests.emails.steps import HANG

pytestmark = pytest.mark.django_db

HEAD = b"Subject: hello\r\n\r\nhello\r\n"


def hand_over(relay: Relay, address: str = "ana@x.example", head: bytes = HEAD) -> str:
    message = Message(head=head)
    relay.open(message.envelope(sender="careers@x.example", recipients=(address,)))
    return relay.hand_over(message)


def test_accepted_mail_returns_the_relays_words(relay: Any) -> None:
    with visit_relay(use="tests") as ours:
        assert hand_over(ours) == "250 Caught"
    assert relay.addresses == ["ana@x.example"]


@pytest.mark.parametrize("name", ["mail.careers.example", "[192.0.2.7]", "[IPv6:2001:db8::7]"])
def test_relay_is_greeted_by_the_name_of_the_settings(relay: Any, settings: Settings, name: str) -> None:
    settings.MAIL = {**settings.MAIL, "ehlo_name": name}
    with visit_relay(use="codes") as ours:
        hand_over(ours)
    assert relay.greeted_by == [name]


def test_relay_is_greeted_by_the_name_of_the_machine_where_none_is_set(relay: Any) -> None:
    with visit_relay(use="codes") as ours:
        hand_over(ours)
    assert relay.greeted_by == [str(DNS_NAME)]


def test_many_mails_take_one_connection(relay: Any) -> None:
    relay.refused["bad@x.example"] = "550 no such user"
    with visit_relay(use="tests") as ours:
        hand_over(ours)
        with pytest.raises(Refused, match="550 no such user"):
            hand_over(ours, "bad@x.example")
        hand_over(ours)
    assert relay.connections == 1
    assert len(relay.caught) == 2


def test_temporary_refusal_is_deferred(relay: Any) -> None:
    relay.refused["ana@x.example"] = "451 greylisted, come back"
    with visit_relay(use="tests") as ours, pytest.raises(Deferred, match="451 greylisted"):
        hand_over(ours)


def test_refusal_after_the_dot_is_certain(relay: Any) -> None:
    relay.refused_after_dot["ana@x.example"] = "554 looks like junk"
    with visit_relay(use="tests") as ours, pytest.raises(Refused, match="554"):
        hand_over(ours)


def test_sender_refused_for_good_is_no_fault_of_the_recipient(relay: Any) -> None:
    relay.sender_reply = "553 not your domain"
    with visit_relay(use="tests") as ours, pytest.raises(SenderRefused, match=r"careers@x\.example.*553"):
        hand_over(ours)


def test_connection_lost_before_the_dot_is_certainly_not_taken(relay: Any) -> None:
    relay.drops_at_rcpt.add("ana@x.example")
    with visit_relay(use="tests") as ours, pytest.raises(ConnectionLost):
        hand_over(ours)


def test_connection_cut_within_the_data_is_certainly_not_taken(cutting_relay: None) -> None:
    with visit_relay(use="tests") as ours, pytest.raises(ConnectionLost):
        hand_over(ours, head=(b"x" * 76 + b"\r\n") * 200_000)


def test_connection_lost_after_the_dot_is_doubtful(relay: Any) -> None:
    relay.drops_after_dot.add("ana@x.example")
    with visit_relay(use="tests") as ours:
        with pytest.raises(Doubtful):
            hand_over(ours)
        assert hand_over(ours, "bea@x.example") == "250 Caught"
    assert relay.connections == 2


def test_connection_that_the_relay_closed_between_two_mails_is_opened_again(relay: Any) -> None:
    with visit_relay(use="tests") as ours:
        hand_over(ours)
        ours.connect().line.sock.shutdown(2)
        assert hand_over(ours) == "250 Caught"
    assert not Breaker.objects.exists()


def test_connection_is_kept_open_between_visits(relay: Any) -> None:
    for _ in range(3):
        with visit_relay(use="tests") as ours:
            hand_over(ours)
    assert relay.connections == 1


def test_connection_in_the_middle_of_a_mail_is_given_to_nobody_else(steps: Any, settings: Settings) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", steps.port
    for _ in range(2):
        with visit_relay(use="tests") as ours:
            ours.open(Message(head=HEAD).envelope(sender="careers@x.example", recipients=("ana@x.example",)))
    assert steps.connections == 2
    assert steps.mails == []


def test_kept_connections_that_died_are_replaced_at_no_cost(steps: Any, settings: Settings) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", steps.port
    with visit_relay(use="tests") as ours:
        hand_over(ours)
    steps.script["mail", 2] = "421 you were quiet for too long"
    with visit_relay(use="tests") as ours:
        assert hand_over(ours, "bea@x.example") == "250 taken"
    assert steps.addresses == ["ana@x.example", "bea@x.example"]
    assert steps.connections == 2
    assert not Breaker.objects.exists()


def test_relay_that_wants_a_sign_in_is_a_fault_of_its_own(relay: Any) -> None:
    relay.sender_reply = "530 5.7.0 Authentication required"
    with visit_relay(use="tests") as ours, pytest.raises(RelayAway, match="530"):
        hand_over(ours)
    breaker = Breaker.objects.get()
    assert (breaker.failures, "530 5.7.0" in breaker.last_failure) == (1, True)


def test_nobody_at_the_port_is_unreachable(no_relay: None) -> None:
    with visit_relay(use="tests") as ours, pytest.raises(RelayAway, match="does not answer"):
        ours.connect()


@pytest.mark.parametrize("step", ["greeting", "mail", "dot"])
def test_visit_tells_while_the_relay_does_not_answer(steps: Any, settings: Settings, step: str) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", steps.port
    steps.script[step, 1] = HANG
    silent: list[float] = []
    with guarding("relay:x:25/tests", now=timezone.now()) as visit, Relay(visit=visit, use="tests") as ours:

        def watch() -> None:
            with suppress(AssertionError):
                wait_until(lambda: visit.silent_seconds > 0.05)
                silent.append(visit.silent_seconds)
            steps.over.set()

        watching = threading.Thread(target=watch)
        watching.start()
        with pytest.raises((RelayAway, ConnectionLost, Doubtful)):
            hand_over(ours)
        watching.join(timeout=20)
        assert visit.silent_seconds == 0
    assert silent
