"""People see and type times in the time zone of their school."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from emails.models import Mailing
from jobs.models import Job, Role, School
from jobs.testing import make_person, make_school

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


@pytest.fixture
def school(client: Client) -> School:
    """The school of the person who is signed in."""
    school = make_school(name="Northfield University")
    client.force_login(make_person(school=school))
    return school


def shown(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


@time_machine.travel(NOON, tick=False)
def test_times_are_those_of_the_zone_that_staff_chose(client: Client, school: School) -> None:
    assert "Times are those of UTC" in shown(client, "/")
    page = shown(client, "/time-zone/")
    assert "In UTC it is" in page
    assert "(optional)" not in page
    response = client.post("/time-zone/", {"time_zone": "Asia/Tokyo"}, follow=True)
    page = " ".join(response.content.decode().split())
    assert "The times of your school are those of Asia/Tokyo now." in page
    assert "26 November 2026, 21:00" in page
    assert '<option value="Asia/Tokyo" selected>' in page
    job = Job.objects.create(
        school=school, kind="emails.mailing", lane="bulk", key="1", title="Fair", created_at=timezone.now()
    )
    Mailing.objects.create(school=school, subject="Fair", body="Come", job=job)
    page = shown(client, f"/jobs/{job.pk}/")
    assert "21:00" in page
    assert "Times are those of Asia/Tokyo" in page
    client.post("/time-zone/", {"time_zone": ""})
    assert "Times are those of UTC" in shown(client, "/")


def test_zone_that_there_is_not_is_refused(client: Client, school: School) -> None:
    response = client.post("/time-zone/", {"time_zone": "Europe/Nowhere"})
    assert response.status_code == 422
    assert "Please choose one of the time zones." in response.content.decode()
    school.refresh_from_db()
    assert school.time_zone == ""


def test_other_schools_and_whoever_has_none_keep_the_time_of_the_platform(
    client: Client, school: School, settings: Settings
) -> None:
    school.tell_time_in("Asia/Tokyo")
    shown(client, "/")
    assert timezone.get_current_timezone_name() == settings.TIME_ZONE
    client.force_login(make_person(school=make_school()))
    assert "Times are those of UTC" in shown(client, "/")
    client.force_login(make_person(role=Role.OPS))
    page = shown(client, "/")
    assert "Times are those of UTC" in page
    assert "/time-zone/" not in page
    assert client.get("/time-zone/").status_code == 403


def test_zone_that_is_not_known_here_any_more_is_that_of_the_platform(settings: Settings) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    for name in ("", "Europe/Nowhere", "../../etc/passwd"):
        assert School(time_zone=name).zone == ZoneInfo("Europe/Berlin")


def test_whoever_takes_the_same_zone_again_changes_nothing(school: School) -> None:
    assert school.tell_time_in("Asia/Tokyo")
    assert not school.tell_time_in("Asia/Tokyo")
