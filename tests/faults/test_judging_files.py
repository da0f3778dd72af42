"""The judge of files: a row or a page that is missing, double or another one does not escape it."""

from collections.abc import Callable
from io import BytesIO
from random import Random

import pikepdf
import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile

from jobs.directory import StudentFilter, directory
from jobs.files import store
from jobs.models import Person, School
from jobs.testing import make_person, run_parts
from packets.layout import PLAIN
from packets.models import Packet
from packets.requesting import PacketRequest, request_packet
from tests.faults.data_files import DataFile, draw_file
from tests.faults.files_outside import judge_packets, judge_uploads
from tests.faults.people import draw_key
from tests.faults.verdict import Verdict
from uploads.importing import begin_import
from uploads.models import Student, StudentDocument, Upload
from uploads.receiving import receive

pytestmark = pytest.mark.django_db
RANDOM = Random(7)


@pytest.fixture
def person() -> Person:
    return make_person()


@pytest.fixture
def school(person: Person) -> School:
    assert person.school is not None
    return person.school


@pytest.fixture
def files(person: Person, school: School) -> dict[int, DataFile]:
    """Three files that share rows, imported one after the other."""
    taken = {}
    for number in range(3):
        drawn = draw_file(number, random=RANDOM)
        file = SimpleUploadedFile("students.csv", drawn.content, "text/csv")
        upload = receive(file=file, key=draw_key(RANDOM), school=school, by=person)
        run_parts()
        upload.refresh_from_db()
        assert begin_import(upload=upload, by=person)
        run_parts()
        taken[upload.pk] = drawn
    return taken


def verdict_on_rows(school: School, files: dict[int, DataFile]) -> Verdict:
    verdict = Verdict()
    judge_uploads(verdict, school=school, files=files)
    return verdict


def test_rows_are_as_the_files_say(school: School, files: dict[int, DataFile]) -> None:
    verdict = verdict_on_rows(school, files)
    assert verdict.complaints == []
    assert verdict.compared["rows"] == 900


def test_missing_row_is_lost_and_a_foreign_row_is_wrong(school: School, files: dict[int, DataFile]) -> None:
    Student.objects.filter(number="U0000007").delete()
    Student.objects.filter(number="U0010008").update(number="X0010008")
    verdict = verdict_on_rows(school, files)
    assert (len(verdict.lost), len(verdict.wrong)) == (2, 1)


def test_row_as_an_older_file_said_it_is_wrong(school: School, files: dict[int, DataFile]) -> None:
    Student.objects.filter(number="U0000003").update(major="Astrology")
    assert verdict_on_rows(school, files).wrong == ["row U0000003 is not as the newest file said it"]


def test_import_that_ran_twice_shows_in_its_counts(school: School, files: dict[int, DataFile]) -> None:
    newest = Upload.objects.get(pk=max(files))
    rows = newest.new_rows + newest.changed_rows + newest.unchanged_rows
    Upload.objects.filter(pk=newest.pk).update(new_rows=0, changed_rows=0, unchanged_rows=rows)
    assert len(verdict_on_rows(school, files).wrong) == 1


@pytest.fixture
def packet(person: Person, school: School) -> Packet:
    """A packet of two students with a résumé of two pages each."""
    for number in range(2):
        student = Student.objects.create(school=school, number=str(number), first_name="A", last_name="B")
        document = store(
            school=school,
            name="resume.pdf",
            media_type="application/pdf",
            content=ContentFile(pdf_of(f"{number}-0", f"{number}-1")),
            by=person,
        )
        StudentDocument.objects.create(school=school, student=student, document_type="resume", file=document)
    students = directory().students(school_id=school.pk, chosen=StudentFilter())
    request = PacketRequest(
        key="one", title="One", document_types=["resume"], students=students, layout=PLAIN
    )
    job = request_packet(school=school, by=person, request=request)
    run_parts()
    return Packet.objects.select_related("result").get(job=job)


def pdf_of(*texts: str) -> bytes:
    pdf, output = pikepdf.new(), BytesIO()
    for text in texts:
        pdf.add_blank_page().Contents = pdf.make_stream(f"BT ({text}) Tj ET".encode())
    pdf.save(output)
    return output.getvalue()


def verdict_on_pages() -> Verdict:
    verdict = Verdict()
    judge_packets(verdict)
    return verdict


def tamper(packet: Packet, change: Callable[[pikepdf.Pdf], object]) -> None:
    assert packet.result is not None
    content, output = packet.result.content, BytesIO()
    with content.open("rb") as stored, pikepdf.open(BytesIO(stored.read())) as pdf:
        change(pdf)
        pdf.save(output)
    content.storage.delete(content.name)
    content.storage.save(content.name, ContentFile(output.getvalue()))
    type(packet.result).objects.filter(pk=packet.result.pk).update(size=len(output.getvalue()))


@pytest.mark.usefixtures("packet")
def test_packet_has_the_pages_of_its_documents() -> None:
    verdict = verdict_on_pages()
    assert verdict.complaints == []
    assert (verdict.compared["packets"], verdict.compared["pages"]) == (1, 4)


def test_packet_without_a_page_has_lost_it(packet: Packet) -> None:
    tamper(packet, lambda pdf: pdf.pages.remove(p=1))
    verdict = verdict_on_pages()
    assert verdict.lost == [f"packet {packet.pk} lacks 1 of 4 pages"]


def test_packet_with_a_page_twice_in_place_of_another_is_seen(packet: Packet) -> None:
    def put_in_place(pdf: pikepdf.Pdf) -> None:
        pdf.pages[1] = pdf.pages[0]

    tamper(packet, put_in_place)
    verdict = verdict_on_pages()
    assert (len(verdict.lost), len(verdict.doubled)) == (1, 1)


def test_packet_in_another_order_is_wrong(packet: Packet) -> None:
    tamper(packet, lambda pdf: pdf.pages.reverse())
    assert verdict_on_pages().wrong == [f"packet {packet.pk} has its pages in another order"]


def test_packet_whose_file_is_gone_is_lost(packet: Packet) -> None:
    assert packet.result is not None
    packet.result.content.storage.delete(packet.result.content.name)
    assert verdict_on_pages().lost == [f"packet {packet.pk} is done but has no whole file"]
