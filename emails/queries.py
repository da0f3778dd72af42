"""What pages read of mailings: the list, and what became of a sent one; see `previewing` for drafts."""

import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery, Sum

from emails import windows
from emails.hashing import hashes_of
from emails.models import AttachmentPolicy, LinkedFile, Mailing, Recipient, RecipientState, Suppression
from emails.models.mailings import PINNED_IDS
from emails.models.recipients import HANDED_OVER
from jobs.models import Job, JobState, Person, School, StoredFile
from jobs.units import Units

TOLD_APART = (*HANDED_OVER, RecipientState.REFUSED, RecipientState.SUPPRESSED)
PROBLEMS_SHOWN = 25
CHOICES_SHOWN = 20
ADDRESS = re.compile(r"[^\s<>]+@[^\s<>]+")


@dataclass(frozen=True, kw_only=True)
class SentLinks:
    """The files of a mailing that are fetched by links."""

    files: Sequence[LinkedFile]
    """Each with `fetched_by` (how many recipients), `fetched_times` and `fetched_last_at`."""
    are_open: bool
    """Whether the links work."""


@dataclass(frozen=True, kw_only=True)
class SentMailing:
    """What became of a mailing."""

    mailing: Mailing
    files: list[StoredFile]
    problems: list[Recipient]
    """The first `PROBLEMS_SHOWN` recipients with a problem: refused, then broken off, then not sent."""
    problems_total: int
    left_out: list[Recipient]
    """The first `PROBLEMS_SHOWN` of those who were suppressed."""
    left_out_total: int
    bounced: int
    """Mails that the relay accepted and that came back."""
    hours: str
    """Between which it is sent, in words; empty for all."""
    links: SentLinks | None
    """None when its files are attached, or no mail was sent yet."""


def mailings_of(person: Person) -> QuerySet[Mailing, Any]:
    """Return the mailings that `person` may see, newest first, with job and author."""
    found: QuerySet[Mailing, Any] = Mailing.objects.visible_to(person).select_related(
        "job", "created_by", "school"
    )
    return found.defer("body", *PINNED_IDS)


def sent_mailing(job: Job, *, now: datetime) -> SentMailing:
    """Return the mailing of `job` with its problems; how many mails stand where tells `units_of`."""
    written = Mailing.objects.select_related("school").defer(*PINNED_IDS)
    bounced, suppressed = _count_of(RecipientState.BOUNCED), _count_of(RecipientState.SUPPRESSED)
    mailing = written.annotate(bounced=bounced, suppressed=suppressed).get(job=job)
    left_out = mailing.recipients.filter(state=RecipientState.SUPPRESSED).order_by("pk")[:PROBLEMS_SHOWN]
    problems = mailing.recipients.filter(_problem(job)).exclude(state=RecipientState.SUPPRESSED)
    shown = list(problems.order_by("state", "pk")[: PROBLEMS_SHOWN + 1])
    return SentMailing(
        mailing=mailing,
        files=mailing.attached_files(),
        problems=shown[:PROBLEMS_SHOWN],
        problems_total=problems.count() if len(shown) > PROBLEMS_SHOWN else len(shown),
        left_out=list(left_out) if mailing.suppressed else [],
        left_out_total=mailing.suppressed or 0,
        bounced=mailing.bounced or 0,
        hours=windows.told(mailing, job, now=now),
        links=file_links_of(mailing, now=now) if mailing.files_as_links else None,
    )


def file_links_of(mailing: Mailing, *, now: datetime) -> SentLinks | None:
    """Return how often the files of `mailing` were fetched by links; None when there are no links yet."""
    files = LinkedFile.objects.filter(mailing=mailing).select_related("file", "revoked_by")
    found = list(
        files.annotate(
            fetched_by=Count("downloads"),
            fetched_times=Sum("downloads__times"),
            fetched_last_at=Max("downloads__last_at"),
        )
    )
    return SentLinks(files=found, are_open=any(file.is_open(now=now) for file in found)) if found else None


def _count_of(state: RecipientState) -> Subquery:
    """Count the recipients in `state` of the mailing of the outer query; None where there is none."""
    rows = Recipient.objects.filter(mailing=OuterRef("pk"), state=state).order_by()
    return Subquery(rows.values("mailing").annotate(Count("pk")).values("pk__count"))


def units_of(reported: Mapping[Job, Units], *, at_work: Container[int]) -> dict[int, Units]:
    """Return by job id the units with what the ledgers say beyond what parts `reported`.

    They tell refused from uncertain mails, and those left out from those sent. A mail that is being
    handed over while its job has ended and nothing of it is `at_work` was left by its worker. Of such a
    job the accepted mails are counted too: parts may have been ended before they reported the last ones.
    Else that would cost too much, as pages ask once a second.
    """
    troubled = _counts(reported, states=TOLD_APART)
    units = {
        job.pk: _with_troubles(told, counts=troubled[job.pk], is_at_rest=_is_at_rest(job, at_work))
        for job, told in reported.items()
    }
    unclear = [job for job in reported if _is_at_rest(job, at_work) and units[job.pk].left]
    taken = _counts(unclear, states=(RecipientState.ACCEPTED, RecipientState.BOUNCED))
    for job in unclear:
        units[job.pk] = replace(units[job.pk], done=taken[job.pk].total())
    return units


def _is_at_rest(job: Job, at_work: Container[int]) -> bool:
    return job.has_ended and job.pk not in at_work


def _counts(jobs: Iterable[Job], *, states: Sequence[RecipientState]) -> defaultdict[int, Counter[str]]:
    """Count by job id and state the recipients in one of `states`."""
    counts: defaultdict[int, Counter[str]] = defaultdict(Counter)
    if ids := [job.pk for job in jobs]:
        found = Recipient.objects.filter(mailing__job__in=ids, state__in=states).order_by()
        for job_id, state, count in found.values_list("mailing__job_id", "state").annotate(Count("pk")):
            counts[job_id][state] = count
    return counts


def _with_troubles(told: Units, *, counts: Counter[str], is_at_rest: bool) -> Units:
    left_behind = counts[RecipientState.SENDING] if is_at_rest else 0
    skipped = counts[RecipientState.SUPPRESSED]
    return replace(
        told,
        done=max(0, told.done - skipped),
        failed=counts[RecipientState.REFUSED],
        uncertain=counts[RecipientState.UNCERTAIN] + left_behind,
        skipped=skipped,
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


def suppressions_of(school: School, *, search: str, removed: bool) -> QuerySet[Suppression, Any]:
    """Return what is on the list of `school`, or was `removed` from it; an erased address by its whole."""
    entries: QuerySet[Suppression, Any] = Suppression.objects.filter(school=school)
    entries = entries.filter(removed_at__isnull=not removed).select_related("added_by", "removed_by")
    if search:
        entries = entries.filter(Q(address__icontains=search) | Q(hash__in=hashes_of([search])))
    return entries


def attachment_policies_of(school: School) -> list[AttachmentPolicy]:
    """Return the last `CHOICES_SHOWN` choices of `school`, newest first, with who chose them."""
    chosen = AttachmentPolicy.objects.filter(school=school).select_related("set_by")
    return list(chosen[:CHOICES_SHOWN])


def tested_mailing(job: Job) -> Mailing | None:
    """Return the mailing of which `job` is a test; None when it is gone."""
    mailings = Mailing.objects.select_related("school")
    found: Mailing | None = mailings.filter(pk=job.arguments["mailing"], school_id=job.school_id).first()
    return found


def _problem(job: Job) -> Q:
    """Refused, uncertain or put off; of an ended job also what broke off, or could not be tried in time.

    Nobody was tried in vain when a person stopped the job: then the others are no problem.
    """
    if job.state in (JobState.FAILED, JobState.PROBLEMS):
        return ~Q(state=RecipientState.ACCEPTED)
    # As the index has it: pages ask while thousands wait.
    told_of = ~Q(relay_words="") & ~Q(state="accepted")
    return told_of | Q(state=RecipientState.SENDING) if job.state == JobState.STOPPED else told_of
