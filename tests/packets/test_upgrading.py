"""A packet that was under way when the platform was upgraded still ends well."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile

from jobs.execution import answer
from jobs.models import Job, JobState, PartState, School, Step
from jobs.testing import let_time_come, run_parts
from packets.models import Chunk, Packet, ReadyDocument

pytestmark = pytest.mark.django_db


@pytest.fixture
def half_built(
    students: Any, school: School, pdf: Callable[..., bytes], ask: Callable[..., Job], monkeypatch: Any
) -> Job:
    """A packet of two parts, of which a worker of before there were pieces did the first."""
    monkeypatch.setattr("packets.planning.PART_DOCUMENTS", 1)
    amy, ben = students.add(school, "Amy Adams"), students.add(school, "Ben Brown")
    students.give(amy, "resume", pdf("Amy R1", "Amy R2"))
    students.give(ben, "resume", pdf("Ben R"))
    job = ask(amy, ben)
    for _ in range(2):
        answer(lane="packets", worker="test")
    chunk = Chunk.objects.get()
    chunk.contents = [{"student": amy.id, "documents": [["resume", 2]]}]
    chunk.file.save("", ContentFile(pdf("Amy R1", "Amy R2")), save=False)
    chunk.save()
    return job


def test_chunk_of_a_worker_of_before_is_made_anew(half_built: Job, files: Callable[[], list[str]]) -> None:
    assert files() == ["1-0.pdf"]
    run_parts(lane="packets")
    packet = Packet.objects.get(job=half_built)
    assert (packet.job.state, packet.pages) == (JobState.DONE, 3)
    assert files() == [packet.result.sha256]


def test_document_that_is_ready_no_more_is_made_ready_again(half_built: Job) -> None:
    ReadyDocument.objects.all().delete()
    run_parts(lane="packets")
    assert Packet.objects.get(job=half_built).pages == 3


def test_piece_that_the_storage_lost_is_made_again(
    students: Any, school: School, pdf: Callable[..., bytes], build: Callable[..., Packet]
) -> None:
    amy = students.add(school, "Amy Adams")
    students.give(amy, "resume", pdf("Amy R"))
    build(amy)
    piece = ReadyDocument.objects.get().piece
    assert piece is not None
    piece.content.storage.delete(piece.content.name)
    packet = build(amy)
    assert packet.job.parts.get(step=Step.FINISH).state == PartState.DELAYED
    let_time_come()
    run_parts(lane="packets")
    packet.refresh_from_db()
    assert packet.pages == 1
