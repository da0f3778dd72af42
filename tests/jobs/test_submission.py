"""Submitting a job."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from jobs import lifecycle
from jobs.asking import WrongArguments
from jobs.drafting import Request, UnknownSize
from jobs.keys import KeyTaken
from jobs.models import Job, Part, School, Share, Step
from jobs.registry import UnknownKind
from jobs.rules import NoRoute
from jobs.submission import submit, submit_many
from jobs.testing import heard_doorbells, make_school

LATER = timezone.now() + timedelta(days=365)


@pytest.mark.django_db(transaction=True)
def test_lane_is_rung_once_the_transaction_commits(steps: Any, school: School) -> None:
    with heard_doorbells() as heard:
        with transaction.atomic():
            steps.submit(school, 1)
            assert heard == []
        assert heard == [("mail", "tests.steps", 1)]


def test_same_key_returns_the_same_job(steps: Any, school: School) -> None:
    first = steps.submit(school, 1, 2)
    again = steps.submit(school, 1, 2)
    assert again == first
    assert Job.objects.count() == Part.objects.count() == 1


def test_blank_title_is_none_also_where_it_was_kept_before(steps: Any, school: School) -> None:
    job = steps.submit(school, 1, title="  ")
    assert job.title == ""
    Job.objects.filter(pk=job.pk).update(title="  ")
    job.refresh_from_db()
    assert str(job) == f"tests.steps {job.pk}"


def test_same_key_with_other_arguments_is_a_clear_error(steps: Any, school: School) -> None:
    first = steps.submit(school, 1)
    with pytest.raises(KeyTaken, match=f"The key 'one' belongs to “{first}”"):
        steps.submit(school, 2)


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"priority": 5}, "priority", "another priority"),
        ({"not_before": LATER}, "not_before", "another time to start"),
        ({"deadline": LATER}, "deadline", "another deadline"),
    ],
)
def test_same_key_with_another_option_is_a_clear_error_that_names_it(
    steps: Any, school: School, change: dict[str, Any], field: str, words: str
) -> None:
    first = steps.submit(school, 1)
    with pytest.raises(KeyTaken, match=f"belongs to “{first}”, which was asked for with {words};") as refused:
        steps.submit(school, 1, **change)
    assert list(refused.value.differing) == [field]


def test_same_key_with_the_same_options_is_the_same_job(steps: Any, school: School) -> None:
    options = {
        "priority": 5,
        "not_before": LATER,
        "deadline": LATER + timedelta(hours=1),
        "after": [steps.submit(school, 1, key="before")],
    }
    assert steps.submit(school, 1, **options) == steps.submit(school, 1, **options)


def test_key_of_a_job_whose_deadline_a_retry_took_away_still_finds_it(steps: Any, school: School) -> None:
    job = steps.submit(school, 1, deadline=LATER)
    lifecycle.stop(job, by=None)
    with time_machine.travel(LATER + timedelta(days=1)):
        lifecycle.retry(job, by=None)
    job.refresh_from_db()
    assert job.deadline_at is None
    assert steps.submit(school, 1, deadline=LATER) == job


def test_same_key_to_follow_other_jobs_is_a_clear_error(steps: Any, school: School) -> None:
    before = steps.submit(school, 1, key="before")
    steps.submit(school, 1, after=[before])
    with pytest.raises(KeyTaken, match="other jobs to follow") as refused:
        steps.submit(school, 1)
    assert refused.value.differing == {"after": f"The first request with this key had {before.pk}."}


def test_same_key_twice_in_one_go_is_compared_too(steps: Any, school: School) -> None:
    def asking(**options: Any) -> Request:
        return Request(
            kind=steps.name, school=school, by=None, arguments={"parts": [1]}, key="one", **options
        )

    first, again = submit_many([asking(), asking()])
    assert (first, first.is_new) == (again, True)
    with pytest.raises(KeyTaken, match="another priority"):
        submit_many([asking(), asking(priority=5)])


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("k" * 201, "this one has 201; choose a shorter one."),
        ("", "this one has none; choose one of your own"),
    ],
)
def test_key_that_no_column_holds_is_refused_in_a_sentence(
    steps: Any, school: School, key: str, said: str
) -> None:
    with pytest.raises(WrongArguments, match="key: A key has 1 to 200 characters") as refused:
        steps.submit(school, 1, key=key)
    assert said in refused.value.problems["key"]
    assert not Job.objects.exists()
    assert steps.submit(school, 1, key="k" * 200).key == "k" * 200


def test_same_key_of_another_school_is_another_job(steps: Any, school: School) -> None:
    assert steps.submit(school, 1) != steps.submit(make_school(), 1)


def test_unknown_kind_is_named_with_those_there_are(school: School) -> None:
    with pytest.raises(UnknownKind, match=r"no kind 'emails.mailng'"):
        submit(kind="emails.mailng", school=school, by=None, arguments={}, key="one")


def test_kind_without_a_route_is_named(steps: Any, school: School, settings: Settings) -> None:
    settings.SWITCHYARD = {**settings.SWITCHYARD, "routes": []}
    with pytest.raises(NoRoute, match=r"tests\.steps"):
        steps.submit(school, 1)


def test_rules_decide_the_lane_by_school_and_size(steps: Any, school: School, settings: Settings) -> None:
    small = {"kind": steps.name, "at_most": {"units": 5}, "school": school.slug, "lane": "codes"}
    settings.SWITCHYARD = {**settings.SWITCHYARD, "routes": [small, *settings.SWITCHYARD["routes"]]}
    taken = [steps.submit(school, 1, key=str(units), units=units) for units in (5, 6)]
    assert [job.lane for job in taken] == ["codes", "mail"]
    assert [job.sizes for job in taken] == [{"units": 5}, {"units": 6}]
    assert steps.submit(make_school(), 1, units=5).lane == "mail"


def test_size_that_the_kind_does_not_declare_is_named(steps: Any, school: School) -> None:
    with pytest.raises(UnknownSize, match=r"The kind tests\.steps declares no bytes;"):
        steps.submit(school, 1, sizes={"bytes": 5})


def test_first_part_of_a_planned_kind_is_its_planning(steps: Any, school: School) -> None:
    job = steps.submit(school, 1)
    (part,) = job.parts.all()
    assert (part.step, part.lane, part.school) == (Step.PLAN, "mail", school)


def test_school_that_was_away_starts_level_with_the_least_used_one(steps: Any, school: School) -> None:
    steps.submit(school, 1)
    Share.objects.update(used_seconds=500)
    late = make_school()
    steps.submit(late, 1)
    assert Share.objects.get(school=late).used_seconds == 500


def test_school_that_comes_back_keeps_what_it_used_more(steps: Any, school: School) -> None:
    Share.objects.create(lane="mail", school=school, used_seconds=900)
    other = make_school()
    steps.submit(other, 1)
    steps.submit(school, 1)
    assert Share.objects.get(school=school).used_seconds == 900


@pytest.mark.parametrize("field", ["not_before", "deadline"])
def test_time_that_is_more_than_five_years_away_is_refused(steps: Any, school: School, field: str) -> None:
    too_far = timezone.now() + timedelta(days=6 * 366)
    with pytest.raises(WrongArguments) as refused:
        steps.submit(school, 1, **{field: too_far})
    said = f"{too_far.isoformat()} is more than 5 years away; give an earlier time, or none."
    assert refused.value.problems == {field: said}
    assert not Job.objects.exists()
    assert steps.submit(school, 1, **{field: timezone.now() + timedelta(days=5 * 365)})


def test_job_that_has_a_time_too_far_away_already_is_found_by_its_key(steps: Any, school: School) -> None:
    job = steps.submit(school, 1, not_before=LATER)
    last = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    Job.objects.update(not_before_at=last)
    assert steps.submit(school, 1, not_before=last) == job
