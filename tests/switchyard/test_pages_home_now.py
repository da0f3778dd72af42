"""What home says of work: where each job stands, what waits for a person, and what ended."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from jobs import files
from jobs.models import Job, JobState, Part, PartState, Person, Role, School
from jobs.testing import be_present, make_person, make_school
from uploads.models import Upload, UploadState

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(client: Client) -> Person:
    person = make_person(school=make_school(name="Northfield University"))
    client.force_login(person)
    return person


def make_job(school: School, **given: Any) -> Job:
    fields = {"kind": "packets.build", "lane": "packets", "created_at": timezone.now(), **given}
    return Job.objects.create(school=school, key=str(uuid4()), **fields)


def make_part(job: Job, **given: Any) -> Part:
    fields = {"school": job.school, "lane": job.lane, "kind": job.kind, "ready_at": timezone.now(), **given}
    return Part.objects.create(job=job, **fields)


def make_upload(school: School, *, state: UploadState, name: str = "students.csv", **given: Any) -> Upload:
    file = files.store(school=school, name=name, media_type="text/csv", content=ContentFile(b"a,b\n"))
    return Upload.objects.create(school=school, key=uuid4(), file=file, state=state, **given)


def words_of(client: Client, address: str = "/home/now/") -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", client.get(address).content.decode()).split())


def test_job_that_waits_says_why(client: Client, person: Person) -> None:
    make_part(make_job(person.school, title="Spring packet"))
    assert "No worker of the lane packets is present." in words_of(client)
    assert "not known yet: no worker is present" in words_of(client)


def test_job_behind_another_one_says_who_is_ahead(client: Client, person: Person) -> None:
    be_present()
    first, second = (make_job(person.school, kind="uploads.check", lane="mail") for _ in range(2))
    make_part(first)
    make_part(second)
    page = words_of(client)
    assert "1 other job of your school is ahead." in page
    assert "Yours is next" in page


def test_job_that_a_person_paused_expects_nothing(client: Client, person: Person) -> None:
    make_job(person.school, title="Spring packet", state=JobState.PAUSED)
    page = words_of(client)
    assert "It is paused. Resume it to let it go on" in page
    assert "not known yet" not in page


def test_job_whose_app_is_gone_is_still_listed(client: Client, person: Person) -> None:
    make_part(make_job(person.school, kind="gone.away", title="Old one"))
    assert "Old one" in words_of(client)


def test_trouble_is_told_with_its_reason(client: Client, person: Person) -> None:
    ended = {"ended_at": timezone.now(), "created_at": timezone.now()}
    problem = make_job(person.school, state=JobState.PROBLEMS, title="Spring packet", **ended)
    make_part(
        problem, state=PartState.FAILED, error="Page 3 of the résumé is broken.", ended_at=timezone.now()
    )
    page = words_of(client)
    assert "Done with problems Page 3 of the résumé is broken." in page
    assert page.count("Spring packet") == 1


def test_upload_that_waits_for_a_decision_is_told_of(client: Client, person: Person) -> None:
    make_upload(person.school, state=UploadState.CHECKED, new_rows=40, wrong_rows=2)
    make_upload(person.school, state=UploadState.MAPPING, name="odd.csv")
    make_upload(person.school, state=UploadState.IMPORTING, name="busy.csv")
    page = words_of(client)
    assert "Ready to import 40 rows can be imported; 2 rows cannot be used." in page
    assert "odd.csv Upload Columns to be chosen Say what its columns are" in page
    assert "busy.csv" not in page


def test_upload_of_which_nothing_can_be_imported_says_so(client: Client, person: Person) -> None:
    make_upload(person.school, state=UploadState.CHECKED, wrong_rows=1)
    assert "Nothing was imported; 1 row cannot be used. Correct what is wrong" in words_of(client)


def test_decisions_of_long_ago_and_of_others_are_not_told(client: Client, person: Person) -> None:
    make_upload(make_school(), state=UploadState.CHECKED, name="theirs.csv")
    old = make_upload(person.school, state=UploadState.CHECKED, name="old.csv")
    Upload.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=15))
    page = words_of(client)
    assert "theirs.csv" not in page
    assert "old.csv" not in page


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.OPS])
def test_who_decides_nothing_is_asked_nothing(client: Client, person: Person, role: Role) -> None:
    make_upload(person.school, state=UploadState.CHECKED)
    client.force_login(make_person(role=role, school=person.school if role == Role.AUDITOR else None))
    assert "students.csv" not in words_of(client)


def test_jobs_that_ended_are_listed_apart(client: Client, person: Person) -> None:
    make_job(person.school, title="Open one")
    make_job(person.school, title="Ended one", state=JobState.DONE, ended_at=timezone.now())
    under_way, _, ended = words_of(client).partition("Ended lately")
    assert ("Open one" in under_way, "Ended one" in under_way) == (True, False)
    assert ("Open one" in ended, "Ended one" in ended) == (False, True)


def test_home_says_when_there_are_more_jobs_than_it_lists(client: Client, person: Person) -> None:
    for number in range(11):
        make_job(person.school, title=f"Packet {number:02}")
    page = words_of(client)
    assert "More than 10 jobs of yours are under way." in page
    assert ("Packet 10" in page, "Packet 00" in page) == (True, False)


def test_home_costs_no_more_queries_for_more_ended_jobs_and_few_for_each_open_one(
    client: Client, person: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        make_part(make_job(person.school))
        make_job(person.school, state=JobState.DONE, ended_at=timezone.now())
        make_upload(person.school, state=UploadState.CHECKED)
    with django_assert_max_num_queries(18):
        client.get("/home/now/")


def test_part_of_home_that_is_still_the_same_is_not_sent_again(client: Client, person: Person) -> None:
    first = client.get("/home/now/")
    assert first["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    again = client.get("/home/now/", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    make_job(person.school, title="New one")
    assert client.get("/home/now/", headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_home_refreshes_itself(client: Client, person: Person) -> None:
    assert 'data-live hx-get="/home/now/"' in client.get("/").content.decode()
