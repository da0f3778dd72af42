"""What supervisors tell of their workers, and that they are gone."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import psutil
import pytest
from django.test import Client
from django.utils import timezone

from jobs import roster
from jobs.adopting import Adopted
from jobs.crew import Crew, LostWorker
from jobs.models import KeptLane, Role, Sweep, WorkerPresence
from jobs.presence import worker_name
from jobs.roster import TELL, UNHEARD, Roster
from jobs.settings import switchyard
from jobs.testing import make_person
from tests.jobs.settings_pages.conftest import text_of

pytestmark = pytest.mark.django_db
NOW = timezone.now()
NOTHING = "\N{EN DASH}"


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """A process."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        yield process
        process.kill()


@pytest.fixture
def crew(worker: subprocess.Popen[bytes]) -> Crew:
    """A crew that has started the process."""
    made = Crew(lanes=["codes"], start=lambda *_: worker)
    made.tend(now=100)
    return made


@pytest.fixture
def ops(client: Client) -> Client:
    client.force_login(make_person(role=Role.OPS))
    return client


def test_worker_and_supervisor_are_told(crew: Crew, worker: subprocess.Popen[bytes]) -> None:
    Roster(crew).take_turn(now=NOW)
    kept = KeptLane.objects.get()
    assert (kept.host, kept.lane, kept.supervisor) == (socket.gethostname(), "codes", os.getpid())
    assert kept.worker == worker_name(lane="codes", pid=worker.pid)
    assert not kept.is_adopted


def test_next_supervisor_goes_on_counting_ends_and_says_whom_it_adopted(
    crew: Crew, worker: subprocess.Popen[bytes]
) -> None:
    Roster(crew).take_turn(now=NOW)
    lost = LostWorker(name="codes@here-1", lane="codes", how="The worker ended by itself, with exit code 3.")
    roster.note_end(lost, now=NOW)
    following = Crew(lanes=["codes"], start=lambda *_: worker)
    following.adopt({"codes": [Adopted(psutil.Process(worker.pid))]}, now=100)
    Roster(following).take_turn(now=NOW + timedelta(minutes=1))
    kept = KeptLane.objects.get()
    assert (kept.is_adopted, kept.ends, kept.ended_at, kept.ended_how) == (True, 1, NOW, lost.how)
    assert kept.kept_since == NOW


def test_supervisor_tells_every_two_seconds_and_of_another_worker_at_once(crew: Crew) -> None:
    telling = Roster(crew)
    seen = []
    for seconds in (0, 1, TELL.total_seconds()):
        telling.take_turn(now=NOW + timedelta(seconds=seconds))
        seen.append((KeptLane.objects.get().seen_at - NOW).total_seconds())
    assert seen == [0, 0, 2]
    crew.posts[0].process = None
    telling.take_turn(now=NOW + timedelta(seconds=2.5))
    assert KeptLane.objects.get().worker == ""


def test_supervisor_that_ends_in_order_takes_its_lanes_back_and_no_others(crew: Crew) -> None:
    Roster(crew).take_turn(now=NOW)
    make_kept(host="elsewhere")
    roster.leave(["codes"])
    assert KeptLane.objects.get().host == "elsewhere"


def test_lane_of_a_host_that_is_gone_is_forgotten_and_one_with_a_worker_is_not() -> None:
    make_kept(host="gone")
    make_kept(host="here", worker="codes@here-1")
    WorkerPresence.objects.create(name="codes@here-1", lane="codes", slots=1, started_at=NOW, beat_at=NOW)
    roster.forget_gone(before=NOW)
    assert KeptLane.objects.count() == 2
    roster.forget_gone(before=NOW + timedelta(seconds=1))
    assert KeptLane.objects.get().host == "here"


def make_kept(*, host: str = "here", lane: str = "codes", **fields: object) -> KeptLane:
    told = {"supervisor": 4711, "seen_at": NOW, "kept_since": NOW, "is_adopted": False, **fields}
    return KeptLane.objects.create(host=host, lane=lane, **told)


def test_pages_say_since_when_no_supervisor_lives(ops: Client) -> None:
    long_ago = timezone.now() - UNHEARD - timedelta(seconds=1)
    make_kept(host="here", lane="codes", seen_at=long_ago)
    make_kept(host="here", lane="mail", seen_at=long_ago)
    make_kept(host="there", lane="mail", seen_at=timezone.now())
    Sweep.objects.create(at=long_ago)
    at = f"{timezone.localtime(long_ago):%H:%M:%S}"
    for address in ("/ops/", "/ops/workers/"):
        page = text_of(ops.get(address).content.decode())
        assert f"{at} for codes, mail. A worker that is there goes on" in page
        assert "there has had no supervisor" not in page
        assert "No supervisor has looked for lost work since" in page


def test_nothing_is_said_while_supervisors_live(ops: Client) -> None:
    for lane in switchyard().lanes:
        make_kept(lane=lane, seen_at=timezone.now())
    Sweep.objects.create(at=timezone.now())
    assert "supervisor" not in text_of(ops.get("/ops/").content.decode())


def test_pages_say_which_lanes_no_supervisor_of_any_host_keeps_at_work(ops: Client) -> None:
    silent = timezone.now() - UNHEARD - timedelta(seconds=1)
    for lane in switchyard().lanes:
        make_kept(host="silent", lane=lane, seen_at=silent)
        if lane not in {"mail", "codes"}:
            make_kept(host="living", lane=lane, seen_at=timezone.now())
    for address in ("/ops/", "/ops/workers/"):
        page = text_of(ops.get(address).content.decode())
        assert "No supervisor keeps codes, mail at work on any host." in page


def test_workers_page_tells_of_each_worker_where_it_is_from_and_why_the_last_one_ended(ops: Client) -> None:
    now = timezone.now()
    make_kept(
        seen_at=now,
        worker="codes@here-12",
        is_adopted=True,
        ends=3,
        ended_at=now,
        ended_how="The worker was ended by signal 9 (SIGKILL).",
    )
    for name in ("codes@here-12", "codes@here-13", "mail@over-there-7"):
        lane = name.partition("@")[0]
        WorkerPresence.objects.create(name=name, lane=lane, slots=2, started_at=now, beat_at=now)
    page = text_of(ops.get("/ops/workers/").content.decode())
    assert page.count("codes@here-12") == 1
    assert "taken over from a supervisor that died Present process 4711 3 since" in page
    assert "The worker was ended by signal 9 (SIGKILL)." in page
    assert "codes@here-13 codes on here 2" in page
    assert page.count("Present process 4711") == 2
    assert "mail@over-there-7 mail on over-there 2" in page
    assert "None has told of it" in page


def test_workers_page_tells_of_lanes_whose_worker_or_supervisor_is_not_there(ops: Client) -> None:
    make_kept(host="here", seen_at=timezone.now())
    make_kept(host="there", worker="codes@there-3", seen_at=timezone.now() - UNHEARD - timedelta(seconds=1))
    page = text_of(ops.get("/ops/workers/").content.decode())
    assert (
        f"None at the moment codes on here {NOTHING} {NOTHING} {NOTHING} Present process 4711 0 since" in page
    )
    assert f"codes@there-3 codes on there {NOTHING} {NOTHING} {NOTHING} started by its" in page
    assert "supervisor None since" in page
    assert "; it was process 4711 0 since" in page


def test_workers_page_without_workers_and_supervisors_says_so(ops: Client) -> None:
    page = text_of(ops.get("/ops/workers/").content.decode())
    assert "No worker is there, and no supervisor keeps any." in page
