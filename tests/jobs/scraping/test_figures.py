"""The metrics say what the database has."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from jobs import reading, supervision
from jobs.breakers import guarding
from jobs.claiming import claim
from jobs.models import Bucket, CanaryRun, Hold, HoldMode, HoldScope, KeptLane, School, Sweep
from jobs.roster import UNHEARD
from jobs.scraping.page import page
from jobs.settings import switchyard
from jobs.tallies import SUM, Key, measures, tallies
from jobs.tallying import write
from jobs.testing import be_present, run_parts
from tests.jobs.scraping.conftest import Figures, at

Scrape = Callable[[], Figures]


def test_workers_and_their_work_are_told_as_they_are(steps: Any, school: School, scrape: Scrape) -> None:
    steps.submit(school, 1)
    be_present(slots=3)
    claim(lane=switchyard().lanes["mail"], worker="mail@here", now=timezone.now())
    figures = scrape()
    assert at(figures, "switchyard_workers_present", lane="mail") == 3
    assert at(figures, "switchyard_workers_present", lane="bulk") == 0
    assert at(figures, "switchyard_parts_working", lane="mail") == 1


def test_supervisors_of_each_lane_are_counted_while_they_live(scrape: Scrape) -> None:
    now = timezone.now()
    for host, lane, seen_at in (
        ("a", "mail", now),
        ("b", "mail", now),
        ("c", "mail", now - UNHEARD - timedelta(seconds=1)),
        ("c", "bulk", now - UNHEARD - timedelta(seconds=1)),
    ):
        KeptLane.objects.create(
            host=host, lane=lane, supervisor=1, seen_at=seen_at, kept_since=seen_at, is_adopted=False
        )
    figures = scrape()
    told = [at(figures, "switchyard_supervisors_present", lane=lane) for lane in ("mail", "bulk", "codes")]
    assert told == [2, 0, 0]


def test_lane_that_a_person_holds_is_told(scrape: Scrape) -> None:
    Hold.objects.create(
        scope=HoldScope.LANE, name="bulk", mode=HoldMode.PAUSE, why="Repairs.", at=timezone.now()
    )
    figures = scrape()
    assert at(figures, "switchyard_lane_held", lane="bulk") == 1
    assert at(figures, "switchyard_lane_held", lane="mail") == 0


def test_breakers_are_counted_by_their_sort_and_never_named(scrape: Scrape) -> None:
    now = timezone.now() - timedelta(minutes=5)
    for host in ("a.example", "b.example"):
        for _ in range(switchyard().breakers.failures):
            with guarding(f"webhook:{host}:443", now=now) as visit:
                visit.failed("It does not answer.", now=now)
    figures = scrape()
    assert at(figures, "switchyard_breakers_open", service="webhook") == 2
    assert (at(figures, "switchyard_breaker_open_seconds", service="webhook") or 0) >= 300
    assert not any("example" in value for _, labels in figures for _, value in labels)


@pytest.fixture
def limited(settings: Settings) -> None:
    """Let the lane mail have a limit for all and one for each school."""
    lanes = settings.SWITCHYARD["lanes"]
    mail = {**lanes["mail"], "rate": 10, "burst": 20, "school_rate": 5}
    settings.SWITCHYARD = {**settings.SWITCHYARD, "lanes": {**lanes, "mail": mail}}


def test_limits_tell_their_tokens_and_no_school(limited: None, school: School, scrape: Scrape) -> None:
    filled = timezone.now() - timedelta(hours=1)
    shared = {"lane": "mail", "filled_at": filled}
    Bucket.objects.create(name="lane:mail:units", rate=10, tokens=-5, **shared)
    Bucket.objects.create(name=f"school:mail:{school.pk}:units", rate=5, tokens=1, school=school, **shared)
    figures = scrape()
    limits = [labels for name, labels in figures if name == "switchyard_limit_tokens"]
    assert limits == [frozenset({("lane", "mail"), ("service", ""), ("unit", "units")})]
    assert at(figures, "switchyard_limit_tokens", lane="mail", service="", unit="units") == 20
    assert at(figures, "switchyard_limit_tokens_per_second", lane="mail", service="", unit="units") == 10


def test_canaries_tell_the_promise(scrape: Scrape) -> None:
    now = timezone.now()
    late = {"waited_seconds": 90, "is_late": True}
    CanaryRun.objects.create(lane="mail", at=now, **late)
    reading.read(now=now)
    figures = scrape()
    assert at(figures, "switchyard_canary_late", lane="mail") == 1
    assert at(figures, "switchyard_canary_wait_seconds", lane="mail") == 90
    assert (at(figures, "switchyard_budget_left_ratio", lane="mail") or 0) < 1
    assert at(figures, "switchyard_canary_wait_seconds", lane="codes") is None


def test_age_of_the_newest_sweep_and_its_broker_are_told(scrape: Scrape) -> None:
    assert at(scrape(), "switchyard_sweep_age_seconds") is None
    supervision.sweep(now=timezone.now() - timedelta(minutes=3))
    figures = scrape()
    assert (at(figures, "switchyard_sweep_age_seconds") or 0) >= 180
    assert at(figures, "switchyard_broker_up") == 0
    Sweep.objects.update(doorbells={"mail": 4})
    figures = scrape()
    assert at(figures, "switchyard_broker_up") == 1
    assert at(figures, "switchyard_doorbells", lane="mail") == 4


def test_what_processes_observed_is_told_in_rising_buckets(
    steps: Any, school: School, scrape: Scrape
) -> None:
    steps.submit(school, 1, 1)
    run_parts(lane="mail")
    write()
    figures = scrape()
    of = {"lane": "mail", "kind": "tests.steps"}
    assert at(figures, "switchyard_parts_ended_total", outcome="done", **of) == 4
    assert at(figures, "switchyard_part_wait_seconds_count", **of) == 4
    assert at(figures, "switchyard_part_wait_seconds_bucket", le="+Inf", **of) == 4
    assert at(figures, "switchyard_part_wait_seconds_bucket", le="3600", **of) == 4


def test_bound_that_an_earlier_version_had_counts_into_the_next_one(scrape: Scrape) -> None:
    run = measures["switchyard_claim_seconds"]
    tallies.add({Key(run.name, ("mail",), bucket): 1 for bucket in ("0.003", "0.005", SUM)})
    write()
    figures = scrape()
    assert at(figures, "switchyard_claim_seconds_bucket", lane="mail", le="0.0025") == 0
    assert at(figures, "switchyard_claim_seconds_bucket", lane="mail", le="0.005") == 2
    assert at(figures, "switchyard_claim_seconds_bucket", lane="mail", le="0.003") is None


def test_disks_of_this_host_are_told(scrape: Scrape) -> None:
    figures = scrape()
    for folder in ("files", "spool"):
        free, size = (
            at(figures, f"switchyard_disk_{what}_bytes", folder=folder) for what in ("free", "size")
        )
        assert free
        assert size
        assert free <= size


@pytest.mark.django_db
def test_page_without_its_database_says_so(client: Client) -> None:
    with (
        mock.patch.object(connection, "cursor", side_effect=OperationalError("The database is away.")),
        mock.patch.object(connection, "close"),  # the test's own transaction needs it
    ):
        answer = client.get("/metrics", HTTP_HOST="127.0.0.1:8000").content.decode()
    assert "switchyard_database_up 0.0" in answer
    assert "switchyard_disk_free_bytes" in answer
    assert "switchyard_workers_wanted" not in answer


@pytest.mark.django_db
def test_many_scrapers_cost_as_much_as_one(
    django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.scraping.page.KEPT_SECONDS", 3600)  # a slow machine may take longer than one
    with django_assert_num_queries(15):
        first = page.text(now=timezone.now())
    with django_assert_num_queries(0):
        assert page.text(now=timezone.now()) is first
