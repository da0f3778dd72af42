"""What cannot be in a packet is left out with a reason; the rest is built."""

from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage

from jobs.ceilings import TooMuchMemory
from jobs.directory import Document
from jobs.execution import answer
from jobs.models import Job, JobState, School, StoredFile
from jobs.retries import PermanentFailure
from jobs.testing import run_parts
from packets import assembly, checking, opening
from packets.models import LeftOut, Packet, ReadyDocument

pytestmark = pytest.mark.django_db


@pytest.fixture
def build_beside(
    students: Any, school: School, pdf: Callable[..., bytes], build: Callable[..., Packet]
) -> Callable[[bytes], Packet]:
    """Builds a packet of a good résumé and, of another student, the given bytes."""

    def built(content: bytes) -> Packet:
        amy, ben = students.add(school, "Amy Adams"), students.add(school, "Ben Brown")
        students.give(amy, "resume", pdf("Amy R"))
        students.give(ben, "resume", content)
        return build(amy, ben)

    return built


def assert_left_out(packet: Packet, reason: str) -> None:
    """The packet holds the good page, and Ben's file is left out for the reason."""
    assert packet.pages == 1
    assert packet.job.state == JobState.PROBLEMS
    assert (packet.job.units_done, packet.job.units_failed) == (1, 1)
    left_out = packet.left_out.get()
    assert (left_out.student.name, left_out.file_name) == ("Ben Brown", "Brown resume.pdf")
    assert left_out.reason == reason


@pytest.mark.parametrize("content", [b"no PDF at all", b"%PDF-1.7\n", b"PK\x03\x04" + b"\0" * 500])
def test_file_that_is_no_pdf_is_left_out(build_beside: Callable[[bytes], Packet], content: bytes) -> None:
    assert_left_out(build_beside(content), opening.DAMAGED)


@pytest.mark.parametrize("kept", [0.3, 0.6])
def test_file_that_was_cut_short_is_left_out(
    build_beside: Callable[[bytes], Packet], pdf: Callable[..., bytes], kept: float
) -> None:
    whole = pdf("Ben R1", "Ben R2", "Ben R3")
    assert_left_out(build_beside(whole[: int(len(whole) * kept)]), opening.DAMAGED)


def test_file_whose_table_was_cut_off_is_repaired(
    build_beside: Callable[[bytes], Packet], pdf: Callable[..., bytes]
) -> None:
    whole = pdf("Ben R1", "Ben R2", "Ben R3")
    packet = build_beside(whole[: int(len(whole) * 0.9)])
    assert (packet.pages, packet.job.state) == (4, JobState.DONE)
    assert dict(packet.students.values_list("name", "repaired_types")) == {
        "Amy Adams": [],
        "Ben Brown": ["resume"],
    }


def test_file_that_lost_a_page_is_left_out(
    build_beside: Callable[[bytes], Packet], pdf: Callable[..., bytes]
) -> None:
    whole = pdf("Ben R1", "Ben R2", object_stream_mode=pikepdf.ObjectStreamMode.disable)
    assert whole.count(b"/Type /Page\n") + whole.count(b"/Type /Page ") + whole.count(b"/Type /Page>") == 2
    at = whole.index(b" 0 R ", whole.index(b"/Kids"))
    assert_left_out(build_beside(whole[:at] + b" 7 R " + whole[at + 5 :]), opening.INCOMPLETE)


def test_empty_file_is_left_out(build_beside: Callable[[bytes], Packet]) -> None:
    assert_left_out(build_beside(b""), opening.EMPTY)


def test_pdf_without_pages_is_left_out(
    build_beside: Callable[[bytes], Packet], pdf: Callable[..., bytes]
) -> None:
    assert_left_out(build_beside(pdf()), opening.NO_PAGES)


def test_pdf_that_needs_a_password_is_left_out(
    build_beside: Callable[[bytes], Packet], pdf: Callable[..., bytes]
) -> None:
    locked = pdf("Ben R", encryption=pikepdf.Encryption(owner="owner", user="user"))
    assert_left_out(build_beside(locked), opening.PASSWORD)


def test_pdf_that_is_protected_against_changes_is_left_out(
    build_beside: Callable[[bytes], Packet], pdf: Callable[..., bytes]
) -> None:
    protected = pdf("Ben R", encryption=pikepdf.Encryption(owner="owner", user=""))
    assert_left_out(build_beside(protected), opening.PROTECTED)


def test_file_over_the_limit_is_left_out_and_the_limit_named(
    build_beside: Callable[[bytes], Packet], pdf: Callable[..., bytes], settings: LazySettings
) -> None:
    settings.SWITCHYARD = {**settings.SWITCHYARD, "files": {"document_megabytes": 0.5}}
    big = pdf("Ben R") + b"\n" + b" " * 600_000
    reason = "It has 0.6 MB; a document may have 0.5 MB. Ask for a smaller copy."
    assert_left_out(build_beside(big), reason)


def test_file_that_the_storage_lost_is_left_out(
    students: Any, school: School, pdf: Callable[..., bytes], build: Callable[..., Packet]
) -> None:
    amy, ben = students.add(school, "Amy Adams"), students.add(school, "Ben Brown")
    students.give(amy, "resume", pdf("Amy R"))
    document = students.give(ben, "resume", pdf("Ben R"))
    lost = StoredFile(content="1/ab/lost").content
    assert not default_storage.exists(lost.name)
    students.stored[document.id] = Document(
        id=document.id,
        student_id=ben.id,
        document_type="resume",
        file_name=document.file_name,
        size=1,
        file=lost,
    )
    assert_left_out(build(amy, ben), checking.FILE_LOST)


def test_document_removed_after_the_planning_is_told(
    students: Any, school: School, pdf: Callable[..., bytes], ask: Callable[..., Job]
) -> None:
    amy, ben = students.add(school, "Amy Adams"), students.add(school, "Ben Brown")
    students.give(amy, "resume", pdf("Amy R"))
    document = students.give(ben, "resume", pdf("Ben R"))
    job = ask(amy, ben)
    answer(lane="packets", worker="test")
    del students.stored[document.id]
    run_parts(lane="packets")
    left_out = LeftOut.objects.get(packet__job=job)
    assert (left_out.student.name, left_out.file_name, left_out.reason) == ("Ben Brown", "", checking.GONE)


def test_student_without_any_document_is_listed_as_missing(
    students: Any, school: School, pdf: Callable[..., bytes], build: Callable[..., Packet]
) -> None:
    amy, ben = students.add(school, "Amy Adams"), students.add(school, "Ben Brown")
    students.give(amy, "resume", pdf("Amy R"))
    packet = build(amy, ben)
    assert packet.job.state == JobState.DONE
    missing = dict(packet.students.values_list("name", "missing_types"))
    assert missing == {"Amy Adams": ["transcript"], "Ben Brown": ["resume", "transcript"]}


def test_packet_without_any_document_fails_with_a_sentence(
    students: Any, school: School, build: Callable[..., Packet]
) -> None:
    amy, ben = students.add(school, "Amy Adams"), students.add(school, "Ben Brown")
    job = build(amy, ben).job
    assert job.state == JobState.FAILED
    assert job.error == (
        "None of the 2 students you chose has a résumé or transcript stored, "
        "so there is nothing to put into the packet."
    )


def test_packet_without_any_usable_document_fails_with_a_sentence(
    students: Any, school: School, build: Callable[..., Packet]
) -> None:
    amy, ben = students.add(school, "Amy Adams"), students.add(school, "Ben Brown")
    students.give(amy, "resume", b"broken")
    students.give(ben, "resume", b"")
    packet = build(amy, ben)
    assert packet.job.state == JobState.FAILED
    assert (
        packet.job.error == "None of the 2 documents could be used; the reason for each is in the list below."
    )
    assert packet.result is None
    assert packet.left_out.count() == 2


@pytest.fixture
def build_but_ben(
    students: Any,
    school: School,
    pdf: Callable[..., bytes],
    build: Callable[..., Packet],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[PermanentFailure], Packet]:
    """Builds a packet of two parts, of which Ben Brown's fails with the given error."""
    monkeypatch.setattr("packets.planning.PART_DOCUMENTS", 1)
    amy, ben = students.add(school, "Amy Adams"), students.add(school, "Ben Brown")
    students.give(amy, "resume", pdf("Amy R"))
    students.give(ben, "resume", pdf("Ben R"))
    ready = assembly.ready

    def built(error: PermanentFailure) -> Packet:
        def make_ready_all_but_bens(document: Document, **given: Any) -> ReadyDocument:
            if document.student_id == ben.id:
                raise error
            return ready(document, **given)

        monkeypatch.setattr(assembly, "ready", make_ready_all_but_bens)
        return build(amy, ben)

    return built


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (PermanentFailure("The disk is full."), checking.FAILED_PART),
        (TooMuchMemory("It needs more than one may take."), checking.TOO_HEAVY),
    ],
)
def test_documents_of_a_part_that_failed_for_good_are_told(
    build_but_ben: Callable[[PermanentFailure], Packet], error: PermanentFailure, reason: str
) -> None:
    packet = build_but_ben(error)
    assert packet.pages == 1
    assert packet.job.state == JobState.PROBLEMS
    left_out = packet.left_out.get()
    assert (left_out.student.name, left_out.reason) == ("Ben Brown", reason)
