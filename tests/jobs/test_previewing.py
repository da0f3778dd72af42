"""A preview simulates the traffic that the database remembers, under other settings."""

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from jobs import canaries, execution, registry
from jobs.arguments import Arguments
from jobs.models import Job, Part, PartState, School
from jobs.previewing import preview
from jobs.registry import Kind
from jobs.settings import Switchyard, read, switchyard
from jobs.simulation import Waits
from jobs.simulation.waits import quantile
from jobs.submission import submit
from jobs.testing import make_school, run_parts
from jobs.verbs import PartPlan, WorkingPart

SLOT_SECONDS = 0.3
GENEROUS = 4
"""The factor that a crowded machine may lie off; a quiet one is within a quarter."""


class NapArguments(Arguments):
    """How many naps, and how long each."""

    parts: int
    seconds: float


class Nap(Kind):
    """Holds its slot for as long as it is told."""

    label = "Nap"
    unit = "naps"
    arguments = NapArguments

    def plan(self, job: Job) -> Iterator[PartPlan]:
        for _ in range(job.arguments["parts"]):
            yield PartPlan(units=1, arguments={"seconds": job.arguments["seconds"]})

    def work(self, part: WorkingPart) -> None:
        threading.Event().wait(part.arguments["seconds"])


@pytest.fixture(autouse=True)
def _naps(settings: Any) -> Iterator[None]:
    registry.register("test.nap")(Nap)
    settings.SWITCHYARD = {
        "lanes": {
            "naps": {"workers": 4, "pool": "threads", "part_seconds": SLOT_SECONDS, "promise_seconds": 60},
            "aside": {"workers": 4, "pool": "threads", "promise_seconds": 60},
        },
        "routes": [{"kind": "test.nap", "lane": "naps"}],
    }
    yield
    registry.forget("test.nap")


def nap(school: School, *, key: str, parts: int = 1, seconds: float = 0) -> Job:
    return submit(
        kind="test.nap",
        school=school,
        by=None,
        arguments={"parts": parts, "seconds": seconds},
        key=key,
        units=parts,
    )


def changed(**changes: Any) -> Switchyard:
    given = {
        "lanes": {"naps": {"workers": 4, "pool": "threads"}, "aside": {"workers": 4, "pool": "threads"}},
        "routes": [{"kind": "test.nap", "lane": "naps"}],
    }
    return read({**given, **changes})


def waits_by_lane(after: Switchyard) -> dict[str, tuple[Waits, Waits]]:
    found = preview(before=switchyard(), after=after, weights_after={}, now=timezone.now())
    return {each.lane: (each.before, each.after) for each in found.lanes}


@pytest.mark.django_db
def test_changed_route_moves_the_jobs_to_the_other_lane() -> None:
    nap(make_school(), key="one")
    run_parts(lane="naps")
    rules = [
        {"kind": "test.nap", "at_least": {"units": 1}, "lane": "aside"},
        {"kind": "test.nap", "lane": "naps"},
    ]
    found = waits_by_lane(changed(routes=rules))
    assert [side.jobs for side in found["naps"]] == [1, 0]
    assert [side.jobs for side in found["aside"]] == [0, 1]


@pytest.mark.django_db
def test_number_of_jobs_is_that_of_all_lanes_together_without_canaries() -> None:
    for number in range(3):
        nap(make_school(), key=str(number))
    canaries.send(now=timezone.now())
    assert Job.objects.filter(kind=canaries.KIND).exists()
    found = preview(before=switchyard(), after=changed(), weights_after={}, now=timezone.now())
    assert found.jobs == sum(each.before.jobs for each in found.lanes) == 3


@pytest.mark.django_db
def test_fewer_workers_show_longer_waits() -> None:
    for number in range(8):
        nap(make_school(), key=str(number))
    run_parts(lane="naps")
    Part.objects.filter(step="work").update(seconds=2)
    Job.objects.update(created_at=timezone.now())
    one = {"naps": {"workers": 1, "pool": "threads"}, "aside": {"workers": 1, "pool": "threads"}}
    before, after = waits_by_lane(changed(lanes=one))["naps"]
    assert after.end_p95 > 3 * before.end_p95


@pytest.mark.django_db
@pytest.mark.parametrize("limit", [{"rate": 1}, {"bytes_rate": 100}])
def test_limit_of_an_outside_service_shows_in_the_preview(limit: dict[str, float]) -> None:
    nap(make_school(), key="one", parts=20)
    run_parts(lane="naps")
    Part.objects.filter(step="work").update(service="relay", bytes=100)
    before, after = waits_by_lane(changed(services={"relay": limit}))["naps"]
    assert before.end_p95 < 5
    assert after.end_p95 >= 18


@pytest.mark.django_db
def test_limit_of_a_single_school_shows_in_the_preview() -> None:
    school = make_school()
    nap(school, key="one", parts=20)
    run_parts(lane="naps")
    naps = {"workers": 4, "pool": "threads", "rates_of_schools": {school.slug: 1}}
    aside = {"workers": 4, "pool": "threads"}
    before, after = waits_by_lane(changed(lanes={"naps": naps, "aside": aside}))["naps"]
    assert before.end_p95 < 5
    assert after.end_p95 >= 15


@pytest.mark.django_db
def test_parts_not_done_cost_what_those_of_their_kind_did() -> None:
    school = make_school()
    nap(school, key="done", parts=4)
    run_parts(lane="naps")
    Part.objects.filter(step="work").update(seconds=3)
    waiting = nap(school, key="waiting", parts=4)
    Part.objects.filter(job=waiting).update(step="work", units=1)
    before, _ = waits_by_lane(changed())["naps"]
    assert before.end_p95 >= 3


@pytest.mark.django_db
def test_jobs_older_than_the_hours_asked_for_are_left_out() -> None:
    nap(make_school(), key="old")
    Job.objects.update(created_at=timezone.now() - timedelta(hours=4))
    found = preview(before=switchyard(), after=changed(), weights_after={}, now=timezone.now())
    assert (found.jobs, found.is_cut) == (0, False)


@pytest.mark.django_db
def test_too_much_traffic_is_cut_to_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.traffic.MOST_PARTS", 3)
    school = make_school()
    for number in range(5):
        job = nap(school, key=str(number))
        Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(minutes=10 - number))
    found = preview(before=switchyard(), after=changed(), weights_after={}, now=timezone.now())
    assert (found.jobs, found.is_cut) == (3, True)


@pytest.mark.django_db
def test_preview_asks_the_database_a_fixed_number_of_times(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(5):
        nap(make_school(), key=str(number))
    with django_assert_max_num_queries(4):
        preview(before=switchyard(), after=changed(), weights_after={}, now=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_predicted_waits_are_near_those_of_a_real_run() -> None:
    """Four slots claim from the real database while jobs of six schools of different size arrive."""
    schools = [make_school() for _ in range(6)]
    stopping = threading.Event()
    slots = [threading.Thread(target=_answer, args=(stopping,)) for _ in range(4)]
    for slot in slots:
        slot.start()
    nap(schools[0], key="large", parts=30, seconds=SLOT_SECONDS)
    for number in range(25):
        nap(schools[1 + number % 5], key=str(number), parts=1 + number % 4, seconds=SLOT_SECONDS)
        stopping.wait(SLOT_SECONDS / 2)
    ends_by = time.monotonic() + 60
    while Job.objects.filter(ended_at=None).exists() and time.monotonic() < ends_by:
        stopping.wait(0.2)
    stopping.set()
    for slot in slots:
        slot.join()
    predicted, _ = waits_by_lane(changed())["naps"]
    jobs = list(Job.objects.exclude(ended_at=None))
    assert len(jobs) == predicted.jobs == 26
    ends = [_seconds(job.created_at, job.ended_at) for job in jobs]
    starts = [_seconds(job.created_at, job.started_at) for job in jobs]
    for told, true in (
        (predicted.end_p50, quantile(ends, 0.5)),
        (predicted.end_p95, quantile(ends, 0.95)),
        (predicted.p95, quantile(starts, 0.95)),
    ):
        assert true / GENEROUS - SLOT_SECONDS < told < true * GENEROUS + SLOT_SECONDS
    assert Part.objects.filter(state=PartState.DONE).count() == Part.objects.count()


def _seconds(begin: datetime, end: datetime | None) -> float:
    assert end is not None
    return (end - begin).total_seconds()


def _answer(stopping: threading.Event) -> None:
    try:
        while not stopping.is_set():
            if not execution.answer(lane="naps", worker="test"):
                stopping.wait(0.01)
    finally:
        connection.close()
