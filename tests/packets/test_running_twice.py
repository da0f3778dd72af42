"""Killed on the way and run again: nothing is lost, nothing is doubled."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from jobs.execution import answer
from jobs.leases import PartTaken
from jobs.models import Job, JobState, Part, PartState, School, Step, StoredFile
from jobs.registry import kind_named
from jobs.testing import run_parts
from packets import joining
from packets.models import Chunk, LeftOut, Packet, chunk_folder

pytestmark = pytest.mark.django_db


class Held:
    """A part as a worker sees it; `taken` says that another worker has it by now."""

    def __init__(self, part: Part, *, taken: bool = False) -> None:
        """Hold `part`."""
        self.job, self.arguments, self.units, self.attempt = part.job, part.arguments, part.units, 1
        self.taken = taken
        self.reported = (0, 0)

    def check(self) -> None:
        if self.taken:
            raise PartTaken

    def report(self, *, done: int, failed: int = 0) -> None:
        self.reported = (done, failed)


@pytest.fixture
def job(students: Any, school: School, pdf: Callable[..., bytes], ask: Callable[..., Job]) -> Job:
    """A planned packet of one good and one broken document."""
    amy, ben = students.add(school, "Amy Adams"), students.add(school, "Ben Brown")
    students.give(amy, "resume", pdf("Amy R1", "Amy R2"))
    students.give(ben, "resume", b"broken")
    job = ask(amy, ben)
    answer(lane="packets", worker="test")
    return job


def part_of(job: Job) -> Part:
    return job.parts.get(step=Step.WORK)


def test_part_that_runs_twice_changes_nothing(job: Job, files: Callable[[], list[str]]) -> None:
    kind = kind_named("packets.build")
    first, second = Held(part_of(job)), Held(part_of(job))
    kind.work(first)
    made = Chunk.objects.values().get()
    kind.work(second)
    assert Chunk.objects.values().get() == made
    assert first.reported == second.reported == (1, 1)
    assert LeftOut.objects.count() == 1
    assert len(files()) == 0


def test_part_whose_worker_died_before_noting_its_chunk_is_done_again(
    job: Job, files: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(Chunk, "save", die)
        with pytest.raises(KeyboardInterrupt):
            kind_named("packets.build").work(Held(part_of(job)))
    assert len(files()) == 0
    run_parts(lane="packets")
    packet = Packet.objects.get(job=job)
    assert packet.pages == 2
    assert len(files()) == 1
    assert packet.left_out.count() == 1


def test_part_that_was_taken_away_stores_nothing(job: Job, files: Callable[[], list[str]]) -> None:
    with pytest.raises(PartTaken):
        kind_named("packets.build").work(Held(part_of(job), taken=True))
    assert not Chunk.objects.exists()
    assert len(files()) == 0


def test_worker_that_comes_back_after_the_end_changes_nothing(
    job: Job, files: Callable[[], list[str]]
) -> None:
    part = part_of(job)
    run_parts(lane="packets")
    before = Packet.objects.values().get(job=job)
    kind_named("packets.build").work(Held(part))
    assert Packet.objects.values().get(job=job) == before
    assert not Chunk.objects.exists()
    assert LeftOut.objects.count() == 1
    assert len(files()) == 1


def test_two_workers_at_the_same_part_leave_one_chunk(
    job: Job, files: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = kind_named("packets.build")
    late = Held(part_of(job))
    early = Held(part_of(job))

    def let_the_other_go_first() -> None:
        late.check = lambda: None
        kind.work(early)

    late.check = let_the_other_go_first
    kind.work(late)
    assert Chunk.objects.count() == 1
    assert LeftOut.objects.count() == 1
    assert len(files()) == 0
    assert late.reported == early.reported


def test_finish_that_runs_twice_writes_one_result(job: Job, files: Callable[[], list[str]]) -> None:
    run_parts(lane="packets")
    kind_named("packets.build").finish(job)
    assert StoredFile.objects.filter(job=job).count() == 1
    assert len(files()) == 1


def test_finish_whose_worker_died_before_tidying_up_tidies_up(
    job: Job, files: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = kind_named("packets.build")
    answer(lane="packets", worker="test")
    default_storage.save(
        f"{chunk_folder(Packet.objects.get())}/1-7.pdf", ContentFile(b"of a worker of before")
    )

    def die(_: Packet, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(joining, "remove_chunk_files", die)
        with pytest.raises(KeyboardInterrupt):
            kind.finish(job)
    assert len(files()) == 2
    run_parts(lane="packets")
    job.refresh_from_db()
    assert job.state == JobState.PROBLEMS
    assert StoredFile.objects.filter(job=job).count() == 1
    assert len(files()) == 1


def test_finish_that_is_told_to_end_keeps_nothing_and_is_done_again(job: Job) -> None:
    answer(lane="packets", worker="test")
    part = job.parts.get(step=Step.FINISH)
    with pytest.raises(PartTaken):
        kind_named("packets.build").finish_part(Held(part, taken=True))
    assert not StoredFile.objects.filter(job=job).exists()
    run_parts(lane="packets")
    assert Packet.objects.get(job=job).pages == 2


def test_finish_of_a_former_edition_moves_no_page_of_the_newer_one(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(lane="packets", worker="test")
    packet, write = Packet.objects.get(job=job), joining.write_output

    def be_overtaken(*given: Any, **named: Any) -> Any:
        bound = write(*given, **named)
        Packet.objects.filter(pk=packet.pk).update(edition=2)
        packet.students.update(first_page=7)
        return bound

    monkeypatch.setattr(joining, "write_output", be_overtaken)
    kind_named("packets.build").finish(job)
    assert not StoredFile.objects.filter(job=job).exists()
    assert set(packet.students.values_list("first_page", flat=True)) == {7}


def test_planning_that_runs_twice_notes_the_same(job: Job) -> None:
    packet = Packet.objects.get(job=job)
    before = list(packet.students.values())
    again = list(kind_named("packets.build").plan(job))
    assert [dict(plan.arguments) for plan in again] == [part_of(job).arguments]
    assert list(packet.students.values()) == before


def test_stopped_job_makes_no_result(job: Job) -> None:
    Part.objects.filter(job=job, state=PartState.WAITING).update(state=PartState.STOPPED)
    run_parts(lane="packets")
    assert Packet.objects.get(job=job).result is None
