"""Jobs driven at random through all their states on a real PostgreSQL, against a small model."""

from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from jobs import lifecycle
from jobs.models import Job, Part, PartState
from jobs.supervision import wake_delayed
from tests.jobs.states_driver import PLACES, Working
from tests.jobs.states_model import OPEN_PART

EXAMPLES, STEPS = 40, 30


class States(Working):
    """Also clicks what pages offer, and lets time pass."""

    @precondition(lambda self: self.jobs)
    @rule(place=PLACES, change=st.sampled_from(["pause", "resume", "stop", "retry"]))
    def change_job(self, place: int, change: str) -> None:
        """Click a button on a job's page: it works exactly when the state lets it."""
        job, model = self.job_at(place)
        allowed = {
            "pause": model.state in {"waiting", "working"},
            "resume": model.state == "paused",
            "stop": model.is_open,
            "retry": model.can_retry(),
        }
        if not allowed[change]:
            with pytest.raises(lifecycle.CannotChange):
                getattr(lifecycle, change)(job, by=None)
            return
        getattr(lifecycle, change)(job, by=None)
        if change == "retry":
            self.done -= set(
                Part.objects.filter(job=job, state=PartState.WAITING).values_list("pk", flat=True)
            )
        if change == "stop":
            model.end("stopped")
        else:
            getattr(model, change)()

    @rule()
    def time_passes(self) -> None:
        """Let the time of what waits for it come."""
        self.now.shift(3600)
        wake_delayed(now=timezone.now())
        for job in self.jobs.values():
            for part in job.parts:
                part.is_due = True
                part.state = "waiting" if part.state == "delayed" else part.state

    @invariant()
    def database_is_as_the_model_says(self) -> None:
        """Every job and part is where the model has it, and each job's counters are those of its parts."""
        for job in Job.objects.all():
            model = self.jobs[job.pk]
            parts = list(job.parts.order_by("id"))
            assert (job.state, [part.state for part in parts]) == (
                model.state,
                [part.state for part in model.parts],
            )
            assert job.parts_open == sum(part.state in OPEN_PART for part in parts)
            assert (job.units_done, job.units_failed) == model.units()
            assert job.units_total >= job.units_done + job.units_failed
            if not model.is_open:
                assert not {"waiting", "delayed", "held"} & {part.state for part in parts}


@pytest.mark.django_db
def test_jobs_driven_at_random_stay_as_the_model_says(steps: Any) -> None:
    States.kind = steps
    run_state_machine_as_test(
        States,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to make an example small takes minutes
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
