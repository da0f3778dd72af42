"""`manage.py workers`: how many workers the lanes are to have, set by hand for a while and taken back."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from jobs.management.verbs.exits import Exit
from jobs.models import HandScale, Role, School, WorkerPresence
from jobs.testing import make_person

Run = Callable[..., Any]


def test_lanes_are_listed_with_what_they_are_to_have_and_have(workers_command: Run) -> None:
    now = timezone.now()
    WorkerPresence.objects.create(name="mail@here-1", lane="mail", slots=3, started_at=now, beat_at=now)
    lanes = {lane["lane"]: lane for lane in workers_command("list", "--json").document["lanes"]}
    assert (lanes["mail"]["wanted"], lanes["mail"]["present"]) == (lanes["mail"]["least"], 3)
    assert lanes["mail"]["set_by"] == "settings"
    assert lanes["mail"]["kept_back"] == 0
    assert "mail" in workers_command("list").text


def test_list_says_what_the_memory_that_is_kept_free_keeps_back(workers_command: Run) -> None:
    now = timezone.now()
    for name, kept_back in (("here-1", 2), ("there-1", 3)):
        WorkerPresence.objects.create(
            name=name, lane="packets", slots=1, slots_kept_back=kept_back, started_at=now, beat_at=now
        )
    lanes = {lane["lane"]: lane for lane in workers_command("list", "--json").document["lanes"]}
    assert lanes["packets"]["kept_back"] == 5
    told = "5 more workers would fit but for the 512 megabytes that a host keeps free"
    assert told in workers_command("list").text


def test_number_is_set_for_four_hours_if_no_end_is_given(workers_command: Run) -> None:
    person = make_person(role=Role.OPS)
    ran = workers_command("scale", "bulk", "12", "--why", "Results day", "--by", person.email)
    assert "The lane bulk is to have 12 workers until" in ran.text
    held = HandScale.objects.get()
    assert (held.lane, held.workers, held.by, held.why) == ("bulk", 12, person, "Results day")
    assert 3.9 < (held.until - timezone.now()).total_seconds() / 3600 <= 4


def test_number_is_taken_back_once(workers_command: Run) -> None:
    workers_command("scale", "bulk", "12", "--why", "Results day", "--until", "2h")
    assert workers_command("auto", "bulk", "--json").document["set_by"] == "settings"
    assert workers_command("auto", "bulk").exit == Exit.REFUSED


def test_what_cannot_be_is_refused_with_the_remedy(workers_command: Run) -> None:
    assert workers_command("scale", "bulk", "2000", "--why", "Try").exit == Exit.INVALID
    assert workers_command("scale", "codes", "1", "--why", "Try").exit == Exit.INVALID
    for until in ("2020-01-01T00:00:00Z", "367d"):
        refused = workers_command("scale", "bulk", "3", "--why", "Try", "--until", until)
        assert refused.exit == Exit.INVALID
        assert "--until: Give a time that is not over yet, and within a year." in refused.error
    assert workers_command("scale", "bulk", "3", "--why", " ").exit == Exit.INVALID
    assert not HandScale.objects.exists()


@pytest.mark.parametrize("verb", [("scale", "bluk", "3", "--why", "Try"), ("auto", "bluk")])
def test_lane_that_is_not_there_is_a_refusal_like_any_other(
    workers_command: Run, verb: tuple[str, ...]
) -> None:
    refused = workers_command(*verb, "--json")
    assert refused.exit == Exit.NOT_FOUND
    assert refused.document["exit_code"] == Exit.NOT_FOUND
    assert refused.document["detail"].startswith("There is no lane 'bluk'; there are: ")
    assert "Did you mean 'bulk'?" in refused.document["detail"]


@pytest.mark.parametrize("verb", [("scale", "bulk", "3", "--why", "Try"), ("auto", "bulk")])
def test_number_is_set_and_taken_back_in_the_name_of_operations_alone(
    workers_command: Run, school: School, verb: tuple[str, ...]
) -> None:
    workers_command("scale", "bulk", "12", "--why", "Results day")
    refused = workers_command(*verb, "--by", make_person(school=school).email)
    assert refused.exit == Exit.INVALID
    assert "is not of the operations team, which alone sets how many workers lanes have." in refused.error
    [held] = HandScale.objects.all()
    assert (held.workers, held.ended_at) == (12, None)
