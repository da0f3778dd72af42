"""Connections: encrypted, signed in, kept open, and replaced when they died."""

import socket
import ssl
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

import pytest

from emails.smtp.dialogue import ConnectionLost, Dialogue, Doubtful
from emails.smtp.lines import Line, RelayAway
from emails.smtp.messages import Message
from emails.smtp.pool import Pool
from emails.smtp.routes import Route
from emails.smtp.spool import Spool
from tests.emails.certificates import write_certificate


@pytest.fixture
def encrypted(steps: Any, authority: Path) -> Any:
    """The relay, with a certificate."""
    steps.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    steps.tls.load_cert_chain(authority)
    steps.extensions += ["STARTTLS", "AUTH PLAIN"]
    return steps


def send(dialogue: Dialogue, message: Message) -> str:
    dialogue.open(message.envelope(sender="careers@x.example", recipients=("ana@x.example",)))
    return dialogue.hand_over(message)


SMALL = Message(head=b"Subject: hello\r\n\r\nhello\r\n")


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_mail_with_a_tail_arrives_byte_for_byte_under_tls(
    *, encrypted: Any, route: Route, authority: Path, dial: Any, spool: Spool, enclosed: Any, tls: Any
) -> None:
    encrypted.is_tls_from_the_start = tls == "implicit"
    signed_in = replace(route, tls=tls, ca_file=str(authority), user="careers", password="secret")
    dialogue = Dialogue(dial(signed_in))
    with spool.tail([enclosed(Random(3).randbytes(5_000_000))]) as tail:
        send(dialogue, Message(head=SMALL.head, tail=tail))
        whole = b"".join(bytes(window) for window in tail.windows(until=tail.size))
    send(dialogue, SMALL)
    assert [content for _, content in encrypted.mails] == [SMALL.head + whole, SMALL.head]
    assert any(command.startswith("AUTH") for command in encrypted.commands)


@pytest.mark.parametrize("step", ["rcpt", "dot"])
def test_loss_under_tls_is_told_as_on_a_plain_line(
    encrypted: Any, route: Route, authority: Path, dial: Any, step: str
) -> None:
    encrypted.script[step, 1] = "drop"
    dialogue = Dialogue(dial(replace(route, tls="starttls", ca_file=str(authority))))
    with pytest.raises(Doubtful if step == "dot" else ConnectionLost):
        send(dialogue, SMALL)


def test_relay_that_nobody_vouches_for_is_not_spoken_to(encrypted: Any, route: Route) -> None:
    with pytest.raises(RelayAway, match="does not prove"):
        Line.connect(replace(route, tls="starttls"))
    assert not any(command.startswith("MAIL") for command in encrypted.commands)


def test_refused_sign_in_says_so_without_the_password(encrypted: Any, route: Route, authority: Path) -> None:
    encrypted.script["auth", 1] = "535 wrong"
    locked_out = replace(route, tls="starttls", ca_file=str(authority), user="careers", password="s3cr3t")
    with pytest.raises(RelayAway, match="does not let us sign in: it answers 535") as told:
        Line.connect(locked_out)
    assert "s3cr3t" not in f"{told.value}{locked_out}"


@pytest.mark.parametrize("offered", ["8BITMIME", "AUTH XOAUTH2"])
def test_relay_without_a_sign_in_by_password_is_told_apart_from_one_that_is_away(
    encrypted: Any, route: Route, authority: Path, offered: str
) -> None:
    encrypted.extensions[-1] = offered
    signed_in = replace(route, tls="starttls", ca_file=str(authority), user="careers", password="secret")
    with pytest.raises(RelayAway, match="does not offer a sign-in by password"):
        Line.connect(signed_in)


def test_certificate_that_is_over_is_named(steps: Any, route: Route, tmp_path: Path) -> None:
    over = write_certificate(tmp_path / "relay.pem", start=datetime(2020, 1, 1, tzinfo=UTC), days=30)
    steps.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    steps.tls.load_cert_chain(over)
    steps.extensions.append("STARTTLS")
    with pytest.raises(RelayAway, match=r"the one of the settings: certificate has expired\.$"):
        Line.connect(replace(route, tls="starttls", ca_file=str(over)))


def test_relay_that_turns_us_away_is_quoted(steps: Any, route: Route) -> None:
    steps.script["greeting", 1] = "554 no service\t here"
    with pytest.raises(RelayAway, match="turns us away: it answers 554 no service here"):
        Line.connect(route)


def test_what_is_no_relay_and_what_is_no_file_are_told_apart(steps: Any, route: Route) -> None:
    unknown = mock.patch("socket.getaddrinfo", side_effect=socket.gaierror(-2, "Name or service not known"))
    with unknown, pytest.raises(RelayAway, match=r"name of the mail relay is not known"):
        Line.connect(route)
    steps.extensions.append("STARTTLS")
    with pytest.raises(RelayAway, match=r"file of the authority .* is not there"):
        Line.connect(replace(route, tls="starttls", ca_file="/nowhere/authority.pem"))


def test_connection_given_back_is_used_again(steps: Any, route: Route) -> None:
    pool = Pool()
    for _ in range(3):
        line = pool.take(route, use="codes", idle_seconds=30)
        send(Dialogue(line), SMALL)
        pool.give_back(line, use="codes", idle_seconds=30)
    assert steps.connections == 1
    pool.close()


def test_uses_do_not_share_connections(steps: Any, route: Route) -> None:
    pool = Pool()
    for use in ("codes", "mailings"):
        pool.give_back(pool.take(route, use=use, idle_seconds=30), use=use, idle_seconds=30)
    assert steps.connections == 2
    pool.close()


def test_connection_that_the_relay_closed_is_not_used_again(steps: Any, route: Route) -> None:
    steps.script["noop", 1] = "421 bye"
    pool = Pool()
    line = pool.take(route, use="codes", idle_seconds=30)
    line.used_at -= 10
    pool.give_back(line, use="codes", idle_seconds=30)
    another = pool.take(route, use="codes", idle_seconds=30)
    assert another is not line
    another.close()
    assert steps.commands.count("NOOP") == 1
    assert steps.connections == 2
    pool.close()


def test_connection_that_waited_too_long_is_let_go(steps: Any, route: Route) -> None:
    pool = Pool()
    lines = [pool.take(route, use="codes", idle_seconds=30) for _ in range(2)]
    lines[0].used_at -= 60
    for line in lines:
        pool.give_back(line, use="codes", idle_seconds=30)
    assert [line.is_open for line in lines] == [False, True]
    pool.close()
    assert not lines[1].is_open
