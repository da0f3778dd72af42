"""A lane's worker is replaced when the settings want another pool for it: the new one comes first."""

import subprocess
from collections.abc import Collection

import pytest

from jobs.crew import DRAIN_SECONDS, HUNG, Crew
from jobs.handover import READY_SECONDS, LanePost
from jobs.lanes import PoolType
from jobs.measures import WORKERS_REPLACED
from jobs.presence import worker_name
from jobs.pulses import Listener


class FakeProcess:
    """A process that ends when the test says so."""

    def __init__(self, pid: int) -> None:
        """Live."""
        self.pid = pid
        self.code: int | None = None
        self.was_asked_to_end = False

    def poll(self) -> int | None:
        return self.code

    def terminate(self) -> None:
        self.was_asked_to_end = True

    def kill(self) -> None:
        self.code = -9

    def wait(self, timeout: float | None = None) -> int:  # noqa: ARG002  (as the protocol has it)
        assert self.code is not None
        return self.code


class FakePulses(Listener):
    """Finds those silent that the test names."""

    def __init__(self) -> None:
        """Find nobody silent."""
        super().__init__([])
        self.hung: set[int] = set()
        self.watched: set[int] = set()

    def silent(self, processes: Collection[int], *, now: float) -> set[int]:  # noqa: ARG002  (as in Listener)
        self.watched = set(processes)
        return self.watched & self.hung


class Yard:
    """A crew of one lane, and all processes that it started."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self.started: list[FakeProcess] = []
        self.pulses = FakePulses()
        self.crew = Crew(lanes=["codes"], start=self.start, pulses=self.pulses)

    def start(self, _lane: str, *_: object) -> FakeProcess:
        self.started.append(FakeProcess(pid=1000 + len(self.started)))
        return self.started[-1]

    @property
    def post(self) -> LanePost:
        return self.crew.posts[0]

    def tend(self, now: float, *, pool: PoolType, present: tuple[int, ...] = ()) -> None:
        self.crew.want({"codes": pool})
        self.crew.present = frozenset(
            worker_name(lane="codes", pid=self.started[place].pid) for place in present
        )
        self.crew.tend(now=now)


@pytest.fixture
def yard() -> Yard:
    yard = Yard()
    yard.tend(100, pool="threads")
    return yard


def test_worker_stays_while_its_pool_is_wanted(yard: Yard) -> None:
    yard.tend(101, pool="threads")
    assert len(yard.started) == 1
    assert not yard.crew.is_handing_over


def test_old_worker_is_asked_to_end_only_when_the_new_one_is_present(yard: Yard) -> None:
    yard.tend(101, pool="prefork")
    yard.tend(102, pool="prefork")
    old, new = yard.started
    assert yard.crew.is_handing_over
    assert not old.was_asked_to_end
    yard.tend(103, pool="prefork", present=(1,))
    assert old.was_asked_to_end
    assert yard.post.process is new
    assert not yard.crew.is_handing_over


def test_replaced_worker_that_ended_is_told_as_lost_so_that_its_parts_are_offered_again(yard: Yard) -> None:
    yard.tend(101, pool="prefork")
    yard.tend(102, pool="prefork", present=(1,))
    yard.started[0].code = 0
    yard.tend(103, pool="prefork")
    assert yard.crew.lost.get_nowait().name == worker_name(lane="codes", pid=1000)


def test_replaced_worker_that_does_not_end_is_killed(yard: Yard) -> None:
    yard.tend(101, pool="prefork")
    yard.tend(102, pool="prefork", present=(1,))
    yard.tend(102 + DRAIN_SECONDS, pool="prefork")
    assert yard.started[0].code == -9


def test_new_worker_that_ends_before_it_is_ready_leaves_the_old_one_and_is_tried_again(yard: Yard) -> None:
    yard.tend(101, pool="prefork")
    yard.started[1].code = 1
    yard.tend(102, pool="prefork")
    assert yard.post.process is yard.started[0]
    yard.tend(102.9, pool="prefork")
    assert len(yard.started) == 2
    yard.tend(103, pool="prefork")
    assert len(yard.started) == 3


def test_new_worker_that_never_gets_ready_is_given_up(yard: Yard) -> None:
    yard.tend(101, pool="prefork")
    yard.tend(101 + READY_SECONDS, pool="prefork")
    assert yard.started[1].code == -9
    assert not yard.started[0].was_asked_to_end


def test_old_worker_that_dies_meanwhile_is_followed_at_once(yard: Yard) -> None:
    yard.tend(101, pool="prefork")
    yard.started[0].code = -9
    yard.tend(102, pool="prefork")
    assert yard.post.process is yard.started[1]
    yard.tend(103, pool="prefork")
    assert len(yard.started) == 2


def test_change_during_the_handover_is_followed_by_another_one(yard: Yard) -> None:
    yard.tend(101, pool="prefork")
    yard.tend(102, pool="threads", present=(1,))
    yard.tend(103, pool="threads")
    yard.tend(104, pool="threads", present=(2,))
    assert yard.post.process is yard.started[2]
    assert yard.started[1].was_asked_to_end


def test_drain_ends_all_processes_of_a_handover(yard: Yard) -> None:
    yard.tend(101, pool="prefork")
    for process in yard.started:
        process.code = 0
    yard.crew.drain(seconds=1)
    assert all(process.was_asked_to_end for process in yard.started)


def test_hung_worker_is_asked_to_end_and_followed_by_another_after_a_second(yard: Yard) -> None:
    hung = yard.started[0]
    yard.pulses.hung = {hung.pid}
    yard.tend(110, pool="threads")
    assert hung.was_asked_to_end
    yard.tend(110.9, pool="threads")
    assert len(yard.started) == 1
    yard.tend(111, pool="threads")
    assert yard.post.process is yard.started[1]


def test_hung_worker_that_does_not_end_is_killed_and_told_as_lost(yard: Yard) -> None:
    hung = yard.started[0]
    yard.pulses.hung = {hung.pid}
    yard.tend(110, pool="threads")
    yard.tend(110 + DRAIN_SECONDS - 0.1, pool="threads")
    assert hung.code is None
    yard.tend(110 + DRAIN_SECONDS, pool="threads")
    assert hung.code == -9
    lost = yard.crew.lost.get_nowait()
    assert (lost.name, lost.how) == (worker_name(lane="codes", pid=hung.pid), HUNG)


@pytest.mark.parametrize(
    ("code", "how"),
    [
        (-9, "The worker was ended by signal 9 (SIGKILL)."),
        (-63, "The worker was ended by signal 63."),
        (3, "The worker ended by itself, with exit code 3."),
    ],
)
def test_worker_that_ends_unasked_is_told_as_lost_with_what_ended_it(yard: Yard, code: int, how: str) -> None:
    yard.started[0].code = code
    yard.tend(101, pool="threads")
    assert yard.crew.lost.get_nowait().how == how


def test_worker_that_was_asked_to_end_is_left_alone_within_its_grace(yard: Yard) -> None:
    yard.tend(101, pool="prefork")
    yard.tend(102, pool="prefork", present=(1,))
    old, new = yard.started
    yard.pulses.hung = {old.pid}
    yard.tend(103, pool="prefork")
    assert yard.pulses.watched == {new.pid}
    assert old.code is None


def test_successor_takes_the_place_of_a_hung_worker_at_once(yard: Yard) -> None:
    yard.tend(101, pool="prefork")
    yard.pulses.hung = {yard.started[0].pid}
    yard.tend(102, pool="prefork")
    assert yard.post.process is yard.started[1]
    assert yard.started[0].was_asked_to_end


def test_lane_whose_workers_hang_again_and_again_waits_longer_for_each(yard: Yard) -> None:
    yard.pulses.hung = {1000, 1001}
    yard.tend(110, pool="threads")
    yard.tend(111, pool="threads")
    yard.tend(112, pool="threads")
    yard.tend(113.9, pool="threads")
    assert len(yard.started) == 2
    yard.tend(114, pool="threads")
    assert len(yard.started) == 3


def test_workers_that_do_not_end_are_all_killed_before_the_first_is_waited_for() -> None:
    happened: list[str] = []

    class Slow(FakeProcess):
        def kill(self) -> None:
            super().kill()
            happened.append("killed")

        def wait(self, timeout: float | None = None) -> int:
            if self.code is None:
                raise subprocess.TimeoutExpired([], timeout or 0)
            happened.append("waited for")
            return self.code

    crew = Crew(lanes=["codes", "mail"], start=lambda lane, *_: Slow(pid=len(lane)))
    crew.tend(now=100)
    crew.drain(seconds=0.01)
    assert happened == ["killed"] * 2 + ["waited for"] * 2


def test_worker_that_has_too_much_memory_is_followed_by_another_one(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[tuple[str, ...]] = []
    monkeypatch.setattr(WORKERS_REPLACED, "add", lambda *labels: counted.append(labels))
    large = yard.started[0]
    yard.crew.outgrown = frozenset({worker_name(lane="codes", pid=large.pid)})
    yard.tend(101, pool="threads")
    assert len(yard.started) == 2
    assert not large.was_asked_to_end
    yard.tend(102, pool="threads", present=(1,))
    assert large.was_asked_to_end
    assert counted == [("codes", "worker", "memory")]
    yard.tend(103, pool="threads", present=(1,))
    assert (yard.post.process, len(yard.started)) == (yard.started[1], 2)
