"""A whole packet: what is put around the documents, read back with other libraries than its writer."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, String
from pypdf import PdfReader

from jobs.models import JobState, School
from packets.layout import Layout
from packets.models import Packet
from tests.packets import corpus
from tests.switchyard.pseudo import speak, words_outside

pytestmark = pytest.mark.django_db


def content_of(packet: Packet) -> bytes:
    """Return the bytes of the result."""
    with packet.result.content.open("rb") as file:
        content: bytes = file.read()
    return content


def texts(packet: Packet) -> list[str]:
    """Return the text of each page, as PDFium reads it."""
    pdf = pypdfium2.PdfDocument(content_of(packet))
    found = []
    for page in pdf:
        text = page.get_textpage()
        found.append(text.get_text_range().replace("\r\n", "\n"))
        text.close()
        page.close()
    pdf.close()
    return found


def links(packet: Packet, page: int) -> list[int | str]:
    """Return where the links of a page lead: the index of a page, or an address."""
    reader = PdfReader(BytesIO(content_of(packet)))
    found: list[int | str] = []
    for annotation in reader.pages[page].get("/Annots", []):
        link = annotation.get_object()
        if "/A" in link:
            found.append(link["/A"]["/URI"])
        elif isinstance(link["/Dest"], str):
            found.append(reader.get_destination_page_number(reader.named_destinations[link["/Dest"]]))
        else:
            found.append(reader.get_page_number(link["/Dest"][0].get_object()))
    return found


@pytest.fixture
def packet(students: Any, school: School, pdf: Callable[..., bytes], build: Callable[..., Packet]) -> Packet:
    """A packet of two students, of whom one has a damaged document, and of one with nothing."""
    ben = students.add(school, "Ben Brown", major="Chemistry")
    amy = students.add(school, "Amy Łukasz", major="Biology")
    cem = students.add(school, "Cem Celik")
    students.give(amy, "resume", pdf("Amy R1", "Amy R2"))
    students.give(amy, "transcript", pdf("Amy T"))
    students.give(ben, "resume", pdf("Ben R"))
    students.give(ben, "transcript", b"broken")
    return build(amy, ben, cem, layout=Layout(cover_text="Call us (any time).\nYours, {school}"))


def test_packet_has_cover_contents_dividers_and_notes(packet: Packet) -> None:
    found = texts(packet)
    assert packet.job.state == JobState.PROBLEMS
    assert packet.pages == len(found) == 9
    cover, contents, amy, *documents, ben, _, notes = found
    assert all(word in cover for word in ("Spring fair", "2 students · 3 documents", "Call us (any time)."))
    assert "Yours, Test University" in cover
    assert "Amy Łukasz" in contents
    assert "Biology · Class of 2027 · Résumé, Transcript" in contents
    assert all(word in amy for word in ("Amy Łukasz", "2 pages", "1 page"))
    assert [text.split("\n")[0] for text in documents] == ["Amy R1", "Amy R2", "Amy T"]
    assert "Ben Brown" in ben
    assert all(
        word in notes for word in ("Cem Celik", "Résumé, Transcript", "Brown transcript.pdf", "damaged")
    )
    with pikepdf.open(BytesIO(content_of(packet))) as pdf:
        assert pdf.check_pdf_syntax() == []


def test_pages_that_are_set_speak_the_language_of_the_platform(
    students: Any,
    school: School,
    pdf: Callable[..., bytes],
    build: Callable[..., Packet],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    speak(monkeypatch)
    amy, ben = students.add(school, "Amy Lee", major="Biology"), students.add(school, "Ben Lee")
    students.give(amy, "resume", pdf("Page"))
    students.give(amy, "transcript", b"broken")
    found = texts(build(amy, ben, layout=Layout(notice="Page")))
    given = (
        "SPRING FAIR TEST UNIVERSITY AMY BEN LEE BIOLOGY PAGE TRANSCRIPT.PDF"  # capitals are read in pieces
    )
    past = [{word for word in words_outside(text) if word.upper() not in given} for text in found]
    assert past == [set()] * 6


def test_each_page_but_the_cover_has_its_number(packet: Packet) -> None:
    cover, *others = texts(packet)
    assert "1 / 9" not in cover
    assert [f"{number} / 9" in text for number, text in enumerate(others, start=2)] == [True] * 8


def test_contents_lead_to_dividers_and_say_their_numbers(packet: Packet) -> None:
    contents = texts(packet)[1]
    assert links(packet, 1) == [2, 6, 8]
    lines = [line.split()[-1] for line in contents.split("\n") if line.startswith(("Amy", "Ben", "Notes"))]
    assert lines == ["3", "7", "9"]


def test_bookmarks_lead_to_students_and_documents(packet: Packet) -> None:
    reader = PdfReader(BytesIO(content_of(packet)))

    def read(entries: list[Any]) -> list[Any]:
        return [
            read(each) if isinstance(each, list) else (each.title, reader.get_destination_page_number(each))
            for each in entries
        ]

    assert read(reader.outline) == [
        ("Contents", 1),
        ("Amy Łukasz", 2),
        [("Résumé", 3), ("Transcript", 5)],
        ("Ben Brown", 6),
        [("Résumé", 7)],
        ("Notes on this packet", 8),
    ]


def test_students_know_their_pages(packet: Packet) -> None:
    found = list(packet.students.values_list("name", "first_page", "pages"))
    assert found == [("Amy Łukasz", 4, 3), ("Ben Brown", 8, 1), ("Cem Celik", 0, 0)]


def test_links_and_bookmarks_of_a_document_are_kept(
    students: Any, school: School, build: Callable[..., Packet]
) -> None:
    source = corpus.new(3)
    rectangle = Array([0, 0, 50, 50])
    named = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=rectangle, Dest=String("last"))
    inner = Dictionary(
        Type=Name.Annot, Subtype=Name.Link, Rect=rectangle, Dest=Array([source.pages[1].obj, Name.Fit])
    )
    outer = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Link,
        Rect=rectangle,
        A=Dictionary(S=Name.URI, URI=String("https://amy.example/?a=1%20(x)")),
    )
    source.pages[0].Annots = Array([named, inner, outer])
    place = Array([source.pages[2].obj, Name.XYZ, 0, 700, None])
    source.Root.Names = Dictionary(Dests=Dictionary(Names=Array([String("last"), place])))
    with source.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem("Projects", 1))
    amy = students.add(school, "Amy Adams")
    students.give(amy, "resume", corpus.saved(source))
    packet = build(amy, types=["resume"], layout=Layout())
    assert links(packet, 3) == [5, 4, "https://amy.example/?a=1%20(x)"]
    reader = PdfReader(BytesIO(content_of(packet)))
    own = reader.outline[2][1][0]
    assert (own.title, reader.get_destination_page_number(own)) == ("Projects", 4)


def test_packet_in_the_order_of_majors_has_a_heading_for_each(
    students: Any, school: School, pdf: Callable[..., bytes], build: Callable[..., Packet]
) -> None:
    ben = students.add(school, "Ben Brown", major="Chemistry")
    amy = students.add(school, "Amy Adams", major="Chemistry")
    cem = students.add(school, "Cem Celik", major="Biology")
    for student in (amy, ben, cem):
        students.give(student, "resume", pdf(student.name))
    packet = build(ben, amy, cem, layout=Layout(order="major"))
    assert list(packet.students.values_list("name", flat=True)) == ["Cem Celik", "Amy Adams", "Ben Brown"]
    reader = PdfReader(BytesIO(content_of(packet)))
    assert [each.title for each in reader.outline if not isinstance(each, list)] == [
        "Contents", "Biology", "Chemistry", "Notes on this packet",
    ]  # fmt: skip


def test_fonts_and_images_that_documents_share_are_stored_once(
    students: Any, school: School, build: Callable[..., Packet]
) -> None:
    chosen = []
    for number in range(5):
        document = corpus.new(text=f"Student {number}")
        photo = document.make_stream(bytes(range(256)) * 400)
        photo.stream_dict.update(
            Dictionary(
                Type=Name.XObject,
                Subtype=Name.Image,
                Width=320,
                Height=320,
                BitsPerComponent=8,
                ColorSpace=Name.DeviceGray,
            )
        )
        document.pages[0].Resources.XObject = Dictionary(Im=photo)
        chosen.append(students.add(school, f"Student N{number}"))
        students.give(chosen[-1], "resume", corpus.saved(document, compress_streams=False))
    with pikepdf.open(BytesIO(content_of(build(*chosen)))) as pdf:
        images = [
            each for each in pdf.objects if isinstance(each, pikepdf.Stream) and "/Width" in each.stream_dict
        ]
        assert len(images) == 1
        assert images[0].read_bytes() == bytes(range(256)) * 400
        assert len({page.Resources.XObject.Im.objgen for page in pdf.pages}) == 1


def test_packet_is_linearised_on_request(
    students: Any, school: School, pdf: Callable[..., bytes], build: Callable[..., Packet]
) -> None:
    amy = students.add(school, "Amy Adams")
    students.give(amy, "resume", pdf("Amy R"))
    usual, linear = build(amy, layout=Layout()), build(amy, layout=Layout(is_linearised=True))
    with (
        pikepdf.open(BytesIO(content_of(usual))) as plain,
        pikepdf.open(BytesIO(content_of(linear))) as packet,
    ):
        assert (plain.is_linearized, packet.is_linearized) == (False, True)
        assert packet.check_pdf_syntax() == []
    assert texts(linear) == texts(usual)
