"""The pages of schools: added, changed, switched off and on, with a reason, and taken back."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from jobs import holds
from jobs.claiming import claim
from jobs.holds import SchoolIsOff, Target
from jobs.models import Hold, HoldEvent, HoldMode, HoldScope, Person, Role, School, SettingsVersion
from jobs.schools import set_values
from jobs.settings import switchyard
from jobs.testing import make_person, make_school
from tests.jobs.settings_pages.conftest import send, text_of
from tests.jobs.settings_pages.test_retention import ended

SCHOOLS = "/ops/settings/schools/"
NEW = f"{SCHOOLS}new/"


def page_of(school: School) -> str:
    """Return the address of the school's page."""
    return f"{SCHOOLS}of/{school.slug}/"


def words(answer: Any) -> str:
    """Return the words of a page."""
    return text_of(answer.content.decode())


def may_work(school: School) -> bool:
    """Whether the lane mail gives out a part of the school now."""
    held = claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now())
    return held is not None and held.part.school_id == school.pk


def test_school_is_added_and_taking_that_back_switches_it_off(admin: Client) -> None:
    answer = send(admin, NEW, name="Bath", slug="Bath", time_zone="Europe/London")
    assert (answer.status_code, answer.url) == (302, SCHOOLS)
    school = School.objects.get(slug="bath")
    assert (school.name, school.time_zone, school.is_on) == ("Bath", "Europe/London", True)
    assert "Bath bath On Europe/London 1 as long as others 0 0" in words(admin.get(SCHOOLS))
    admin.post("/ops/settings/changes/1/undo/", {"expecting": "1"})
    school.refresh_from_db()
    assert not school.is_on


def test_school_is_shown_before_it_is_added(admin: Client) -> None:
    page = words(send(admin, NEW, button="preview", name="Bath", slug="bath"))
    assert "School bath: is on: no → yes" in page
    assert not School.objects.filter(slug="bath").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"slug": "taken"}, "Another school has this short name"),
        ({"slug": "two words"}, "Write small letters, digits and hyphens"),
        ({"slug": "-"}, "with a letter or a digit among them"),
        ({"slug": "b_ath"}, "Write small letters, digits and hyphens"),
        ({"name": " "}, "This field is required."),
        ({"name": "Ba\r\nth"}, "It is one line: leave out line breaks"),
        ({"name": "taken"}, "Another school is called Taken"),
        ({"time_zone": "Europe/Nowhere"}, "Select a valid choice."),
    ],
)
def test_school_that_cannot_be_added_is_told_beside_the_field(
    admin: Client, changes: dict[str, str], message: str
) -> None:
    School.objects.create(name="Taken", slug="taken")
    answer = send(admin, NEW, **{"name": "Bath", "slug": "bath", **changes})
    assert answer.status_code == 422
    assert message in words(answer)
    assert School.objects.count() == 1


def test_values_of_a_school_are_changed_and_taken_back(admin: Client) -> None:
    school = make_school(name="Aberdeen")
    answer = send(admin, page_of(school), name="Aberdeen University", history_days="30")
    assert answer.status_code == 302
    school.refresh_from_db()
    assert (school.name, school.history_days) == ("Aberdeen University", 30)
    assert SettingsVersion.objects.get().changes == [
        {"path": ["schools", school.slug, "history_days"], "before": None, "after": 30},
        {"path": ["schools", school.slug, "name"], "before": "Aberdeen", "after": "Aberdeen University"},
    ]
    assert "Set by Test Person on" in words(admin.get(page_of(school)))
    admin.post("/ops/settings/changes/1/undo/", {"expecting": "1"})
    school.refresh_from_db()
    assert (school.name, school.history_days) == ("Aberdeen", None)


def test_fewer_days_of_a_school_tell_what_they_delete(admin: Client) -> None:
    school = make_school()
    ended(school, days_ago=40)
    ended(make_school(), days_ago=40)
    page = words(send(admin, page_of(school), button="preview", history_days="30"))
    assert "Ended jobs, with their parts and results 0 1" in page
    assert words(send(admin, page_of(school), history_days="0")).count("Write a whole number from 1") == 1


def test_school_that_is_off_begins_nothing_until_it_is_on(admin: Client, steps: Any, school: School) -> None:
    steps.submit(school, 1)
    assert send(admin, page_of(school), is_on="False", why="They left").status_code == 302
    assert not may_work(school)
    assert Hold.objects.get().why == "The school is switched off: They left"
    assert send(admin, page_of(school), is_on="True", why="They are back").status_code == 302
    assert may_work(school)
    assert HoldEvent.objects.first().why == "The school is switched on: They are back"  # type: ignore[union-attr]


def test_switching_off_is_taken_back(admin: Client, steps: Any, school: School) -> None:
    steps.submit(school, 1)
    send(admin, page_of(school), is_on="False")
    admin.post("/ops/settings/changes/1/undo/", {"expecting": "1"})
    assert may_work(school)


@pytest.mark.parametrize("mode", [HoldMode.PAUSE, HoldMode.DRAIN])
def test_switching_on_lifts_only_what_switching_off_put_on(
    admin: Client, school: School, mode: HoldMode
) -> None:
    ops, until = make_person(role=Role.OPS), timezone.now() + timedelta(hours=3)
    target = Target(scope=HoldScope.SCHOOL, name=school.slug)
    before = holds.put(target, mode=mode, by=ops, why="Their data is being mended", until=until)
    send(admin, page_of(school), is_on="False", why="They left")
    assert Hold.objects.get().why == "The school is switched off: They left"
    send(admin, page_of(school), is_on="True", why="They are back")
    hold = Hold.objects.get()
    assert (hold.mode, hold.by, hold.why) == (mode, ops, "Their data is being mended")
    assert (hold.at, hold.until, hold.newest_job) == (before.at, until, before.newest_job)
    said = "The school is switched on, and held as before: Their data is being mended"
    assert HoldEvent.objects.first().why == said  # type: ignore[union-attr]
    assert holds.lift(hold, by=ops)
    send(admin, page_of(school), is_on="False", why="They left again")
    send(admin, page_of(school), is_on="True", why="They are back again")
    assert not Hold.objects.exists()


def test_hold_whose_time_was_over_while_the_school_was_off_does_not_come_back(
    admin: Client, school: School
) -> None:
    target, until = Target(scope=HoldScope.SCHOOL, name=school.slug), timezone.now() + timedelta(hours=3)
    holds.put(target, mode=HoldMode.PAUSE, by=make_person(role=Role.OPS), why="For now", until=until)
    send(admin, page_of(school), is_on="False", why="They left")
    with time_machine.travel(until + timedelta(minutes=1)):
        school.refresh_from_db()
        set_values({school.slug: {"is_on": True}}, by=make_person(role=Role.ADMIN), why="They are back")
    assert not Hold.objects.exists()


def test_nobody_lets_the_work_of_a_school_that_is_off_go_on(admin: Client, school: School) -> None:
    send(admin, page_of(school), is_on="False")
    hold = Hold.objects.get()
    answer = admin.post(f"/ops/settings/holds/{hold.pk}/lift/", follow=True)
    assert "is switched off, so its work stays held" in words(answer)
    with pytest.raises(SchoolIsOff):
        holds.put(
            Target(scope=HoldScope.SCHOOL, name=school.slug),
            mode=HoldMode.DRAIN,
            by=Person.objects.get(),
            why="A drain would let old jobs go on",
        )
    Hold.objects.update(until=timezone.now())
    assert holds.lift_expired(now=timezone.now()) == 0
    assert Hold.objects.get().mode == HoldMode.PAUSE


def test_administrator_does_not_switch_off_their_own_school(live_settings: None, school: School) -> None:
    client = Client()
    client.force_login(make_person(role=Role.ADMIN, school=school))
    answer = send(client, page_of(school), is_on="False")
    assert "You belong to it, and would be let in no more." in words(answer)
    school.refresh_from_db()
    assert school.is_on


def test_school_of_the_platform_stays_on(admin: Client) -> None:
    platform = School.objects.platform()
    assert 'name="is_on"' not in admin.get(page_of(platform)).content.decode()


def test_list_finds_schools_by_name(admin: Client) -> None:
    make_school(name="Aberdeen")
    make_school(name="Bath")
    page = words(admin.get(SCHOOLS, {"words": "aber"}))
    assert "Aberdeen" in page
    assert "Bath" not in page
    assert "No school has “x9” in its name." in words(admin.get(SCHOOLS, {"words": "x9"}))


def test_ops_look_at_schools_and_change_none(ops: Client, school: School) -> None:
    for address in (SCHOOLS, page_of(school), NEW):
        assert "Put in force" not in ops.get(address).content.decode()
    assert ops.post(page_of(school), {"save": "1", "name": "Mine"}).status_code == 403
    assert ops.post(NEW, {"save": "1", "name": "Mine", "slug": "mine"}).status_code == 403


def test_staff_see_no_schools(client: Client, school: School) -> None:
    client.force_login(make_person(school=school, role=Role.MANAGER))
    for address in (SCHOOLS, page_of(school), NEW):
        assert client.get(address).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_each_page_costs_few_queries(
    admin: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    schools = [make_school(name=f"School {number}") for number in range(5)]
    with django_assert_num_queries(6):
        admin.get(SCHOOLS)
    with django_assert_num_queries(9):
        admin.get(page_of(schools[0]))


def test_school_is_not_renamed_to_what_another_is_called(admin: Client) -> None:
    make_school(name="Bath")
    school = make_school(name="Aberdeen")
    answer = send(admin, page_of(school), name="BATH")
    assert answer.status_code == 422
    assert "Another school is called Bath" in words(answer)
    assert send(admin, page_of(school), name="ABERDEEN").status_code == 302


def test_effect_of_switching_off_tells_of_people_and_jobs(admin: Client, steps: Any) -> None:
    school = make_school(name="Aberdeen")
    for _ in range(2):
        make_person(school=school)
    steps.submit(school, 1)
    page = words(send(admin, page_of(school), button="preview", is_on="False"))
    assert "2 people are let in no more: who of them is signed in is signed out at the next click." in page
    assert "1 job that has not ended waits until Aberdeen is on again; what is at work ends." in page
    assert "people are let in" not in words(
        send(admin, page_of(school), button="preview", name="Aberdeen City")
    )
