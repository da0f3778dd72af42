"""Students by a pasted list: whom it means, and who is told to be unknown."""

import re
from typing import Any

import pytest
from django.test import Client

from jobs.models import School
from jobs.testing import make_school
from packets.listing import students_listed
from packets.models import Packet
from tests.packets.test_form import NEW, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(school: School, students: Any) -> list[Any]:
    """Three students of the school, and one of another."""
    students.add(make_school(), "Eve Elsewhere", number="E9")
    return [
        students.add(school, "Amy Adams", number="A1"),
        students.add(school, "Ben Brown", number="0007"),
        students.add(school, "Zoë Clark", number="Z-é"),
    ]


@pytest.mark.parametrize(
    ("text", "names", "unknown"),
    [
        ("0007\nA1", ["Ben Brown", "Amy Adams"], []),
        ("a1, AMY@students.example; 0007\t\r\n\r\n ", ["Amy Adams", "Ben Brown"], []),
        ("Z-e\u0301", ["Zoë Clark"], []),
        ("7\nE9\neve@students.example\nA1", ["Amy Adams"], ["7", "E9", "eve@students.example"]),
        ("\0, ,", [], []),
    ],
)
def test_list_means_students_in_its_order(
    people: list[Any], school: School, text: str, names: list[str], unknown: list[str]
) -> None:
    found = students_listed(text, school_id=school.pk)
    assert [student.name for student in found.students] == names
    assert found.unknown == unknown


def test_page_offers_the_students_of_a_list_and_names_the_unknown(client: Client, people: list[Any]) -> None:
    typed = sent(title="Typed", listed="0007\nA1\n<b>nobody</b>", find="list", found="")
    answer = client.post(NEW, typed)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert re.findall(r'for="student_\d+">([^<]+)<', page) == ["Ben Brown", "Amy Adams"]
    assert "Build packet for 2 students" in page
    assert "1 of your list is not in your school" in page
    assert "&lt;b&gt;nobody&lt;/b&gt;" in page
    assert 'value="Typed"' in page
    assert 'name="found" value="list"' in page


def test_long_list_of_unknown_is_cut(client: Client, people: list[Any]) -> None:
    page = client.post(NEW, sent(listed="\n".join(f"N{n}" for n in range(25)), find="list")).content.decode()
    assert "N19 and 5 more" in page
    assert "The list names no student of your school." in page


def test_wrong_form_shows_the_students_of_the_list_again(client: Client, people: list[Any]) -> None:
    amy, ben, _ = people
    page = client.post(NEW, sent(amy, title="", listed="0007\nA1", found="list")).content.decode()
    assert re.findall(r'for="student_\d+">([^<]+)<', page) == ["Ben Brown", "Amy Adams"]
    assert "Build packet for 1 student<" in page
    assert ben.name in page


def test_packet_holds_the_students_in_the_order_of_the_list(client: Client, people: list[Any]) -> None:
    amy, ben, zoe = people
    client.post(NEW, sent(zoe, ben, amy, found="list", listed="...", order="chosen"))
    names = list(Packet.objects.get().students.values_list("name", flat=True))
    assert names == ["Zoë Clark", "Ben Brown", "Amy Adams"]
