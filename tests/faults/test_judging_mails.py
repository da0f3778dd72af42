"""The judge of mails: a mail or a code that is missing, double or misled does not escape it."""

from collections import Counter
from uuid import uuid4

import pytest
from django.utils import timezone

from emails import codes
from emails.models import Code, CodeState, Mailing, Recipient
from jobs.models import Job, JobState, Person
from jobs.submission import submit
from jobs.testing import make_person
from packets.models import Delivery, Disclosure, Packet
from tests.faults.mails_outside import judge_mails
from tests.faults.verdict import Verdict

pytestmark = pytest.mark.django_db
ADDRESS = "someone@school.example"
JUDGED = [
    ("accepted", 1, 0, 0),
    ("accepted", 0, 1, 0),
    ("accepted", 2, 0, 1),
    ("uncertain", 0, 0, 0),
    ("uncertain", 1, 0, 0),
    ("uncertain", 2, 0, 1),
    ("refused", 1, 0, 1),
]
"""State, mails that arrived, lost, doubled: of recipients and of deliveries alike."""


@pytest.fixture
def person() -> Person:
    return make_person()


def recipient(person: Person, state: str) -> Recipient:
    """Make one whose mailing is done."""
    mailing = Mailing.objects.create(school=person.school, subject="S", body="B", created_by=person)
    job = submit(
        kind="emails.mailing", school=mailing.school, by=person, arguments={"mailing": mailing.pk}, key=state
    )
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE, ended_at=timezone.now())
    Mailing.objects.filter(pk=mailing.pk).update(job=job)
    return Recipient.objects.create(
        mailing=mailing,
        school=mailing.school,
        student_id=1,
        name="Someone",
        address=ADDRESS,
        message_id="<one>",
        state=state,
        accepted_at=timezone.now() if state == "accepted" else None,
    )


def verdict_on(arrived: dict[tuple[str, str], int], promised: dict[str, int] | None = None) -> Verdict:
    verdict = Verdict()
    judge_mails(verdict, arrived=Counter(arrived), promised_codes=promised or {})
    return verdict


def found(verdict: Verdict) -> tuple[int, int, int]:
    return len(verdict.lost), len(verdict.doubled), len(verdict.wrong)


@pytest.mark.parametrize(
    ("state", "mails", "lost", "doubled"),
    [*JUDGED, ("waiting", 0, 1, 0)],
)
def test_recipient_has_the_mails_that_the_ledger_says(
    person: Person, state: str, mails: int, lost: int, doubled: int
) -> None:
    recipient(person, state)
    verdict = verdict_on({("<one>", ADDRESS): mails} if mails else {})
    assert found(verdict) == (lost, doubled, 0)
    assert verdict.uncertain == (state == "uncertain")


def test_mail_to_another_address_is_lost_to_the_one_and_wrong_for_the_other(person: Person) -> None:
    recipient(person, "accepted")
    assert found(verdict_on({("<one>", "another@school.example"): 1})) == (1, 0, 1)


def delivery(person: Person, state: str) -> Delivery:
    """Make one of a packet."""
    assert person.school is not None
    packet = Packet.objects.create(
        school=person.school, key="one", title="Fair", document_types=["resume"], created_at=timezone.now()
    )
    return Delivery.objects.create(
        school=person.school,
        packet=packet,
        form_key=uuid4(),
        name="Employer",
        email=ADDRESS,
        message_id="<one>",
        state=state,
    )


def record(person: Person, way: str) -> None:
    """Write down that the employer got a packet."""
    assert person.school is not None
    Disclosure.objects.create(
        school=person.school, at=timezone.now(), way=way, packet_number=1, name="Employer", email=ADDRESS
    )


@pytest.mark.parametrize(
    ("state", "mails", "lost", "doubled"),
    [*JUDGED, ("waiting", 1, 0, 1)],
)
def test_delivery_of_a_packet_has_the_mails_that_its_state_says(
    person: Person, state: str, mails: int, lost: int, doubled: int
) -> None:
    delivery(person, state)
    if state in {"accepted", "uncertain"}:
        record(person, {"accepted": "mailed-file", "uncertain": "uncertain-file"}[state])
    verdict = verdict_on({("<one>", ADDRESS): mails} if mails else {})
    assert found(verdict) == (lost, doubled, 0)
    assert verdict.uncertain == (state == "uncertain")


@pytest.mark.parametrize("times", [0, 2])
def test_delivery_that_is_not_written_down_once_is_wrong(person: Person, times: int) -> None:
    delivery(person, "accepted")
    for _ in range(times):
        record(person, "mailed-file")
    assert found(verdict_on({("<one>", ADDRESS): 1})) == (0, 0, 1)


def test_mail_that_nobody_asked_for_is_wrong() -> None:
    assert found(verdict_on({("<stray>", ADDRESS): 1})) == (0, 0, 1)


def send_code(person: Person, *, state: str) -> Code:
    """Ask for a code and let its job be done, the code in `state`."""
    now = timezone.now()
    job = codes.request_code(person=person, now=now)
    Job.objects.filter(pk=job.pk).update(state=JobState.DONE, ended_at=now)
    sent = {"sent_at": now, "expires_at": now, "hash": "x"} if state == CodeState.SENT else {}
    newest = Code.objects.filter(pk=job.arguments["code"])
    newest.update(state=state, **sent)
    return newest.get()


def test_code_that_arrived_twice_is_counted_and_no_complaint(person: Person) -> None:
    send_code(person, state=CodeState.SENT)
    verdict = verdict_on({("<1>", person.email): 1, ("<2>", person.email): 1}, {person.email: 1})
    assert (verdict.complaints, verdict.repeated, verdict.compared["codes"]) == ([], 1, 2)


def test_code_that_was_sent_and_did_not_arrive_is_lost(person: Person) -> None:
    send_code(person, state=CodeState.SENT)
    assert found(verdict_on({}, {person.email: 1})) == (1, 0, 0)


def test_code_that_a_page_promised_and_no_job_sends_is_lost(person: Person) -> None:
    send_code(person, state=CodeState.SENT)
    assert found(verdict_on({("<1>", person.email): 1}, {person.email: 2})) == (1, 0, 0)


def test_newest_code_that_never_left_is_lost_though_its_job_is_done(person: Person) -> None:
    send_code(person, state=CodeState.WAITING)
    assert found(verdict_on({}, {person.email: 1})) == (1, 0, 0)
