"""Limits of codes: a pause that grows, and room by the hour for a person, a network and a school."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.checks import run_checks
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from emails.code_limits import TooManyCodes, TooSoon, spoken
from emails.codes import request_code
from emails.models import Code, CodeState
from jobs.clients import network_of
from jobs.models import Job, Person
from jobs.testing import make_person

NOW = datetime(2026, 11, 3, 10, 42, tzinfo=UTC)
HERE = network_of("203.0.113.9")


def ask(person: Person, *, seconds: float = 0, network: str = "") -> None:
    request_code(person=person, now=NOW + timedelta(seconds=seconds), network=network)


def hand_over() -> None:
    """Do what the worker does when the relay has taken the mail of the newest code."""
    code = Code.objects.all()[0]
    code.keep_hash("0" * 64)
    assert code.mark_sent(now=code.requested_at, expires_at=code.requested_at + timedelta(minutes=10))


def test_pause_doubles_with_each_code_that_is_not_used(author: Person) -> None:
    ask(author)
    hand_over()
    at = 0
    for pause in (30, 60, 120, 240):
        with pytest.raises(TooSoon, match="Please wait 1 second before you ask"):
            ask(author, seconds=at + pause - 1)
        at += pause
        ask(author, seconds=at)
        hand_over()


def test_codes_that_never_left_cost_their_person_nothing(author: Person, settings: Settings) -> None:
    settings.CODES = {"person_hourly": 3, "network_hourly": 3, "school_hourly": 3}
    for number in range(8):
        ask(author, seconds=number * 30, network=HERE)
        with pytest.raises(TooSoon, match="Please wait 1 second before"):
            ask(author, seconds=number * 30 + 29, network=HERE)
    hand_over()
    ask(author, seconds=240, network=HERE)


def test_mail_that_left_when_its_code_was_replaced_counts(author: Person) -> None:
    ask(author)
    [first] = Code.objects.all()
    first.keep_hash("0" * 64)
    ask(author, seconds=30)
    assert not first.mark_sent(now=NOW, expires_at=NOW)
    first.note_sent(now=NOW)
    with pytest.raises(TooSoon, match="Please wait 60 seconds"):
        ask(author, seconds=30)


def test_pause_grows_to_ten_minutes_at_most(author: Person, settings: Settings) -> None:
    settings.CODES = {"person_hourly": 100}
    Code.objects.bulk_create(
        Code(
            person=author,
            school=author.school,
            requested_at=NOW - timedelta(minutes=50 - number),
            sent_at=NOW,
            state=CodeState.REPLACED,
        )
        for number in range(40)
    )
    with pytest.raises(TooSoon):
        ask(author, seconds=-61)
    ask(author)


def test_very_many_unused_codes_break_nothing(author: Person, settings: Settings) -> None:
    many = {"person_hourly": 100_000, "school_hourly": 100_000}
    settings.CODES = {**many, "again_seconds": 0.5, "again_most_seconds": 1.0}
    Code.objects.bulk_create(
        Code(person=author, school=author.school, requested_at=NOW, sent_at=NOW, state=CodeState.REPLACED)
        for _ in range(1100)
    )
    with pytest.raises(TooSoon):
        ask(author, seconds=0.5)
    ask(author, seconds=1)


def test_code_that_was_used_ends_the_pause(author: Person) -> None:
    ask(author)
    Code.objects.update(
        state=CodeState.USED, hash="0" * 64, sent_at=NOW, expires_at=NOW + timedelta(minutes=10), used_at=NOW
    )
    ask(author, seconds=1)
    assert Code.objects.count() == 2


def test_person_has_so_many_codes_an_hour(author: Person, settings: Settings) -> None:
    settings.CODES = {"person_hourly": 2, "again_seconds": 1}
    ask(author)
    hand_over()
    ask(author, seconds=600)
    with pytest.raises(
        TooManyCodes, match=r"use the newest mail. Another one may be asked for in 30 minutes"
    ):
        ask(author, seconds=1800)
    ask(author, seconds=3600)


def test_network_has_so_many_codes_an_hour(author: Person, settings: Settings) -> None:
    settings.CODES = {"network_hourly": 1}
    ask(author, network=HERE)
    colleague = make_person(school=author.school)
    with pytest.raises(TooManyCodes, match=r"from your network\. Another one may be asked for in 60 seconds"):
        ask(colleague, seconds=3540, network=HERE)
    ask(colleague, seconds=3540, network=network_of("203.0.113.10"))


def test_unknown_networks_are_not_counted_together(author: Person, settings: Settings) -> None:
    settings.CODES = {"network_hourly": 1}
    ask(author)
    ask(make_person(school=author.school))


def test_school_has_so_many_codes_an_hour_and_others_have_theirs(author: Person, settings: Settings) -> None:
    settings.CODES = {"school_hourly": 1}
    ask(author)
    with pytest.raises(TooManyCodes, match="at your school"):
        ask(make_person(school=author.school))
    ask(make_person())


def test_refused_request_leaves_the_newest_code_open(author: Person) -> None:
    ask(author)
    with pytest.raises(TooSoon):
        ask(author, seconds=5)
    assert Code.objects.get().state == CodeState.WAITING
    assert Job.objects.filter(kind="emails.code").count() == 1


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("203.0.113.9", "203.0.113.10", False),
        ("::ffff:203.0.113.9", "203.0.113.9", True),
        ("::ffff:203.0.113.9", "::ffff:203.0.113.10", False),
    ],
)
def test_network_is_an_ipv4_address_or_a_64_of_ipv6(one: str, other: str, *, is_same: bool) -> None:
    assert (network_of(one) == network_of(other)) is is_same
    assert one not in network_of(one)


def test_what_is_no_address_has_no_network() -> None:
    assert network_of("unix:") == ""


@given(st.integers(min_value=1, max_value=7200 * 10))
def test_spoken_wait_is_never_too_short(tenths: int) -> None:
    number, unit = spoken(timedelta(seconds=tenths / 10)).split()
    seconds = int(number) * (60 if unit == "minutes" else 1)
    assert tenths / 10 <= seconds < tenths / 10 + 60


def test_wrong_limit_stops_the_start(settings: Settings) -> None:
    settings.CODES = {"person_hourly": 0}
    errors = [error for error in run_checks() if error.id == "emails.E006"]
    assert [str(error.msg) for error in errors] == ["CODES['person_hourly'] is 0 (codes an hour)."]
