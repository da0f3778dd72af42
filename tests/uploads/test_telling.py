"""Mails about uploads: to who handed the file in, once for each outcome, and never twice."""

from collections.abc import Callable

from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from jobs import notifying
from jobs.models import Job, JobState, MailChoice, Person
from jobs.retries import MayBeDone, TemporaryFailure
from jobs.testing import let_time_come, run_parts
from tests.uploads.offices import Office
from uploads.correcting import Typed, correct_cells
from uploads.importing import begin_import
from uploads.models import Summary, Upload
from uploads.telling import tell

HandIn = Callable[..., Upload]
FILE = "number,first name,last name,email\n0017,Maya,Lee,maya@school.example\n0018,Ana,Cruz,ana\n"


def test_who_wants_it_is_told_of_the_check_and_of_the_import(
    hand_in: HandIn, office: Office, person: Person, settings: Settings
) -> None:
    settings.SITE_URL = "https://careers.example"
    upload = hand_in(FILE, wants_mail=True)
    run_parts(lane="mail")
    [letter] = office.sent
    assert (letter.address, letter.name) == (person.email, person.name)
    assert letter.subject == "students.csv: it is checked, and waits to be imported."
    assert "        1 new\n" in letter.text
    assert "1 \u00d7 email: It is not an e-mail address." in letter.text
    assert f"https://careers.example/uploads/{upload.pk}/" in letter.text
    assert "maya@school.example" not in letter.text
    begin_import(upload=upload, by=person)
    run_parts(lane="uploads")
    run_parts(lane="mail")
    assert [letter.subject for letter in office.sent][1:] == ["students.csv: it is imported."]


def test_a_file_that_cannot_be_read_is_told_of(hand_in: HandIn, office: Office) -> None:
    hand_in(FILE + '0099,"Ana', wants_mail=True)
    run_parts(lane="mail")
    assert "Row 4 cannot be read" in office.sent[0].text


def test_who_did_not_ask_is_not_told(hand_in: HandIn, office: Office) -> None:
    hand_in(FILE)
    assert not Summary.objects.exists()
    assert not Job.objects.filter(kind="uploads.tell").exists()


def test_the_same_outcome_is_told_once(hand_in: HandIn, office: Office) -> None:
    upload = hand_in(FILE, wants_mail=True)
    first, second = tell(upload), tell(upload)
    assert first == second
    run_parts(lane="mail")
    assert len(office.sent) == 1


def test_corrections_that_are_checked_again_are_not_told_of(
    hand_in_odd: HandIn, office: Office, person: Person
) -> None:
    upload = hand_in_odd(FILE, wants_mail=True)
    typed = [Typed(row=3, place=3, was="ana", now="ana@school.example")]
    correct_cells(upload=upload, typed=typed, by=person, now=timezone.now())
    run_parts(lane="uploads")
    run_parts(lane="mail")
    assert len(office.sent) == 1


def test_a_relay_that_is_away_gets_the_mail_later(hand_in: HandIn, office: Office) -> None:
    office.errors = [TemporaryFailure("The relay does not answer.")]
    hand_in(FILE, wants_mail=True)
    run_parts(lane="mail")
    assert office.sent == []
    let_time_come()
    run_parts(lane="mail")
    assert len(office.sent) == 1


def test_a_mail_that_may_have_arrived_is_not_sent_again(hand_in: HandIn, office: Office) -> None:
    office.errors = [MayBeDone("The connection was lost behind the last dot.")]
    hand_in(FILE, wants_mail=True)
    for _ in range(2):
        run_parts(lane="mail")
        let_time_come()
    job = Job.objects.get(kind="uploads.tell")
    assert (office.sent, job.state) == ([], JobState.FAILED)
    assert "Nobody knows whether this mail arrived" in job.error


def test_a_mail_whose_worker_died_is_not_sent_again(hand_in: HandIn, office: Office) -> None:
    hand_in(FILE, wants_mail=True)
    Summary.objects.update(begun_at="2027-03-01T02:00Z")
    run_parts(lane="mail")
    assert office.sent == []


def test_who_signs_in_no_more_is_not_told(hand_in: HandIn, office: Office, person: Person) -> None:
    hand_in(FILE, wants_mail=True)
    Person.objects.update(is_active=False)
    run_parts(lane="mail")
    assert office.sent == []
    upload = hand_in(FILE, wants_mail=True)
    assert tell(upload) is None


def test_who_is_mailed_of_an_upload_is_notified_of_it_without_a_mail(
    hand_in: HandIn, office: Office, person: Person
) -> None:
    Person.objects.update(mails=MailChoice.ALWAYS)
    person.refresh_from_db()
    hand_in(FILE, wants_mail=True)
    hand_in(FILE)
    notifying.hand_out(now=timezone.now())
    run_parts(lane="mail")
    assert [letter.subject for letter in office.sent] == [
        "students.csv: it is checked, and waits to be imported.",
        "“Check of students.csv” is done",
    ]
    person.refresh_from_db()
    assert person.unread == 2


def test_the_form_offers_it(client: Client, person: Person) -> None:
    client.force_login(person)
    assert "Mail me once it is checked" in client.get("/uploads/new/").content.decode()
