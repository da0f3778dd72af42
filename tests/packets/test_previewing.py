"""The preview of a packet: its first pages before it is built."""

from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
from django.test import Client
from PIL import Image
from pypdf import PdfReader

from jobs.models import Job, School
from jobs.testing import make_school
from packets import previewing
from packets.book import bind_sample
from packets.layout import PLAIN, Layout
from packets.models import Packet, PacketTemplate, PagePicture, ReadyDocument
from packets.previewing import MADE_AGAIN, preview
from packets.requesting import PacketRequest
from packets.sheets import Preview
from tests.packets.filling import NEW, packet_of, picture

pytestmark = pytest.mark.django_db


def asked(*students: Any, **given: Any) -> PacketRequest:
    """Return a request for a packet."""
    usual = {"title": "Spring fair", "document_types": ["resume", "transcript"]}
    return PacketRequest.of_form(form_key=uuid4(), students=students, **{**usual, **given})


def labels(found: Preview) -> list[str]:
    return [sheet.label for sheet in found.sheets]


@pytest.fixture
def amy(students: Any, school: School, pdf: Callable[..., bytes]) -> Any:
    """A student with a résumé of two pages and a transcript of three."""
    amy = students.add(school, "Amy Adams")
    students.give(amy, "resume", pdf("R1", "R2"))
    students.give(amy, "transcript", pdf("T1", "T2", "T3"))
    return amy


def test_preview_shows_what_comes_first(amy: Any, school: School) -> None:
    found = preview(asked(amy, layout=Layout(notice="Do not pass on.")), school=school)
    assert labels(found) == [
        "Cover", "Notice", "Contents", "Page before Amy Adams", "Amy Adams, page 1", "Amy Adams, page 2",
        "Amy Adams, page 3",
    ]  # fmt: skip
    pictures = [Image.open(BytesIO(b64decode(sheet.address.partition(",")[2]))) for sheet in found.sheets]
    assert {each.size for each in pictures} == {(420, 544)}
    assert len({each.tobytes() for each in pictures}) == len(pictures)
    assert found.notes == []
    assert not any(model.objects.exists() for model in (Packet, Job, PagePicture))


def test_preview_of_a_document_whose_piece_the_storage_lost_says_so_once(amy: Any, school: School) -> None:
    preview(asked(amy), school=school)
    for ready in ReadyDocument.objects.select_related("piece"):
        assert ready.piece is not None
        ready.piece.content.storage.delete(ready.piece.content.name)
    for _ in range(2):  # each finds one of the two
        assert preview(asked(amy), school=school) == Preview(notes=(MADE_AGAIN,))
    assert "Amy Adams, page 3" in labels(preview(asked(amy), school=school))


def test_documents_alone_are_shown_where_nothing_is_around_them(amy: Any, school: School) -> None:
    for layout in (PLAIN, Layout(output="students")):
        found = preview(asked(amy, layout=layout), school=school)
        assert labels(found) == [f"Amy Adams, page {number}" for number in (1, 2, 3)]


def test_sample_has_the_numbers_and_contents_of_the_whole(
    amy: Any, students: Any, school: School, pdf: Callable[..., bytes], build: Callable[..., Packet]
) -> None:
    ben, cem = students.add(school, "Ben Brown"), students.add(school, "Cem Celik")
    students.give(ben, "resume", pdf("B1"))
    kept: list[bytes] = []

    def bound(book: Any, output: Any, **given: Any) -> int:
        front = bind_sample(book, output, **given)
        output.seek(0)
        kept.append(output.read())
        return front

    with mock.patch.object(previewing, "bind_sample", bound):
        found = preview(asked(amy, ben, cem, layout=Layout()), school=school)
    assert found.notes == [previewing.ESTIMATED]
    sample = [page.extract_text() for page in PdfReader(BytesIO(kept[0])).pages]
    with build(amy, ben, cem, layout=Layout()).result.content.open("rb") as file:
        whole = [page.extract_text() for page in PdfReader(file).pages]
    assert sample == whole[: len(sample)]
    assert len(sample) == 8
    assert "3 / 11" in sample[2]


def test_student_whose_documents_cannot_be_used_is_passed_over_and_named(
    amy: Any, students: Any, school: School
) -> None:
    aaron = students.add(school, "Aaron Abel")
    students.give(aaron, "resume", b"broken")
    found = preview(asked(aaron, amy, layout=Layout()), school=school)
    assert "Page before Amy Adams" in labels(found)
    assert found.notes == [
        "Aaron Abel, Abel resume.pdf: The file is damaged or is not a PDF; ask for a new copy."
    ]


def test_document_that_is_not_released_is_not_shown(amy: Any, students: Any, school: School) -> None:
    students.said[amy.id, "resume"] = False
    found = preview(asked(amy, layout=replace(PLAIN, has_manifest=True)), school=school)
    assert labels(found) == ["Amy Adams, page 1", "Amy Adams, page 2", "Amy Adams, page 3"]
    students.said[amy.id, "transcript"] = False
    assert preview(asked(amy), school=school).notes == [previewing.NOTHING]


def test_preview_of_nothing_says_so(students: Any, school: School) -> None:
    found = preview(asked(students.add(school, "Ben Brown"), layout=Layout()), school=school)
    assert (found.sheets, found.notes) == ((), [previewing.NOTHING])


def test_cover_is_shown_also_where_no_document_of_the_first_students_can_be(
    students: Any, school: School, pdf: Callable[..., bytes]
) -> None:
    chosen = [students.add(school, f"Ben B{number}") for number in range(4)]
    for student in chosen[:3]:
        students.give(student, "resume", b"broken")
    students.give(chosen[3], "resume", pdf("R"))
    assert labels(preview(asked(*chosen, layout=Layout()), school=school)) == ["Cover", "Contents"]


def test_preview_that_takes_too_long_ends_and_says_so(amy: Any, school: School) -> None:
    with mock.patch.object(previewing, "SECONDS", 0.0):
        found = preview(asked(amy, layout=Layout()), school=school)
    assert (found.sheets, found.notes) == ((), (previewing.TOO_LONG,))


def test_few_previews_are_made_at_once(amy: Any, school: School) -> None:
    for _ in range(previewing.AT_ONCE):
        assert previewing._places.acquire(blocking=False)
    try:
        found = preview(asked(amy, layout=Layout()), school=school)
    finally:
        previewing._places.release(previewing.AT_ONCE)
    assert (found.sheets, found.notes) == ((), (previewing.BUSY,))


def test_page_shows_the_preview_and_keeps_what_is_filled_in(
    client: Client, amy: Any, students: Any, school: School, make_template: Callable[..., PacketTemplate]
) -> None:
    students.add(school, "Ben Brown")
    logo = make_template("Fairs", picture=picture()).logo_id
    answer = client.post(NEW, packet_of(amy, preview="1", logo=str(logo), title="Typed"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count('<img src="data:image/webp;base64,') == 6
    assert "Build packet for 1 student<" in page
    assert 'value="Typed"' in page
    assert "The packet was not built" not in page
    assert not Packet.objects.exists()


def test_wrong_form_is_told_and_not_previewed(client: Client, amy: Any) -> None:
    answer = client.post(NEW, packet_of(amy, preview="1", number_format="no"))
    assert answer.status_code == 422
    assert "Write {page} where" in answer.content.decode()
    assert 'id="preview"' not in answer.content.decode()


def test_preview_of_another_schools_students_is_refused(client: Client, students: Any) -> None:
    eve = students.add(make_school(), "Eve Elsewhere")
    answer = client.post(NEW, packet_of(eve, preview="1"))
    assert answer.status_code == 422
    assert "not in your school" in answer.content.decode()
