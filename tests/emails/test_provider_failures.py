"""Whatever a provider or the worker does, each recipient has one truth and nobody gets a mail twice."""

import ssl
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from emails.providers import conveying
from jobs.breakers import troubled
from jobs.models import Job, JobState, PartState
from jobs.testing import let_time_come, run_parts
from tests.emails.outcomes import only_mailgun, states, try_again_now, words_of, work_part
from tests.emails.people import A, B, C, Sent
from tests.emails.provider_fake import DROP, HANG, FakeMailgun, FakeProvider, Server, served


def test_provider_that_says_slow_down_has_nothing_and_gets_it_later(
    sent: Sent, provider: FakeProvider
) -> None:
    provider.script[1] = (429, {"Retry-After": "120"}, False)
    job = sent()
    before = timezone.now()
    run_parts(lane="bulk")
    part = work_part(job)
    assert set(states().values()) == {"waiting"}
    assert part.state == PartState.DELAYED
    assert part.attempt == 0
    assert 119 < (part.ready_at - before).total_seconds() < 600
    assert "takes no more mails at the moment" in part.error
    assert troubled() == []
    try_again_now()
    assert provider.addresses == [A, B, C]
    assert set(states().values()) == {"accepted"}


@pytest.mark.parametrize("told", [{"Retry-After": "120"}, {}])
def test_provider_that_is_out_of_service_has_nothing_and_gets_it_later(
    sent: Sent, provider: FakeProvider, settings: Settings, told: dict[str, str]
) -> None:
    settings.SWITCHYARD = {**settings.SWITCHYARD, "breakers": {"failures": 2}}
    provider.script |= {1: (503, told, False), 2: (503, told, False)}
    job = sent()
    run_parts(lane="bulk")
    part = work_part(job)
    assert set(states().values()) == {"waiting"}
    assert (part.state, part.attempt) == (PartState.DELAYED, 0)
    assert "out of service" in part.error
    let_time_come()
    run_parts(lane="bulk")
    assert len(troubled()) == 1
    assert set(states().values()) == {"waiting"}
    try_again_now()
    assert provider.addresses == [A, B, C]
    job.refresh_from_db()
    assert job.state == JobState.DONE


@only_mailgun
def test_first_call_after_a_failure_is_small(sent: Sent, provider: FakeProvider) -> None:
    provider.script |= {1: (503, {}, False), 2: (500, {}, False)}
    addresses = [f"s{number:02}@x.example" for number in range(40)]
    job = sent(*addresses)
    run_parts(lane="bulk")
    try_again_now()
    assert [len(call.mails) for call in provider.calls[:3]] == [20, 10, 10]
    assert list(states().values()).count("uncertain") == 10
    assert list(states().values()).count("accepted") == 30
    job.refresh_from_db()
    assert job.units_failed == 10


def test_recipient_in_doubt_is_told_what_the_provider_answered(
    sent: Sent, provider: FakeProvider, name: str
) -> None:
    provider.script |= {1: (500, {}, False)}
    sent()
    run_parts(lane="bulk")
    assert "answered 500" in words_of(A)
    assert "may or may not have arrived" in words_of(A)


def test_failure_after_the_call_leaves_all_of_it_uncertain_and_sends_nothing_again(
    sent: Sent, provider: FakeProvider
) -> None:
    provider.script[1] = (502, {}, True)
    job = sent()
    run_parts(lane="bulk")
    try_again_now()
    assert set(states().values()) == {"uncertain"}
    assert provider.addresses == [A, B, C]
    assert len(provider.calls) == 1
    job.refresh_from_db()
    assert (job.state, job.units_failed) == (JobState.PROBLEMS, 3)


@pytest.mark.parametrize("fault", [DROP, HANG, (500, {}, False)])
def test_call_without_an_answer_is_uncertain(
    sent: Sent, provider: FakeProvider, settings: Settings, fault: Any
) -> None:
    settings.MAIL = {**settings.MAIL, "verdict_seconds": 0.3}
    provider.script[1] = fault
    sent()
    run_parts(lane="bulk")
    try_again_now()
    assert set(states().values()) == {"uncertain"}
    assert len(provider.calls) == 1


def test_provider_that_is_away_loses_nothing(sent: Sent, provider: FakeProvider, settings: Settings) -> None:
    with Server(FakeMailgun()) as gone:
        port = gone.server_address[1]
    usual = settings.MAIL_PROVIDER
    settings.MAIL_PROVIDER = {**usual, "url": f"http://127.0.0.1:{port}/v3"}
    job = sent()
    run_parts(lane="bulk")
    assert set(states().values()) == {"waiting"}
    assert "does not answer" in work_part(job).error
    settings.MAIL_PROVIDER = usual
    try_again_now()
    assert provider.addresses == [A, B, C]


@only_mailgun
def test_provider_whose_certificate_is_none_gets_nothing(
    sent: Sent, provider: FakeProvider, settings: Settings, authority: Path
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)
    impostor = FakeMailgun()
    with served(impostor, context=context) as (_, url):
        settings.MAIL_PROVIDER = {**settings.MAIL_PROVIDER, "url": url}
        job = sent()
        run_parts(lane="bulk")
    assert set(states().values()) == {"waiting"}
    assert "does not answer" in work_part(job).error
    assert impostor.calls == []


@pytest.mark.parametrize("status", [401, 403, 307])
def test_provider_that_does_not_let_us_in_has_a_breaker_that_opens(
    sent: Sent, provider: FakeProvider, settings: Settings, status: int
) -> None:
    settings.SWITCHYARD = {**settings.SWITCHYARD, "breakers": {"failures": 1}}
    provider.script[1] = (status, {"Location": "/elsewhere"}, False)
    job = sent()
    run_parts(lane="bulk")
    [breaker] = troubled()
    assert breaker.name.startswith("provider:127.0.0.1:")
    assert set(states().values()) == {"waiting"}
    let_time_come()
    run_parts(lane="bulk")
    assert provider.addresses == [A, B, C]
    assert troubled() == []
    job.refresh_from_db()
    assert job.state == JobState.DONE


def test_address_that_the_provider_does_not_take_is_refused_alone(
    name: str, sent: Sent, provider: FakeProvider
) -> None:
    provider.refused[B] = "You tried to send to a recipient that has been marked as inactive."
    job = sent(A, B, C, "dee@x.example", "eve@x.example")
    run_parts(lane="bulk")
    try_again_now()
    ends = "uncertain" if name == "sparkpost" else "accepted"
    assert states() == dict.fromkeys((A, C, "dee@x.example", "eve@x.example"), ends) | {
        B: "uncertain" if name == "sparkpost" else "refused"
    }
    assert sorted(provider.addresses) == [A, C, "dee@x.example", "eve@x.example"]
    job.refresh_from_db()
    assert job.state == JobState.PROBLEMS
    if name == "mailgun":
        assert "to parameter is not a valid address" in words_of(B)


def test_everyone_refused_is_told(sent: Sent, provider: FakeProvider) -> None:
    provider.refused.update(dict.fromkeys((A, B), "inactive"))
    job = sent(A, B)
    run_parts(lane="bulk")
    assert set(states().values()) == {"refused"}
    assert provider.caught == []
    job.refresh_from_db()
    assert job.state == JobState.FAILED or job.units_failed == 2


def test_part_done_twice_sends_nothing_twice(sent: Sent, provider: FakeProvider) -> None:
    job = sent()
    run_parts(lane="bulk")
    job.parts.filter(step="work").update(state=PartState.WAITING, ended_at=None)
    Job.objects.update(parts_open=1, units_done=0)
    try_again_now()
    assert provider.addresses == [A, B, C]


def test_worker_that_dies_during_the_call_leaves_its_mails_in_doubt(
    sent: Sent, provider: FakeProvider
) -> None:
    class Killed(BaseException):
        """The worker is gone in this instant."""

    job = sent()
    with mock.patch.object(conveying, "post", side_effect=Killed), pytest.raises(Killed):
        run_parts(lane="bulk")
    assert set(states().values()) == {"sending"}
    job.parts.filter(step="work").update(state=PartState.WAITING, leased_until=None)
    try_again_now()
    assert set(states().values()) == {"uncertain"}
    assert provider.calls == []
