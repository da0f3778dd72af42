"""The form for a new packet: who is offered, what is refused, and one packet for a double click."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.test import Client

from jobs.models import Job, School
from jobs.testing import make_school, run_parts
from packets.models import DocumentType, Packet
from packets.requesting import MOST_STUDENTS

pytestmark = pytest.mark.django_db

NEW = "/packets/new/"


def sent(*students: Any, **changed: Any) -> dict[str, Any]:
    """Return what the form sends."""
    return {
        "form_key": uuid4().hex,
        "title": "Spring fair",
        "document_types": DocumentType.values,
        "students": [student.id for student in students],
        **changed,
    }


def test_form_offers_the_students_ticked_and_counts_them(
    client: Client, school: School, students: Any
) -> None:
    students.add(school, "Amy Adams")
    students.add(school, "Ben Brown")
    students.add(make_school(), "Eve Elsewhere")
    page = client.get(NEW).content.decode()
    assert len(re.findall(r'id="student_\d+" checked', page)) == 2
    assert "Build packet for 2 students" in page
    assert "Eve Elsewhere" not in page


@pytest.mark.parametrize(
    "chosen", [{"major": "Physics"}, {"graduation_year": "2029"}, {"search": "ben"}, {"search": " BEN@ "}]
)
def test_filter_narrows_the_students(
    client: Client, school: School, students: Any, chosen: dict[str, str]
) -> None:
    students.add(school, "Amy Adams")
    students.add(school, "Ben Brown", major="Physics", year=2029)
    page = client.get(NEW, chosen).content.decode()
    assert "Ben Brown" in page
    assert "Amy Adams" not in page
    assert "Build packet for 1 student<" in page


def test_filter_that_fits_nobody_says_so_and_keeps_what_was_typed(
    client: Client, school: School, students: Any
) -> None:
    students.add(school, "Amy Adams")
    page = client.get(NEW, {"search": "<Zoë>", "major": "Biology"}).content.decode()
    assert "No student fits “&lt;Zoë&gt;” in Biology." in page
    assert 'value="&lt;Zoë&gt;"' in page
    assert "Build packet for" not in page


def test_school_without_students_is_told_to_upload_some(client: Client, students: Any) -> None:
    page = client.get(NEW).content.decode()
    assert "Your school has no students here yet." in page
    assert 'href="/uploads/new/"' in page


def test_only_as_many_students_are_offered_as_fit(
    client: Client, school: School, students: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("packets.queries.MOST_STUDENTS", 2)
    for name in ("Amy Adams", "Ben Brown", "Cleo Clark"):
        students.add(school, name)
    page = client.get(NEW).content.decode()
    assert "3 students" in page
    assert "Narrow the search to choose others." in page
    assert "Cleo Clark" not in page
    assert "Build packet for 2 students" in page


def test_sending_the_form_builds_the_packet(
    client: Client, school: School, students: Any, pdf: Callable[..., bytes]
) -> None:
    ben, amy = students.add(school, "Ben Brown"), students.add(school, "Amy Adams")
    students.give(amy, "resume", pdf("Amy R"))
    answer = client.post(NEW, sent(amy, ben))
    packet = Packet.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/jobs/{packet.job_id}/"
    assert list(packet.students.values_list("name", flat=True)) == ["Amy Adams", "Ben Brown"]
    assert packet.job.title == "Spring fair"
    run_parts(lane="packets")
    packet.refresh_from_db()
    assert sum(packet.students.values_list("pages", flat=True)) == 1


def test_double_click_builds_one_packet(client: Client, school: School, students: Any) -> None:
    content = sent(students.add(school, "Amy Adams"))
    first, second = client.post(NEW, content), client.post(NEW, content)
    assert first["Location"] == second["Location"]
    assert Packet.objects.count() == Job.objects.count() == 1


def test_form_sent_again_after_a_change_builds_another_packet(
    client: Client, school: School, students: Any
) -> None:
    content = sent(students.add(school, "Amy Adams"))
    first = client.post(NEW, content)
    second = client.post(NEW, {**content, "title": "Autumn fair"})
    assert first["Location"] != second["Location"]
    assert set(Packet.objects.values_list("title", flat=True)) == {"Spring fair", "Autumn fair"}


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"students": []}, "Tick at least one student."),
        ({"document_types": []}, "Tick at least one type of document."),
        ({"title": " "}, "Give the packet a title."),
        ({"students": ["1; DROP"]}, "choose the students again"),
        ({"students": ["9" * 40]}, "choose the students again"),
        ({"document_types": ["passport"]}, "passport"),
        ({"title": "x" * 151}, "at most 150 characters"),
    ],
)
def test_wrong_form_is_refused_with_a_sentence_and_keeps_what_was_typed(
    client: Client, school: School, students: Any, changed: dict[str, Any], sentence: str
) -> None:
    amy = students.add(school, "Amy Adams")
    content = sent(amy, **changed)
    answer = client.post(f"{NEW}?major=Biology", content)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert content["title"] in page
    assert '<option value="Biology" selected>' in page
    assert not Packet.objects.exists()


def test_unticked_students_stay_unticked_when_the_form_is_shown_again(
    client: Client, school: School, students: Any
) -> None:
    amy, ben = students.add(school, "Amy Adams"), students.add(school, "Ben Brown")
    page = client.post(NEW, sent(ben, title="")).content.decode()
    ticked = set(re.findall(r'value="(\d+)" id="student_\d+" checked', page))
    assert ticked == {str(ben.id)}
    assert str(amy.id) not in ticked
    assert "Build packet for 1 student<" in page


def test_looking_for_other_students_without_a_script_keeps_what_was_typed(
    client: Client, school: School, students: Any
) -> None:
    amy = students.add(school, "Amy Adams")
    students.add(school, "Ben Brown", major="Physics")
    typed = sent(amy, title="Spring <fair>", document_types=["transcript"], found="", major="Physics")
    answer = client.post(NEW, {**typed, "find": "1"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Ben Brown" in page
    assert "Amy Adams" not in page
    assert 'value="Spring &lt;fair&gt;"' in page
    assert re.findall(r'name="document_types" value="(\w+)"[^>]* checked', page) == ["transcript"]
    assert "Build packet for 1 student<" in page
    assert 'name="found" value="major=Physics"' in page
    assert not Packet.objects.exists()


def test_looking_for_the_same_students_again_keeps_the_ticks(
    client: Client, school: School, students: Any
) -> None:
    amy = students.add(school, "Amy Adams", major="Physics")
    students.add(school, "Ada Brown", major="Physics")
    typed = sent(amy, found="major=Physics", major="Physics")
    assert "Build packet for 1 student<" in client.post(NEW, {**typed, "find": "1"}).content.decode()
    everyone = client.post(NEW, {**typed, "find": "all"}).content.decode()
    assert "Build packet for 2 students" in everyone
    assert 'name="found" value=""' in everyone


def test_refused_form_shows_the_students_that_were_found_and_not_those_of_another_choice(
    client: Client, school: School, students: Any
) -> None:
    amy = students.add(school, "Amy Adams")
    students.add(school, "Ben Brown", major="Physics")
    typed = sent(amy, title="", found="search=amy", major="Physics")
    page = client.post(NEW, typed).content.decode()
    assert "Amy Adams" in page
    assert "Ben Brown" not in page


def test_students_of_another_school_are_refused(client: Client, school: School, students: Any) -> None:
    amy, eve = students.add(school, "Amy Adams"), students.add(make_school(), "Eve Elsewhere")
    answer = client.post(NEW, sent(amy, eve))
    assert answer.status_code == 422
    assert "1 of the ticked students is not in your school" in answer.content.decode()
    assert not Packet.objects.exists()


def test_more_students_than_fit_are_refused(client: Client, students: Any) -> None:
    content = sent(students=[str(number) for number in range(MOST_STUDENTS + 1)])
    answer = client.post(NEW, content)
    assert answer.status_code == 422
    assert f"a packet holds up to {MOST_STUDENTS}" in answer.content.decode()


def test_largest_packet_fits_into_one_form(
    client: Client, school: School, students: Any, settings: LazySettings
) -> None:
    chosen = [students.add(school, f"Student N{number}") for number in range(MOST_STUDENTS)]
    assert settings.DATA_UPLOAD_MAX_NUMBER_FIELDS > MOST_STUDENTS
    assert client.post(NEW, sent(*chosen)).status_code == 302
    assert Packet.objects.get().students.count() == MOST_STUDENTS
