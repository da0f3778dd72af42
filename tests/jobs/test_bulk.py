"""Operations change all jobs of a choice, once they typed how many they are."""

from typing import Any

import pytest
from django.db import InternalError, transaction
from django.test import Client

from jobs import bulk
from jobs.models import BulkChange, Job, JobState, Part, PartState, Person, Role, School
from jobs.registry import kind_named
from jobs.retries import PermanentFailure
from jobs.settings import switchyard
from jobs.testing import make_person, make_school, run_parts

PAGE = "/ops/jobs/"


@pytest.fixture
def ops(client: Client, steps: Any) -> Person:
    person = make_person(role=Role.OPS)
    client.force_login(person)
    return person


def do(client: Client, action: str, confirmed: int, **chosen: str) -> str:
    address = f"{PAGE}?{'&'.join(f'{name}={value}' for name, value in {'action': action, **chosen}.items())}"
    given = {"confirmed": confirmed, "why": "The relay was down."}
    return client.post(address, given, follow=True).content.decode()


def states() -> dict[str, str]:
    return dict(Job.objects.values_list("key", "state"))


def test_open_jobs_of_a_school_are_stopped(client: Client, ops: Person, steps: Any, school: School) -> None:
    other = make_school()
    for key in ("one", "two"):
        steps.submit(school, 1, key=key)
    steps.submit(other, 1, key="theirs")
    page = do(client, "stop", 2, school=str(school.pk))
    assert "Stop: done to 2 of 2 jobs." in page
    assert states() == {"one": JobState.STOPPED, "two": JobState.STOPPED, "theirs": JobState.WAITING}
    line = BulkChange.objects.get()
    assert (line.by, line.action, line.chosen) == (ops, "stop", f"school={school.pk}")
    event = Job.objects.get(key="one").events.get(what="stopped")
    assert (event.by, event.why) == (ops, "The relay was down.")


def test_lane_for_other_work_is_warned_of(client: Client, ops: Person, steps: Any, school: School) -> None:
    job = steps.submit(school, 1, key="one")
    warned = {}
    for lane in ("packets", "mail"):
        Job.objects.filter(pk=job.pk).update(lane=lane)
        page = client.get(PAGE, {"action": "move", "to": "bulk"}).content.decode()
        assert "Move to another lane: 1 job" in page
        warned[lane] = "Some of these jobs compute" in page
    assert warned == {"packets": True, "mail": False}


def test_choice_of_jobs_is_told_in_words(client: Client, ops: Person, steps: Any, school: School) -> None:
    job = steps.submit(school, 1, key="one")
    chosen = (
        f"text=a+b&state=waiting&kind={job.kind}&school={school.pk}&submitted_by={ops.pk}&since=2026-05-04"
    )
    for each in (chosen, "text=&state=&kind=gone.kind&school=0", "text=&school="):
        BulkChange.objects.create(
            at=job.created_at, count=1, done=1, action="stop", chosen=each, by=ops, why="W"
        )
    page = client.get(PAGE).content.decode()
    label = kind_named(job.kind).label
    told = f"“a b”, Waiting, {label}, {school.name}, asked for by {ops.name}, from 2026-05-04</a>"
    assert told in page
    assert "gone.kind, a school that is gone</a>" in page
    assert ">All</a>" in page


def test_failed_jobs_are_tried_again(client: Client, ops: Person, steps: Any, school: School) -> None:
    steps.errors = [PermanentFailure("Broken."), PermanentFailure("Broken.")]
    for key in ("one", "two"):
        steps.submit(school, 1, key=key)
    run_parts(lane="mail")
    steps.submit(school, 1, key="waits")
    do(client, "retry", 2, state="failed")
    run_parts(lane="mail")
    assert set(states().values()) == {JobState.DONE}


def test_jobs_are_moved_to_another_lane_and_stay_there(
    client: Client, ops: Person, steps: Any, school: School
) -> None:
    job = steps.submit(school, 1)
    lane = next(each for each in switchyard().lanes.values() if each.slow_companion and each.name != "mail")
    do(client, "move", 1, to=lane.name)
    job = Job.objects.get(pk=job.pk)
    assert (job.lane, job.parts.get().lane, job.detour.is_pinned) == (lane.name, lane.name, True)
    page = client.get(PAGE, {"action": "move", "to": lane.name}).content.decode()
    assert "No job of this choice" in page


def test_nothing_changes_when_the_number_is_another_one(
    client: Client, ops: Person, steps: Any, school: School
) -> None:
    steps.submit(school, 1)
    page = do(client, "stop", 2)
    assert "1 job fits the choice now, and not 2" in page
    assert (states(), BulkChange.objects.count()) == ({"one": JobState.WAITING}, 0)


def test_reason_and_number_are_asked_for(client: Client, ops: Person, steps: Any, school: School) -> None:
    steps.submit(school, 1)
    answer = client.post(f"{PAGE}?action=stop", {"confirmed": "1", "why": ""})
    assert (answer.status_code, states()) == (422, {"one": JobState.WAITING})


def test_lane_is_asked_for_and_no_vital_one_is_offered(
    client: Client, ops: Person, steps: Any, school: School
) -> None:
    steps.submit(school, 1)
    assert "Choose the lane" in client.get(PAGE, {"action": "move", "to": ""}).content.decode()
    vital = [name for name, lane in switchyard().lanes.items() if lane.is_vital]
    assert vital
    assert not set(vital) & set(bulk.lanes_to_move_to())


def test_job_that_refuses_keeps_no_other_from_being_changed(
    client: Client, ops: Person, steps: Any, school: School
) -> None:
    for key in ("one", "two"):
        steps.submit(school, 1, key=key)
    Job.objects.filter(key="one").update(state=JobState.STOPPED, ended_at="2027-03-01T12:00Z")
    Part.objects.filter(job__key="one").update(state=PartState.DONE)
    Job.objects.filter(key="two").update(state=JobState.STOPPED, ended_at="2027-03-01T12:00Z")
    Part.objects.filter(job__key="two").update(state=PartState.STOPPED)
    page = do(client, "retry", 2)
    assert "Try again: done to 1 of 2 jobs." in page


def test_line_of_a_change_is_neither_changed_nor_deleted(
    client: Client, ops: Person, steps: Any, school: School
) -> None:
    steps.submit(school, 1)
    do(client, "stop", 1)
    for change in (lambda: BulkChange.objects.update(done=9), lambda: BulkChange.objects.all().delete()):
        with pytest.raises(InternalError, match="is never changed"), transaction.atomic():
            change()
    assert BulkChange.objects.get().done == 1


def test_staff_change_no_jobs_of_many(client: Client, steps: Any, school: School) -> None:
    client.force_login(make_person(school=school))
    steps.submit(school, 1)
    assert client.get(PAGE).status_code == 403
    assert client.post(f"{PAGE}?action=stop", {"confirmed": "1", "why": "x"}).status_code == 403
    assert "Change these jobs" not in client.get("/jobs/").content.decode()
    assert states() == {"one": JobState.WAITING}
