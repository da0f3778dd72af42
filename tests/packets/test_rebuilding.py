"""A packet built again after documents were repaired, and what failed or stopped ones leave: nothing."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any
from unittest import mock

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from jobs import lifecycle
from jobs.discarding import discard_left_behind
from jobs.execution import answer
from jobs.models import Job, JobState, PartState, School, Step, StoredFile
from jobs.pruning import prune
from jobs.registry import kind_named
from jobs.reviving import can_be_retried
from jobs.testing import run_parts
from packets.models import Chunk, LeftOut, Packet, PacketStudent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _commits() -> Iterator[None]:
    """Do at once what waits for a commit, which a test's transaction never sees."""
    with mock.patch("django.db.transaction.on_commit", lambda do: do()):
        yield


@pytest.fixture
def job(students: Any, school: School, pdf: Callable[..., bytes], ask: Callable[..., Job]) -> Job:
    """A built packet of Amy's document and without Ben's, which is broken."""
    amy, ben = students.add(school, "Amy Adams"), students.add(school, "Ben Brown")
    students.give(amy, "resume", pdf("Amy R"))
    students.give(ben, "resume", b"broken")
    job = ask(amy, ben)
    run_parts(lane="packets")
    job.refresh_from_db()
    return job


def repair(students: Any, pdf: Callable[..., bytes]) -> None:
    for pk, document in students.stored.items():
        if "Brown" in document.file_name:
            students.stored[pk] = replace(document, file=ContentFile(pdf("Ben R"), name=document.file_name))


def texts(packet: Packet) -> list[str]:
    with packet.result.content.open("rb") as file:
        return [page.extract_text().strip() for page in PdfReader(BytesIO(file.read())).pages]


def test_packet_is_built_again_wholly_after_a_document_was_repaired(
    job: Job, students: Any, files: Callable[[], list[str]], pdf: Callable[..., bytes]
) -> None:
    before = Packet.objects.get(job=job)
    assert (job.state, texts(before)) == (JobState.PROBLEMS, ["Amy R"])
    repair(students, pdf)
    lifecycle.retry(job, by=None)
    run_parts(lane="packets")
    job.refresh_from_db()
    packet = Packet.objects.get(job=job)
    assert (job.state, job.units_total, job.units_done, job.units_failed) == (JobState.DONE, 2, 2, 0)
    assert texts(packet) == ["Amy R", "Ben R"]
    assert list(StoredFile.objects.filter(job=job)) == [packet.result]
    assert files() == [packet.result.sha256]
    assert not LeftOut.objects.exists()
    assert not Chunk.objects.exists()


def test_result_of_before_stays_until_the_new_one_is_there(
    job: Job, client: Client, students: Any, pdf: Callable[..., bytes]
) -> None:
    repair(students, pdf)
    old = Packet.objects.get(job=job).result
    lifecycle.retry(job, by=None)
    answer(lane="packets", worker="test")
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert f"/files/{old.pk}/" in page
    assert "of the building before" in page


def test_packet_that_is_as_bad_as_before_keeps_one_file(job: Job, files: Callable[[], list[str]]) -> None:
    lifecycle.retry(job, by=None)
    run_parts(lane="packets")
    packet = Packet.objects.get(job=job)
    assert list(StoredFile.objects.filter(job=job)) == [packet.result]
    assert texts(packet) == ["Amy R"]
    assert files() == [packet.result.sha256]
    assert LeftOut.objects.count() == 1


def test_packet_without_a_gap_offers_no_second_building(
    client: Client,
    students: Any,
    school: School,
    pdf: Callable[..., bytes],
    build: Callable[..., Packet],
) -> None:
    amy = students.add(school, "Amy Adams")
    for document_type in ("resume", "transcript"):
        students.give(amy, document_type, pdf("Amy"))
    packet = build(amy)
    assert not can_be_retried(packet.job)
    assert "Build it again" not in client.get(f"/jobs/{packet.job_id}/").content.decode()


def test_job_page_offers_to_build_it_again(job: Job, client: Client) -> None:
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "Build it again" in page
    assert f'action="/jobs/{job.pk}/retry/"' in page


def test_worker_at_the_edition_before_changes_nothing(
    job: Job, students: Any, files: Callable[[], list[str]], pdf: Callable[..., bytes]
) -> None:
    class Late:
        """A part of the first building, whose worker was away meanwhile."""

        def __init__(self) -> None:
            part = job.parts.get(step=Step.WORK)
            self.job, self.arguments, self.units, self.attempt = job, part.arguments, part.units, 1

        def check(self) -> None:
            """Let it go on."""

        def report(self, **_: int) -> None:
            """Take its figures."""

    late, kind = Late(), kind_named("packets.build")
    repair(students, pdf)
    lifecycle.retry(job, by=None)
    kind.work(late)
    kind.finish(job)
    assert not Chunk.objects.exists()
    run_parts(lane="packets")
    packet = Packet.objects.get(job=job)
    kind.work(late)
    assert texts(packet) == ["Amy R", "Ben R"]
    assert files() == [packet.result.sha256]


@pytest.fixture
def half_built(students: Any, school: School, pdf: Callable[..., bytes], ask: Callable[..., Job]) -> Job:
    """A packet of 30 students, of whose two parts one is done."""
    chosen = [students.add(school, f"Student N{number:02d}") for number in range(30)]
    for student in chosen:
        students.give(student, "resume", pdf(student.last_name))
    job = ask(*chosen)
    for _ in range(2):
        answer(lane="packets", worker="test")
    return job


def test_chunks_of_a_stopped_packet_are_thrown_away_once(
    half_built: Job, files: Callable[[], list[str]]
) -> None:
    assert Chunk.objects.count() == 1
    lifecycle.stop(half_built, by=None)
    now = timezone.now()
    assert discard_left_behind(now=now) == 1
    assert discard_left_behind(now=now) == 0
    assert files() == []
    assert not Chunk.objects.exists()


def test_chunks_stay_while_a_part_is_at_work(half_built: Job, files: Callable[[], list[str]]) -> None:
    half_built.parts.filter(state=PartState.WAITING).update(
        state=PartState.WORKING, leased_until=timezone.now()
    )
    lifecycle.stop(half_built, by=None)
    assert discard_left_behind(now=timezone.now()) == 0
    assert Chunk.objects.count() == 1


def test_packet_whose_chunks_were_thrown_away_is_built_wholly(
    half_built: Job, files: Callable[[], list[str]]
) -> None:
    lifecycle.stop(half_built, by=None)
    discard_left_behind(now=timezone.now())
    lifecycle.retry(half_built, by=None)
    run_parts(lane="packets")
    half_built.refresh_from_db()
    packet = Packet.objects.get(job=half_built)
    assert (half_built.state, half_built.units_done, packet.pages) == (JobState.DONE, 30, 30)
    assert half_built.discarded_at is None
    assert files() == [packet.result.sha256]


def test_old_packet_is_deleted_with_its_file(job: Job, files: Callable[[], list[str]]) -> None:
    Job.objects.update(ended_at="2020-01-01T00:00Z")
    prune(now=timezone.now())
    assert not Job.objects.exists()
    assert not Packet.objects.exists()
    assert not PacketStudent.objects.exists()
    assert not StoredFile.objects.exclude(name__endswith=".piece").exists()
    assert files() == []
