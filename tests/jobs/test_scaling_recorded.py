"""Scaling against recorded loads: what `make bench-fair` brought to a lane, played again as plain arithmetic.

Each file of `recorded/` has a line for each part: the seconds since the first at which it could be claimed,
and the seconds that it took a worker.
"""

from collections import deque
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import pytest

from jobs.scaling import Load, Scaler

RECORDED = sorted((Path(__file__).parent / "recorded").glob("*.csv"))
STEP_SECONDS = 0.1
STEPS_A_LOOK = 5
LEAST, MOST, PATIENCE, PROMISE = 2, 60, 20.0, 20.0
NEWEST = 500
"""Parts whose seconds tell what one takes."""

Parts = list[tuple[float, float]]


@dataclass(kw_only=True)
class Played:
    """What came of a load."""

    waits: list[float] = field(default_factory=list)
    """Seconds that each part waited."""
    wanted: list[int] = field(default_factory=list)
    """Workers at each step."""


@pytest.fixture(params=RECORDED, ids=lambda path: path.stem)
def parts(request: pytest.FixtureRequest) -> Parts:
    """When each part of a load came and what it took."""
    rows = [line.split(",") for line in request.param.read_text().splitlines()]
    return sorted((float(at), float(seconds)) for at, seconds in rows)


def play(parts: Parts, *, most: int) -> Played:
    """Let workers do `parts` in their order, as many at once as the scaler wants, and look on for a while."""
    played, scaler, workers = Played(), Scaler(wanted=LEAST, now=0.0), LEAST
    coming, waiting, newest = deque(parts), deque[float](), deque[float](maxlen=NEWEST)
    costs = deque(seconds for _, seconds in parts)
    ends: list[float] = []
    step, rests = 0, 0.0
    while rests <= 2 * PATIENCE:
        now = step * STEP_SECONDS
        ends = [end for end in ends if end > now]
        while coming and coming[0][0] <= now:
            waiting.append(coming.popleft()[0])
        if step % STEPS_A_LOOK == 0:
            load = Load(
                waiting=len(waiting),
                working=len(ends),
                oldest_seconds=now - waiting[0] if waiting else 0.0,
                part_seconds=sum(newest) / len(newest) if newest else 2.0,
                promise_seconds=PROMISE,
            )
            workers = scaler.wanted(load, least=LEAST, most=most, patience_seconds=PATIENCE, now=now)
        while waiting and len(ends) < workers:
            played.waits.append(now - waiting.popleft())
            newest.append(costs.popleft())
            ends.append(now + newest[-1])
        played.wanted.append(workers)
        rests = 0.0 if coming or waiting or ends else rests + STEP_SECONDS
        step += 1
    return played


def test_there_are_recorded_loads() -> None:
    assert len(RECORDED) >= 2


def test_promise_is_kept_that_the_least_workers_would_break(parts: Parts) -> None:
    assert max(play(parts, most=LEAST).waits) > PROMISE
    played = play(parts, most=MOST)
    assert len(played.waits) == len(parts)
    assert max(played.waits) <= PROMISE


def test_lane_grows_once_for_a_burst_and_is_small_again_after_it(parts: Parts) -> None:
    wanted = play(parts, most=MOST).wanted
    levels = [level for level, _ in groupby(wanted)]
    turns = sum((b - a) * (c - b) < 0 for a, b, c in zip(levels, levels[1:], levels[2:], strict=False))
    assert turns == 1
    assert wanted[-1] == LEAST


def test_workers_are_there_for_their_work(parts: Parts) -> None:
    wanted = play(parts, most=MOST).wanted
    paid, work = sum(wanted) * STEP_SECONDS, sum(seconds for _, seconds in parts)
    assert paid <= work + max(wanted) * (2 * PATIENCE + PROMISE)
