"""The dialogue: at each step a relay refuses, defers, tarpits or drops, and what is certain then."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from emails.smtp.dialogue import ConnectionLost, Deferred, Dialogue, Doubtful, Refused, SenderRefused
from emails.smtp.lines import Line, RelayAway
from emails.smtp.messages import Envelope, Message
from emails.smtp.routes import Route
from emails.smtp.spool import Spool

A, B, C = "ana@x.example", "bea@x.example", "cem@x.example"
DROP, HANG = "drop", "hang"


def mail(text: str = "hello", **given: Any) -> Message:
    return Message(head=f"Subject: hello\r\n\r\n{text}\r\n".encode(), **given)


def envelope(*recipients: str, message: Message | None = None) -> Envelope:
    return (message or mail()).envelope(sender="careers@x.example", recipients=recipients)


def send(dialogue: Dialogue, address: str, message: Message | None = None) -> str:
    dialogue.open(envelope(address, message=message))
    return dialogue.hand_over(message or mail())


def test_accepted_mail_returns_the_relays_words(steps: Any, line: Line) -> None:
    assert send(Dialogue(line), A) == "250 taken"
    assert steps.mails == [([A], mail().head)]


def test_next_envelope_goes_along_with_the_mail(steps: Any, line: Line) -> None:
    dialogue = Dialogue(line)
    dialogue.open(envelope(A))
    dialogue.hand_over(mail(), following=envelope(B))
    dialogue.open(envelope(B))
    dialogue.hand_over(mail())
    assert steps.addresses == [A, B]
    assert steps.behind_mails == [f"MAIL FROM:<careers@x.example> SIZE={mail().size}", ""]
    assert [command.split(" ")[0] for command in steps.commands[1:]] == ["MAIL", "RCPT", "DATA"] * 2


def test_relay_without_pipelining_is_asked_step_by_step(steps: Any, route: Route, dial: Any) -> None:
    steps.extensions.remove("PIPELINING")
    dialogue = Dialogue(dial(route))
    dialogue.open(envelope(A))
    dialogue.hand_over(mail(), following=envelope(B))
    steps.script["rcpt", 2] = "550 no such user"
    with pytest.raises(Refused, match="550 no such user"):
        dialogue.open(envelope(B))
    send(dialogue, C)
    assert steps.addresses == [A, C]
    assert steps.behind_mails == ["", ""]
    assert steps.commands.count("DATA") == 2


@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize(
    ("step", "reply", "fact"),
    [
        ("mail", "451 busy", Deferred),
        ("mail", "553 not your domain", SenderRefused),
        ("mail", "552 too large", Refused),
        ("rcpt", "450 greylisted", Deferred),
        ("rcpt", "550 no such user", Refused),
        ("data", "451 not now", Deferred),
        ("data", "554 never", Refused),
        ("dot", "452 disk full", Deferred),
        ("dot", "554 looks like junk", Refused),
    ],
)
def test_refusal_at_any_step_is_certain_and_the_line_goes_on(
    *, steps: Any, route: Route, dial: Any, step: str, reply: str, fact: type[Exception], pipelining: bool
) -> None:
    if not pipelining:
        steps.extensions.remove("PIPELINING")
    steps.script[step, 1] = reply
    dialogue = Dialogue(dial(route))
    with pytest.raises(fact, match=reply):
        send(dialogue, A)
    assert send(dialogue, B) == "250 taken"
    assert steps.addresses == [B]
    assert steps.connections == 1


@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize("reply", ["530 5.7.0 Authentication required", "530 Must issue STARTTLS first"])
def test_relay_that_wants_what_the_settings_do_not_give_takes_no_mail_now(
    *, steps: Any, route: Route, dial: Any, reply: str, pipelining: bool
) -> None:
    if not pipelining:
        steps.extensions.remove("PIPELINING")
    steps.script["mail", 1] = reply
    dialogue = Dialogue(dial(route))
    with pytest.raises(RelayAway, match=f"wants what the settings do not give: {reply}"):
        send(dialogue, A)
    assert not dialogue.line.is_open
    assert steps.mails == []


@pytest.mark.parametrize("step", ["mail", "rcpt", "data", "body"])
@pytest.mark.parametrize("action", [DROP, "421 closing"])
def test_connection_lost_before_the_dot_is_certainly_not_taken(
    steps: Any, line: Line, step: str, action: str
) -> None:
    steps.script[step, 1] = DROP if step == "body" else action
    with pytest.raises(ConnectionLost):
        send(Dialogue(line), A, mail(f"{'x' * 76}\r\n" * 200_000))
    assert not line.is_open
    assert steps.mails == []


def test_connection_lost_after_the_dot_is_doubtful(steps: Any, line: Line) -> None:
    steps.script["dot", 1] = DROP
    with pytest.raises(Doubtful):
        send(Dialogue(line), A)
    assert not line.is_open


def test_leave_taken_after_the_dot_is_certain(steps: Any, line: Line) -> None:
    steps.script["dot", 1] = "421 shutting down"
    with pytest.raises(ConnectionLost, match="421 shutting down"):
        send(Dialogue(line), A)


@pytest.mark.parametrize(
    ("step", "fact"),
    [("mail", ConnectionLost), ("rcpt", ConnectionLost), ("data", ConnectionLost), ("dot", Doubtful)],
)
def test_tarpit_ends_in_its_time(
    steps: Any, route: Route, dial: Any, step: str, fact: type[Exception]
) -> None:
    steps.script[step, 1] = HANG
    quick = replace(route, timeout_seconds=0.2, verdict_seconds=0.2)
    with pytest.raises(fact):
        send(Dialogue(dial(quick)), A)


@pytest.mark.parametrize("step", ["greeting", "ehlo"])
@pytest.mark.parametrize("action", [DROP, HANG, "554 no service"])
def test_relay_that_does_not_greet_is_away(steps: Any, route: Route, step: str, action: str) -> None:
    steps.script[step, 1] = action
    if action.startswith("554"):
        steps.script["helo", 1] = action
    with pytest.raises(RelayAway):
        Line.connect(replace(route, timeout_seconds=0.2))


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
def test_envelope_that_went_along_and_was_dropped_is_certain_for_both(
    steps: Any, line: Line, step: str
) -> None:
    steps.script[step, 2] = DROP
    dialogue = Dialogue(line)
    dialogue.open(envelope(A))
    assert dialogue.hand_over(mail(), following=envelope(B)) == "250 taken"
    with pytest.raises(ConnectionLost):
        dialogue.open(envelope(B))
    assert steps.addresses == [A]


def test_doubt_about_a_mail_is_none_about_the_envelope_behind_it(steps: Any, route: Route, dial: Any) -> None:
    steps.script["dot", 1] = DROP
    dialogue = Dialogue(dial(route))
    dialogue.open(envelope(A))
    with pytest.raises(Doubtful):
        dialogue.hand_over(mail(), following=envelope(B))
    assert not dialogue.line.is_open
    assert send(Dialogue(dial(route)), B) == "250 taken"
    assert steps.addresses == [B]


@pytest.mark.parametrize("reply", ["554 junk", "452 full"])
def test_refused_mail_leaves_the_envelope_behind_it_alone(steps: Any, line: Line, reply: str) -> None:
    steps.script["dot", 1] = reply
    dialogue = Dialogue(line)
    dialogue.open(envelope(A))
    with pytest.raises((Refused, Deferred), match=reply):
        dialogue.hand_over(mail(), following=envelope(B))
    dialogue.open(envelope(B))
    assert dialogue.hand_over(mail()) == "250 taken"
    assert steps.addresses == [B]


def test_relay_still_holding_the_mail_before_is_asked_again(steps: Any, line: Line) -> None:
    steps.script["mail", 2] = "503 nested MAIL"
    steps.script["rcpt", 2] = "503 out of step"
    steps.script["data", 2] = "503 out of step"
    dialogue = Dialogue(line)
    dialogue.open(envelope(A))
    dialogue.hand_over(mail(), following=envelope(B))
    dialogue.open(envelope(B))
    dialogue.hand_over(mail())
    assert steps.addresses == [A, B]
    assert "RSET" in steps.commands


def test_relay_that_waits_for_a_mail_to_nobody_gets_none(steps: Any, line: Line) -> None:
    steps.script["rcpt", 1] = "550 no such user"
    steps.script["data", 1] = "354 go on then"
    with pytest.raises(Refused, match="no such user"):
        send(Dialogue(line), A)
    assert not line.is_open
    assert steps.mails == []


def test_some_recipients_of_one_envelope_are_refused(steps: Any, line: Line) -> None:
    steps.script["rcpt", 2] = "550 no such user"
    dialogue = Dialogue(line)
    dialogue.open(envelope(A, B, C))
    dialogue.hand_over(mail())
    assert steps.mails[0][0] == [A, C]
    assert dialogue.refusals == {B: "550 no such user"}


def test_mail_over_the_relays_size_is_refused_before_sending(steps: Any, route: Route, dial: Any) -> None:
    steps.extensions[-1] = "SIZE 1000000"
    dialogue = Dialogue(dial(route))
    with pytest.raises(Refused, match=r"takes mails up to 1\.0 MB; this one has 1\.9 MB"):
        dialogue.open(envelope(A, message=mail("x" * 2_000_000)))
    assert [command.split()[0].lower() for command in steps.commands] == ["ehlo"]
    send(dialogue, B)


def test_international_address_wants_a_relay_that_knows_them(
    steps: Any, line: Line, route: Route, dial: Any
) -> None:
    send(Dialogue(line), "aña@x.example")
    assert steps.commands[1].endswith(" BODY=8BITMIME SMTPUTF8")
    steps.extensions.remove("SMTPUTF8")
    plain = Dialogue(dial(route))
    with pytest.raises(Refused, match="SMTPUTF8"):
        plain.open(envelope("aña@x.example"))


def test_dots_arrive_as_they_were_written(steps: Any, line: Line) -> None:
    dotted = mail(".\r\n..\r\n.x\r\n\r\n.")
    send(Dialogue(line), A, dotted)
    assert steps.mails[0][1] == dotted.head


@pytest.mark.parametrize("chunking", [True, False])
def test_tail_arrives_byte_for_byte(
    *, steps: Any, route: Route, dial: Any, spool: Spool, enclosed: Any, chunking: bool
) -> None:
    steps.extensions.append("CHUNKING")
    dialogue = Dialogue(dial(replace(route, chunking=chunking)))
    with spool.tail([enclosed(Random(3).randbytes(6_000_000))]) as tail:
        whole = b"".join(bytes(window) for window in tail.windows(until=tail.size))
        message = mail(".", tail=tail)
        dialogue.open(envelope(A, message=message))
        dialogue.hand_over(message, following=envelope(B, message=message))
        dialogue.open(envelope(B, message=message))
        dialogue.hand_over(message)
        assert [content for _, content in steps.mails] == [message.head + whole] * 2
    assert any(command.startswith("BDAT") for command in steps.commands) == chunking


def test_refused_envelope_of_chunks_leaves_the_line_usable(steps: Any, route: Route, dial: Any) -> None:
    steps.extensions.append("CHUNKING")
    steps.script["rcpt", 2] = "550 no such user"
    dialogue = Dialogue(dial(replace(route, chunking=True)))
    send(dialogue, A)
    with pytest.raises(Refused):
        send(dialogue, B)
    send(dialogue, C)
    assert steps.addresses == [A, C]


def test_wrong_certificate_keeps_the_mail_here(steps: Any, route: Route) -> None:
    with pytest.raises(RelayAway):
        Line.connect(replace(route, tls="implicit", timeout_seconds=0.5))
    with pytest.raises(RelayAway, match="does not offer"):
        Line.connect(replace(route, tls="starttls"))
