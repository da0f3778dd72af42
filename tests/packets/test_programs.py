"""A program asks for a packet of students by their numbers."""

from collections.abc import Callable
from typing import Any

import pytest

from jobs.asking import WrongArguments
from jobs.keys import KeyTaken
from jobs.models import Job, JobState, School
from jobs.requesting import request
from jobs.testing import make_school, run_parts
from packets.models import Packet

pytestmark = pytest.mark.django_db


def ask(school: School, *numbers: str, key: str = "one", **given: Any) -> tuple[Job, bool]:
    arguments = {"title": "Fair", "document_types": ["resume"], "students": list(numbers), **given}
    return request(kind="packets.build", school=school, by=None, key=key, arguments=arguments)


def test_packet_is_built_of_the_numbers_in_their_order(
    students: Any, school: School, pdf: Callable[..., bytes]
) -> None:
    amy, ben = students.add(school, "Amy Adams"), students.add(school, "Ben Brown")
    for student in (amy, ben):
        students.give(student, "resume", pdf(student.name))
    job, is_new = ask(school, ben.number, amy.number, ben.number)
    run_parts(lane="packets")
    packet = Packet.objects.get(job=job)
    assert is_new
    assert [student.name for student in packet.students.all()] == ["Ben Brown", "Amy Adams"]
    assert packet.document_types == ["resume"]
    assert (packet.job.state, sum(packet.students.values_list("pages", flat=True))) == (JobState.DONE, 2)


def test_same_request_again_is_the_same_packet(students: Any, school: School) -> None:
    amy = students.add(school, "Amy Adams")
    first, _ = ask(school, amy.number)
    again, is_new = ask(school, amy.number)
    assert (first, is_new) == (again, False)
    assert Packet.objects.count() == 1


@pytest.mark.parametrize(
    "change", [{"title": "Autumn"}, {"document_types": ["transcript"]}, {"students": 2}, {"own_files": True}]
)
def test_key_of_another_packet_is_taken(students: Any, school: School, change: dict[str, Any]) -> None:
    amy, ben = students.add(school, "Amy Adams"), students.add(school, "Ben Brown")
    ask(school, amy.number)
    given = {**change, "students": [amy.number, ben.number]} if "students" in change else change
    with pytest.raises(KeyTaken):
        ask(school, amy.number, **given)


def test_numbers_of_nobody_in_the_school_are_named(students: Any, school: School) -> None:
    stranger = students.add(make_school(), "Amy Adams")
    with pytest.raises(WrongArguments, match=rf"arguments\.students: .*{stranger.number}, 7"):
        ask(school, stranger.number, "7")
    assert not Packet.objects.exists()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "a\0b"}, "title"),
        ({"document_types": ["passport"]}, "document_types.0"),
        ({"document_types": []}, "document_types"),
        ({"students": []}, "students"),
        ({"students": ["7"] * 501}, "students"),
        ({"students": [7]}, "students.0"),
    ],
)
def test_arguments_that_cannot_be_used_are_named(school: School, given: dict[str, Any], field: str) -> None:
    with pytest.raises(WrongArguments) as refused:
        ask(school, "7", **given)
    assert list(refused.value.problems) == [f"arguments.{field}"]
