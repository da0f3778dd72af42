"""People are told when what they asked for has ended: once for each end, on the pages and by mail."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from jobs import letters, lifecycle, notifying
from jobs.models import Job, JobState, MailChoice, Notification, Person
from jobs.pruning import prune
from jobs.retries import MayBeDone, PermanentFailure, TemporaryFailure
from jobs.submission import submit
from jobs.testing import let_time_come, make_person, make_school, run_parts
from tests.uploads.offices import Office


@pytest.fixture
def office() -> Iterator[Office]:
    """What takes the letters in place of a mail relay."""
    office = Office()
    with mock.patch.object(letters, "_offered", [office]):
        yield office


@pytest.fixture
def person(steps: Any, client: Client) -> Person:
    """Somebody who is mailed of each end."""
    person = make_person(school=make_school(name="Northfield University"))
    Person.objects.update(mails=MailChoice.ALWAYS)
    person.refresh_from_db()
    client.force_login(person)
    return person


def ask(person: Person, *, key: str = "one", units: int = 3, **given: Any) -> Job:
    assert person.school is not None
    arguments = {"parts": [units]}
    fields = {"title": "Autumn fair", **given}
    return submit(kind="tests.steps", school=person.school, by=person, arguments=arguments, key=key, **fields)


def hand_out() -> None:
    notifying.hand_out(now=timezone.now())
    run_parts(lane="mail")


def unread(person: Person) -> int:
    person.refresh_from_db()
    return person.unread


def test_who_asked_is_told_of_the_end_once(person: Person, office: Office) -> None:
    job = ask(person)
    run_parts(lane="mail")
    hand_out()
    hand_out()
    [told] = Notification.objects.all()
    assert (told.person, told.job, told.state, unread(person)) == (person, job, JobState.DONE, 1)
    [letter] = office.sent
    assert (letter.address, letter.subject) == (person.email, "“Autumn fair” is done")
    assert "3 of 3 steps done." in letter.text


def test_mail_leads_to_the_job(person: Person, office: Office, settings: Settings) -> None:
    settings.SITE_URL = "https://careers.example"
    job = ask(person)
    run_parts(lane="mail")
    hand_out()
    assert f"See it: https://careers.example/jobs/{job.pk}/" in office.sent[0].text


def test_end_with_problems_and_failure_are_told(steps: Any, person: Person, office: Office) -> None:
    steps.errors = [PermanentFailure("The file is broken.")]
    ask(person)
    run_parts(lane="mail")
    hand_out()
    assert office.sent[0].subject == "“Autumn fair” needs attention"
    assert "The file is broken." in office.sent[0].text


def test_each_end_of_a_job_that_is_tried_again_is_told(steps: Any, person: Person, office: Office) -> None:
    steps.errors = [PermanentFailure("The file is broken.")]
    job = ask(person)
    run_parts(lane="mail")
    hand_out()
    lifecycle.retry(Job.objects.get(pk=job.pk), by=person)
    run_parts(lane="mail")
    hand_out()
    ends = [letter.subject.removeprefix("“Autumn fair” ") for letter in office.sent]
    assert ends == ["needs attention", "is done"]


def test_who_stops_a_job_is_not_told_and_who_asked_for_it_is(person: Person, office: Office) -> None:
    lifecycle.stop(ask(person, key="one"), by=person)
    assert not Notification.objects.exists()
    lifecycle.stop(ask(person, key="two"), by=make_person(school=person.school))
    assert Notification.objects.get().state == JobState.STOPPED


def test_programs_and_the_platform_are_told_nothing(steps: Any, person: Person) -> None:
    ask(person, program="payroll")
    steps.submit(person.school, 1, key="two")
    run_parts(lane="mail")
    assert not Notification.objects.exists()


@pytest.mark.parametrize(
    ("choice", "minutes", "mails"),
    [
        (MailChoice.LONG, 4, 0),
        (MailChoice.LONG, 6, 1),
        (MailChoice.NEVER, 6, 0),
        (MailChoice.ALWAYS, 0, 1),
    ],
)
def test_person_chooses_when_they_are_mailed(
    person: Person, office: Office, choice: MailChoice, minutes: int, mails: int
) -> None:
    Person.objects.filter(pk=person.pk).update(mails=choice)
    began = timezone.now()
    with time_machine.travel(began, tick=False) as clock:
        ask(person)
        clock.shift(timedelta(minutes=minutes))
        run_parts(lane="mail")
        hand_out()
    assert (len(office.sent), unread(person)) == (mails, 1)


def test_kind_that_mails_itself_is_not_mailed_of_twice(steps: Any, person: Person, office: Office) -> None:
    with mock.patch.object(type(steps), "mails_itself", return_value=True):
        ask(person)
        run_parts(lane="mail")
    hand_out()
    assert (office.sent, unread(person)) == ([], 1)


def test_relay_that_is_away_gets_the_mail_later(person: Person, office: Office) -> None:
    office.errors = [TemporaryFailure("The relay does not answer.")]
    ask(person)
    run_parts(lane="mail")
    hand_out()
    assert office.sent == []
    let_time_come()
    run_parts(lane="mail")
    assert len(office.sent) == 1


def test_mail_that_may_have_arrived_is_not_sent_again(person: Person, office: Office) -> None:
    office.errors = [MayBeDone("The connection was lost behind the last dot.")]
    ask(person)
    run_parts(lane="mail")
    hand_out()
    let_time_come()
    run_parts(lane="mail")
    mail_job = Job.objects.get(kind="people.tell")
    assert (office.sent, mail_job.state) == ([], JobState.FAILED)
    assert "Nobody knows whether this mail arrived" in mail_job.error


def test_who_can_sign_in_no_more_is_told_nothing(person: Person, office: Office) -> None:
    ask(person)
    Person.objects.update(is_active=False)
    run_parts(lane="mail")
    assert not Notification.objects.exists()


def test_end_that_a_person_saw_is_read_and_not_mailed(person: Person, client: Client, office: Office) -> None:
    Person.objects.update(mails=MailChoice.LONG)
    job = ask(person)
    run_parts(lane="mail")
    Notification.objects.update(wants_mail=True)
    client.get(f"/jobs/{job.pk}/standing/")
    hand_out()
    assert (office.sent, unread(person)) == ([], 0)


def test_bell_counts_what_is_unread_until_its_page_is_opened(person: Person, client: Client) -> None:
    job = ask(person)
    run_parts(lane="mail")
    notifying.hand_out(now=timezone.now())
    assert 'class="count">1<' in client.get("/jobs/").content.decode()
    told = Notification.objects.get()
    assert client.get(f"/notifications/{told.pk}/")["Location"] == f"/jobs/{job.pk}/"
    assert 'class="count"' not in client.get("/jobs/").content.decode()


def test_page_of_a_job_reads_what_is_told_of_it(person: Person, client: Client) -> None:
    jobs = [ask(person, key=key) for key in ("one", "two")]
    run_parts(lane="mail")
    notifying.hand_out(now=timezone.now())
    client.get(f"/jobs/{jobs[0].pk}/")
    assert unread(person) == 1


def test_list_says_what_became_of_it(person: Person, client: Client) -> None:
    ask(person)
    run_parts(lane="mail")
    notifying.hand_out(now=timezone.now())
    page = client.get("/notifications/").content.decode()
    assert "Autumn fair" in page
    assert "3 of 3" in page
    client.post("/notifications/read/")
    assert unread(person) == 0
    assert "New</span>" not in client.get("/notifications/").content.decode()


def test_nobody_sees_or_reads_what_others_are_told(person: Person, client: Client) -> None:
    ask(person)
    run_parts(lane="mail")
    notifying.hand_out(now=timezone.now())
    told = Notification.objects.get()
    for other in (make_person(), make_person(school=person.school)):
        client.force_login(other)
        assert client.get(f"/notifications/{told.pk}/").status_code == 404
        assert "Autumn fair" not in client.get("/notifications/").content.decode()
        client.post("/notifications/read/")
    assert unread(person) == 1


def test_choice_of_mails_is_kept_and_a_wrong_one_is_not(person: Person, client: Client) -> None:
    client.post("/notifications/mails/", {"mails": "never"})
    assert client.post("/notifications/mails/", {"mails": "hourly"}).status_code == 422
    person.refresh_from_db()
    assert person.mails == MailChoice.NEVER


def test_notifications_of_long_ago_are_pruned(person: Person) -> None:
    ask(person)
    run_parts(lane="mail")
    prune(now=timezone.now() + timedelta(days=80))
    assert Notification.objects.exists()
    prune(now=timezone.now() + timedelta(days=91))
    assert not Notification.objects.exists()


def test_what_is_pruned_is_unread_no_more(person: Person) -> None:
    for key in ("one", "two"):
        ask(person, key=key)
    run_parts(lane="mail")
    notifying.hand_out(now=timezone.now())
    assert unread(person) == 2
    prune(now=timezone.now() + timedelta(days=91))
    assert unread(person) == 0


def test_what_goes_with_its_job_is_unread_no_more(person: Person) -> None:
    job = ask(person)
    run_parts(lane="mail")
    notifying.hand_out(now=timezone.now())
    assert person.school is not None
    person.school.history_days = 1
    person.school.save()
    prune(now=timezone.now() + timedelta(days=2))
    assert not Job.objects.filter(pk=job.pk).exists()
    assert unread(person) == 0


def test_end_that_is_seen_before_it_is_counted_is_not_mailed(
    person: Person, client: Client, office: Office
) -> None:
    Person.objects.update(mails=MailChoice.LONG)
    job = ask(person)
    run_parts(lane="mail")
    Notification.objects.update(wants_mail=True)
    client.get(f"/jobs/{job.pk}/")
    hand_out()
    assert (office.sent, unread(person)) == ([], 0)
