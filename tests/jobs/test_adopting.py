"""Workers whose supervisor died are found by their command and taken on; no other process is ever touched."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from jobs.adopting import Adopted, find_workers
from jobs.crew import DRAIN_SECONDS, HUNG, Crew
from jobs.handover import LanePost
from jobs.posts import NO_CODE
from jobs.presence import worker_name
from jobs.pulses import SILENT_SECONDS, Listener
from jobs.run_folder import RunFolder
from jobs.testing import wait_until

WORKER = """
import os, sys, time
if "--forks" in sys.argv and os.fork() == 0:
    time.sleep(60)
    os._exit(0)
print("works", flush=True)
time.sleep(60)
"""
Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[RunFolder]:
    """The run folder, with the lanes kept."""
    made = RunFolder(tmp_path / "run")
    made.keep(["codes", "mail"])
    yield made
    made.close()


@pytest.fixture
def start(folder: RunFolder) -> Iterator[Start]:
    """Return what starts a process with the command of a worker."""
    started: list[subprocess.Popen[bytes]] = []

    def run(lane: str, *options: str, pipe: Path | None = None) -> subprocess.Popen[bytes]:
        pulses = f"--pulse-to={pipe or folder.pulses(lane)}"
        command = [sys.executable, "-c", WORKER, "worker", lane, pulses, *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == b"works\n"
        return process

    yield run
    for process in started:
        if process.poll() is None:
            for child in psutil.Process(process.pid).children():
                child.kill()
        process.kill()
        process.communicate()


def found(folder: RunFolder) -> dict[str, list[Adopted]]:
    return find_workers({lane: folder.pulses(lane) for lane in ("codes", "mail")})


def refuse(lane: str, *_: object) -> subprocess.Popen[bytes]:
    """Start nothing."""
    raise AssertionError(lane)


def test_workers_are_found_by_lane_with_their_pool_oldest_first(folder: RunFolder, start: Start) -> None:
    first, second = start("codes", "--pool=threads"), start("codes", "--pool=prefork")
    other = start("mail")
    told = {
        lane: [(worker.pid, worker.pool) for worker in workers] for lane, workers in found(folder).items()
    }
    assert told == {"codes": [(first.pid, "threads"), (second.pid, "prefork")], "mail": [(other.pid, None)]}


def test_workers_of_another_folder_are_left_alone(folder: RunFolder, start: Start, tmp_path: Path) -> None:
    start("codes", pipe=tmp_path / "other" / "codes.pulses")
    assert found(folder) == {}


def test_forked_children_are_no_workers(folder: RunFolder, start: Start) -> None:
    worker = start("codes", "--forks")
    assert len(psutil.Process(worker.pid).children()) == 1
    assert [adopted.pid for adopted in found(folder)["codes"]] == [worker.pid]


def test_lane_with_a_worker_gets_no_second_one_and_drain_ends_it(folder: RunFolder, start: Start) -> None:
    worker = start("codes")
    crew = Crew(lanes=["codes"], start=refuse)
    crew.adopt(found(folder), now=100)
    crew.tend(now=100)
    assert crew.posts[0].process is not None
    assert crew.posts[0].process.pid == worker.pid
    crew.drain(seconds=20)
    assert worker.wait(20) == -15


def test_worker_that_ended_is_replaced_and_told_as_lost_without_a_cause(
    folder: RunFolder, start: Start
) -> None:
    worker = start("codes")
    crew = Crew(lanes=["codes"], start=lambda lane, *_: start(lane))
    crew.adopt(found(folder), now=100)
    worker.kill()
    wait_until(lambda: crew.posts[0].process is not None and crew.posts[0].process.poll() == NO_CODE)
    crew.tend(now=101)
    crew.tend(now=102)
    lost = crew.lost.get_nowait()
    assert lost.name == worker_name(lane="codes", pid=worker.pid)
    assert (
        lost.how
        == "The worker ended. An earlier supervisor had started it, so nobody was told what ended it."
    )
    [following] = found(folder)["codes"]
    assert crew.posts[0].process is not None
    assert crew.posts[0].process.pid == following.pid


def test_silent_worker_is_replaced_and_killed_though_it_is_no_child(folder: RunFolder, start: Start) -> None:
    worker = start("codes")
    psutil.Process(worker.pid).suspend()
    listener = Listener.at([folder.pulses("codes")])
    crew = Crew(lanes=["codes"], start=lambda lane, *_: start(lane), pulses=listener)
    crew.adopt({"codes": [Seasoned(psutil.Process(worker.pid))]}, now=100)
    for now in range(100, 101 + int(SILENT_SECONDS)):
        crew.tend(now=now)
    assert worker.poll() is None
    crew.tend(now=100 + SILENT_SECONDS + DRAIN_SECONDS)
    assert worker.wait(20) in {-9, -15}  # a stopped process was asked, and killed, at once
    crew.tend(now=101 + SILENT_SECONDS + DRAIN_SECONDS)
    assert crew.lost.get_nowait().how == HUNG
    listener.close()


class Seasoned(Adopted):
    """A worker that is long past its start."""

    @property
    def age_seconds(self) -> float:
        return 1000.0


def test_handover_goes_on_under_the_next_supervisor(folder: RunFolder, start: Start) -> None:
    old, new = start("codes", "--pool=threads"), start("codes", "--pool=prefork")
    crew = Crew(lanes=["codes"], start=refuse)
    crew.want({"codes": "prefork"})
    crew.adopt(found(folder), now=100)
    assert crew.is_handing_over
    crew.tend(now=100)
    assert old.poll() is None
    crew.present = frozenset({worker_name(lane="codes", pid=new.pid)})
    crew.tend(now=101)
    assert old.wait(20) == -15
    assert crew.posts[0].process is not None
    assert crew.posts[0].process.pid == new.pid
    assert not crew.is_handing_over


def test_worker_of_another_pool_than_the_wanted_one_is_replaced(folder: RunFolder, start: Start) -> None:
    start("codes", "--pool=threads")
    post = LanePost(name="codes", start=lambda lane, pool, _: start(lane, f"--pool={pool}"))
    post.wanted = "prefork"
    post.adopt(found(folder)["codes"], now=100)
    post.hand_over(now=100, is_ready=lambda _pid: False)
    assert [worker.pool for worker in found(folder)["codes"]] == ["threads", "prefork"]


def test_third_worker_of_a_lane_is_asked_to_end(folder: RunFolder, start: Start) -> None:
    oldest, *_ = [start("codes") for _ in range(3)]
    crew = Crew(lanes=["codes"], start=refuse)
    crew.adopt(found(folder), now=100)
    assert oldest.wait(20) == -15
    assert len(found(folder)["codes"]) == 2


def test_process_that_has_the_id_of_an_ended_worker_is_never_touched(start: Start) -> None:
    stranger = start("codes")
    process = psutil.Process(stranger.pid)
    # The worker that had this id began at another time: so psutil tells the two apart.
    process._ident = (stranger.pid, 1.0)
    adopted = Adopted(process)
    assert adopted.poll() == NO_CODE
    adopted.terminate()
    adopted.kill()
    assert adopted.wait(0) == NO_CODE
    assert stranger.poll() is None


def test_wait_gives_up_on_a_worker_that_lives(folder: RunFolder, start: Start) -> None:
    start("codes")
    with pytest.raises(subprocess.TimeoutExpired):
        found(folder)["codes"][0].wait(0.01)
