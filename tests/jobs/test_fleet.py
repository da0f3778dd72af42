"""The fleet: a worker process for each lane, and sweeps that go on whatever happens."""

import subprocess
import sys
import threading
from pathlib import Path
from unittest import mock

import pytest
from pytest_django import Settings
from switchyard.yard import ending as yard_ending

from jobs import fleet, learning
from jobs.crew import DRAIN_SECONDS, Crew
from jobs.fleet import supervise
from jobs.leaving import ANSWER_SECONDS, LOOK_SECONDS, ORDERLY_SECONDS
from jobs.presence import worker_name
from jobs.run_folder import RunFolder
from jobs.starting import worker_starter
from jobs.testing import wait_until

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(60)
"""


def test_crew_has_a_process_for_each_lane_and_drains_them() -> None:
    started: dict[str, subprocess.Popen[bytes]] = {}

    def start(lane: str, *_: object) -> subprocess.Popen[bytes]:
        started[lane] = subprocess.Popen(SLEEPER)
        return started[lane]

    crew = Crew(lanes=["codes", "mail"], start=start)
    crew.tend(now=100)
    crew.tend(now=101)
    assert set(started) == {"codes", "mail"}
    crew.drain(seconds=10)
    assert {process.poll() for process in started.values()} == {-15}
    names = {worker_name(lane=lane, pid=process.pid) for lane, process in started.items()}
    assert {crew.lost.get_nowait().name for _ in started} == names


def test_worker_that_does_not_hear_is_killed_after_the_deadline() -> None:
    with subprocess.Popen([sys.executable, "-c", DEAF], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"deaf\n"
        crew = Crew(lanes=["codes"], start=lambda *_: process)
        crew.tend(now=100)
        crew.drain(seconds=0.1)
        assert process.poll() == -9


def test_sweeps_go_on_after_one_that_failed(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    settings.SWITCHYARD = {**settings.SWITCHYARD, "supervision": {"sweep_seconds": 0.01}}
    stopping = threading.Event()
    sweeps: list[object] = []

    def sweep(*, now: object) -> None:
        sweeps.append(now)
        if len(sweeps) == 3:
            stopping.set()
        message = "The database restarts."
        raise OSError(message)

    monkeypatch.setattr(fleet, "sweep", sweep)
    supervise(crew=Crew(lanes=[], start=refuse), stopping=stopping)
    assert len(sweeps) == 3


def test_supervisor_of_one_lane_alone_leaves_the_sweeps_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse_to_sweep(**_: object) -> None:
        pytest.fail("swept")

    looks = threading.Semaphore(0)
    monkeypatch.setattr(fleet, "sweep", refuse_to_sweep)
    monkeypatch.setattr(fleet, "keep_observing", refuse_to_sweep)
    monkeypatch.setattr(fleet, "free_lost", lambda _crew: looks.release())
    monkeypatch.setattr(fleet, "LOOK_SECONDS", 0.01)
    stopping = threading.Event()
    running = threading.Thread(
        target=supervise,
        kwargs={"crew": Crew(lanes=[], start=refuse), "stopping": stopping, "sweeps": False},
    )
    running.start()
    assert all(looks.acquire(timeout=20) for _ in range(3))
    stopping.set()
    running.join(timeout=20)
    wait_until(lambda: "sweeps" not in {thread.name for thread in threading.enumerate()})


def refuse(lane: str, *_: object) -> subprocess.Popen[bytes]:
    """Start nothing."""
    raise AssertionError(lane)


def test_workers_write_into_logs_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    (tmp_path / "manage.py").write_text("import sys; print(sys.argv[1:])")
    settings.ROOT = tmp_path
    process = worker_starter(logs=tmp_path, folder=RunFolder(tmp_path / "run"))("codes", "threads", 0)
    assert process.wait(20) == 0
    command = ["worker", "codes", f"--pulse-to={tmp_path}/run/codes.pulses", "--pool=threads"]
    assert (tmp_path / "worker-codes.log").read_text() == f"{command}\n"


def test_workers_write_where_the_supervisor_does_when_it_has_no_folder_for_them(
    tmp_path: Path, settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "manage.py").write_text("print('here')")
    settings.ROOT = tmp_path
    assert worker_starter(logs=None, folder=RunFolder(tmp_path))("codes", None, 0).wait(20) == 0
    assert capfd.readouterr().out == "here\n"


@pytest.mark.django_db(transaction=True)
def test_dead_worker_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet, "sweep", lambda **_: None)
    monkeypatch.setattr(fleet, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr("jobs.posts.FIRST_PAUSE_SECONDS", 0.01)
    stopping = threading.Event()
    started: list[subprocess.Popen[bytes]] = []

    def start(_lane: str, *_: object) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen(SLEEPER if started else [sys.executable, "-c", "pass"]))
        return started[-1]

    running = threading.Thread(
        target=supervise, kwargs={"crew": Crew(lanes=["codes"], start=start), "stopping": stopping}
    )
    running.start()
    wait_until(lambda: len(started) == 2, seconds=20)
    stopping.set()
    running.join(timeout=20)
    assert started[1].poll() == -15


def test_supervisor_whose_database_hangs_ends_soon_after_its_workers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    released, hangs = threading.Event(), threading.Semaphore(0)

    def hang(*_: object, **__: object) -> None:
        hangs.release()
        released.wait(60)

    monkeypatch.setattr(fleet, "DRAIN_SECONDS", 0.1)
    monkeypatch.setattr(fleet, "Roster", mock.Mock())
    monkeypatch.setattr(fleet, "leave", mock.Mock())
    monkeypatch.setattr(fleet, "sweep", hang)
    stopping = threading.Event()
    with subprocess.Popen([sys.executable, "-c", DEAF], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"deaf\n"
        crew = Crew(lanes=["codes"], start=lambda *_: process)
        running = threading.Thread(target=supervise, kwargs={"crew": crew, "stopping": stopping})
        running.start()
        wait_until(lambda: crew.posts[0].process is process)
        assert hangs.acquire(timeout=20)  # in the middle of a sweep
        monkeypatch.setattr(fleet, "free_lost", hang)
        stopping.set()
        assert hangs.acquire(timeout=20)  # the killed worker's parts are to be offered again
        running.join(timeout=fleet.FREE_SECONDS + 0.5)
        has_ended = not running.is_alive()
        released.set()
    running.join(timeout=20)
    wait_until(lambda: "freeing" not in {thread.name for thread in threading.enumerate()}, seconds=20)
    assert has_ended


def test_worker_leaves_before_its_supervisor_kills_it() -> None:
    assert ORDERLY_SECONDS + ANSWER_SECONDS + LOOK_SECONDS <= DRAIN_SECONDS - 0.5


def test_supervisor_of_a_yard_ends_before_the_yard_kills_it() -> None:
    asked_at = yard_ending.WEB_ALONE
    assert asked_at + fleet.ENDS_WITHIN_SECONDS <= yard_ending.PLATFORM_KILLED - 0.5


@pytest.mark.django_db(transaction=True)
def test_sweeps_go_on_beside_an_observer_that_does_not_come_back(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.SWITCHYARD = {**settings.SWITCHYARD, "supervision": {"sweep_seconds": 0.01}}
    is_observing, is_over, stopping = threading.Event(), threading.Event(), threading.Event()
    sweeps: list[object] = []

    def hang(*, now: object) -> None:
        is_observing.set()
        is_over.wait(timeout=60)

    def sweep(*, now: object) -> None:
        if is_observing.is_set():
            sweeps.append(now)
        if len(sweeps) == 3:
            stopping.set()

    monkeypatch.setattr(learning, "learn_costs", hang)
    monkeypatch.setattr(fleet, "sweep", sweep)
    timer = threading.Timer(30, stopping.set)
    timer.start()
    supervise(crew=Crew(lanes=[], start=lambda *_: pytest.fail("no lane")), stopping=stopping)
    timer.cancel()
    is_over.set()
    wait_until(lambda: "observing" not in {thread.name for thread in threading.enumerate()})
    assert len(sweeps) == 3
