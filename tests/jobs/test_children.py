"""What a forked child leaves that ends is offered again, with what ended it."""

import os
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from django.db import OperationalError
from django.utils import timezone

from jobs import children, execution, leases, overgrowth, supervision
from jobs.ceilings import too_much
from jobs.children import HUNG, Watch
from jobs.claiming import claim
from jobs.forks import EndedChild
from jobs.models import Attempt, Part, PartState, School, Step, WorkerPresence
from jobs.sections import MEGABYTE
from jobs.settings import switchyard
from jobs.testing import run_parts

CHILD = os.getpid()
"""These tests give a child's notices themselves."""


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """The watch of the worker `parent`."""
    made = Watch(worker="parent", lane="mail")
    # The test's connection is this thread's too, and is needed afterwards.
    monkeypatch.setattr(children, "connection", mock.Mock())
    yield made
    made._notices.close()
    made._pulses.close()


@pytest.fixture
def part(watch: Watch, steps: Any, school: School) -> Part:
    """A part that the child is at."""
    steps.submit(school, 1)
    held = claim(lane=switchyard().lanes["mail"], worker="parent", now=timezone.now())
    assert held is not None
    watch._notices.begin(held.part.pk, held.fence)
    return Part.objects.get(pk=held.part.pk)


@pytest.mark.parametrize(
    ("code", "how"),
    [
        (-9, "The process that did it was ended by signal 9 (SIGKILL)."),
        (-11, "The process that did it was ended by signal 11 (SIGSEGV)."),
        (1, "The process that did it ended by itself, with exit code 1."),
    ],
)
def test_part_of_a_child_that_died_is_offered_again_at_once(
    watch: Watch, part: Part, code: int, how: str
) -> None:
    watch.offer_again(EndedChild(process=CHILD, code=code))
    part.refresh_from_db()
    assert (part.state, part.deaths) == (PartState.WAITING, 1)
    assert part.attempts.get().error == how


def test_child_that_its_worker_killed_is_told_so(watch: Watch, part: Part) -> None:
    with (
        mock.patch.object(watch._pulses, "silent", return_value={CHILD}),
        mock.patch.object(children.os, "kill", side_effect=ProcessLookupError),
    ):
        watch._kill_silent([CHILD])
    watch.offer_again(EndedChild(process=CHILD, code=-9))
    assert part.attempts.get().error == HUNG


def test_child_that_its_worker_killed_for_its_silence_is_not_blamed_for_its_memory(
    watch: Watch, part: Part
) -> None:
    watch._notices.work(part.pk, part.fence, began_with=0, ceiling=100)
    with (
        mock.patch.object(overgrowth.memory, "own_bytes", return_value=90),
        mock.patch.object(watch._pulses, "silent", return_value={CHILD}),
        mock.patch.object(children.os, "kill"),
    ):
        watch._overgrowth.look()
        watch._kill_silent([CHILD])
    watch.offer_again(EndedChild(process=CHILD, code=-9))
    part.refresh_from_db()
    assert (part.state, part.deaths, part.attempts.get().error) == (PartState.WAITING, 1, HUNG)


def test_child_that_was_asked_to_end_and_one_of_an_ending_worker_are_left_to_it(
    watch: Watch, part: Part
) -> None:
    watch.offer_again(EndedChild(process=CHILD, code=-15))
    watch._notices.begin(part.pk, part.fence)
    watch.note_end()
    watch.offer_again(EndedChild(process=CHILD, code=-9))
    assert not Attempt.objects.exists()


def test_part_of_a_worker_that_was_asked_to_end_is_handed_back(watch: Watch, part: Part) -> None:
    now = timezone.now()
    WorkerPresence.objects.create(
        name="parent", lane="mail", slots=1, started_at=now, beat_at=now, hand_back_at=now
    )
    watch.offer_again(EndedChild(process=CHILD, code=-9))
    assert (part.attempts.get().outcome, Part.objects.get().deaths) == ("handed back", 0)


def test_part_that_another_worker_has_by_now_is_left_alone(watch: Watch, part: Part) -> None:
    Part.objects.update(fence=part.fence + 1)
    watch.offer_again(EndedChild(process=CHILD, code=-9))
    assert Part.objects.get().state == PartState.WORKING


def test_no_part_is_offered_again_where_none_is_named(part: Part) -> None:
    assert supervision.free_parts([], how="Nothing.", now=timezone.now()) == 0
    assert Part.objects.get().state == PartState.WORKING


def test_child_without_a_part_asks_no_database(watch: Watch) -> None:
    with mock.patch.object(supervision, "free_parts") as free:
        watch.offer_again(EndedChild(process=CHILD, code=-9))
    assert not free.called


def test_database_that_is_away_leaves_it_to_the_lease(watch: Watch, part: Part) -> None:
    with mock.patch.object(supervision, "free_parts", side_effect=OperationalError):
        watch.offer_again(EndedChild(process=CHILD, code=-9))
    assert Part.objects.get().state == PartState.WORKING


def test_child_tells_what_it_begins_and_ends(
    watch: Watch, steps: Any, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases.keeper, "notices", watch._notices)
    seen: list[Any] = []

    def look(_: Any) -> None:
        watch._notices.listen()
        seen.append(set(watch._notices._at[CHILD]))

    steps.submit(school, 1)
    with mock.patch.object(execution.planning, "plan", side_effect=lambda held, _: look(held)):
        run_parts(lane="mail")
    part = Part.objects.get(step=Step.PLAN)
    assert seen == [{(part.pk, part.fence)}]
    assert watch._notices.left_by(CHILD) == set()


def test_part_for_which_its_child_was_killed_fails_at_once_and_alone(
    watch: Watch, part: Part, steps: Any, school: School
) -> None:
    steps.submit(school, 1, key="beside")
    beside = claim(lane=switchyard().lanes["mail"], worker="parent", now=timezone.now())
    assert beside is not None
    watch._notices.begin(beside.part.pk, beside.fence)
    watch._notices.work(part.pk, part.fence, began_with=0, ceiling=MEGABYTE)
    with mock.patch.object(overgrowth.os, "kill") as kill:
        watch._overgrowth.look()
    assert kill.mock_calls == [mock.call(CHILD, 9)]
    watch.offer_again(EndedChild(process=CHILD, code=-9))
    part.refresh_from_db()
    sentence = too_much(MEGABYTE)
    assert (part.state, part.deaths, part.error) == (PartState.FAILED, 0, sentence)
    (attempt,) = part.attempts.all()
    assert (attempt.outcome, attempt.error) == ("over memory", sentence)
    assert part.job.error == sentence
    again = Part.objects.get(pk=beside.part.pk)
    assert (again.state, again.deaths, again.attempts.get().outcome) == (PartState.WAITING, 0, "handed back")


def test_part_that_ended_before_its_child_was_killed_stays_as_it_is(watch: Watch, part: Part) -> None:
    watch._notices.work(part.pk, part.fence, began_with=0, ceiling=MEGABYTE)
    with mock.patch.object(overgrowth.os, "kill"):
        watch._overgrowth.look()
    Part.objects.update(fence=part.fence + 1)
    watch.offer_again(EndedChild(process=CHILD, code=-9))
    assert Part.objects.get().state == PartState.WORKING
