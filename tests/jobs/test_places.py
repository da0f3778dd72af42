"""A lane may have several worker processes on a host: they come, go and are adopted each at its place."""

from collections.abc import Mapping
from typing import Any
from unittest import mock

import pytest
from django.utils import timezone

from jobs.crew import DRAIN_SECONDS, FEWER, Crew
from jobs.models import KeptLane
from jobs.presence import worker_name
from jobs.roster import Roster
from tests.jobs.test_handover import FakeProcess

NOW = timezone.now()


class Yard:
    """A crew of two lanes, and the processes that it started, by lane and place."""

    def __init__(self) -> None:
        """Have the first process of each lane."""
        self.started: dict[tuple[str, int], FakeProcess] = {}
        self.crew = Crew(lanes=["mail", "codes"], start=self.start)
        self.tend(100)

    def start(self, lane: str, _pool: object, place: int) -> FakeProcess:
        self.started[lane, place] = FakeProcess(pid=1000 + len(self.started))
        return self.started[lane, place]

    def tend(self, now: float, processes: Mapping[str, int] | None = None) -> None:
        """Tend the crew; from now on the lanes are to have so many processes."""
        if processes is not None:
            self.crew.processes = processes
        self.crew.tend(now=now)

    @property
    def places(self) -> list[tuple[str, int]]:
        return [(post.name, post.place) for post in self.crew.posts]


@pytest.fixture
def yard() -> Yard:
    return Yard()


def test_lane_gets_another_process_beside_the_first_at_once(yard: Yard) -> None:
    yard.tend(101, {"mail": 3, "codes": 1})
    assert list(yard.started) == [("mail", 0), ("codes", 0), ("mail", 1), ("mail", 2)]
    assert not yard.crew.is_complete
    yard.crew.present = frozenset(
        worker_name(lane=lane, pid=process.pid) for (lane, _), process in yard.started.items()
    )
    yard.tend(102)
    assert yard.crew.is_complete


def test_last_process_is_asked_to_end_when_fewer_are_wanted_and_the_first_stays(yard: Yard) -> None:
    yard.tend(101, {"mail": 2})
    yard.tend(102, {"mail": 0})
    assert yard.places == [("mail", 0), ("codes", 0)]
    leaving = yard.started["mail", 1]
    assert leaving.was_asked_to_end
    assert not yard.started["mail", 0].was_asked_to_end
    leaving.code = 0
    yard.tend(103)
    lost = yard.crew.lost.get_nowait()
    assert (lost.name, lost.how) == (worker_name(lane="mail", pid=leaving.pid), FEWER)


def test_process_too_many_that_does_not_end_is_killed(yard: Yard) -> None:
    yard.tend(101, {"mail": 2})
    yard.tend(102, {"mail": 1})
    yard.tend(102 + DRAIN_SECONDS)
    assert yard.started["mail", 1].code == -9


def test_lanes_keep_what_they_have_while_nobody_knows_how_many_they_are_to_have(yard: Yard) -> None:
    yard.tend(101, {"mail": 2})
    yard.tend(102, {})
    assert yard.places == [("mail", 0), ("codes", 0), ("mail", 1)]


def test_process_that_ends_is_started_again_at_its_place(yard: Yard) -> None:
    yard.tend(101, {"mail": 2})
    before = yard.started["mail", 1]
    before.code = -9
    yard.tend(102)
    yard.tend(103)
    assert yard.started["mail", 1] is not before
    assert yard.started["mail", 0].code is None


def test_further_process_has_the_pool_of_the_lane(yard: Yard) -> None:
    yard.crew.want({"mail": "threads"})
    yard.tend(101, {"mail": 2})
    assert [post.wanted for post in yard.crew.posts] == ["threads", None, "threads"]


def adopted(pid: int, *, place: int) -> Any:
    return mock.Mock(pid=pid, pool=None, place=place, age_seconds=100.0, poll=lambda: None)


def test_next_supervisor_takes_on_each_process_at_its_place() -> None:
    crew = Crew(lanes=["mail"], start=mock.Mock(side_effect=AssertionError))
    workers = [adopted(1, place=0), adopted(2, place=1), adopted(3, place=2), adopted(4, place=1)]
    crew.adopt({"mail": workers}, now=100)
    crew.tend(now=100)
    assert [(post.place, [one.pid for one in post.processes]) for post in crew.posts] == [
        (0, [1]),
        (1, [2, 4]),
        (2, [3]),
    ]


@pytest.mark.django_db
def test_supervisor_tells_of_a_lane_once(yard: Yard) -> None:
    yard.tend(101, {"mail": 2})
    Roster(yard.crew).take_turn(now=NOW)
    told = dict(KeptLane.objects.values_list("lane", "worker"))
    assert told == {lane: worker_name(lane=lane, pid=yard.started[lane, 0].pid) for lane in ("mail", "codes")}
