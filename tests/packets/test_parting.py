"""Each student's own PDF of a packet, in archives that a mailing can take."""

import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pypdf import PdfReader
from pytest_django.fixtures import Settings

from emails import handing_in
from emails.models import Mailing
from jobs import lifecycle
from jobs.models import Job, Person, School, StoredFile
from jobs.testing import run_parts
from packets.models import Packet

pytestmark = pytest.mark.django_db


@pytest.fixture
def chosen(students: Any, school: School, pdf: Callable[..., bytes]) -> list[Any]:
    """Amy with two documents, Ben with one, Cem with none."""
    amy, ben, cem = (students.add(school, name) for name in ("Amy Adams", "Ben Brown", "Cem Celik"))
    students.give(amy, "resume", pdf("Amy R1", "Amy R2"))
    students.give(amy, "transcript", pdf("Amy T"))
    students.give(ben, "resume", pdf("Ben R"))
    return [amy, ben, cem]


def archives(packet: Packet) -> list[tuple[str, bytes]]:
    """Return the archives among the results, by name."""
    files = packet.job.files.filter(media_type="application/zip").order_by("pk")
    return [(file.name, _content(file)) for file in files]


def _content(file: StoredFile) -> bytes:
    with file.content.open("rb") as opened:
        return opened.read()


def pages_in(archive: bytes) -> dict[str, list[str]]:
    """Return the text of each page of each file."""
    with zipfile.ZipFile(BytesIO(archive)) as opened:
        readers = {name: PdfReader(BytesIO(opened.read(name))) for name in opened.namelist()}
    return {name: [page.extract_text().strip() for page in found.pages] for name, found in readers.items()}


def test_each_student_has_a_file_named_by_their_number(
    chosen: list[Any], build: Callable[..., Packet]
) -> None:
    packet = build(*chosen, own_files=True)
    [(name, archive)] = archives(packet)
    amy, ben, _ = chosen
    assert name == "Spring fair, each student.zip"
    assert pages_in(archive) == {
        f"{amy.number}.pdf": ["Amy R1", "Amy R2", "Amy T"],
        f"{ben.number}.pdf": ["Ben R"],
    }
    assert packet.pages == 4


def test_packet_has_none_unless_it_was_asked(chosen: list[Any], build: Callable[..., Packet]) -> None:
    packet = build(*chosen)
    assert [file.name for file in packet.job.files.all()] == ["Spring fair.pdf"]


def test_archive_is_small_enough_to_be_handed_in(
    chosen: list[Any], build: Callable[..., Packet], settings: Settings
) -> None:
    settings.SWITCHYARD = {**settings.SWITCHYARD, "files": {"upload_megabytes": 0.001}}
    found = archives(build(*chosen, own_files=True))
    assert [name for name, _ in found] == [
        "Spring fair, each student 1 of 2.zip",
        "Spring fair, each student 2 of 2.zip",
    ]
    assert [len(pages_in(archive)) for _, archive in found] == [1, 1]


def test_student_who_left_the_directory_has_no_file(
    chosen: list[Any], students: Any, ask: Callable[..., Job]
) -> None:
    job = ask(*chosen, own_files=True)
    with pytest.raises(AssertionError, match="still one"):
        run_parts(lane="packets", limit=1)
    del students.kept[chosen[1].id]
    run_parts(lane="packets")
    [(_, archive)] = archives(Packet.objects.get(job=job))
    assert list(pages_in(archive)) == [f"{chosen[0].number}.pdf"]


def test_packet_built_again_replaces_all_its_files(
    chosen: list[Any], build: Callable[..., Packet], students: Any, person: Person, pdf: Callable[..., bytes]
) -> None:
    packet = build(*chosen, own_files=True)
    students.give(chosen[2], "resume", pdf("Cem R"))
    lifecycle.retry(packet.job, by=person)
    run_parts(lane="packets")
    [(_, archive)] = archives(packet)
    assert len(pages_in(archive)) == 3
    assert packet.job.files.count() == StoredFile.objects.filter(job__isnull=False).count() == 2


def test_mailing_takes_the_archive(chosen: list[Any], build: Callable[..., Packet], person: Person) -> None:
    [(name, archive)] = archives(build(*chosen, own_files=True))
    mailing = Mailing.objects.create(school=person.school, created_by=person, subject="Yours", body="Hi")
    kept = handing_in.keep(mailing=mailing, uploaded=[SimpleUploadedFile(name, archive)], by=person)
    assert (kept.matched, kept.unmatched) == (2, 0)
    assert list(mailing.own_files.values_list("student_id", flat=True)) == [chosen[0].id, chosen[1].id]


@pytest.mark.parametrize(
    "number", ["2024/0417", "#0417", "(0417)", "../0417", "A\\0417", "0417_", "A-1-2-3-0417"]
)
def test_file_never_goes_to_a_student_whose_number_stands_in_another(
    number: str, students: Any, pdf: Callable[..., bytes], build: Callable[..., Packet], person: Person
) -> None:
    school = person.school
    odd = students.add(school, "Amy Adams", number=number)
    plain = students.add(school, "Ben Brown", number="0417")
    dashed = students.add(school, "Cem Celik", number="L-0417.a")
    for student in (odd, plain, dashed):
        students.give(student, "resume", pdf(student.name))
    [(name, archive)] = archives(build(odd, plain, dashed, own_files=True))
    assert pages_in(archive) == {"0417.pdf": ["Ben Brown"], "L-0417.a.pdf": ["Cem Celik"]}
    mailing = Mailing.objects.create(school=school, created_by=person, subject="Yours", body="Hi")
    handing_in.keep(mailing=mailing, uploaded=[SimpleUploadedFile(name, archive)], by=person)
    matched = mailing.own_files.order_by("name").values_list("name", "student_id")
    assert list(matched) == [("0417.pdf", plain.id), ("L-0417.a.pdf", dashed.id)]


def test_form_asks_for_it_and_the_page_tells_what_it_is_for(
    client: Client, chosen: list[Any], school: School
) -> None:
    page = client.get("/packets/new/").content.decode()
    assert "Also each student&#x27;s own PDF, in a ZIP archive" in page
    given = {
        "title": "Fair",
        "document_types": ["resume"],
        "students": [student.id for student in chosen],
        "form_key": "0" * 32,
    }
    found = client.post("/packets/new/", {**given, "has_own_files": "on", "find": "1"}).content.decode()
    assert "checked" in found.partition('name="has_own_files"')[2].partition(">")[0]
    job = client.post("/packets/new/", {**given, "has_own_files": "on"})["Location"]
    other = client.post("/packets/new/", given)["Location"]
    assert job != other
    run_parts(lane="packets")
    assert "Give each student a file of their own" in client.get(job).content.decode()
    assert "Give each student a file of their own" not in client.get(other).content.decode()
