"""Searching jobs on their page, by what a person remembers of them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from jobs import paging, searching
from jobs.models import Job, JobState, Person, Role, School
from jobs.searching import Search
from jobs.testing import make_person, make_school

pytestmark = pytest.mark.usefixtures("steps")
MAY = datetime(2027, 5, 20, 23, 59, 59, tzinfo=UTC)


def make_job(school: School, title: str, **given: Any) -> Job:
    fields = {"kind": "tests.steps", "lane": "mail", "created_at": MAY, **given}
    return Job.objects.create(school=school, key=f"key-{Job.objects.count()}", title=title, **fields)


@pytest.fixture
def person(client: Client) -> Person:
    person = make_person(school=make_school(name="Northfield University"))
    client.force_login(person)
    return person


def titles(client: Client, **chosen: Any) -> set[str]:
    page = client.get("/jobs/", chosen).content.decode()
    return {job.title for job in Job.objects.all() if f">{job.title}</a>" in page}


def test_text_is_found_in_titles_and_errors_in_capitals_or_not(client: Client, person: Person) -> None:
    make_job(person.school, "Autumn fair")
    make_job(person.school, "Upload", state=JobState.FAILED, ended_at=MAY, error="No column “fair_id”.")
    make_job(person.school, "Spring 100% packet")
    assert titles(client, text="FAIR") == {"Autumn fair", "Upload"}
    assert titles(client, text="100%") == {"Spring 100% packet"}
    assert titles(client, text="nowhere") == set()


def test_days_are_whole_days_and_both_count(client: Client, person: Person) -> None:
    make_job(person.school, "May")
    make_job(person.school, "June", created_at=datetime(2027, 6, 1, 0, 0, tzinfo=UTC))
    assert titles(client, since="2027-05-20", until="2027-05-20") == {"May"}
    assert titles(client, since="2027-05-21") == {"June"}
    assert titles(client, until="2027-06-01") == {"May", "June"}
    assert titles(client, until="2027-05-19") == set()
    assert titles(client, until="9999-12-31", since="0001-01-01") == {"May", "June"}


def test_person_who_asked_is_one_of_the_own_school(client: Client, person: Person) -> None:
    colleague, stranger = make_person(school=person.school), make_person(school=make_school())
    make_job(person.school, "Mine", submitted_by=person)
    make_job(person.school, "Theirs", submitted_by=colleague)
    assert titles(client, submitted_by=colleague.pk) == {"Theirs"}
    page = client.get("/jobs/").content.decode()
    assert f'<option value="{colleague.pk}">' in page
    assert f'<option value="{stranger.pk}">' not in page


def test_all_choices_hold_together(client: Client, person: Person) -> None:
    make_job(person.school, "Fair one", submitted_by=person)
    make_job(person.school, "Fair two", state=JobState.DONE, ended_at=MAY)
    assert titles(client, text="fair", state="waiting", submitted_by=person.pk) == {"Fair one"}


def test_what_was_typed_stays_in_the_form(client: Client, person: Person) -> None:
    make_job(person.school, "Autumn fair")
    chosen = {"text": 'a "fair"', "since": "2027-05-01", "state": "done", "submitted_by": person.pk}
    page = client.get("/jobs/", chosen).content.decode()
    assert 'value="a &quot;fair&quot;"' in page
    assert 'value="2027-05-01"' in page
    assert '<option value="done" selected>' in page
    assert f'<option value="{person.pk}" selected>' in page


@pytest.mark.parametrize(
    "chosen",
    [
        {"since": "yesterday"},
        {"submitted_by": "x"},
        {"submitted_by": "9" * 30},
        {"school": "1"},
        {"text": "\x00"},
        {"kind": "no.kind"},
    ],
)
def test_value_that_is_no_choice_is_left_out(client: Client, person: Person, chosen: dict[str, str]) -> None:
    make_job(person.school, "Autumn fair")
    assert titles(client, **chosen) == {"Autumn fair"}


def test_staff_choose_no_school(client: Client, person: Person) -> None:
    page = client.get("/jobs/").content.decode()
    assert 'name="school"' not in page
    assert FIRST not in page


@pytest.mark.parametrize("school", ["x", "9" * 30, "-1", "²"])
def test_school_that_is_none_is_left_out(client: Client, school: str) -> None:
    client.force_login(make_person(role=Role.OPS))
    make_job(make_school(), "Autumn fair")
    assert titles(client, school=school) == {"Autumn fair"}


FIRST = "Search a school first, to choose among its people."


def test_ops_choose_a_school_and_then_one_of_its_people(client: Client) -> None:
    client.force_login(make_person(role=Role.OPS))
    north, lake = make_school(name="Northfield"), make_school(name="Lakeside")
    someone = make_person(school=lake)
    Person.objects.filter(pk=someone.pk).update(name="Lee of Lakeside")
    make_job(north, "Of Northfield")
    make_job(lake, "Of Lakeside", submitted_by=someone)
    make_job(lake, "Of nobody")
    assert titles(client) == {"Of Northfield", "Of Lakeside", "Of nobody"}
    assert titles(client, school=lake.pk) == {"Of Lakeside", "Of nobody"}
    without = client.get("/jobs/").content.decode()
    assert "Lee of Lakeside</option>" not in without
    assert FIRST in without
    chosen = client.get("/jobs/", {"school": lake.pk}).content.decode()
    assert "Lee of Lakeside</option>" in chosen
    assert FIRST not in chosen
    assert titles(client, school=lake.pk, submitted_by=someone.pk) == {"Of Lakeside"}


def test_text_is_looked_for_in_the_newest_jobs_that_fit_the_rest(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "NEWEST", 2)
    make_job(person.school, "Old fair")
    make_job(person.school, "New fair", state=JobState.DONE, ended_at=MAY)
    make_job(person.school, "Newest")
    jobs = Job.objects.visible_to(person)
    assert [str(job) for job in Search(text="fair").among(jobs)] == ["New fair"]
    assert [str(job) for job in Search(text="fair", state="waiting").among(jobs)] == ["Old fair"]


def test_search_costs_few_queries(
    client: Client, person: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        make_job(person.school, f"Fair {number}")
    client.get("/jobs/")
    with django_assert_max_num_queries(7):
        client.get("/jobs/", {"text": "fair", "state": "waiting", "submitted_by": person.pk})


def test_pages_of_a_search_keep_it(client: Client, person: Person) -> None:
    for number in range(30):
        make_job(person.school, f"Fair {number}")
    page = client.get("/jobs/", {"text": "fair", "until": "2027-05-20"}).content.decode()
    assert 'href="?text=fair&amp;until=2027-05-20&amp;page=2"' in page


def test_long_list_ends_with_the_newest_and_says_how_older_ones_are_found(
    client: Client, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "MOST", 30)
    for number in range(31):
        make_job(person.school, f"Job {number:02}")
    first, last = (client.get("/jobs/", {"page": page}).content.decode() for page in (1, 2))
    assert "Page 1 of 2" in first
    assert "Choose days" not in first
    assert "These are the newest 30. Choose days" in last
    assert titles(client, page=2) == {f"Job {number:02}" for number in range(1, 6)}
    assert "Choose days" not in client.get("/jobs/", {"text": "Job 0"}).content.decode()


def test_jobs_of_a_day_are_found_whatever_the_order_of_their_ids(client: Client, person: Person) -> None:
    make_job(person.school, "June", created_at=datetime(2027, 6, 1, 0, 0, tzinfo=UTC))
    make_job(person.school, "May")
    make_job(person.school, "June again", created_at=datetime(2027, 6, 1, 0, 1, tzinfo=UTC))
    assert titles(client, since="2027-06-01") == {"June", "June again"}
    assert titles(client, until="2027-05-31") == {"May"}
