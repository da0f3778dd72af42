"""The jobs pages: what a school sees of its jobs, and nothing of another's."""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from jobs import files, histories
from jobs.models import Job, JobState, Person, Role, School, StoredFile
from jobs.registry import kinds
from jobs.testing import make_person, make_school

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("steps")]


def make_job(*, school: School, **given: Any) -> Job:
    fields = {"kind": "tests.steps", "lane": "mail", "title": "Autumn fair", "created_at": timezone.now()}
    return Job.objects.create(school=school, key=f"key-{Job.objects.count()}", **{**fields, **given})


@pytest.fixture
def person(client: Client) -> Person:
    person = make_person(school=make_school(name="Northfield University"))
    client.force_login(person)
    return person


def test_job_page_shows_units_and_refreshes_itself(client: Client, person: Person) -> None:
    job = make_job(school=person.school, units_total=400, units_done=100)
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "<h1>Autumn fair</h1>" in page
    assert 'value="25"' in page
    assert f'hx-get="/jobs/{job.pk}/standing/?state=waiting&amp;troubles=0"' in page


def test_ended_job_no_longer_refreshes_itself(client: Client, person: Person) -> None:
    job = make_job(school=person.school, state=JobState.DONE, ended_at=timezone.now())
    assert "hx-get" not in client.get(f"/jobs/{job.pk}/").content.decode()
    standing = client.get(f"/jobs/{job.pk}/standing/?state=working")
    assert "hx-get" not in standing.content.decode()
    assert standing["HX-Trigger"] == "job-changed"


def test_change_of_state_is_said_once_to_screen_readers(client: Client, person: Person) -> None:
    job = make_job(school=person.school, state=JobState.WORKING)
    address = f"/jobs/{job.pk}/standing/"
    assert 'id="state-said"' in client.get(address, {"state": "waiting"}).content.decode()
    assert 'id="state-said"' not in client.get(address, {"state": "working"}).content.decode()


def test_job_that_begins_while_its_page_is_read_is_told_as_of_one_moment(
    client: Client, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job(school=person.school)
    history_of = histories.history_of

    def begin_first(job: Job, **pages: Any) -> histories.History:
        Job.objects.update(state=JobState.WORKING)
        return history_of(job, **pages)

    monkeypatch.setattr(histories, "history_of", begin_first)
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert '<span class="badge waiting">' in page
    assert "state=waiting&amp;" in page


def test_job_that_needs_attention_says_why(client: Client, person: Person) -> None:
    job = make_job(
        school=person.school, state=JobState.FAILED, ended_at=timezone.now(), error="The relay refused it."
    )
    assert "The relay refused it." in client.get(f"/jobs/{job.pk}/").content.decode()


@pytest.mark.parametrize("part", ["", "standing/", "results/"])
def test_job_of_another_school_answers_404(client: Client, person: Person, part: str) -> None:
    job = make_job(school=make_school(name="Lakeside College"))
    assert client.get(f"/jobs/{job.pk}/{part}").status_code == 404


def test_job_page_costs_few_queries(
    client: Client, person: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    job = make_job(school=person.school, units_total=400)
    with django_assert_max_num_queries(15):
        client.get(f"/jobs/{job.pk}/")
    with django_assert_max_num_queries(9):
        client.get(f"/jobs/{job.pk}/standing/")


def stored(school: School, *, name: str = "packet.pdf", job: Job | None = None) -> StoredFile:
    content = ContentFile(b"%PDF-1.7 a packet")
    return files.store(school=school, name=name, media_type="application/pdf", content=content, job=job)


def test_result_is_offered_and_arrives_under_its_name(client: Client, person: Person) -> None:
    job = make_job(school=person.school, state=JobState.DONE, ended_at=timezone.now())
    result = stored(person.school, name='Résumés "2027".pdf', job=job)
    assert f"/files/{result.pk}/" in client.get(f"/jobs/{job.pk}/").content.decode()
    response = client.get(f"/files/{result.pk}/")
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''R%C3%A9sum%C3%A9s")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert b"".join(response.streaming_content) == b"%PDF-1.7 a packet"


def test_file_of_another_school_answers_404(client: Client, person: Person) -> None:
    other = stored(make_school(name="Lakeside College"))
    assert client.get(f"/files/{other.pk}/").status_code == 404


@pytest.mark.parametrize("role", [Role.OPS, Role.ADMIN])
def test_ops_see_that_a_result_is_there_and_cannot_download_it(client: Client, role: str) -> None:
    school = make_school(name="Lakeside College")
    job = make_job(school=school, state=JobState.DONE, ended_at=timezone.now())
    result = stored(school, job=job)
    client.force_login(make_person(role=role))
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "packet.pdf" in page
    assert "/files/" not in page
    assert client.get(f"/files/{result.pk}/").status_code == 404


def test_admin_of_one_school_gets_no_file_of_another(client: Client) -> None:
    client.force_login(make_person(role=Role.ADMIN, school=make_school(name="Northfield University")))
    other = stored(make_school(name="Lakeside College"))
    assert client.get(f"/files/{other.pk}/").status_code == 404


def test_strangers_get_no_file(client: Client) -> None:
    response = client.get("/files/1/")
    assert response["Location"] == "/sign-in/?next=/files/1/"


def test_list_filters_by_state_and_kind(client: Client, person: Person) -> None:
    make_job(school=person.school, title="Waiting one")
    make_job(school=person.school, title="Done one", state=JobState.DONE, ended_at=timezone.now())
    page = client.get("/jobs/", {"state": "done"}).content.decode()
    assert "Done one" in page
    assert "Waiting one" not in page
    other_kind = next(kind.name for kind in kinds() if kind.is_on_home and kind.name != "tests.steps")
    assert "No job fits" in client.get("/jobs/", {"kind": other_kind}).content.decode()


def test_filter_that_is_no_choice_is_left_out(client: Client, person: Person) -> None:
    make_job(school=person.school)
    assert "Autumn fair" in client.get("/jobs/", {"state": "nonsense", "page": "x"}).content.decode()


def test_long_list_has_pages_and_keeps_the_filter(
    client: Client, person: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        make_job(school=person.school, title=f"Job {number}")
    with django_assert_max_num_queries(10):
        page = client.get("/jobs/", {"state": "waiting"}).content.decode()
    assert "Page 1 of 2" in page
    assert 'href="?state=waiting&amp;page=2"' in page


def test_list_shows_only_the_own_school(client: Client, person: Person) -> None:
    make_job(school=make_school(name="Lakeside College"), title="Not ours")
    page = client.get("/jobs/").content.decode()
    assert "Not ours" not in page
    assert "Lakeside" not in page


def test_ops_see_the_jobs_of_every_school(client: Client) -> None:
    client.force_login(make_person(role=Role.OPS))
    make_job(school=make_school(name="Lakeside College"))
    page = client.get("/jobs/").content.decode()
    assert "Lakeside College" in page
