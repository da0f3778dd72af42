"""What became of a sent mailing, for its page; how many mails stand where tells `queries.units_of`."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet, Sum

from emails import carriers, ledger, windows
from emails.models import LinkedFile, Mailing, Recipient, RecipientState
from emails.models.mailings import PINNED_IDS
from emails.models.recipients import LEFT_OUT_STATES
from jobs.models import Job, JobState, StoredFile

PROBLEMS_SHOWN = 25


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
    """The first `PROBLEMS_SHOWN` of those who were left out."""
    left_out_total: int
    left_out_why: Sequence[tuple[str, int]]
    """Each reason with how many were left out for it, the most frequent first."""
    in_list: int
    """All whom it was sent to and those left out; 0 before they are written down."""
    bounced: int
    """Mails that were accepted and came back."""
    complained: int
    """Mails that were accepted and called spam."""
    taken_by: str
    """What accepts its mails, for the middle of a sentence."""
    hours: str
    """Between which it is sent, in words; empty for all."""
    links: SentLinks | None
    """None when its files are attached, or no mail was sent yet."""


def sent_mailing(job: Job, *, now: datetime) -> SentMailing:
    """Return the mailing of `job` with its problems."""
    mailing = Mailing.objects.select_related("school").defer(*PINNED_IDS).get(job=job)
    tally = ledger.tally(mailing.recipients.all())
    left_out = mailing.recipients.filter(state__in=LEFT_OUT_STATES)
    problems = mailing.recipients.filter(_problem(job)).exclude(state__in=LEFT_OUT_STATES)
    in_list = sum(astuple(tally))
    has_any = tally.accepted + tally.left_out < in_list
    shown = list(problems.order_by("state", "pk")[: PROBLEMS_SHOWN + 1]) if has_any else []
    return SentMailing(
        mailing=mailing,
        files=mailing.attached_files(),
        problems=shown[:PROBLEMS_SHOWN],
        problems_total=problems.count() if len(shown) > PROBLEMS_SHOWN else len(shown),
        left_out=list(left_out.order_by("pk")[:PROBLEMS_SHOWN]) if tally.left_out else [],
        left_out_total=tally.left_out,
        left_out_why=_whys(left_out) if tally.left_out else [],
        in_list=in_list,
        bounced=tally.bounced,
        complained=tally.complained,
        taken_by=carriers.taken_by(mailing),
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


def _whys(left_out: QuerySet[Recipient]) -> list[tuple[str, int]]:
    whys = left_out.order_by().values_list("relay_words").annotate(count=Count("pk"))
    return list(whys.order_by("-count", "relay_words"))


def _problem(job: Job) -> Q:
    """Refused, uncertain or put off; of an ended job also what broke off, or could not be tried in time.

    Nobody was tried in vain when a person stopped the job: then the others are no problem.
    """
    if job.state in (JobState.FAILED, JobState.PROBLEMS):
        return ~Q(state=RecipientState.ACCEPTED)
    # As the index has it: pages ask while thousands wait.
    told_of = ~Q(relay_words="") & ~Q(state="accepted")
    return told_of | Q(state=RecipientState.SENDING) if job.state == JobState.STOPPED else told_of
