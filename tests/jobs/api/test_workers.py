"""The platform's own programs see and set how many workers the lanes have."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.utils import timezone

from jobs import staffing, tokens
from jobs.models import HandScale, LaneScale, School, Scope
from jobs.settings import switchyard
from tests.jobs.command_line.conftest import Ran

pytestmark = pytest.mark.django_db
HOURS = timedelta(hours=1)
PROBLEM = "urn:switchyard:problem:{}"


@pytest.fixture
def autoscaler(with_platform_token: Callable[..., Any]) -> Any:
    """A program of the platform that may set the number of workers."""
    return with_platform_token(Scope.WORKERS)


def put(program: Any, lane: str, **body: Any) -> HttpResponse:
    return program.client.put(
        f"/api/v1/workers/{lane}", json.dumps(body), content_type="application/json", headers=program.headers
    )


def let_go(program: Any, lane: str) -> HttpResponse:
    return program.client.delete(f"/api/v1/workers/{lane}", headers=program.headers)


def wanted(lane: str) -> int:
    return staffing.staff_of(switchyard().lanes, now=timezone.now())[lane].workers


def refused(response: HttpResponse, *, status: int, name: str) -> str:
    assert response.status_code == status
    assert response.json()["type"] == PROBLEM.format(name)
    return str(response.json()["detail"])


def test_lanes_are_listed_as_the_command_lists_them(autoscaler: Any) -> None:
    told = autoscaler.get("/workers")
    assert told.status_code == 200
    assert told.json() == Ran("workers", "list", "--json").document
    assert [lane["lane"] for lane in told.json()["lanes"]] == list(switchyard().lanes)


def test_number_holds_for_four_hours_with_who_and_why(autoscaler: Any) -> None:
    told = put(autoscaler, "bulk", workers=12, why=" Results day ")
    assert told.status_code == 200
    assert (told.json()["wanted"], told.json()["set_by"], wanted("bulk")) == (12, "hand", 12)
    held = HandScale.objects.get()
    assert (held.program, held.why) == ("Registry", "Results day")
    assert 3.9 * HOURS < held.until - timezone.now() <= 4 * HOURS
    assert held.setter.startswith("the program Registry")


def test_number_holds_until_the_time_that_is_given(autoscaler: Any) -> None:
    until = (timezone.now() + 2 * HOURS).replace(microsecond=0)
    assert put(autoscaler, "bulk", workers=3, why="Try", until=until.isoformat()).status_code == 200
    assert HandScale.objects.get().until == until


def test_number_is_taken_back_once(autoscaler: Any) -> None:
    put(autoscaler, "bulk", workers=12, why="Results day")
    told = let_go(autoscaler, "bulk")
    assert (told.status_code, told.json()["set_by"]) == (200, "settings")
    assert HandScale.objects.get().ended_program == "Registry"
    assert "bulk" in refused(let_go(autoscaler, "bulk"), status=409, name="refused")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"why": "Try"}, "workers"),
        ({"workers": 0, "why": "Try"}, "workers"),
        ({"workers": "9", "why": "Try"}, "workers"),
        ({"workers": 9}, "why"),
        ({"workers": 9, "why": "  "}, "why"),
        ({"workers": 9, "why": "Try", "until": "2020-01-01T00:00:00Z"}, "not over yet"),
        ({"workers": 9, "why": "Try", "until": "2126-01-01T00:00:00Z"}, "within a year"),
        ({"workers": 9, "why": "Try", "hours": 2}, "hours"),
    ],
)
def test_what_cannot_be_used_is_named_and_changes_nothing(
    autoscaler: Any, body: dict[str, Any], said: str
) -> None:
    assert said in refused(put(autoscaler, "bulk", **body), status=422, name="wrong-fields")
    assert not HandScale.objects.exists()


def test_reason_of_blanks_alone_is_refused_in_a_sentence(autoscaler: Any) -> None:
    said = refused(put(autoscaler, "bulk", workers=9, why="  "), status=422, name="wrong-fields")
    assert "Say why: whoever looks after the lanes next reads it." in said
    assert "pattern" not in said


def test_number_tells_since_when_it_holds(autoscaler: Any) -> None:
    assert put(autoscaler, "bulk", workers=12, why="Results day").json()["since"]
    at = HandScale.objects.get().at
    [bulk] = [lane for lane in autoscaler.get("/workers").json()["lanes"] if lane["lane"] == "bulk"]
    assert datetime.fromisoformat(bulk["since"]) == at.replace(microsecond=at.microsecond // 1000 * 1000)
    assert let_go(autoscaler, "bulk").json()["since"] is None
    LaneScale.objects.create(lane="bulk", workers=9, why="Much waited.", at=timezone.now())
    assert [lane["since"] is None for lane in autoscaler.get("/workers").json()["lanes"]].count(False) == 1


def test_vital_lane_keeps_the_workers_that_it_needs(autoscaler: Any) -> None:
    told = refused(put(autoscaler, "codes", workers=1, why="Try"), status=409, name="cannot-scale")
    assert told.startswith("People stand still without it.")


def test_lane_is_looked_at_alone(autoscaler: Any) -> None:
    put(autoscaler, "bulk", workers=12, why="Results day")
    told = autoscaler.get("/workers/bulk")
    assert (told.status_code, told.json()["lane"], told.json()["wanted"]) == (200, "bulk", 12)


@pytest.mark.parametrize("ask", ["get", "put", "delete"])
def test_lane_that_there_is_not_is_said_with_those_that_there_are(autoscaler: Any, ask: str) -> None:
    asked = {
        "get": lambda: autoscaler.get("/workers/bulks"),
        "put": lambda: put(autoscaler, "bulks", workers=3, why="Try"),
        "delete": lambda: let_go(autoscaler, "bulks"),
    }
    told = asked[ask]()
    detail = refused(told, status=404, name="nothing-here")
    assert detail.startswith("There is no lane bulks; there are ")
    assert all(lane in detail for lane in switchyard().lanes)
    assert "GET /api/v1/workers" in told.json()["remedy"]


def test_programs_of_schools_are_not_let_in(with_scopes: Callable[..., Any]) -> None:
    program = with_scopes(*Scope.of_schools())
    for response in (
        program.get("/workers"),
        program.get("/workers/bulk"),
        put(program, "bulk", workers=3, why="Try"),
        let_go(program, "bulk"),
    ):
        refused(response, status=403, name="scope-missing")


def test_no_token_of_a_school_can_have_the_scope(school: School) -> None:
    with pytest.raises(tokens.WrongScope, match="concerns all schools"):
        tokens.make(school=school, name="Registry", scopes=[Scope.WORKERS], by=None)
    given = ("--name", "Autoscaler", "--scopes", "workers:scale")
    assert "concerns all schools" in Ran("tokens", "create", "--school", school.slug, *given).error
    assert Ran("tokens", "create", "--school", "platform", *given).text.startswith("sy_")
