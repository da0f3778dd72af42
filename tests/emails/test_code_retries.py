"""Codes that the relay puts off: tried while the person may wait, then told, and nothing stays open."""

from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from django.utils import timezone

from emails import single
from emails.codes import WrongCode, redeem, request_code
from emails.kinds import SendCode
from emails.models import Code, CodeState
from jobs.discarding import discard_left_behind
from jobs.lifecycle import retry
from jobs.models import Job, JobState, PartState, Person
from jobs.testing import let_time_come, run_parts


@pytest.fixture
def put_off(relay: Any, author: Person) -> Job:
    """The job of a code that the relay has put off twenty times within the ten minutes."""
    relay.refused[author.email] = "451 4.7.1 greylisted"
    job = request_code(person=author, now=timezone.now())
    for _ in range(20):
        run_parts(lane="codes")
        let_time_come()
    return job


def give_up(job: Job) -> None:
    """Let the ten minutes pass, and the next attempt be made."""
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(minutes=10))
    run_parts(lane="codes")
    discard_left_behind(now=timezone.now())
    job.refresh_from_db()


def test_code_is_tried_for_as_long_as_the_person_may_wait(put_off: Job, relay: Any, author: Person) -> None:
    run_parts(lane="codes")
    part = put_off.parts.get()
    assert (part.state, part.attempt) == (PartState.DELAYED, 21)
    assert timedelta() < part.ready_at - timezone.now() <= timedelta(seconds=30)
    relay.refused.clear()
    let_time_come()
    run_parts(lane="codes")
    assert Code.objects.get().state == CodeState.SENT
    assert relay.addresses == [author.email]


def test_code_mails_that_may_have_arrived_are_not_repeated_for_ten_minutes(
    relay: Any, author: Person
) -> None:
    relay.drops_after_dot.add(author.email)
    job = request_code(person=author, now=timezone.now())
    for _ in range(20):
        run_parts(lane="codes")
        let_time_come()
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.FAILED, "The mail relay did not say whether it took the mail.")
    assert len(relay.caught) == SendCode.retry.attempts


def test_crash_that_nobody_expected_is_not_repeated_for_ten_minutes(
    relay: Any, author: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single, "send_to", Mock(side_effect=ValueError))
    job = request_code(person=author, now=timezone.now())
    for _ in range(20):
        run_parts(lane="codes")
        let_time_come()
    job.refresh_from_db()
    assert (job.state, job.parts.get().attempt) == (JobState.FAILED, SendCode.retry.attempts)


def test_code_that_nobody_waits_for_any_more_fails_and_stays_open_no_longer(
    put_off: Job, author: Person
) -> None:
    give_up(put_off)
    assert (put_off.state, put_off.error) == (JobState.FAILED, "The mail relay did not take the mail.")
    assert Code.objects.get().state == CodeState.FAILED
    with pytest.raises(WrongCode, match=r"could not be sent\. Please ask for a new code"):
        redeem(person=author, code="123456", now=timezone.now())


def test_next_code_takes_the_place_of_one_that_failed(put_off: Job, relay: Any, author: Person) -> None:
    give_up(put_off)
    relay.refused.clear()
    request_code(person=author, now=timezone.now() + timedelta(minutes=10))
    retry(put_off, by=author)
    run_parts(lane="codes")
    assert [code.state for code in Code.objects.all()] == [CodeState.SENT, CodeState.REPLACED]
    assert len(relay.caught) == 1


def test_failed_code_is_sent_by_a_retry_of_its_job(put_off: Job, relay: Any, author: Person) -> None:
    give_up(put_off)
    relay.refused.clear()
    retry(put_off, by=author)
    run_parts(lane="codes")
    assert Code.objects.get().state == CodeState.SENT
