"""A part that needs more memory than one may take ends its process, and fails with a sentence."""

import mmap
import os
import resource
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import pytest

from jobs.ceilings import HARD_TIMES, Ceiling, TooMuchMemory
from jobs.notices import Notices
from jobs.overgrowth import FIRST_TO_GO, SCORE, Overgrowth, go_first
from jobs.sections import MEGABYTE
from jobs.settings import switchyard
from jobs.testing import wait_until

PART = (7, 3)


@pytest.fixture
def notices() -> Iterator[Notices]:
    made = Notices()
    yield made
    made.close()


@pytest.fixture
def overgrowth(notices: Notices) -> Overgrowth:
    return Overgrowth(notices)


@pytest.fixture
def child(notices: Notices) -> Iterator[Callable[[int], int]]:
    """Fork a child that takes so many megabytes for a part of 40, and then waits for its end."""
    children = []

    def fork(megabytes: int) -> int:
        child = os.fork()
        if child == 0:
            ceiling = Ceiling()
            ceiling.notices = notices
            with ceiling.over(part=PART[0], fence=PART[1], megabytes=40):
                # Of its own, not out of what this process has freed already.
                taken = mmap.mmap(-1, megabytes * MEGABYTE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
                for place in range(0, len(taken), mmap.PAGESIZE):
                    taken[place] = 1
                os.read(os.pipe()[0], 1)
        children.append(child)
        return child

    yield fork
    for child in children:
        os.kill(child, 9)
        os.waitpid(child, 0)


def seen(overgrowth: Overgrowth, process: int) -> int:
    """Look, and return the most bytes seen that the part of `process` took."""
    overgrowth.look()
    return overgrowth._most[process][1] if process in overgrowth._most else 0


def test_child_that_takes_too_much_is_killed_and_blamed(
    child: Callable[[int], int], overgrowth: Overgrowth
) -> None:
    process = child(80)
    with mock.patch("jobs.overgrowth.os.kill") as kill:
        wait_until(lambda: seen(overgrowth, process) > 0 and kill.called)
    assert kill.mock_calls == [mock.call(process, 9)]
    work = overgrowth.blamed(process, code=-9)
    assert work is not None
    assert (work.claimed, work.ceiling) == (PART, 40 * MEGABYTE)
    assert overgrowth.blamed(process, code=-9) is None


def test_child_that_stays_below_its_ceiling_is_left_alone(
    child: Callable[[int], int], overgrowth: Overgrowth
) -> None:
    process = child(20)
    with mock.patch("jobs.overgrowth.os.kill") as kill:
        wait_until(lambda: seen(overgrowth, process) > 19 * MEGABYTE)
    assert not kill.called
    assert overgrowth.blamed(process, code=-9) is None


@pytest.mark.parametrize("code", [-9, -6, -11, -15, 1, 0])
def test_child_that_died_near_its_ceiling_by_a_signal_of_that_kind_died_of_it(
    child: Callable[[int], int], overgrowth: Overgrowth, code: int
) -> None:
    process = child(36)
    wait_until(lambda: seen(overgrowth, process) > 35 * MEGABYTE)
    assert (overgrowth.blamed(process, code=code) is not None) == (code in {-9, -6, -11})


def test_look_that_failed_is_no_reason_to_look_no_more(overgrowth: Overgrowth) -> None:
    with (
        mock.patch.object(overgrowth, "_notices") as notices,
        mock.patch("jobs.overgrowth.threading") as threading,
    ):
        threading.Event.return_value.wait.side_effect = [False, False, False, True]
        notices.at_work.side_effect = [RuntimeError("dictionary changed size"), {}]
        overgrowth._run()
    assert notices.at_work.call_count == 2


def test_memory_of_an_earlier_part_is_no_reason(overgrowth: Overgrowth, notices: Notices) -> None:
    here = os.getpid()
    notices.work(*PART, began_with=0, ceiling=1 << 40)
    overgrowth.look()
    notices.rest(*PART)
    notices.work(8, 1, began_with=1 << 40, ceiling=MEGABYTE)
    overgrowth.look()
    assert overgrowth.blamed(here, code=-9) is None


def test_part_that_wants_far_too_much_at_once_fails_where_it_is(notices: Notices) -> None:
    ceiling = Ceiling()
    ceiling.notices = notices
    before = resource.getrlimit(resource.RLIMIT_DATA)

    def work() -> None:
        with ceiling.over(part=PART[0], fence=PART[1], megabytes=1500):
            assert notices.at_work()
            bytearray((HARD_TIMES + 1) * 1500 * MEGABYTE)

    with pytest.raises(TooMuchMemory) as refused:
        work()
    assert str(refused.value) == (
        "It needs more than 1,500 MB of memory, the most that one part may take. Make it smaller, for "
        "example without its largest files, or ask the people who run the platform to allow more."
    )
    assert resource.getrlimit(resource.RLIMIT_DATA) == before
    assert not notices.at_work()


@pytest.mark.parametrize("megabytes", [None, 1500])
def test_process_that_nobody_watches_and_lane_without_a_ceiling_have_no_limit(
    notices: Notices, megabytes: Any
) -> None:
    ceiling = Ceiling()
    ceiling.notices = None if megabytes else notices
    before = resource.getrlimit(resource.RLIMIT_DATA)
    with ceiling.over(part=PART[0], fence=PART[1], megabytes=megabytes):
        assert resource.getrlimit(resource.RLIMIT_DATA) == before
        assert not notices.at_work()


def test_limit_that_the_system_has_already_is_not_raised(notices: Notices) -> None:
    ceiling = Ceiling()
    ceiling.notices = notices
    with (
        mock.patch("jobs.ceilings.resource.getrlimit", return_value=(5, 5)),
        mock.patch("jobs.ceilings.resource.setrlimit") as limited,
        ceiling.over(part=PART[0], fence=PART[1], megabytes=1500),
    ):
        assert not limited.called


def test_child_is_the_first_that_the_system_ends() -> None:
    child = os.fork()
    if child == 0:
        go_first()
        os._exit(int(SCORE.read_text()) != FIRST_TO_GO)
    assert os.waitpid(child, 0)[1] == 0


def test_slow_companion_of_a_lane_with_a_ceiling_has_one_too() -> None:
    lanes = switchyard().lanes
    homes = [lane for lane in lanes.values() if lane.pool == "prefork" and lane.slow_companion]
    assert homes
    assert {lanes[str(home.slow_companion)].pool for home in homes} == {"prefork"}
