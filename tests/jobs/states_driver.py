"""What workers do with parts, as rules that Hypothesis calls in any order, beside a small model."""

from collections.abc import Callable
from typing import Any

import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
)

from jobs import ending, losing, planning, returning
from jobs.claiming import Claim, claim
from jobs.leases import PartTaken
from jobs.models import Job, Part
from jobs.progress import Figures, Progress, write
from jobs.registry import kind_named
from jobs.settings import switchyard
from jobs.testing import make_school
from tests.jobs.states_model import ModelJob, ModelPart

BEGIN = "2026-11-24T10:00:00Z"
PLACES = st.integers(min_value=0, max_value=20)
UNITS = st.integers(min_value=0, max_value=3)


class Working(RuleBasedStateMachine):
    """Submits jobs, and claims and ends their parts."""

    kind: Any

    def __init__(self) -> None:
        """Begin a transaction that is rolled back, at a fixed time."""
        super().__init__()
        self.clock = time_machine.travel(BEGIN, tick=False)
        self.now = self.clock.start()
        self.change = transaction.atomic()
        self.change.__enter__()
        self.school = make_school()
        self.jobs: dict[int, ModelJob] = {}
        self.held: list[Claim] = []
        self.taken: list[Claim] = []
        self.done: set[int] = set()

    def teardown(self) -> None:
        """Forget all of it."""
        transaction.set_rollback(True)
        self.change.__exit__(None, None, None)
        self.clock.stop()

    def model(self, held: Claim) -> tuple[ModelJob, ModelPart]:
        """Return the model's job and part of a claim; parts are in the order of their ids in both."""
        job = self.jobs[held.part.job_id]
        ids = list(Part.objects.filter(job=held.part.job_id).order_by("id").values_list("id", flat=True))
        return job, job.parts[ids.index(held.part.pk)]

    def let_go(self, place: int) -> Claim:
        """Take one of the claims out of the hand."""
        self.taken.append(self.held.pop(place % len(self.held)))
        return self.taken[-1]

    def job_at(self, place: int) -> tuple[Job, ModelJob]:
        """Return a job and its model."""
        pk = list(self.jobs)[place % len(self.jobs)]
        return Job.objects.get(pk=pk), self.jobs[pk]

    @rule(parts=st.lists(st.integers(1, 3), max_size=3), priority=st.integers(-1, 1), follow=PLACES)
    def submit(self, parts: list[int], priority: int, follow: int) -> None:
        """Submit a job; every third one follows another that may still be followed."""
        followed = [pk for pk, job in self.jobs.items() if job.is_open or job.state in {"done", "problems"}]
        after = followed[follow % len(followed) :][:1] if followed and follow % 3 == 0 else []
        job = self.kind.submit(
            self.school,
            *parts,
            key=str(len(self.jobs)),
            priority=priority,
            after=[Job.objects.get(pk=pk) for pk in after],
        )
        made = ModelJob(priority=priority, after=[self.jobs[pk] for pk in after])
        made.add("plan", 0)
        if made.must_wait:
            made.parts[0].state = "held"
        for other in made.after:
            other.followers.append(made)
        self.jobs[job.pk] = made

    @initialize(parts=st.lists(st.integers(1, 3), min_size=1, max_size=2))
    def submit_and_plan(self, parts: list[int]) -> None:
        """Begin with a job whose parts wait."""
        self.submit(parts=parts, priority=0, follow=1)
        self.claim_one()
        self.complete(place=0, done=0, failed=0, says_so=False)

    @rule(count=st.integers(1, 3))
    def claim(self, count: int) -> None:
        """Claim some parts."""
        for _ in range(count):
            self.claim_one()

    def claim_one(self) -> None:
        """Claim: the highest priority of what waits, or nothing when nothing waits."""
        waiting = [
            job.priority for job in self.jobs.values() for part in job.parts if part.state == "waiting"
        ]
        held = claim(lane=switchyard().lanes["mail"], worker="test", now=timezone.now())
        if held is None:
            assert waiting == []
            return
        job, part = self.model(held)
        assert (part.state, job.priority) == ("waiting", max(waiting))
        part.state = "working"
        job.was_started = True
        job.state = "working" if job.state == "waiting" else job.state
        self.held.append(held)

    @precondition(lambda self: self.held)
    @rule(place=PLACES, done=UNITS, failed=UNITS, says_so=st.booleans())
    def complete(self, place: int, done: int, failed: int, says_so: bool) -> None:  # noqa: FBT001
        """End a part as done."""
        held = self.let_go(place)
        job, part = self.model(held)
        if part.step == "plan" and not self.plan(held, job):
            self.held.append(held)
            return
        progress = Progress(part=held.part, fence=held.fence)
        if says_so:
            progress.note(done=done, failed=failed)
        done, failed = progress.final(units=part.units)
        assert ending.complete(held, seconds=1, progress=progress)
        assert held.part.pk not in self.done
        self.done.add(held.part.pk)
        job.count(part, "done", done=done, failed=failed)

    def plan(self, held: Claim, job: ModelJob) -> bool:
        """Write the parts that are not written yet, as a worker does; say whether it was let."""
        written = Part.objects.get(pk=held.part.pk).planned
        plans = kind_named("tests.steps").plan(held.part.job)
        try:
            planning.plan(held, iter(plans))
        except PartTaken:
            assert not job.is_open
            return False
        for plan in list(plans)[written:]:
            job.add("work", plan.units)
        return True

    @precondition(lambda self: self.held)
    @rule(place=PLACES)
    def plan_without_an_end(self, place: int) -> None:
        """Write a plan's parts and do not come to its end."""
        held = self.held[place % len(self.held)]
        job, part = self.model(held)
        if part.step == "plan":
            self.plan(held, job)

    def write_progress(self, held: Claim, done: int) -> None:
        """Let the part's progress stand in the database."""
        write({held.part.pk: Figures(fence=held.fence, done=min(done, held.part.units), failed=0)})

    @precondition(lambda self: self.held)
    @rule(place=PLACES, done=UNITS)
    def report(self, place: int, done: int) -> None:
        """Write progress, as a worker does once a second."""
        held = self.held[place % len(self.held)]
        self.write_progress(held, done)

    @precondition(lambda self: self.held)
    @rule(place=PLACES, done=UNITS)
    def fail(self, place: int, done: int) -> None:
        """Fail a part for good."""
        held = self.let_go(place)
        job, part = self.model(held)
        progress = Progress(part=held.part, fence=held.fence)
        progress.note(done=done, failed=0)
        assert ending.fail(held, seconds=1, error="No.", progress=progress)
        done = min(done, part.units)
        job.count(part, "failed", done=done, failed=part.units - done)

    @precondition(lambda self: self.held)
    @rule(place=PLACES, done=UNITS, is_later=st.booleans())
    def try_again(self, place: int, done: int, is_later: bool) -> None:  # noqa: FBT001
        """Put a part back, at once or for later."""
        held = self.let_go(place)
        self.write_progress(held, done)
        job, part = self.model(held)
        part.is_due = not is_later
        assert returning.try_again(held, seconds=1, error="Busy.", delay_seconds=60 * is_later)
        job.offer(part)

    @precondition(lambda self: self.held)
    @rule(place=PLACES, done=UNITS)
    def hand_back(self, place: int, done: int) -> None:
        """Give a part back because the worker ends."""
        held = self.let_go(place)
        self.write_progress(held, done)
        job, part = self.model(held)
        part.is_due = True
        progress = Progress(part=held.part, fence=held.fence)
        assert returning.hand_back(held, seconds=1, progress=progress)
        job.offer(part)

    @precondition(lambda self: self.held)
    @rule(place=PLACES, done=UNITS)
    def lose(self, place: int, done: int) -> None:
        """Free a part whose worker was lost."""
        held = self.let_go(place)
        self.write_progress(held, done)
        job, part = self.model(held)
        assert losing.lose(Part.objects.get(pk=held.part.pk), now=timezone.now())
        job.lose(part, done=min(done, part.units))

    @precondition(lambda self: self.taken)
    @rule(place=PLACES, end=st.sampled_from(["complete", "fail", "try_again", "hand_back"]))
    def end_without_holding(self, place: int, end: str) -> None:
        """Let a worker that no longer holds its part end it: nothing may change."""
        held = self.taken[place % len(self.taken)]
        progress = Progress(part=held.part, fence=held.fence)
        calls: dict[str, Callable[[], bool]] = {
            "complete": lambda: ending.complete(held, seconds=1, progress=progress),
            "fail": lambda: ending.fail(held, seconds=1, error="No.", progress=progress),
            "try_again": lambda: returning.try_again(held, seconds=1, error="No.", delay_seconds=0),
            "hand_back": lambda: returning.hand_back(held, seconds=1, progress=progress),
        }
        if held in self.held:
            return
        assert not calls[end]()
