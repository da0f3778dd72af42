"""What the webhook receiver was told, against how jobs ended: at least once each, and never anything else."""

from collections import defaultdict
from dataclasses import dataclass

from jobs import counting
from jobs.models import ENDED_STATES, Job, JobEvent, JobState, WebhookDelivery, WebhookEndpoint
from jobs.models.webhooks import DeliveryState
from jobs.registry import kinds
from jobs.webhooks import DELIVER
from tests.faults.people import path_of
from tests.faults.receiver import Message
from tests.faults.verdict import Verdict


@dataclass(frozen=True, kw_only=True)
class End:
    """One end of one job, as one webhook is told of it."""

    path: str
    job: int
    state: str
    ended_at: str


def judge_told(verdict: Verdict, *, messages: list[Message]) -> None:
    """Every end was told at least once under one id, signed; nothing was told that was not so."""
    taken = [message for message in messages if not message.was_refused]
    forged = {message.message_id for message in messages if not message.is_genuine}
    verdict.wrong += [f"message {pk} is not signed as it must be" for pk in forged]
    by_end: dict[End, set[str]] = defaultdict(set)
    for message in taken:
        by_end[_end_told(message)].add(message.message_id)
    ends = _ends()
    verdict.lost += [f"nobody was told of {end}" for end in ends - by_end.keys()]
    verdict.wrong += [f"the outside was told of {end}, which was not so" for end in by_end.keys() - ends]
    verdict.doubled += [f"{len(ids)} messages tell of {end}" for end, ids in by_end.items() if len(ids) > 1]
    verdict.told_again = len(taken) - len({message.message_id for message in taken})
    verdict.compared["ends told"] = len(by_end)
    _judge_deliveries(verdict, taken=taken, ends=ends)
    _judge_figures(verdict, taken=taken)


def _end_told(message: Message) -> End:
    told = message.told
    return End(path=message.path, job=told["job_id"], state=told["state"], ended_at=told["ended_at"])


def _ends() -> set[End]:
    """Return what must have been told: each end of each announced job, to each webhook of its school."""
    announced = [kind.name for kind in kinds() if kind.is_announced]
    events = JobEvent.objects.filter(what__in=ENDED_STATES, job__kind__in=announced)
    paths: dict[int, list[str]] = defaultdict(list)
    for endpoint in WebhookEndpoint.objects.all():
        paths[endpoint.school_id].append(path_of(endpoint))
    return {
        End(path=path, job=event.job_id, state=event.what, ended_at=event.at.isoformat())
        for event in events.select_related("job")
        for path in paths[event.job.school_id]
    }


def _judge_deliveries(verdict: Verdict, *, taken: list[Message], ends: set[End]) -> None:
    """Each end has its message and each message its job; who says "delivered" was heard outside."""
    deliveries = list(WebhookDelivery.objects.select_related("job"))
    jobs = Job.objects.filter(kind=DELIVER)
    if not len(deliveries) == len(ends) == jobs.count():
        counts = f"{len(deliveries)} messages and {jobs.count()} jobs"
        verdict.wrong.append(f"{len(ends)} ends made {counts}")
    heard = {message.message_id for message in taken}
    for delivery in deliveries:
        state = delivery.state
        if state == DeliveryState.DELIVERED and delivery.message_id not in heard:
            verdict.lost.append(f"message {delivery.pk} is {state} and was never heard")
        if state != DeliveryState.DELIVERED:
            verdict.lost.append(f"message {delivery.pk} is {state}: {delivery.answer}")
    unnoted = jobs.filter(state=JobState.DONE, pk__in=_jobs_of(deliveries, delivered=False))
    verdict.wrong += [f"job {job.pk} is done and its message is not delivered" for job in unnoted]


def _jobs_of(deliveries: list[WebhookDelivery], *, delivered: bool) -> list[int | None]:
    return [each.job_id for each in deliveries if (each.delivered_at is not None) == delivered]


def _judge_figures(verdict: Verdict, *, taken: list[Message]) -> None:
    """What was told of a job's last end is what the job says; a stopped one may still count a unit."""
    jobs = Job.objects.in_bulk({message.told["job_id"] for message in taken})
    counts = counting.count(list(jobs.values()), exactly=True)
    for message in taken:
        told, job = message.told, jobs.get(message.told["job_id"])
        is_last = (
            job is not None and job.ended_at is not None and job.ended_at.isoformat() == told["ended_at"]
        )
        if job is None or not is_last or job.state not in (JobState.DONE, JobState.PROBLEMS):
            continue
        units = counts[job.pk].units
        said = {
            "kind": job.kind,
            "state": job.state,
            "units_total": units.total,
            "units_done": units.done,
            "units_failed": units.failed,
            "units_uncertain": units.uncertain,
            "units_skipped": units.skipped,
        }
        differing = [name for name, truth in said.items() if told[name] != truth]
        if differing:
            verdict.wrong.append(f"job {job.pk} was told with another {', '.join(differing)}")
