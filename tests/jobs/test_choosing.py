"""A claim does not read what is kept back, however much that is."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from jobs import choosing, shares
from jobs.claiming import claim
from jobs.held import kinds_of_parts
from jobs.models import Bucket, Hold, Part, School, Share
from jobs.settings import switchyard
from jobs.submission import submit
from jobs.testing import make_school

MANY = 3000
FEW = MANY // 20
"""More than there are kinds and schools, which are read at each claim."""
HOLDS: list[dict[str, Any]] = [
    {"scope": "kind", "name": "tests.steps"},
    {"scope": "kind", "name": "tests.steps", "mode": "drain"},
    {"scope": "lane", "name": "mail"},
]


@pytest.fixture
def backlog(steps: Any, school: School) -> School:
    """A school with very many waiting parts of one kind, and a younger one of another kind."""
    job = steps.submit(school, 1)
    plan = job.parts.get()
    fields = {"job": job, "school": school, "lane": "mail", "kind": job.kind, "ready_at": plan.ready_at}
    Part.objects.bulk_create([Part(**fields, service="relay") for _ in range(MANY)])
    plan.delete()
    submit(kind="emails.test", school=school, by=None, arguments={"mailing": 1}, key="one")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE jobs_part")
    return school


def hold(**values: Any) -> None:
    Hold.objects.create(**{"mode": "pause", "why": "A test", "at": timezone.now(), **values})


def rows_passed_over(statement: str, values: dict[str, Any]) -> int:
    """Return how many rows the statement read for nothing."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values)
        plan = cursor.fetchone()[0][0]["Plan"]
    return sum(
        node["Actual Loops"] * node.get(removed, 0)
        for node in nodes(plan)
        for removed in ("Rows Removed by Filter", "Rows Removed by Join Filter")
    )


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Return all nodes of a plan."""
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


def claim_values() -> dict[str, Any]:
    """Return what a claim of the lane mail goes by."""
    now = timezone.now()
    own = {"worker": "test", "now": now, "leased_until": now + timedelta(seconds=8), "charge": 2, "most": 1}
    return {**choosing.values_for(switchyard().lanes["mail"]), **own}


def kind_of_next_claim() -> str | None:
    held = claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now())
    return held.part.kind if held else None


@pytest.mark.parametrize("held", [HOLDS[0], HOLDS[2]])
def test_claim_reads_no_parts_of_what_is_paused(backlog: School, held: dict[str, Any]) -> None:
    hold(**held)
    assert rows_passed_over(choosing.SKIPPING, claim_values()) < FEW
    assert rows_passed_over(choosing.IS_ANY_LEFT, claim_values()) < FEW


def test_claim_reads_no_parts_of_a_closed_service(backlog: School, steps: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(type(steps), "service", "relay")
    now = timezone.now()
    Bucket.objects.create(name="service:relay:units", service="relay", rate=1, tokens=-1e6, filled_at=now)
    values = {**claim_values(), "services": ["", "relay"]}
    assert rows_passed_over(choosing.SKIPPING, values) < FEW


@pytest.mark.parametrize("also_held", [[], [{"scope": "kind", "name": "uploads.check"}]])
def test_planning_and_finishing_wait_for_no_outside_service(
    steps: Any, school: School, monkeypatch: Any, also_held: list[dict[str, Any]]
) -> None:
    monkeypatch.setattr(type(steps), "service", "relay")
    steps.submit(school, 1)
    now = timezone.now()
    Bucket.objects.create(name="service:relay:units", service="relay", rate=1, tokens=-1e6, filled_at=now)
    for held in also_held:
        hold(**held)
    assert [Part.objects.get().service, kind_of_next_claim()] == ["", "tests.steps"]
    steps.submit(school, 1, key="second")
    Part.objects.filter(state="waiting").update(service="relay")
    assert kind_of_next_claim() is None


def test_claim_reads_no_more_parts_than_it_takes_when_nothing_is_held(backlog: School) -> None:
    assert rows_passed_over(choosing.SKIPPING, claim_values()) < FEW


def test_school_that_joins_reads_no_parts_of_what_is_paused(backlog: School) -> None:
    hold(**HOLDS[0])
    values = {"lane": "mail", "school": make_school().pk, "charge": 2, "vital_lanes": ["codes"]}
    assert rows_passed_over(shares.JOIN, {**values, "kinds": kinds_of_parts()}) < FEW


@pytest.mark.parametrize(
    ("held", "kind"), [(HOLDS[0], "emails.test"), (HOLDS[1], "tests.steps"), (HOLDS[2], None)]
)
def test_claim_takes_what_is_not_held(backlog: School, held: dict[str, Any], kind: str | None) -> None:
    newest = Part.objects.earliest("id").job_id
    hold(**held, newest_job=newest)
    assert kind_of_next_claim() == kind


@pytest.mark.parametrize("scope", ["kind", "lane", "school"])
def test_claim_takes_older_jobs_of_what_is_drained(backlog: School, scope: str) -> None:
    of: dict[str, Any] = {"kind": {"name": "tests.steps"}, "lane": {"name": "mail"}}.get(
        scope, {"name": backlog.slug, "school": backlog}
    )
    newest = Part.objects.earliest("id").job_id
    hold(scope=scope, mode="drain", newest_job=newest - 1, **of)
    assert kind_of_next_claim() == ("emails.test" if scope == "kind" else None)
    Hold.objects.update(newest_job=newest)
    assert kind_of_next_claim() == "tests.steps"


@pytest.mark.parametrize(("held", "kind"), [(HOLDS[0], "emails.test"), (HOLDS[1], "emails.test")])
def test_part_that_an_earlier_version_wrote_is_held_with_its_job(
    backlog: School, held: dict[str, Any], kind: str
) -> None:
    hold(**held)
    Part.objects.exclude(kind="emails.test").update(kind="")
    assert kind_of_next_claim() == kind


def test_parts_keep_their_order_while_another_kind_is_held(steps: Any, school: School) -> None:
    hold(scope="kind", name="uploads.check")
    steps.submit(school, 1, key="first")
    submit(kind="emails.test", school=school, by=None, arguments={"mailing": 1}, key="one")
    steps.submit(school, 1, key="urgent", priority=5)
    claimed = [kind_of_next_claim() for _ in range(4)]
    assert claimed == ["tests.steps", "tests.steps", "emails.test", None]
    assert Share.objects.get().used_seconds == 3 * switchyard().lanes["mail"].part_seconds
