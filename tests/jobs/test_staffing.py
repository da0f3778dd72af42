"""How many workers each lane is to have: by hand, by the platform's reckoning, by the settings."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from pytest_django import Settings

from jobs import execution, staffing
from jobs.lanes import Lane
from jobs.models import HandScale, LaneScale, Part, Person, Role, School, WorkerPresence
from jobs.reckoning import Staffing
from jobs.room import KEPT_FREE, room_for_workers
from jobs.setting_fields import WrongSetting
from jobs.settings import switchyard
from jobs.staffing import CannotScale, WrongEnd, scale, scale_back, slots_of, staff_of

pytestmark = pytest.mark.django_db
NOW = timezone.now()
HOUR = timedelta(hours=1)


@pytest.fixture
def grows(settings: Settings) -> None:
    """The lane mail may grow from 2 to 16 workers by itself."""
    put(settings, workers=2, most_workers=16, promise_seconds=60, part_seconds=2)


@pytest.fixture
def person(school: School) -> Person:
    """Somebody in ops."""
    return Person.objects.create(email="ops@example.org", name="Olga Ops", role=Role.OPS)


def put(settings: Settings, **values: Any) -> None:
    """Change the lane mail."""
    lanes = settings.SWITCHYARD["lanes"]
    settings.SWITCHYARD = {**settings.SWITCHYARD, "lanes": {**lanes, "mail": {**lanes["mail"], **values}}}


def fill(steps: Any, school: School, *, waited: timedelta) -> None:
    """Let 150 parts wait in mail, since so long; two of them have three units, the others one."""
    steps.submit(school, *[1] * 148, 3, 3)
    execution.answer(lane="mail", worker="mail@here-1")
    Part.objects.update(ready_at=NOW - waited)


def mail() -> Lane:
    return switchyard().lanes["mail"]


def workers(*, now: datetime = NOW) -> int:
    """Return how many workers mail is to have."""
    return staff_of(switchyard().lanes, now=now)["mail"].workers


def test_lane_has_the_settings_number_until_someone_says_otherwise(grows: None) -> None:
    assert workers() == 2
    assert staff_of(switchyard().lanes, now=NOW)["codes"].workers == switchyard().lanes["codes"].workers


def test_waits_that_threaten_the_promise_bring_more_workers(grows: None, steps: Any, school: School) -> None:
    fill(steps, school, waited=timedelta(seconds=20))
    Staffing().reckon(now=NOW)
    staff = staff_of(switchyard().lanes, now=NOW)["mail"]
    assert staff.is_automatic
    assert staff.workers == 16
    assert "parts waited" in staff.why


def test_number_says_why_it_came_and_why_it_went(
    grows: None, steps: Any, school: School, settings: Settings
) -> None:
    staffing = Staffing()
    staffing.reckon(now=NOW)
    assert LaneScale.objects.get(lane="mail").why == ""
    fill(steps, school, waited=timedelta(seconds=20))
    staffing.reckon(now=NOW)
    assert LaneScale.objects.get(lane="mail").why == (
        "150 parts waited, the oldest for 20 s, and 0 were at work. One takes 2 s; 60 s are promised."
    )
    Part.objects.update(state="done")
    settings.SWITCHYARD = {**settings.SWITCHYARD, "supervision": {"shrink_seconds": 0.001}}
    staffing.reckon(now=NOW)
    scale = LaneScale.objects.get(lane="mail")
    assert (scale.workers, scale.why) == (
        2,
        "Fewer were enough for 0.001 s; then 0 parts waited, and 0 were at work.",
    )


def test_lane_without_a_most_is_left_alone(steps: Any, school: School, settings: Settings) -> None:
    put(settings, workers=2, most_workers=None)
    LaneScale.objects.create(lane="mail", workers=9, why="Earlier.", at=NOW)
    fill(steps, school, waited=HOUR)
    Staffing().reckon(now=NOW)
    assert workers() == 2
    assert not staff_of(switchyard().lanes, now=NOW)["mail"].is_automatic


def test_reckoned_number_stays_within_bounds_that_were_changed_since(grows: None, settings: Settings) -> None:
    LaneScale.objects.create(lane="mail", workers=16, why="Much waited.", at=NOW)
    put(settings, workers=3, most_workers=5)
    assert workers() == 5
    LaneScale.objects.update(workers=1)
    assert workers() == 3


def test_another_supervisor_goes_on_from_the_number_that_it_finds(grows: None) -> None:
    LaneScale.objects.create(lane="mail", workers=12, why="Much waited.", at=NOW)
    Staffing().reckon(now=NOW)
    assert workers() == 12


def test_total_holds_over_all_lanes(grows: None, steps: Any, school: School, settings: Settings) -> None:
    own = sum(lane.workers for lane in switchyard().lanes.values())
    settings.SWITCHYARD = {**settings.SWITCHYARD, "supervision": {"most_workers": own + 3}}
    fill(steps, school, waited=HOUR)
    Staffing().reckon(now=NOW)
    assert workers() == 5


def test_number_set_by_hand_holds_until_its_time_is_over(grows: None, person: Person) -> None:
    scale(mail(), workers=9, by=person, why="Results day", until=NOW + HOUR, now=NOW)
    assert workers() == 9
    assert workers(now=NOW + HOUR) == 2


def test_no_more_workers_than_there_are_connections_for_are_set_by_hand(
    grows: None, person: Person, settings: Settings
) -> None:
    others = sum(
        staff.workers for name, staff in staff_of(switchyard().lanes, now=NOW).items() if name != "mail"
    )
    supervision = {**settings.SWITCHYARD["supervision"], "connections": KEPT_FREE + others + 12}
    settings.SWITCHYARD = {**settings.SWITCHYARD, "supervision": supervision}
    with pytest.raises(CannotScale, match=f"the other lanes have {others}. Give mail at most 12, or raise"):
        scale(mail(), workers=13, by=person, why="Results day", until=NOW + HOUR, now=NOW)
    scale(mail(), workers=12, by=person, why="Results day", until=NOW + HOUR, now=NOW)
    supervision["connections"] = 20
    settings.SWITCHYARD = {**settings.SWITCHYARD, "supervision": supervision}
    scale(mail(), workers=11, by=person, why="Fewer always may", until=NOW + HOUR, now=NOW)


def test_database_says_how_many_connections_there_are(db: None) -> None:
    assert 0 < room_for_workers() < 10_000


def test_number_set_by_hand_replaces_the_one_before_and_both_are_kept(grows: None, person: Person) -> None:
    for number in (9, 4):
        scale(mail(), workers=number, by=person, why="Results day", until=NOW + HOUR, now=NOW)
    assert workers() == 4
    assert [row.workers for row in HandScale.objects.all()] == [4, 9]


def test_number_set_by_hand_is_taken_back(grows: None, person: Person) -> None:
    scale(mail(), workers=9, by=person, why="Results day", until=NOW + HOUR, now=NOW)
    assert scale_back("mail", by=person, now=NOW)
    assert workers() == 2
    assert not scale_back("mail", by=person, now=NOW)


def test_number_whose_time_is_over_is_taken_back_by_nobody(grows: None, person: Person) -> None:
    scale(mail(), workers=9, by=person, why="Results day", until=NOW + HOUR, now=NOW)
    assert not scale_back("mail", by=person, now=NOW + 2 * HOUR)
    ended = HandScale.objects.get()
    assert (ended.ended_at, ended.ended_by) == (ended.until, None)


@pytest.mark.django_db(transaction=True)
def test_of_several_who_set_a_number_at_once_the_newest_holds_and_the_others_ended(grows: None) -> None:
    def set_to(number: int) -> None:
        try:
            now = NOW - timedelta(seconds=number)  # who looked at the clock first may come last
            scale(mail(), workers=number, by=None, why=f"Try {number}", until=NOW + HOUR, now=now)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(set_to, range(3, 11)))
    newest, *others = HandScale.objects.order_by("-id")
    assert newest.ended_at is None
    assert workers() == newest.workers
    following = newest
    for other in others:
        assert other.at < following.at
        assert other.ended_at == following.at
        following = other
    assert {each.workers for each in (newest, *others)} == set(range(3, 11))


@pytest.mark.parametrize("number", [0, -1, 1001])
def test_number_that_no_lane_can_have_is_refused(number: int) -> None:
    with pytest.raises(CannotScale, match=r"The lane mail can have 1 to 1,000 workers"):
        scale(mail(), workers=number, by=None, why="Try", until=NOW + HOUR, now=NOW)


@pytest.mark.parametrize("until", [NOW, NOW + staffing.LONGEST_SPAN + HOUR])
def test_number_holds_until_a_time_within_a_year(until: datetime) -> None:
    with pytest.raises(WrongEnd, match="not over yet, and within a year"):
        scale(mail(), workers=3, by=None, why="Try", until=until, now=NOW)
    assert not HandScale.objects.exists()


def test_number_without_an_end_holds_for_four_hours() -> None:
    scale(mail(), workers=3, by=None, why="Try", until=None, now=NOW)
    assert HandScale.objects.get().until == NOW + 4 * HOUR


def test_lane_without_which_people_stand_still_keeps_its_workers() -> None:
    codes = switchyard().lanes["codes"]
    with pytest.raises(CannotScale, match="People stand still without it"):
        scale(codes, workers=codes.workers - 1, by=None, why="Try", until=NOW + HOUR, now=NOW)


def test_processes_of_several_hosts_share_the_workers(grows: None, person: Person) -> None:
    scale(mail(), workers=7, by=person, why="Results day", until=NOW + HOUR, now=NOW)
    lane = switchyard().lanes["mail"]
    for name, beat in {"mail@a-1": NOW, "mail@b-1": NOW, "mail@gone-1": NOW - HOUR}.items():
        WorkerPresence.objects.create(name=name, lane="mail", slots=2, started_at=NOW, beat_at=beat)
    assert [slots_of(name, lane=lane, now=NOW) for name in ("mail@a-1", "mail@b-1")] == [4, 3]
    assert slots_of("mail@new-1", lane=lane, now=NOW) == 2


def test_process_that_was_asked_to_end_leaves_its_share_to_the_others(grows: None) -> None:
    lane = switchyard().lanes["mail"]
    for name, back in {"mail@a-1": NOW, "mail@b-1": None}.items():
        WorkerPresence.objects.create(
            name=name, lane="mail", slots=2, started_at=NOW, beat_at=NOW, hand_back_at=back
        )
    assert slots_of("mail@b-1", lane=lane, now=NOW) == 2


def test_most_below_the_least_is_refused(settings: Settings) -> None:
    put(settings, workers=4, most_workers=3)
    with pytest.raises(WrongSetting, match=r"\['most_workers'\] is 3"):
        switchyard()
