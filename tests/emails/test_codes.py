"""Verification codes: in the mail only, once, for ten minutes, with five tries."""

import re
from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from django.core import serializers
from django.utils import timezone
from pytest_django.fixtures import Settings

from emails import codes, single
from emails.codes import CodeExpired, TooManyTries, WrongCode, redeem, request_code
from emails.models import Code, CodeState
from jobs.models import Job, JobState, Part, Person, Role
from jobs.testing import let_time_come, make_person, run_parts

Mailed = Callable[..., str]


@pytest.fixture
def mailed_code(relay: Any, author: Person) -> Mailed:
    """Request a code for the author, let the worker send it, and return what the mail says."""

    def mail(waited: timedelta = timedelta()) -> str:
        request_code(person=author, now=timezone.now() - waited)
        run_parts(lane="codes")
        found = re.search(r"\b\d{6}\b", relay.caught[-1][1].get_content())
        assert found
        return found[0]

    return mail


def another(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_code_from_the_mail_lets_in_once(mailed_code: Mailed, author: Person) -> None:
    code = mailed_code()
    assert redeem(person=author, code=code, now=timezone.now()).state == CodeState.USED
    with pytest.raises(CodeExpired, match="used already"):
        redeem(person=author, code=code, now=timezone.now())


def test_blanks_and_dashes_in_a_code_do_not_matter(mailed_code: Mailed, author: Person) -> None:
    code = mailed_code()
    redeem(person=author, code=f" {code[:3]}-{code[3:]} ", now=timezone.now())


def test_ten_minutes_begin_when_the_relay_accepted_the_mail(mailed_code: Mailed, author: Person) -> None:
    code = mailed_code(waited=timedelta(hours=1))
    row = Code.objects.get()
    assert row.sent_at - row.requested_at >= timedelta(hours=1)
    assert row.expires_at == row.sent_at + timedelta(minutes=10)
    redeem(person=author, code=code, now=row.expires_at - timedelta(seconds=1))


def test_code_of_a_person_who_is_gone_is_not_mailed(relay: Any, author: Person) -> None:
    request_code(person=author, now=timezone.now())
    author.delete()
    run_parts(lane="codes")
    assert relay.caught == []


def test_code_expires(mailed_code: Mailed, author: Person) -> None:
    code = mailed_code()
    with pytest.raises(CodeExpired, match="expired"):
        redeem(person=author, code=code, now=Code.objects.get().expires_at)


def test_five_wrong_tries_end_a_code(mailed_code: Mailed, author: Person) -> None:
    code = mailed_code()
    for left in ("4 more tries", "3 more tries", "2 more tries", "1 more try"):
        with pytest.raises(WrongCode, match=left):
            redeem(person=author, code=another(code), now=timezone.now())
    with pytest.raises(TooManyTries, match="last of 5"):
        redeem(person=author, code=another(code), now=timezone.now())
    with pytest.raises(TooManyTries):
        redeem(person=author, code=code, now=timezone.now())
    assert Code.objects.get().state == CodeState.SENT


def test_fifth_try_may_be_the_right_one(mailed_code: Mailed, author: Person) -> None:
    code = mailed_code()
    for _ in range(4):
        with pytest.raises(WrongCode):
            redeem(person=author, code=another(code), now=timezone.now())
    redeem(person=author, code=code, now=timezone.now())


def test_newest_code_replaces_older_ones(mailed_code: Mailed, author: Person) -> None:
    old, new = mailed_code(waited=timedelta(minutes=1)), mailed_code()
    assert [code.state for code in Code.objects.order_by("pk")] == [CodeState.REPLACED, CodeState.SENT]
    if old != new:
        with pytest.raises(WrongCode):
            redeem(person=author, code=old, now=timezone.now())
    redeem(person=author, code=new, now=timezone.now())


def test_replaced_request_is_not_mailed_any_more(relay: Any, author: Person) -> None:
    request_code(person=author, now=timezone.now() - timedelta(minutes=1))
    request_code(person=author, now=timezone.now())
    run_parts(lane="codes")
    assert len(relay.caught) == 1


def test_code_of_another_person_does_not_let_in(mailed_code: Mailed, author: Person) -> None:
    code = mailed_code()
    with pytest.raises(WrongCode, match="on its way"):
        redeem(person=make_person(), code=code, now=timezone.now())


def test_code_entered_before_its_mail_was_sent_costs_no_try(author: Person) -> None:
    request_code(person=author, now=timezone.now())
    with pytest.raises(WrongCode, match="on its way"):
        redeem(person=author, code="123456", now=timezone.now())
    assert Code.objects.get().tries == 0


def test_plain_code_is_nowhere_but_in_the_mail(
    mailed_code: Mailed, author: Person, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    code = mailed_code()
    said = capsys.readouterr()
    kept = serializers.serialize("json", [*Code.objects.all(), *Job.objects.all(), *Part.objects.all()])
    for text in (kept, said.out, said.err, caplog.text):
        assert not re.search(rf"(?<!\d){code}(?!\d)", text)
    assert set(Job.objects.get().arguments) == {"code"}
    assert author.email not in kept


def test_code_that_the_relay_puts_off_is_tried_again_and_made_anew(relay: Any, author: Person) -> None:
    relay.refused[author.email] = "451 later"
    request_code(person=author, now=timezone.now())
    run_parts(lane="codes")
    assert Code.objects.get().state == CodeState.WAITING
    hash_before = Code.objects.get().hash
    relay.refused.clear()
    codes.send_code(code_id=Code.objects.get().pk)
    code = Code.objects.get()
    assert code.state == CodeState.SENT
    assert code.hash != hash_before


def test_code_that_left_after_it_was_given_up_lets_in(
    mailed_code: Mailed, author: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_to = single.send_to

    def lose_the_lease_and_send(*given: Any, **named: Any) -> None:
        codes.give_up(code_id=Code.objects.get().pk)
        send_to(*given, **named)

    monkeypatch.setattr(single, "send_to", lose_the_lease_and_send)
    redeem(person=author, code=mailed_code(), now=timezone.now())
    assert Code.objects.get().state == CodeState.USED


def test_code_part_done_twice_mails_once(relay: Any, author: Person) -> None:
    request_code(person=author, now=timezone.now())
    run_parts(lane="codes")
    codes.send_code(code_id=Code.objects.get().pk)
    assert len(relay.caught) == 1


def test_refused_code_mail_says_so_to_the_person(relay: Any, author: Person) -> None:
    relay.refused[author.email] = "550 no such user"
    job = request_code(person=author, now=timezone.now())
    run_parts(lane="codes")
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "550 no such user" in job.error


def test_codes_come_from_an_address_of_their_own(relay: Any, author: Person, settings: Settings) -> None:
    settings.CODES = {"sender": "codes@login.careers.example"}
    request_code(person=author, now=timezone.now())
    run_parts(lane="codes")
    mail = relay.caught[-1][1]
    assert mail["From"].addresses[0].addr_spec == "codes@login.careers.example"
    assert mail["Message-ID"].endswith("@login.careers.example>")
    assert relay.envelopes[-1].mail_from == "codes@login.careers.example"


def test_people_of_the_platform_get_codes_too(relay: Any, db: None) -> None:
    ops = make_person(role=Role.OPS, email="ops@switchyard.example")
    job = request_code(person=ops, now=timezone.now())
    run_parts(lane="codes")
    assert job.school.slug == "platform"
    assert relay.addresses == ["ops@switchyard.example"]


def test_code_does_not_wait_for_a_relay_that_falls_silent(
    steps: Any, author: Person, settings: Settings
) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", steps.port, 0.2
    steps.script["dot", 1] = "hang"
    request_code(person=author, now=timezone.now())
    started = monotonic()
    run_parts(lane="codes")
    assert monotonic() - started < 10  # the settings let a mailing wait for two minutes
    let_time_come()
    run_parts(lane="codes")
    assert steps.addresses == [author.email]
