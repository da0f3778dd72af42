"""What pages read of mailings: the list, the preview, and what became of a sent one."""

import re
from collections import Counter, defaultdict
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from emails import composing, merging
from emails.models import Mailing, Recipient, RecipientState
from emails.sending import recipients_of
from jobs.directory import Student
from jobs.models import Job, Person, StoredFile
from jobs.units import Units

SAMPLES = 3
PROBLEMS_SHOWN = 25
ADDRESS = re.compile(r"[^\s<>]+@[^\s<>]+")


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One mail as its recipient would read it."""

    name: str
    address: str
    subject: str
    body: str


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A draft as it would be sent now."""

    count: int
    """Recipients, one for each address."""
    samples: list[Sample]
    files: list[StoredFile]
    version: str
    """What `sending.send` takes, so that nothing else is sent than what was seen."""
    attached_bytes: int
    sender: str
    reply_to: str


@dataclass(frozen=True, kw_only=True)
class SentMailing:
    """What became of a mailing."""

    mailing: Mailing
    files: list[StoredFile]
    problems: list[Recipient]
    """The first `PROBLEMS_SHOWN` recipients with a problem: refused, then uncertain, then not sent."""
    problems_total: int


def mailings_of(person: Person) -> QuerySet[Mailing, Any]:
    """Return the mailings that `person` may see, newest first, with job and author."""
    found: QuerySet[Mailing, Any] = Mailing.objects.visible_to(person).select_related(
        "job", "created_by", "school"
    )
    return found.defer("body", "student_ids")


def preview_of(mailing: Mailing) -> Preview:
    """Return what `mailing` would be if it were sent now."""
    students = recipients_of(mailing)
    files = mailing.attached_files()
    author = mailing.created_by
    return Preview(
        count=len(students),
        samples=_samples(mailing, students[:SAMPLES]),
        files=files,
        version=mailing.version(files=files),
        attached_bytes=sum(file.size for file in files),
        sender=f"{mailing.school.name} <{composing.sender_address()}>",
        reply_to=author.email if author else composing.sender_address(),
    )


def sent_mailing(job: Job) -> SentMailing:
    """Return the mailing of `job` with its problems; how many mails stand where tells `units_of`."""
    mailing = Mailing.objects.defer("student_ids").get(job=job)
    problems = mailing.recipients.filter(_problem(job)).order_by("state", "pk")
    shown = list(problems[: PROBLEMS_SHOWN + 1])
    return SentMailing(
        mailing=mailing,
        files=mailing.attached_files(),
        problems=shown[:PROBLEMS_SHOWN],
        problems_total=problems.count() if len(shown) > PROBLEMS_SHOWN else len(shown),
    )


def units_of(jobs: Sequence[Job], *, at_work: Container[int]) -> dict[int, Units]:
    """Return by job id what the ledgers say of the mails; a job without a ledger yet is left out.

    A mail that is being handed over while nothing of its job is `at_work` was left by its worker.
    """
    of_jobs = Recipient.objects.filter(mailing__job__in=jobs).order_by()
    counts: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for job_id, state, count in of_jobs.values_list("mailing__job_id", "state").annotate(Count("pk")):
        counts[job_id][state] = count
    return {job_id: _units(count, is_at_work=job_id in at_work) for job_id, count in counts.items()}


def _units(count: Counter[str], *, is_at_work: bool) -> Units:
    left_behind = 0 if is_at_work else count[RecipientState.SENDING]
    return Units(
        total=count.total(),
        done=count[RecipientState.ACCEPTED],
        failed=count[RecipientState.REFUSED],
        uncertain=count[RecipientState.UNCERTAIN] + left_behind,
    )


def first_reasons(jobs: Sequence[Job]) -> dict[int, str]:
    """Return by job id what the relay said about its first mail with a problem; addresses become dots."""
    problems = Recipient.objects.filter(
        mailing__job__in=jobs, state__in=(RecipientState.REFUSED, RecipientState.UNCERTAIN)
    ).exclude(relay_words="")
    first = problems.order_by("mailing__job_id", "state", "pk").distinct("mailing__job_id")
    return {
        job_id: f"{RecipientState(state).label}: {ADDRESS.sub('…', words)}"
        for job_id, state, words in first.values_list("mailing__job_id", "state", "relay_words")
    }


def tested_mailing(job: Job) -> Mailing | None:
    """Return the mailing of which `job` is a test; None when it is gone."""
    found: Mailing | None = Mailing.objects.filter(
        pk=job.arguments["mailing"], school_id=job.school_id
    ).first()
    return found


def _problem(job: Job) -> Q:
    """Refused or uncertain; once the job has ended also those never sent, before that those put off."""
    unsent = Q(state__in=(RecipientState.WAITING, RecipientState.SENDING))
    if not job.has_ended:
        unsent &= ~Q(relay_words="")
    return Q(state__in=(RecipientState.REFUSED, RecipientState.UNCERTAIN)) | unsent


def _samples(mailing: Mailing, students: list[Student]) -> list[Sample]:
    subject, body = merging.read(mailing.subject), merging.read(mailing.body)
    filled = [(student, merging.values_of(student, school_name=mailing.school.name)) for student in students]
    return [
        Sample(name=student.name, address=student.email, subject=subject.fill(values), body=body.fill(values))
        for student, values in filled
    ]
