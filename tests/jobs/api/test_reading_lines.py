"""GET: what the reason of a job is made of comes as data, too."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from jobs import holds, lifecycle
from jobs.changing import change
from jobs.models import (
    Breaker,
    Bucket,
    Detour,
    HoldMode,
    HoldScope,
    Job,
    JobState,
    Part,
    PartState,
    Role,
    SettingsVersion,
)
from jobs.registry import kind_named
from jobs.testing import be_present, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("counting")]


@pytest.fixture
def job(program: Any) -> Job:
    return Job.objects.get(pk=program.submit("one").json()["id"])


def told(program: Any, job: Job) -> Any:
    return program.get(f"/jobs/{job.pk}").json()


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def in_thousandths(at: datetime) -> datetime:
    """Return the moment as answers tell it."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def test_job_that_nothing_keeps_back_says_so(program: Any, job: Job) -> None:
    be_present()
    said = told(program, job)
    names = ("limit", "hold", "closed_service", "silent_service")
    assert [said["line"][name] for name in names] == [None] * 4
    assert (said["line"]["no_worker_present"], said["moved_aside"]) == (False, None)


def test_job_says_when_no_worker_is_present_until_it_has_ended(program: Any, job: Job) -> None:
    assert told(program, job)["line"]["no_worker_present"] is True
    lifecycle.end(job, state=JobState.FAILED, error="The relay refused it.")
    assert told(program, job)["line"]["no_worker_present"] is False


@pytest.mark.parametrize(("scope", "name"), [("lane", "mail"), ("kind", "tests.counting"), ("school", "")])
def test_hold_says_whose_it_is_until_when_and_why(program: Any, job: Job, scope: str, name: str) -> None:
    name = name or job.school.slug
    admin, until = make_person(role=Role.ADMIN), timezone.now() + timedelta(hours=1)
    target = holds.Target(scope=HoldScope(scope), name=name)
    hold = holds.put(target, mode=HoldMode.PAUSE, by=admin, why="The relay moves.", until=until)
    said = told(program, job)["line"]["hold"]
    assert (said["scope"], said["name"], said["mode"]) == (scope, name, "pause")
    assert (said["by"], said["why"]) == (admin.name, "The relay moves.")
    assert (moment(said["at"]), moment(said["until"])) == (in_thousandths(hold.at), in_thousandths(until))


def test_service_that_is_not_asked_says_how_it_failed_and_when_it_is_tried(program: Any, job: Job) -> None:
    retry_at = timezone.now() + timedelta(seconds=9)
    Breaker.objects.create(
        name="relay:a:25", state="open", last_failure="It fails.", opened_at=timezone.now(), retry_at=retry_at
    )
    Part.objects.update(state=PartState.DELAYED, waits_for="relay:a:25", ready_at=retry_at)
    said = told(program, job)["line"]["closed_service"]
    assert (said["service"], said["failure"], said["is_being_tried"]) == ("relay", "It fails.", False)
    assert moment(said["retry_at"]) == in_thousandths(retry_at)
    Breaker.objects.update(state="half-open")
    said = told(program, job)["line"]["closed_service"]
    assert (said["is_being_tried"], said["retry_at"]) == (True, None)


def test_cap_of_what_goes_to_a_service_says_how_many_are_there(
    program: Any, job: Job, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kind_named("tests.counting"), "service", "relay")
    mail = {**settings.SWITCHYARD["lanes"]["mail"], "service_workers": 1}
    settings.SWITCHYARD = {**settings.SWITCHYARD, "lanes": {**settings.SWITCHYARD["lanes"], "mail": mail}}
    be_present()
    other = Job.objects.get(pk=program.submit("two").json()["id"])
    other.parts.update(state=PartState.WORKING, leased_until=timezone.now(), service="relay")
    said = told(program, job)
    assert (said["line"]["service_workers"], said["line"]["workers_at_service"]) == (1, 1)
    assert said["reason"].startswith(
        "1 part of the lane mail is at work with the outside service that it needs"
    )


def test_silent_service_says_for_how_long(program: Any, job: Job) -> None:
    Part.objects.update(
        state=PartState.WORKING, leased_until=timezone.now(), asks="the mail relay", asks_seconds=12
    )
    assert told(program, job)["line"]["silent_service"] == {"called": "the mail relay", "seconds": 12.0}


def test_job_that_was_moved_aside_says_from_where_to_where_and_why(program: Any, job: Job) -> None:
    at = timezone.now()
    detour = Detour.objects.create(
        job=job, home="mail", lane="bulk-slow", is_aside=True, why="It is slow.", moved_at=at
    )
    said = told(program, job)["moved_aside"]
    assert (said["from_lane"], said["to_lane"], said["why"]) == ("mail", "bulk-slow", "It is slow.")
    assert moment(said["at"]) == in_thousandths(at)
    detour.is_aside = False
    detour.save()
    job.refresh_from_db()
    assert told(program, job)["moved_aside"] is None


@pytest.mark.usefixtures("live_settings")
@pytest.mark.parametrize(("scope", "field"), [("lane", "rate"), ("school", "school_rate")])
def test_limit_says_its_scope_its_name_and_when_it_was_set(program: Any, scope: str, field: str) -> None:
    be_present()
    admin = make_person(role=Role.ADMIN)
    change(overrides={"lanes": {"mail": {field: 1}}}, by=admin, why="It is slow.", expecting=0)
    version = SettingsVersion.objects.get()
    job = Job.objects.get(pk=program.submit().json()["id"])
    whose = {"school": job.school} if scope == "school" else {}
    name = f"school:mail:{job.school_id}:units" if whose else "lane:mail:units"
    Bucket.objects.create(name=name, lane="mail", rate=1, tokens=-9, filled_at=timezone.now(), **whose)
    said = told(program, job)["line"]["limit"]
    assert (said["scope"], said["lane"]) == (scope, "mail")
    assert said["name"] == (job.school.slug if whose else "mail")
    assert (said["set_by"], moment(said["set_at"])) == (admin.name, in_thousandths(version.made_at))
