"""The relay's answers: what is certain after each, and what is not."""

from typing import Any

import pytest

from emails.relay import ConnectionLost, Deferred, Doubtful, Refused, Relay, RelayUnreachable, SenderRefused
from emails.visiting import visit_relay

pytestmark = pytest.mark.django_db

DATA = [b"Subject: hello\r\n\r\nhello\r\n"]


def hand_over(relay: Relay, address: str = "ana@x.example") -> str:
    return relay.hand_over(sender="careers@x.example", recipient=address, data=DATA)


def test_accepted_mail_returns_the_relays_words(relay: Any) -> None:
    with visit_relay(use="tests") as ours:
        assert hand_over(ours) == "250 Caught"
    assert relay.addresses == ["ana@x.example"]


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
        ours.hand_over(sender="a@x.example", recipient="b@x.example", data=[b"x" * 76 + b"\r\n"] * 200_000)


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
        assert ours._smtp is not None
        assert ours._smtp.sock is not None
        ours._smtp.sock.shutdown(2)
        assert hand_over(ours) == "250 Caught"


def test_nobody_at_the_port_is_unreachable(no_relay: None) -> None:
    with visit_relay(use="tests") as ours, pytest.raises(RelayUnreachable, match="does not answer"):
        ours.connect()
