"""A mailing tried again by a click: those who were refused, and nobody who accepted."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from emails import ledger, reviving, sending
from emails.models import Mailing, Recipient, RecipientState
from jobs import counting, lifecycle
from jobs.claiming import claim
from jobs.lifecycle import CannotChange, OnlyUncertain
from jobs.models import Job, JobState, Part, PartState, Person, School, Step
from jobs.reviving import can_be_retried
from jobs.settings import switchyard
from jobs.testing import let_time_come, make_person, make_school, run_parts

A, B, C, D = "ana@x.example", "bea@x.example", "cem@x.example", "dee@x.example"
Sent = Callable[..., Job]


@pytest.fixture
def sent(school: School, author: Person, students: Any, monkeypatch: pytest.MonkeyPatch) -> Sent:
    """Submit a mailing to four addresses in parts of two, and do it to its end."""
    monkeypatch.setattr(ledger, "PART_RECIPIENTS", 2)

    def send() -> Job:
        students.add(school, A, B, C, D)
        mailing = Mailing.objects.create(school=school, created_by=author, subject="Fair", body="Hi")
        job = sending.send(mailing=mailing, by=author, confirmed=4)
        run_to_the_end(job)
        return job

    return send


def run_to_the_end(job: Job) -> None:
    while run_parts(lane="bulk") or let_time_come():
        pass
    job.refresh_from_db()


def retry(job: Job) -> None:
    lifecycle.retry(job, by=None)
    run_to_the_end(job)


def states() -> dict[str, str]:
    return dict(Recipient.objects.values_list("address", "state"))


def figures(job: Job) -> tuple[str, int, int, int]:
    return job.state, job.units_total, job.units_done, job.units_failed


def test_refused_recipients_get_it_and_nobody_gets_it_twice(sent: Sent, relay: Any) -> None:
    relay.refused.update({B: "550 no", C: "550 no"})
    job = sent()
    assert figures(job) == (JobState.PROBLEMS, 4, 2, 2)
    ids = dict(Recipient.objects.values_list("address", "message_id"))
    relay.refused.clear()
    retry(job)
    assert relay.addresses == [A, D, B, C]
    assert figures(job) == (JobState.DONE, 4, 4, 0)
    assert {address: mail["Message-ID"] for address, mail in relay.caught} == ids


def test_parts_of_a_retry_name_their_recipients(sent: Sent, relay: Any) -> None:
    relay.refused.update({A: "550 no", D: "550 no"})
    job = sent()
    lifecycle.retry(job, by=None)
    [part] = job.parts.filter(state=PartState.WAITING)
    named = Recipient.objects.filter(address__in=[A, D]).values_list("pk", flat=True)
    assert (part.units, sorted(part.arguments["ids"])) == (2, sorted(named))


def test_recipients_refused_again_can_be_tried_once_more(sent: Sent, relay: Any) -> None:
    relay.refused.update({B: "550 no", C: "550 no"})
    job = sent()
    relay.refused.pop(B)
    retry(job)
    assert figures(job) == (JobState.PROBLEMS, 4, 3, 1)
    relay.refused.clear()
    retry(job)
    assert figures(job) == (JobState.DONE, 4, 4, 0)
    assert sorted(relay.addresses) == [A, B, C, D]


def test_part_that_failed_is_offered_as_it_is_and_holds_its_refused_recipients(
    sent: Sent, relay: Any
) -> None:
    relay.refused.update({A: "550 no", B: "451 later", C: "550 no"})
    job = sent()
    assert states() == {A: "refused", B: "waiting", C: "refused", D: "accepted"}
    assert figures(job) == (JobState.PROBLEMS, 4, 1, 3)
    relay.refused.clear()
    retry(job)
    assert figures(job) == (JobState.DONE, 4, 4, 0)
    assert sorted(relay.addresses) == [A, B, C, D]
    assert job.parts.filter(step=Step.WORK).count() == 3


def test_part_of_a_retry_that_fails_is_offered_again_as_it_is(sent: Sent, relay: Any) -> None:
    relay.refused.update({B: "550 no", C: "550 no"})
    job = sent()
    relay.refused.update({B: "451 later"})
    retry(job)
    assert figures(job) == (JobState.PROBLEMS, 4, 2, 2)
    relay.refused.clear()
    retry(job)
    assert figures(job) == (JobState.DONE, 4, 4, 0)
    assert sorted(relay.addresses) == [A, B, C, D]


def test_retry_of_a_stopped_mailing_tells_at_once_what_is_done(
    school: School, author: Person, students: Any, relay: Any
) -> None:
    students.add(school, A, B, C, D)
    mailing = Mailing.objects.create(school=school, created_by=author, subject="Fair", body="Hi")
    job = sending.send(mailing=mailing, by=author, confirmed=4)
    relay.refused[D] = "451 later"
    run_parts(lane="bulk")
    Part.objects.update(units_done=0)  # what a worker did last, it may not have reported
    lifecycle.stop(job, by=author)
    lifecycle.retry(job, by=author)
    assert [counting.count([job], exactly=exactly)[job.pk].units.done for exactly in (True, False)] == [3, 3]
    relay.refused.clear()
    run_to_the_end(job)
    assert figures(job) == (JobState.DONE, 4, 4, 0)


def test_what_is_done_of_many_parts_is_asked_for_at_once(
    school: School,
    author: Person,
    students: Any,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    monkeypatch.setattr(ledger, "PART_RECIPIENTS", 1)
    students.add(school, A, B, C, D)
    mailing = Mailing.objects.create(school=school, created_by=author, subject="Fair", body="Hi")
    sending.send(mailing=mailing, by=author, confirmed=4)
    mailing.refresh_from_db()
    ledger.write_ledger(mailing)
    taken = mailing.recipients.filter(address__in=[A, C])
    taken.update(state=RecipientState.ACCEPTED, accepted_at=timezone.now())
    everyone = {"ids": list(mailing.recipients.values_list("pk", flat=True))}
    arguments = [*(plan.arguments for plan in ledger.plans(mailing)), everyone]
    parts = [Part(pk=pk, step=Step.WORK, attempt=1, arguments=each) for pk, each in enumerate(arguments)]
    with django_assert_num_queries(1):
        assert reviving.done_before(mailing, parts) == {0: 1, 2: 1, 4: 2}
    assert reviving.done_before(mailing, []) == {}


def test_uncertain_recipients_are_left_alone_unless_a_person_says_so(
    sent: Sent, relay: Any, author: Person
) -> None:
    relay.drops_after_dot.add(B)
    job = sent()
    assert not can_be_retried(job)
    with pytest.raises(CannotChange):
        lifecycle.retry(job, by=author)
    relay.drops_after_dot.clear()
    reviving.decide(mailing=job.mailing, by=author, resend_uncertain=True)
    assert can_be_retried(job)
    retry(job)
    assert relay.addresses == [A, B, C, D, B]
    assert figures(job) == (JobState.DONE, 4, 4, 0)
    told = job.events.filter(what="decided").get()
    assert (told.by, "sent to again" in told.why) == (author, True)


def test_retry_says_that_uncertain_recipients_want_a_word_of_their_own(
    sent: Sent, relay: Any, author: Person
) -> None:
    relay.drops_after_dot.add(B)
    job = sent()
    with pytest.raises(OnlyUncertain, match="1 of its mails are uncertain"):
        lifecycle.retry(job, by=author)
    relay.drops_after_dot.clear()
    lifecycle.retry(job, by=author, uncertain=True)
    run_to_the_end(job)
    assert relay.addresses == [A, B, C, D, B]
    told = job.events.filter(what="decided").get()
    assert (told.by, "sent to again" in told.why) == (author, True)


def test_word_about_uncertain_recipients_holds_for_one_retry(sent: Sent, relay: Any) -> None:
    relay.drops_after_dot.add(B)
    job = sent()
    lifecycle.retry(job, by=None, uncertain=True)
    run_to_the_end(job)
    assert states()[B] == "uncertain"
    assert not can_be_retried(job)
    with pytest.raises(OnlyUncertain):
        lifecycle.retry(job, by=None)


def test_retry_that_is_refused_keeps_no_word(sent: Sent, relay: Any) -> None:
    job = sent()
    with pytest.raises(CannotChange):
        lifecycle.retry(job, by=None, uncertain=True)
    job.mailing.refresh_from_db()
    assert not job.mailing.resend_uncertain


def test_recipients_of_a_part_at_work_are_left_to_it(sent: Sent, relay: Any) -> None:
    relay.refused.update({A: "550 no", C: "550 no"})
    job = sent()
    first, _ = job.parts.filter(step=Step.WORK).order_by("id")
    job.parts.filter(pk=first.pk).update(state=PartState.WAITING, ended_at=None)
    assert claim(lane=switchyard().lanes["bulk"], worker="slow", now=first.ready_at) is not None
    lifecycle.retry(job, by=None)
    assert states() == {A: "refused", B: "accepted", C: "waiting", D: "accepted"}


def test_mailing_that_all_accepted_cannot_be_retried(sent: Sent, relay: Any) -> None:
    job = sent()
    assert not can_be_retried(job)
    with pytest.raises(CannotChange):
        lifecycle.retry(job, by=None)


def test_choice_about_uncertain_recipients_is_on_the_job_page(
    client: Client, sent: Sent, relay: Any, author: Person
) -> None:
    relay.drops_after_dot.add(B)
    job = sent()
    client.force_login(author)
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "do not know whether it arrived" in page
    assert "Try again what failed" not in page
    address = f"/mailings/{job.mailing.pk}/uncertain/"
    assert f'action="{address}"' in page
    answer = client.post(address, {"resend_uncertain": "on"}, follow=True).content.decode()
    assert "Try again what failed" in answer
    client.post(address)
    job.mailing.refresh_from_db()
    assert not job.mailing.resend_uncertain


def test_choice_about_another_schools_mailing_answers_404(client: Client, sent: Sent, relay: Any) -> None:
    job = sent()
    client.force_login(make_person(school=make_school()))
    address = f"/mailings/{job.mailing.pk}/uncertain/"
    assert client.post(address, {"resend_uncertain": "on"}).status_code == 404
    assert client.get(address).status_code == 405


def test_job_page_of_a_mailing_costs_the_same_queries_whatever_went_wrong(
    client: Client,
    sent: Sent,
    relay: Any,
    author: Person,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    relay.refused.update({A: "550 no", B: "451 later", C: "550 no"})
    job = sent()
    client.force_login(author)
    with django_assert_max_num_queries(22):
        client.get(f"/jobs/{job.pk}/")


def test_waiting_recipient_is_not_revived(sent: Sent, relay: Any) -> None:
    relay.refused[B] = "451 later"
    job = sent()
    assert Recipient.objects.get(address=B).state == RecipientState.WAITING
    assert not reviving.revivable(job.mailing).exists()
    assert can_be_retried(job)
