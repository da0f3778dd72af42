"""What people click while faults happen: pause, resume, stop and retry, at random."""

from random import Random

from jobs import canaries, lifecycle
from jobs.lifecycle import CannotChange
from jobs.models import ENDED_STATES, Job, JobState, Person, WebhookDelivery
from jobs.webhooks import DELIVER
from tests.faults.patience import insist

CHANGES = {
    "pause": (JobState.WAITING, JobState.WORKING),
    "resume": (JobState.PAUSED,),
    "stop": (JobState.WAITING, JobState.WORKING, JobState.PAUSED),
    "retry": (JobState.PROBLEMS, JobState.FAILED, JobState.STOPPED),
}
WEIGHTS = (6, 6, 2, 3)
LARGE = "fault-large"
OWN = ("probes", "platform")
UNTOUCHED = {change: (*OWN, LARGE) if change == "stop" else OWN for change in CHANGES}
"""Schools of which nobody changes a job so: the large mailing is to arrive."""


class Clicks:
    """Changes jobs of the fault suite's own kinds, and of mailings."""

    def __init__(self, *, random: Random) -> None:
        """Choose by `random`."""
        self._random = random
        self.made: dict[str, int] = dict.fromkeys(CHANGES, 0)

    def click(self, *, by: Person) -> None:
        """Change one job that is in a fitting state, if there is one."""
        [change] = self._random.choices(list(CHANGES), WEIGHTS)
        fitting = Job.objects.filter(state__in=CHANGES[change]).exclude(school__slug__in=UNTOUCHED[change])
        ids = insist(lambda: list(fitting.order_by("-pk").values_list("pk", flat=True)[:40]))
        if ids:
            self._change(self._random.choice(ids), change, by=by)

    def resume_all(self, *, by: Person, but: int = 1) -> None:
        """Resume all paused jobs `but` the newest few, which stay so.

        A message of a webhook does not stay, nor a job that others follow: they would wait for it by rights.
        """
        paused = Job.objects.filter(state=JobState.PAUSED).order_by("-pk")
        alone = paused.exclude(kind=DELIVER).filter(followers=None)
        left = insist(lambda: list(alone.values_list("pk", flat=True)[:but]))
        for pk in insist(lambda: list(paused.exclude(pk__in=left).values_list("pk", flat=True))):
            self._change(pk, "resume", by=by)

    def retry_undelivered(self, *, by: Person) -> int:
        """Have messages delivered that were stopped or given up, as their page offers; return how many."""
        undelivered = WebhookDelivery.objects.filter(delivered_at=None, job__state__in=CHANGES["retry"])
        jobs = insist(lambda: list(undelivered.values_list("job", flat=True)))
        for pk in jobs:
            self._change(pk, "retry", by=by)
        return len(jobs)

    def _change(self, pk: int, change: str, *, by: Person) -> None:
        def call() -> None:
            getattr(lifecycle, change)(Job.objects.get(pk=pk), by=by)

        try:
            insist(call)
            self.made[change] += 1
        except CannotChange:
            # It moved on meanwhile, or the database broke off after it had committed the change.
            return


def open_jobs() -> int:
    """Return how many jobs but canaries have not ended and are not paused."""
    ended = (*ENDED_STATES, JobState.PAUSED)
    return insist(lambda: Job.objects.exclude(kind=canaries.KIND).exclude(state__in=ended).count())
