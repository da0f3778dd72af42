"""The yard as a whole: it starts, keeps its data, survives deaths, and ends without leaving anything."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest
import requests
from django.conf import settings

from jobs.testing import wait_until
from jobs.worker import NICENESS
from tests.databases import make_database
from tests.seeds import Seed

pytestmark = pytest.mark.journey

Start = Callable[..., Any]
END_SECONDS = 10


def query(url: str, sql: str) -> list[tuple[Any, ...]]:
    """Run one statement in the yard's database and return its rows."""
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()
    finally:
        connection.close()


def answers(yard: Any) -> bool:
    """Say whether the platform's web answers."""
    try:
        return requests.get(f"{yard.base_url}/health", timeout=2).json() == {"status": "ok"}
    except requests.RequestException:
        return False


def has_all_workers(database_url: str) -> bool:
    """Say whether each lane of the settings has a worker."""
    present = {lane for (lane,) in query(database_url, "SELECT lane FROM jobs_workerpresence")}
    return present == set(settings.SWITCHYARD["lanes"])


@pytest.fixture(scope="module")
def var(make_var: Callable[[], Path], seed: Seed) -> Path:
    """A folder with a database that has all tables; the first start from nothing is that of `yard`."""
    made = make_var()
    seed.plant(made / "postgres")
    return made


def test_yard_says_where_everything_is_once_all_of_it_answers(yard: Any) -> None:
    said = yard.said()
    assert f"{yard.base_url}/" in said
    assert "ops@switchyard.example" in said
    assert answers(yard)
    # Other tests may have killed a worker or PostgreSQL just before.
    wait_until(lambda: has_all_workers(yard.database_url), seconds=60)


def test_workers_of_other_lanes_step_back_from_the_cpu_for_codes(yard: Any) -> None:
    def niceness(lane: str) -> set[int]:
        return {process.nice() for process in yard.named("worker", lane)}

    usual = os.nice(0)
    # Other tests may have killed a worker just before; the next one steps back once it has started.
    wait_until(
        lambda: (
            [niceness(lane) for lane in ("codes", "bulk", "packets")]
            == [{usual}, {usual + NICENESS}, {usual + NICENESS}]
        ),
        seconds=60,
    )


def test_ctrl_c_ends_everything_and_the_next_start_finds_its_data(var: Path, start_yard: Start) -> None:
    first = start_yard(var=var)
    first.wait_until_ready()
    query(
        first.database_url,
        "INSERT INTO jobs_school (name, slug, weight, created_at) "
        "VALUES ('Kept', 'kept', 1, now()) ON CONFLICT (slug) DO NOTHING RETURNING id",
    )
    for process in first.named("supervisor"):
        process.kill()  # nobody is there to drain the workers
    first.ask_to_end(signal.SIGINT)
    assert first.wait_for_end() == 0

    second = start_yard(var=var)
    second.wait_until_ready()
    assert query(second.database_url, "SELECT name FROM jobs_school WHERE slug = 'kept'") == [("Kept",)]
    for words in (("worker", "codes"), ("worker", "packets"), ("gunicorn",), ("supervisor",)):
        for process in second.named(*words):
            process.suspend()
    second.ask_to_end(signal.SIGTERM)
    assert second.wait_for_end() == 0
    assert not (var / "yard.env").exists()


def test_killed_yard_takes_everything_along_and_the_next_start_is_clean(var: Path, start_yard: Start) -> None:
    first = start_yard(var=var)
    first.wait_until_ready()
    children = first.processes()
    assert len(children) > 15
    first.child.kill()

    second = start_yard(var=var)
    second.wait_until_ready()
    _, alive = psutil.wait_procs(children, timeout=END_SECONDS)
    assert alive == []
    second.ask_to_end()
    assert second.wait_for_end() == 0


def test_yard_asked_to_end_while_it_starts_leaves_nothing(var: Path, start_yard: Start) -> None:
    yard = start_yard(var=var)
    wait_until(lambda: "Starting" in yard.said())
    yard.ask_to_end(signal.SIGINT)
    assert yard.wait_for_end() == 0


def test_second_yard_of_the_same_folder_is_refused(yard: Any, start_yard: Start) -> None:
    second = start_yard(var=yard.var)
    assert second.child.wait(timeout=20) == 1
    assert (
        f"The yard of this folder runs already, at {yard.base_url}/ (process {yard.child.pid})."
        in second.said()
    )
    assert answers(yard)


def test_taken_web_port_is_a_clear_error_and_starts_nothing(
    yard: Any, make_var: Callable[[], Path], start_yard: Start
) -> None:
    refused = start_yard(var=make_var(), web_port=yard.web_port)
    assert refused.child.wait(timeout=20) == 1
    assert f"Port {yard.web_port} is taken" in refused.said()
    assert "SWITCHYARD_WEB_PORT=" in refused.said()
    assert not (refused.var / "postgres").exists()


@pytest.mark.parametrize("lane", ["codes", "uploads"])
def test_killed_worker_comes_back(yard: Any, lane: str) -> None:
    killed = yard.named("worker", lane)
    for process in killed:
        process.kill()

    def is_back() -> bool:
        sql = f"SELECT name FROM jobs_workerpresence WHERE lane = '{lane}'"  # noqa: S608
        present = {int(name.rpartition("-")[2]) for (name,) in query(yard.database_url, sql)}
        return bool(present - {process.pid for process in killed})

    wait_until(is_back, seconds=60)


@pytest.mark.parametrize("words", [("gunicorn",), ("valkey-server",), ("bin/postgres",), ("supervisor",)])
def test_killed_process_of_the_yard_comes_back(yard: Any, words: tuple[str, ...]) -> None:
    killed = {process.pid for process in yard.named(*words)}
    for process in yard.named(*words):
        process.kill()

    def is_back() -> bool:
        now = {process.pid for process in yard.named(*words)}
        return bool(now) and not now & killed and answers(yard)

    wait_until(is_back, seconds=60)


@pytest.mark.parametrize("ends", [signal.SIGKILL, signal.SIGSTOP])
def test_workers_outlive_their_supervisor_and_the_next_one_takes_them_over(
    yard: Any, ends: signal.Signals
) -> None:
    kept = """SELECT p.lane, p.name FROM jobs_workerpresence p
        JOIN jobs_keptlane k ON k.worker = p.name WHERE k.supervisor = {}"""
    lanes = set(settings.SWITCHYARD["lanes"])

    def workers_of(supervisor: psutil.Process) -> set[tuple[str, str]]:
        """Return its workers that are present, each with its lane; one that grew has several."""
        return set(query(yard.database_url, kept.format(supervisor.pid)))

    # Other tests may have killed a worker or the supervisor just before.
    wait_until(lambda: has_all_workers(yard.database_url) and len(yard.named("supervisor")) == 1, seconds=60)
    [ended] = yard.named("supervisor")
    wait_until(lambda: {lane for lane, _ in workers_of(ended)} == lanes, seconds=60)
    before = workers_of(ended)
    ended.send_signal(ends)
    wait_until(lambda: any(process != ended for process in yard.named("supervisor")), seconds=120)
    [following] = yard.named("supervisor")
    wait_until(lambda: {lane for lane, _ in workers_of(following) & before} == lanes, seconds=120)


def test_web_killed_while_a_child_of_it_starts_comes_back_at_its_first_try(yard: Any) -> None:
    wait_until(lambda: answers(yard), seconds=60)
    before = yard.said().count("web ended with code")
    served = {process.pid for process in yard.named("gunicorn")}
    [master] = [process for process in yard.named("gunicorn") if process.ppid() not in served]
    child = master.children()[0]
    child.kill()
    wait_until(lambda: any(process.pid not in served for process in master.children()), seconds=60)
    master.kill()
    wait_until(lambda: yard.said().count("web ended with code") > before, seconds=60)
    wait_until(lambda: answers(yard) and len(yard.named("gunicorn")) == len(served), seconds=60)
    assert yard.said().count("web ended with code") == before + 1
    assert not served & {process.pid for process in yard.named("gunicorn")}


def test_servers_that_are_given_are_used_and_none_is_started(
    postgres: str, migrated: str, rabbitmq: str, make_var: Callable[[], Path], start_yard: Start
) -> None:
    database = make_database(postgres, name="given", like=migrated)
    yard = start_yard(var=make_var(), DATABASE_URL=database, BROKER_URL=rabbitmq)
    yard.wait_until_ready()
    assert yard.noted["DATABASE_URL"] == database
    assert yard.noted["BROKER_URL"] == rabbitmq
    assert not yard.named("valkey-server") + yard.named("bin/postgres")
    assert has_all_workers(database)
    yard.ask_to_end()
    assert yard.wait_for_end() == 0
