"""What is seen of a job that was moved before is noted at each look, for its page to tell."""

import re
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from jobs import moving
from jobs.models import Detour, Job, School
from jobs.sightings import Watcher
from jobs.testing import make_person
from tests.jobs.slow_jobs import LATER, be_slow, take, watch

pytestmark = pytest.mark.usefixtures("slow_companion")


def slow_down(job: Job, *, units_done: int) -> None:
    """Let the parts of the job that are at work have done so many units and no more."""
    job.parts.filter(state="working").update(units_done=units_done)


def times_in(sentence: str) -> float:
    """Return the figure that the sentence begins with."""
    found = re.match(r"It took ([\d.,]+) times as long as usual: ", sentence)
    assert found, sentence
    return float(found[1].replace(",", ""))


def test_each_look_notes_what_it_sees_of_a_job_that_is_aside(steps: Any, school: School) -> None:
    with time_machine.travel(timezone.now(), tick=False):  # else it is slower on a machine that is
        job = be_slow(steps, school)
        aside = timezone.now() + LATER
    watch(now=aside)
    detour = Detour.objects.get(job=job)
    assert (detour.moved_at, detour.lately) == (aside, "")
    take("bulk", now=aside)
    slow_down(job, units_done=2)
    watch(now=aside + LATER, watcher=Watcher())
    detour.refresh_from_db()
    assert detour.seen_at == aside + LATER
    assert times_in(detour.lately) > 100
    assert " s for each of its steps instead of 0.02 s." in detour.lately
    assert detour.why.startswith("It took 29 times as long as usual")


def test_each_look_notes_what_it_sees_of_a_job_that_a_person_moved_back(steps: Any, school: School) -> None:
    job = be_slow(steps, school)
    later = timezone.now() + LATER
    watch(now=later)
    job.refresh_from_db()
    moving.move_back(job, by=make_person(school=school), why="It is urgent.", now=later)
    slow_down(job, units_done=190)
    watch(now=later + LATER, watcher=Watcher())
    detour = Detour.objects.get(job=job)
    assert (detour.is_pinned, detour.seen_at) == (True, later + LATER)
    assert 1 < times_in(detour.lately) < 29
