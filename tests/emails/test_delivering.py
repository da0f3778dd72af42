"""Delivering: every recipient settled once, whatever the relay or the worker does."""

from dataclasses import replace
from random import Random
from typing import Any
from unittest import mock

import pytest
from django.utils import timezone

from emails import ledger
from emails.models import Mailing, Recipient, RecipientState
from emails.relay import Relay
from jobs.models import Job, JobState, PartState, School
from jobs.testing import let_time_come, run_parts
from tests.emails.people import A, B, C, Sent


def try_again_now() -> int:
    let_time_come()
    return run_parts(lane="bulk")


def states() -> dict[str, str]:
    return dict(Recipient.objects.values_list("address", "state"))


def test_each_student_gets_their_own_text(sent: Sent, relay: Any, school: School) -> None:
    job = sent(
        subject="{{ first_name }}, come",
        body="Dear {{ first_name }} {{ last_name }},\nclass of {{ graduation_year }}",
    )
    run_parts(lane="bulk")
    job.refresh_from_db()
    assert (job.state, job.units_total, job.units_done) == (JobState.DONE, 3, 3)
    assert [mail["Subject"] for _, mail in relay.caught] == ["Ana, come", "Bea, come", "Cem, come"]
    assert relay.caught[0][1].get_content().splitlines() == ["Dear Ana Öz,", "class of 2027"]
    assert relay.caught[0][1]["From"].addresses[0].display_name == school.name
    assert relay.caught[0][1]["Reply-To"] == "sam@northfield.example"
    ids = dict(Recipient.objects.values_list("address", "message_id"))
    assert {address: mail["Message-ID"] for address, mail in relay.caught} == ids


def test_attachments_arrive_byte_for_byte(sent: Sent, relay: Any) -> None:
    contents = {"map": Random(1).randbytes(1 << 20), "guide": b".\r\n" * 1000}
    sent(A, B, **contents)
    run_parts(lane="bulk")
    for _, mail in relay.caught:
        arrived = {part.get_filename(): part.get_payload(decode=True) for part in mail.iter_attachments()}
        assert arrived == {f"{name}.pdf": content for name, content in contents.items()}
    assert relay.connections == 1


def test_part_done_twice_sends_nothing_twice(sent: Sent, relay: Any) -> None:
    job = sent()
    run_parts(lane="bulk")
    job.parts.filter(step="work").update(state=PartState.WAITING, ended_at=None)
    Job.objects.update(parts_open=1, units_done=0)
    assert try_again_now() == 1
    assert relay.addresses == [A, B, C]
    job.refresh_from_db()
    assert job.units_done == 3


def test_refused_recipient_keeps_the_relays_words_and_the_rest_goes_on(sent: Sent, relay: Any) -> None:
    relay.refused[B] = "550 5.1.1 no such user"
    job = sent()
    run_parts(lane="bulk")
    job.refresh_from_db()
    assert (job.state, job.units_done, job.units_failed) == (JobState.PROBLEMS, 2, 1)
    assert states() == {A: "accepted", B: "refused", C: "accepted"}
    assert Recipient.objects.get(address=B).relay_words == "550 5.1.1 no such user"


def test_recipient_put_off_is_tried_again_alone(sent: Sent, relay: Any) -> None:
    relay.refused[B] = "451 greylisted"
    sent()
    run_parts(lane="bulk")
    assert states() == {A: "accepted", B: "waiting", C: "accepted"}
    assert Recipient.objects.get(address=B).relay_words == "451 greylisted"
    relay.refused.clear()
    try_again_now()
    assert relay.addresses == [A, C, B]
    assert set(states().values()) == {"accepted"}


def test_recipient_put_off_to_the_end_is_not_sent(sent: Sent, relay: Any) -> None:
    relay.refused[B] = "451 greylisted"
    job = sent()
    run_parts(lane="bulk")
    while try_again_now():
        pass
    job.refresh_from_db()
    assert (job.state, job.units_done, job.units_failed) == (JobState.PROBLEMS, 2, 1)
    assert states()[B] == "waiting"


def test_relay_that_is_away_loses_nothing(sent: Sent, no_relay: None) -> None:
    job = sent()
    run_parts(lane="bulk")
    assert set(states().values()) == {"waiting"}
    [part] = job.parts.filter(step="work")
    assert part.state == PartState.DELAYED
    assert "does not answer" in part.error


def test_connection_lost_before_the_dot_is_tried_again(sent: Sent, relay: Any) -> None:
    relay.drops_at_rcpt.add(B)
    sent()
    run_parts(lane="bulk")
    assert states() == {A: "accepted", B: "waiting", C: "accepted"}
    relay.drops_at_rcpt.clear()
    try_again_now()
    assert relay.addresses == [A, C, B]


def test_relay_that_keeps_breaking_connections_is_left_alone_for_a_while(sent: Sent, relay: Any) -> None:
    relay.drops_at_rcpt.update({A, B, C})
    sent(A, B, C, "dee@x.example")
    run_parts(lane="bulk")
    assert set(states().values()) == {"waiting"}
    assert relay.caught == []


def test_connection_lost_after_the_dot_is_uncertain_and_never_sent_again(sent: Sent, relay: Any) -> None:
    relay.drops_after_dot.add(B)
    job = sent()
    run_parts(lane="bulk")
    assert states() == {A: "accepted", B: "uncertain", C: "accepted"}
    job.refresh_from_db()
    assert (job.state, job.units_done, job.units_failed) == (JobState.PROBLEMS, 2, 1)
    assert try_again_now() == 0
    assert relay.addresses == [A, B, C]


def test_row_left_by_a_dead_worker_becomes_uncertain(sent: Sent, relay: Any) -> None:
    class Killed(BaseException):
        """The worker is gone in this instant."""

    def die(*_: Any, **__: Any) -> str:
        raise Killed

    job = sent()
    with mock.patch.object(Relay, "hand_over", die), pytest.raises(Killed):
        run_parts(lane="bulk")
    assert states() == {A: "sending", B: "waiting", C: "waiting"}
    job.parts.filter(step="work").update(state=PartState.WAITING, leased_until=None)
    try_again_now()
    assert states() == {A: "uncertain", B: "accepted", C: "accepted"}
    assert relay.addresses == [B, C]


def test_answer_that_comes_late_settles_the_doubt(sent: Sent, relay: Any) -> None:
    sent()
    run_parts(lane="bulk")
    recipient = Recipient.objects.get(address=A)
    Recipient.objects.filter(pk=recipient.pk).update(state=RecipientState.UNCERTAIN, accepted_at=None)
    assert recipient.accept(now=timezone.now(), words="250 OK")
    assert not recipient.doubt(words="too late")
    assert not recipient.take()


def test_sender_that_the_relay_refuses_fails_the_mailing_with_its_words(sent: Sent, relay: Any) -> None:
    relay.sender_reply = "553 not your domain"
    job = sent()
    run_parts(lane="bulk")
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "553 not your domain" in job.error
    assert set(states().values()) == {"waiting"}


def test_mailing_waits_for_a_relay_that_wants_a_sign_in_and_loses_nothing(sent: Sent, relay: Any) -> None:
    relay.sender_reply = "530 5.7.0 Authentication required"
    job = sent()
    run_parts(lane="bulk")
    assert set(states().values()) == {"waiting"}
    assert "530 5.7.0 Authentication required" in job.parts.get(step="work").error
    relay.sender_reply = ""
    let_time_come()
    run_parts(lane="bulk")
    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert relay.addresses == [A, B, C]


def test_address_that_is_none_when_its_turn_comes_is_refused_without_asking_the_relay(
    sent: Sent, relay: Any, students: Any, school: School
) -> None:
    sent(A, B, C)
    kept = students.by_school[school.pk]
    kept[1] = replace(kept[1], email="no address")
    run_parts(lane="bulk")
    assert states() == {A: "accepted", "no address": "refused", C: "accepted"}


def test_many_recipients_are_cut_into_parts(sent: Sent, relay: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "PART_RECIPIENTS", 20)
    job = sent(*(f"s{number}@x.example" for number in range(45)))
    run_parts(lane="bulk")
    job.refresh_from_db()
    assert sorted(job.parts.filter(step="work").values_list("units", flat=True)) == [5, 20, 20]
    assert (job.state, job.units_done) == (JobState.DONE, 45)
    assert len(set(relay.addresses)) == len(relay.addresses) == 45


@pytest.mark.parametrize(("megabytes", "recipients"), [(0, 200), (1, 47), (5, 9), (100, 1)])
def test_large_files_make_small_parts(megabytes: int, recipients: int) -> None:
    assert ledger.part_size(Mailing(), attached_bytes=megabytes << 20) == recipients


def test_part_that_takes_too_long_goes_on_at_its_next_turn(sent: Sent, relay: Any, settings: Any) -> None:
    lanes = settings.SWITCHYARD["lanes"]
    bulk = {**lanes["bulk"], "part_seconds": 0.001}
    settings.SWITCHYARD = {**settings.SWITCHYARD, "lanes": {**lanes, "bulk": bulk}}
    everybody = [f"student-{number}@x.example" for number in range(5)]
    job = sent(*everybody)
    turns = run_parts(lane="bulk")
    job.refresh_from_db()
    assert turns > job.parts.count(), "no part had more than one turn"
    assert (job.state, job.units_done) == (JobState.DONE, 5)
    assert sorted(relay.addresses) == everybody
