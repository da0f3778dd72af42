"""The operations page: every lane against its promise, for ops and admins alone."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from unittest import mock

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from pytest_django.fixtures import DjangoAssertNumQueries

from jobs import publishing
from jobs.changing import change
from jobs.models import Breaker, BreakerState, Bucket, Job, JobState, Part, PartState, Role, WorkerPresence
from jobs.registry import Kind
from jobs.settings import switchyard
from jobs.testing import make_person, make_school
from tests.jobs.settings_pages.conftest import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("steps")]


@pytest.fixture(autouse=True)
def broker() -> Iterator[mock.Mock]:
    with mock.patch.object(publishing, "depths", return_value=dict.fromkeys(switchyard().lanes, 3)) as depths:
        yield depths


@pytest.fixture
def ops(client: Client) -> Client:
    client.force_login(make_person(role=Role.OPS))
    return client


def make_part(*, lane: str, waited: timedelta, state: str = PartState.WAITING, error: str = "") -> Part:
    now = timezone.now()
    school = make_school(name="Northfield University")
    job = Job.objects.create(
        school=school, kind="tests.steps", key="one", lane=lane, title="Autumn fair", created_at=now
    )
    ended_at = now if state in {PartState.FAILED, PartState.DONE} else None
    return Part.objects.create(
        job=job, school=school, lane=lane, ready_at=now - waited, state=state, error=error, ended_at=ended_at
    )


@pytest.mark.parametrize("address", ["/ops/", "/ops/lanes/"])
def test_staff_are_refused_in_plain_words(client: Client, address: str) -> None:
    client.force_login(make_person())
    response = client.get(address)
    assert response.status_code == 403
    assert "for the operations team" in response.content.decode()


def test_scheduled_part_is_not_said_to_be_tried_again(ops: Client) -> None:
    make_part(lane="mail", waited=-timedelta(hours=1), state=PartState.DELAYED)
    page = ops.get("/ops/").content.decode()
    assert "1 scheduled" in page
    assert "to retry" not in page


@pytest.mark.parametrize("role", [Role.OPS, Role.ADMIN])
def test_ops_and_admins_see_every_lane(client: Client, role: str) -> None:
    client.force_login(make_person(role=role))
    page = client.get("/ops/").content.decode()
    for lane in switchyard().lanes:
        assert f"/ops/flower/broker#{lane}" in page


@pytest.mark.parametrize(
    "words", ["All jobs", "Change many jobs", "Late jobs", "Charts", "Workers", "Changes of settings"]
)
def test_what_ops_need_next_is_one_click_away(ops: Client, words: str) -> None:
    [address] = re.findall(
        rf'<a class="button" href="([^"]+)">{words}</a>', ops.get("/ops/").content.decode()
    )
    assert ops.get(address).status_code == 200


def test_late_lane_is_named_in_words(ops: Client) -> None:
    make_part(lane="mail", waited=timedelta(minutes=5))
    page = ops.get("/ops/lanes/").content.decode()
    assert "its oldest part has waited 5 min" in page
    assert "Late" in page


def test_lane_without_its_workers_is_named_in_words(ops: Client) -> None:
    now = timezone.now()
    for lane in switchyard().lanes.values():
        slots = lane.workers - (lane.name == "bulk")
        WorkerPresence.objects.create(
            name=lane.name, lane=lane.name, slots=slots, started_at=now, beat_at=now
        )
    page = ops.get("/ops/lanes/").content.decode()
    assert "is short of workers: 7 of 8 are present" in page
    assert "kept free" not in page
    WorkerPresence.objects.filter(lane="bulk").update(slots_kept_back=1)
    fits = "1 more worker would fit but for the 512 megabytes that a host keeps free"
    for address in ("/ops/lanes/", "/ops/workers/"):
        page = unescape(ops.get(address).content.decode())
        assert f"{fits} (setting “Spare megabytes”)." in page
    assert "Every lane keeps its promise" not in page


def test_broker_that_does_not_answer_is_said(ops: Client, broker: mock.Mock) -> None:
    broker.return_value = {}
    assert "no answer" in ops.get("/ops/lanes/").content.decode()


def test_parts_that_failed_lately_are_listed_with_the_reason(ops: Client) -> None:
    make_part(lane="bulk", waited=timedelta(0), state=PartState.FAILED, error="The relay refused the sender.")
    page = ops.get("/ops/").content.decode()
    assert "The relay refused the sender." in page
    assert "Northfield University" in page


def test_service_that_does_not_work_is_named_with_its_times(ops: Client) -> None:
    now = timezone.now()
    Breaker.objects.create(name="webhook:up.example:443", failures=2)
    Breaker.objects.create(
        name="relay:mail.example:25/mailings",
        state=BreakerState.OPEN,
        failures=6,
        last_failure="The mail relay does not answer.",
        opened_at=now - timedelta(minutes=5),
        retry_at=now + timedelta(seconds=40),
    )
    page = ops.get("/ops/lanes/").content.decode()
    assert "The relay mail.example:25, for mailings</strong> has not worked since" in page
    assert "it failed 6 times in a row. The mail relay does not answer." in page
    assert f"It is tried again at {now + timedelta(seconds=40):%H:%M:%S}" in page
    assert "up.example" not in page
    Breaker.objects.update(state=BreakerState.HALF_OPEN, opened_at=now, retry_at=now)
    assert "One part is trying it now" in ops.get("/ops/lanes/").content.decode()


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.PROBLEMS])
def test_jobs_that_ended_badly_are_listed_with_their_first_reason(ops: Client, state: str) -> None:
    part = make_part(lane="bulk", waited=timedelta(0), state=PartState.FAILED, error="The relay hung up.")
    ended = {"state": state, "ended_at": timezone.now(), "units_total": 400, "units_failed": 12}
    Job.objects.update(**ended)
    page = ops.get("/ops/").content.decode()
    shown = page[page.index("Ended with problems in the last day") :]
    for said in ("Autumn fair", "Northfield University", "The relay hung up.", ">12<", "of 400 steps"):
        assert said in shown
    assert str(JobState(state).label) in shown
    assert shown.count(f"/jobs/{part.job_id}/") == 1


def test_job_whose_parts_were_done_asks_its_kind_for_the_reason(ops: Client, steps: Kind) -> None:
    part = make_part(lane="bulk", waited=timedelta(0), state=PartState.DONE)
    Job.objects.update(state=JobState.PROBLEMS, ended_at=timezone.now(), units_total=2, units_failed=1)
    assert "page tells" in ops.get("/ops/").content.decode()
    reasons = {part.job_id: "One step was too steep."}
    with mock.patch.object(steps, "first_reasons", return_value=reasons):
        assert "One step was too steep." in ops.get("/ops/").content.decode()


def test_trouble_older_than_a_day_and_good_ends_are_left_out(ops: Client) -> None:
    make_part(lane="bulk", waited=timedelta(0))
    now = timezone.now()
    for state, ended_at in [(JobState.DONE, now), (JobState.FAILED, now - timedelta(hours=25))]:
        Job.objects.update(state=state, ended_at=ended_at)
        assert "No job ended with problems in the last day." in ops.get("/ops/").content.decode()


def test_every_limit_of_a_lane_is_told(ops: Client, settings: Settings) -> None:
    limits = {"bytes_rate": 2_000_000, "school_rate": 0.25, "school_workers": 3}
    lanes = settings.SWITCHYARD["lanes"]
    settings.SWITCHYARD = {**settings.SWITCHYARD, "lanes": {**lanes, "bulk": {**lanes["bulk"], **limits}}}
    told = ["2,000,000 bytes (1.9 MB) a second", "0.25 units a second", "3 parts at once"]
    for page in ("/ops/", "/ops/settings/"):
        shown = ops.get(page).content.decode().replace("\N{NO-BREAK SPACE}", " ")
        assert [words for words in told if words not in shown] == []


def test_page_says_that_it_counts_parts(ops: Client) -> None:
    page = ops.get("/ops/").content.decode()
    assert "Parts at work" in page
    assert "Parts done, last minute" in page
    assert "a doorbell only tells" in page


def test_page_costs_few_queries(ops: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    make_part(lane="bulk", waited=timedelta(0))
    with django_assert_max_num_queries(15):
        ops.get("/ops/")


def test_limits_that_all_schools_share_tell_what_is_left_and_who_set_them(
    ops: Client, settings: Settings, live_settings: None
) -> None:
    bulk = {**settings.SWITCHYARD["lanes"]["bulk"], "rate": 5.0}
    settings.SWITCHYARD = {**settings.SWITCHYARD, "lanes": {**settings.SWITCHYARD["lanes"], "bulk": bulk}}
    admin = make_person(role=Role.ADMIN)
    change(
        overrides={"services": {"relay": {"rate": 14, "bytes_rate": 1 << 20}}}, by=admin, why="T", expecting=0
    )
    now = timezone.now()
    for name, tokens in (("service:relay:units", -700), ("lane:bulk:units", 3.6)):
        Bucket.objects.create(name=name, rate=1, tokens=tokens, filled_at=now + timedelta(hours=1))
    page = text_of(ops.get("/ops/lanes/").content.decode())
    used_up = "Used up the next part goes in 50 s"
    assert f"The relay outside service 14 units a second {used_up} {admin.name} version 1" in page
    assert f"1.0 MB a second Open nothing drew on it yet {admin.name} version 1" in page
    assert "bulk lane 5 units a second Open 3 units may go at once the settings file" in page


def test_page_without_limits_has_no_table_of_them(ops: Client) -> None:
    assert "Limits that all schools share" not in ops.get("/ops/").content.decode()
