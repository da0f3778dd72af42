"""The page of workers, for ops and admins: a lane's number is set for a while, and taken back."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from jobs.measures import WORKERS_REPLACED
from jobs.models import HandScale, LaneScale, Role, Tally, WorkerPresence
from jobs.sections import MEGABYTE
from jobs.testing import make_person
from tests.jobs.settings_pages.conftest import form_on, text_of

WORKERS = "/ops/workers/"


def put(client: Client, **fields: str) -> Any:
    """Fill the form and click."""
    shown = form_on(client.get(WORKERS).content.decode())
    return client.post(WORKERS, {**shown, "lane": "bulk", "workers": "12", "why": "Results day", **fields})


def local(at: datetime) -> datetime:
    """Return the time as pages show it."""
    return timezone.localtime(at)


def let_bulk_grow_to(most: int | None, settings: Settings) -> None:
    """Change to how many workers the lane bulk grows by itself."""
    lanes = settings.SWITCHYARD["lanes"]
    bulk = {**lanes["bulk"], "most_workers": most}
    settings.SWITCHYARD = {**settings.SWITCHYARD, "lanes": {**lanes, "bulk": bulk}}


def test_number_is_set_and_taken_back(ops: Client, settings: Settings) -> None:
    let_bulk_grow_to(None, settings)
    assert put(ops).status_code == 302
    page = text_of(ops.get(WORKERS).content.decode())
    assert "The lane bulk is to have 12 workers." in page
    assert "Results day" in page
    assert ops.post(f"{WORKERS}bulk/let-go/").status_code == 302
    taken_back = "The number of workers of the lane bulk is what the settings say again."
    assert taken_back in text_of(ops.get(WORKERS).content.decode())
    assert HandScale.objects.get().ended_at is not None


def test_one_of_the_numbers_of_a_lane_is_said_to_hold_and_the_others_to_have_ended(ops: Client) -> None:
    for number in ("12", "9", "7"):
        put(ops, workers=number)
    listed = text_of(ops.get(WORKERS).content.decode()).partition("Set by hand")[2]
    assert listed.count("holds now") == 1
    assert listed.count("ended it") == 2


def test_page_says_when_a_number_was_chosen_and_until_when_it_was_meant_to_hold(
    ops: Client, settings: Settings
) -> None:
    let_bulk_grow_to(24, settings)
    at = timezone.now() - timedelta(minutes=7)
    LaneScale.objects.create(lane="bulk", workers=20, why="150 parts waited.", at=at)
    told = f"150 parts waited. at {local(at):%-d %b, %H:%M:%S}"
    assert told in text_of(ops.get(WORKERS).content.decode())
    put(ops, until="", lasts="240")
    ops.post(f"{WORKERS}bulk/let-go/")
    one = HandScale.objects.get()
    listed = text_of(ops.get(WORKERS).content.decode()).partition("Set by hand")[2]
    assert f"ended it; it was to hold until {local(one.until):%-d %b, %H:%M}" in listed


def test_number_holds_until_a_time_of_ones_own(ops: Client) -> None:
    until = (timezone.now() + timedelta(hours=30)).replace(second=0, microsecond=0)
    typed = f"{local(until):%Y-%m-%dT%H:%M}"
    assert put(ops, lasts="until", until=typed).status_code == 302
    assert HandScale.objects.get().until == until


@pytest.mark.parametrize("until", ["", "2020-01-01T10:00", "2126-01-01T10:00"])
def test_time_of_ones_own_that_cannot_be_is_told_beside_it(ops: Client, until: str) -> None:
    answer = put(ops, lasts="until", until=until)
    assert answer.status_code == 422
    said = "Give a time that is not over yet, and within a year." if until else "Say until when."
    assert said in text_of(answer.content.decode())
    assert not HandScale.objects.exists()


def test_page_says_beside_how_many_workers_costs_were_measured(ops: Client) -> None:
    page = text_of(ops.get(WORKERS).content.decode())
    assert "Expected times go by what parts cost lately, beside as many workers as there were." in page


def test_number_of_a_lane_that_grows_by_itself_is_the_platforms_choice_again(
    ops: Client, settings: Settings
) -> None:
    let_bulk_grow_to(30, settings)
    put(ops)
    ops.post(f"{WORKERS}bulk/let-go/")
    assert "is the platform's choice again." in text_of(ops.get(WORKERS).content.decode())


def test_lanes_show_the_workers_that_are_there_and_nothing_else_is_counted(
    client: Client,
    db: None,
    django_assert_num_queries: DjangoAssertNumQueries,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client.force_login(make_person(role=Role.OPS))  # without versions, which are asked for once a second
    now = timezone.now()
    WorkerPresence.objects.create(name="bulk@here-1", lane="bulk", slots=3, started_at=now, beat_at=now)
    asked: list[Any] = []
    monkeypatch.setattr("jobs.publishing.depths", lambda lanes: asked.append(lanes) or {})
    with django_assert_num_queries(10):
        page = text_of(client.get(WORKERS).content.decode())
    assert "bulk threads 8 3 The platform 8 to 24" in page
    assert not asked


@pytest.mark.parametrize("typed", ["twelve", "12,5", "1e2"])
def test_number_that_cannot_be_read_reaches_the_page_as_it_was_typed(ops: Client, typed: str) -> None:
    answer = put(ops, workers=typed)
    assert answer.status_code == 422
    assert form_on(answer.content.decode())["workers"] == typed
    assert 'type="number"' not in answer.content.decode()


def test_number_that_a_lane_cannot_have_is_told_and_what_was_typed_stays(ops: Client) -> None:
    answer = put(ops, lane="codes", workers="1")
    assert answer.status_code == 422
    assert "People stand still without it." in text_of(answer.content.decode())
    assert "Results day" in answer.content.decode()
    assert put(ops, workers="0").status_code == 422
    assert not HandScale.objects.exists()


def test_operations_page_says_whose_number_it_is(ops: Client) -> None:
    put(ops)
    assert "0 of 12, by hand" in text_of(ops.get("/ops/").content.decode())


def test_staff_are_not_let_in(client: Client, live_settings: None) -> None:
    client.force_login(make_person())
    assert client.get(WORKERS).status_code == 403
    assert client.post(f"{WORKERS}bulk/let-go/").status_code == 403


def test_processes_are_told_with_their_memory_and_what_was_replaced(ops: Client) -> None:
    now = timezone.now()
    WorkerPresence.objects.create(
        name="bulk@here-1",
        lane="bulk",
        slots=3,
        started_at=now,
        beat_at=now,
        memory_bytes=300 * MEGABYTE,
        is_outgrown=True,
    )
    for process, why, times in (
        ("child", "ceiling", 1),
        ("child", "memory", 1200),
        ("child", "later", 7),
        ("worker", "memory", 1),
    ):
        labels = json.dumps(["packets", process, why])
        Tally.objects.create(measure=WORKERS_REPLACED.name, labels=labels, value=times)
    page = text_of(ops.get(WORKERS).content.decode())
    assert (
        "bulk@here-1 bulk on here; it has too much memory, another one is to take its place 3 300.0 MB"
    ) in page
    assert (
        "Replaced in packets, since the platform counts: 1 for a part that wanted more memory than one may "
        "take, 1,200 for their memory, 1 whole worker that had too much memory."
    ) in page
