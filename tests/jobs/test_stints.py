"""A forked child is replaced after so many parts, or when it has too much memory."""

from typing import Any
from unittest import mock

import pytest

from jobs import memory
from jobs.execution import stint
from jobs.lanes import Lane
from jobs.models import Part, School
from jobs.sections import MEGABYTE
from jobs.stints import LEAST_PARTS, MEMORY, PARTS, Stint
from jobs.testing import run_parts


@pytest.mark.parametrize(
    ("child_parts", "child_megabytes", "why"),
    [
        (3, None, PARTS),
        (4, None, ""),
        (None, 200, MEMORY),
        (None, 300, ""),
        (None, None, ""),
        (3, 200, PARTS),
    ],
)
def test_child_ends_for_its_parts_or_its_memory(
    monkeypatch: pytest.MonkeyPatch, child_parts: Any, child_megabytes: Any, why: str
) -> None:
    monkeypatch.setattr(memory, "own_bytes", mock.Mock(return_value=250 * MEGABYTE))
    lane = Lane(
        name="packets",
        workers=1,
        pool="prefork",
        child_parts=child_parts,
        child_megabytes=child_megabytes,
    )
    done = Stint()
    for _ in range(3):
        done.count()
    assert done.why_child_ends(lane) == why


def test_each_attempt_at_a_part_counts(steps: Any, school: School) -> None:
    before = stint.parts
    steps.submit(school, 1, 2)
    run_parts(lane="mail")
    assert stint.parts == before + Part.objects.count()


@pytest.mark.parametrize(
    ("parts", "megabytes", "is_outgrown"),
    [(LEAST_PARTS, 401, True), (LEAST_PARTS - 1, 401, False), (LEAST_PARTS, 400, False)],
)
def test_worker_of_threads_is_outgrown_once_it_has_done_some_parts(
    parts: int, megabytes: int, is_outgrown: Any
) -> None:
    done = Stint()
    for _ in range(parts):
        done.count()
    lane = Lane(name="bulk", workers=1, pool="threads", worker_megabytes=400)
    assert done.is_outgrown(lane, taken=megabytes * MEGABYTE) == is_outgrown
    never = Lane(name="bulk", workers=1, pool="threads", worker_megabytes=None)
    assert not done.is_outgrown(never, taken=megabytes * MEGABYTE)
