"""A packet holds as much, in its order, as its school's packets may have; the rest is listed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from jobs import lifecycle
from jobs.execution import answer
from jobs.models import Job, JobState, Person, School
from jobs.testing import run_parts
from packets import policies
from packets.layout import Layout
from packets.models import LeftOut, Packet
from tests.packets.breaking import broken_off
from tests.packets.filling import NEW, packet_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def limited(school: School, person: Person) -> Callable[..., None]:
    """Lets the school have these limits."""

    def chosen(**limits: int) -> None:
        usual = {"kept_days": None, "most_documents": None, "most_megabytes": None, "most_pages": None}
        wanted: dict[str, Any] = {**usual, **limits, "needs_consent": False, "notice": ""}
        policies.choose(school=school, by=person, now=timezone.now(), **wanted)

    return chosen


def pages_of(packet: Packet) -> dict[str, int]:
    """Return how many pages the packet has of each student."""
    return dict(packet.students.values_list("name", "pages"))


def text_of(packet: Packet) -> str:
    """Return all that can be read in the packet, in one line."""
    packet.refresh_from_db()
    assert packet.result is not None
    with packet.result.content.open("rb") as file:
        return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(file).pages)


def test_documents_beyond_the_most_are_left_out_and_listed(
    students: Any, school: School, pdf: Callable[..., bytes], limited: Callable[..., None], client: Client
) -> None:
    for name in ("Amy Adams", "Ben Brown", "Cid Clark"):
        student = students.add(school, name)
        students.give(student, "resume", pdf(f"{name} R"))
        students.give(student, "transcript", pdf(f"{name} T"))
    limited(most_documents=3)
    chosen = [student for _, student in students.kept.values()]
    assert "may have 3 documents, 4,000 MB and 20,000 pages" in client.get(NEW).content.decode()
    client.post(
        NEW,
        packet_of(*chosen, types_order="resume,transcript", order="name", has_manifest="on", output="packet"),
    )
    run_parts(lane="packets")
    job, packet = Job.objects.get(), Packet.objects.get()
    assert (job.state, job.units_done, job.units_failed) == (JobState.PROBLEMS, 3, 3)
    why = "The packet was full: packets of your school may have 3 documents. Build another one for it."
    assert list(packet.left_out.values_list("student__name", "file_name", "reason")) == [
        ("Ben Brown", "Brown transcript.pdf", why),
        ("Cid Clark", "Clark resume.pdf", why),
        ("Cid Clark", "Clark transcript.pdf", why),
    ]
    assert pages_of(packet) == {"Amy Adams": 2, "Ben Brown": 1, "Cid Clark": 0}
    assert "may have 3 documents" in text_of(packet)
    assert why in client.get(f"/jobs/{job.pk}/").content.decode()


def test_megabytes_beyond_the_most_are_left_out(
    students: Any,
    school: School,
    pdf: Callable[..., bytes],
    limited: Callable[..., None],
    build: Callable[..., Packet],
) -> None:
    amy, ben = students.add(school, "Amy Adams"), students.add(school, "Ben Brown")
    students.give(amy, "resume", pdf("One"))
    students.give(ben, "resume", pdf("Two").ljust(1_200_000, b"\n"))
    limited(most_megabytes=1)
    packet = build(amy, ben)
    assert pages_of(packet) == {"Amy Adams": 1, "Ben Brown": 0}
    assert "may have 1 MB of documents" in packet.left_out.get().reason


def test_pages_beyond_the_most_are_left_out_when_the_packet_is_bound(
    students: Any,
    school: School,
    pdf: Callable[..., bytes],
    limited: Callable[..., None],
    build: Callable[..., Packet],
) -> None:
    amy, ben = students.add(school, "Amy Adams"), students.add(school, "Ben Brown")
    students.give(amy, "resume", pdf("R1", "R2", "R3"))
    students.give(amy, "transcript", pdf("T1", "T2"))
    students.give(ben, "resume", pdf("R1"))
    limited(most_pages=4)
    packet = build(amy, ben, layout=Layout())
    left_out = packet.left_out.values_list("student__name", "file_name", "reason")
    assert [(name, file) for name, file, _ in left_out] == [
        ("Amy Adams", "Adams transcript.pdf"),
        ("Ben Brown", "Brown resume.pdf"),
    ]
    assert all("packets of your school may have 4 pages" in reason for *_, reason in left_out)
    assert pages_of(packet) == {"Amy Adams": 3, "Ben Brown": 0}
    assert "Brown resume.pdf" in text_of(packet)
    limited(most_pages=6)
    lifecycle.retry(Job.objects.get(), by=None)
    run_parts(lane="packets")
    assert pages_of(packet) == {"Amy Adams": 5, "Ben Brown": 1}
    assert not packet.left_out.exists()


def test_joining_that_is_done_again_counts_the_pages_that_fit_by_then(
    students: Any,
    school: School,
    pdf: Callable[..., bytes],
    limited: Callable[..., None],
    ask: Callable[..., Job],
) -> None:
    amy, ben = students.add(school, "Amy Adams"), students.add(school, "Ben Brown")
    students.give(amy, "resume", pdf("R1", "R2"))
    students.give(ben, "resume", pdf("R1"))
    limited(most_pages=2)
    job = ask(amy, ben)
    for _ in ("plan", "documents"):
        assert answer(lane="packets", worker="test")
    packet = broken_off(job)
    assert pages_of(packet) == {"Amy Adams": 2, "Ben Brown": 0}
    limited(most_pages=3)
    run_parts(lane="packets")
    assert pages_of(packet) == {"Amy Adams": 2, "Ben Brown": 1}
    assert not packet.left_out.exists()


def test_what_fits_into_no_packet_ends_it_with_the_reason_listed(
    students: Any,
    school: School,
    pdf: Callable[..., bytes],
    limited: Callable[..., None],
    ask: Callable[..., Job],
) -> None:
    amy = students.add(school, "Amy Adams")
    students.give(amy, "resume", pdf("One", "Two", "Three"))
    limited(most_pages=2)
    job = ask(amy)
    run_parts(lane="packets")
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "the reason is in the list below" in job.error
    assert "may have 2 pages" in LeftOut.objects.get().reason


def test_preview_says_how_many_documents_do_not_fit(
    students: Any, school: School, pdf: Callable[..., bytes], limited: Callable[..., None], client: Client
) -> None:
    amy, ben = students.add(school, "Amy Adams"), students.add(school, "Ben Brown")
    for student in (amy, ben):
        students.give(student, "resume", pdf("One"))
    limited(most_documents=1)
    page = client.post(NEW, packet_of(amy, ben, preview="1")).content.decode()
    assert "1 document would be left out: packets of your school may have 1 document." in page
    assert "Amy Adams, page 1" in page


def test_a_school_never_has_more_than_the_platform(
    school: School, limited: Callable[..., None], settings: Any
) -> None:
    limited(most_pages=900)
    settings.SWITCHYARD = {**settings.SWITCHYARD, "packets": {"pages": 500}}
    assert policies.policy_of(school).most_pages == 500
