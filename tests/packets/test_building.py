"""Building a packet from real PDFs, read back with another library than the one that wrote them."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from pypdf import PdfReader

from jobs.models import Job, JobState, School, Step, StoredFile
from jobs.testing import make_school, run_parts
from packets.models import Chunk, DocumentType, Packet
from packets.planning import PART_DOCUMENTS

pytestmark = pytest.mark.django_db


def read(packet: Packet) -> PdfReader:
    """Return a reader of the result."""
    with packet.result.content.open("rb") as file:
        return PdfReader(BytesIO(file.read()))


def outline(packet: Packet) -> list[tuple[str, int, list[tuple[str, int]]]]:
    """Return the result's bookmarks: name, page, and those below it."""
    reader = read(packet)
    found: list[tuple[str, int, list[tuple[str, int]]]] = []
    for entry in reader.outline:
        if isinstance(entry, list):
            found[-1][2].extend((item.title, reader.get_destination_page_number(item)) for item in entry)
        else:
            found.append((entry.title, reader.get_destination_page_number(entry), []))
    return found


def texts(packet: Packet) -> list[str]:
    """Return the text of each page of the result."""
    return [page.extract_text().strip() for page in read(packet).pages]


def test_packet_holds_all_pages_in_order_with_bookmarks(
    students: Any, school: School, pdf: Callable[..., bytes], build: Callable[..., Packet]
) -> None:
    amy, ben = students.add(school, "Amy Adams"), students.add(school, "Ben Brown")
    students.give(ben, "transcript", pdf("Ben T"))
    students.give(ben, "resume", pdf("Ben R1", "Ben R2"))
    students.give(amy, "resume", pdf("Amy R"))
    students.give(amy, "transcript", pdf("Amy T1", "Amy T2"))
    packet = build(amy, ben)
    assert packet.job.state == JobState.DONE
    assert packet.pages == 6
    assert texts(packet) == ["Amy R", "Amy T1", "Amy T2", "Ben R1", "Ben R2", "Ben T"]
    assert outline(packet) == [
        ("Amy Adams", 0, [("Résumé", 0), ("Transcript", 1)]),
        ("Ben Brown", 3, [("Résumé", 3), ("Transcript", 5)]),
    ]


def test_only_the_wanted_types_are_in_the_packet(
    students: Any, school: School, pdf: Callable[..., bytes], build: Callable[..., Packet]
) -> None:
    amy = students.add(school, "Amy Adams")
    students.give(amy, "resume", pdf("Amy R"))
    students.give(amy, "transcript", pdf("Amy T"))
    assert texts(build(amy, types=[DocumentType.TRANSCRIPT])) == ["Amy T"]


def test_big_packet_is_cut_between_students_and_joined_in_order(
    students: Any, school: School, pdf: Callable[..., bytes], build: Callable[..., Packet]
) -> None:
    chosen = [students.add(school, f"Student N{number:02d}") for number in range(40)]
    for student in chosen:
        for document_type in DocumentType.values:
            students.give(student, document_type, pdf(f"{student.last_name} {document_type}"))
    packet = build(*chosen)
    parts = packet.job.parts.filter(step=Step.WORK)
    assert [part.units for part in parts] == [24, 24, 24, 8]
    assert max(part.units for part in parts) <= PART_DOCUMENTS
    assert packet.pages == 80
    assert [page for _, page, _ in outline(packet)] == list(range(0, 80, 2))
    assert [name for name, *_ in outline(packet)] == [student.name for student in chosen]


def test_packet_of_large_documents_is_cut_into_smaller_parts(
    students: Any, school: School, pdf: Callable[..., bytes], build: Callable[..., Packet], monkeypatch: Any
) -> None:
    monkeypatch.setattr("packets.planning.PART_BYTES", 2500)
    chosen = [students.add(school, f"Student N{number}") for number in range(5)]
    for student in chosen:
        students.give(student, "resume", pdf(student.last_name).ljust(1000, b"\n"))
    assert [part.units for part in build(*chosen).job.parts.filter(step=Step.WORK)] == [2, 2, 1]


def test_result_is_a_file_of_the_job_named_by_the_title(
    students: Any, school: School, pdf: Callable[..., bytes], build: Callable[..., Packet]
) -> None:
    amy = students.add(school, "Amy Adams")
    students.give(amy, "resume", pdf("Amy R"))
    packet = build(amy, title='Spring fair: "Biology" / 2027')
    assert list(packet.job.files.all()) == [packet.result]
    assert packet.result.name == "Spring fair Biology 2027.pdf"
    assert packet.result.media_type == "application/pdf"
    assert read(packet).metadata.title == 'Spring fair: "Biology" / 2027'


def test_chunks_are_gone_once_the_packet_has_its_result(
    students: Any,
    school: School,
    files: Callable[[], list[str]],
    pdf: Callable[..., bytes],
    build: Callable[..., Packet],
) -> None:
    amy = students.add(school, "Amy Adams")
    students.give(amy, "resume", pdf("Amy R"))
    packet = build(amy)
    assert not Chunk.objects.exists()
    assert files() == [packet.result.sha256]


def test_same_documents_make_the_same_bytes(
    students: Any, school: School, pdf: Callable[..., bytes], build: Callable[..., Packet]
) -> None:
    amy = students.add(school, "Amy Adams")
    students.give(amy, "resume", pdf("Amy R"))
    first, second = build(amy), build(amy)
    assert first.pk != second.pk
    assert first.result.sha256 == second.result.sha256


def test_page_size_that_a_page_inherits_is_kept(
    students: Any, school: School, pdf: Callable[..., bytes], build: Callable[..., Packet]
) -> None:
    inherited = pikepdf.open(BytesIO(pdf("Amy R")))
    del inherited.pages[0].obj["/MediaBox"]
    inherited.Root.Pages.MediaBox = pikepdf.Array([0, 0, 300, 400])
    output = BytesIO()
    inherited.save(output)
    amy = students.add(school, "Amy Adams")
    students.give(amy, "resume", output.getvalue())
    assert read(build(amy)).pages[0].mediabox[2:] == [300, 400]


def test_documents_of_another_school_stay_out(
    students: Any, school: School, pdf: Callable[..., bytes], ask: Callable[..., Job]
) -> None:
    stranger = students.add(make_school(), "Eve Elsewhere")
    students.give(stranger, "resume", pdf("Eve R"))
    job = ask(stranger)
    run_parts(lane="packets")
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert not StoredFile.objects.exists()


def test_arguments_hold_ids_only(
    students: Any, school: School, pdf: Callable[..., bytes], build: Callable[..., Packet]
) -> None:
    amy = students.add(school, "Amy Adams")
    document = students.give(amy, "resume", pdf("Amy R"))
    packet = build(amy)
    assert packet.job.arguments == {"packet": packet.pk}
    arguments = packet.job.parts.get(step=Step.WORK).arguments
    assert arguments == {"edition": 1, "number": 0, "documents": [[amy.id, [document.id]]]}
