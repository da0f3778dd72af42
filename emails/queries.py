"""What pages read of mailings: lists and figures; `outcomes` reads a sent mailing, `previewing` a draft."""

import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from emails.hashing import hashes_of
from emails.models import AttachmentPolicy, Mailing, Recipient, RecipientState, Suppression
from emails.models.mailings import PINNED_IDS
from emails.models.recipients import HANDED_OVER, LEFT_OUT_STATES, OUTSIDE_STATES, TOLD_LATER
from jobs.concerns import Concern
from jobs.models import Job, Person, School
from jobs.units import Units

TOLD_APART = (*HANDED_OVER, RecipientState.REFUSED, *LEFT_OUT_STATES)
CHOICES_SHOWN = 20
ADDRESS = re.compile(r"[^\s<>]+@[^\s<>]+")


def mailings_of(person: Person) -> QuerySet[Mailing, Any]:
    """Return the mailings that `person` may see, newest first, with job and author."""
    found: QuerySet[Mailing, Any] = Mailing.objects.visible_to(person).select_related(
        "job", "created_by", "school"
    )
    return found.defer("body", *PINNED_IDS)


def units_of(reported: Mapping[Job, Units], *, at_work: Container[int]) -> dict[int, Units]:
    """Return by job id the units with what the ledgers say beyond what parts `reported`.

    They tell refused from uncertain mails, and those left out from those sent; who was left out from the
    start is in no part. A mail that is being handed over while its job has ended and nothing of it is
    `at_work` was left by its worker. Of such a job the accepted mails are counted too: parts may have been
    ended before they reported the last ones. Else that would cost too much, as pages ask once a second.
    """
    troubled = _counts(reported, states=TOLD_APART)
    units = {
        job.pk: _with_troubles(told, counts=troubled[job.pk], is_at_rest=_is_at_rest(job, at_work))
        for job, told in reported.items()
    }
    unclear = [job for job in reported if _is_at_rest(job, at_work) and units[job.pk].left]
    taken = _counts(unclear, states=(RecipientState.ACCEPTED, *TOLD_LATER))
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
    skipped, outside = counts[RecipientState.SUPPRESSED], sum(counts[state] for state in OUTSIDE_STATES)
    return replace(
        told,
        total=told.total + outside,
        done=max(0, told.done - skipped),
        failed=counts[RecipientState.REFUSED],
        uncertain=counts[RecipientState.UNCERTAIN] + left_behind,
        skipped=skipped + outside,
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


def concerns_of(person: Person) -> list[Concern]:
    """Return the drafts that the person is asked to send, newest first."""
    return _concerns(person, says=_("{} asks you to look at it and send it.")) if person.may_send else []


def waits_of(person: Person) -> list[Concern]:
    """Return the drafts that the person asked somebody else to send, newest first."""
    return [] if person.may_send else _concerns(person, says=_("It waits for somebody who may send it."))


def _asked_for(person: Person) -> QuerySet[Mailing, Any]:
    """Return the drafts that somebody is to send: all of the school, or those that they asked for."""
    drafts: QuerySet[Mailing, Any] = Mailing.objects.filter(
        school=person.school_id, job=None, asked_at__isnull=False
    )
    own = drafts if person.may_send else drafts.filter(asked_by=person)
    return own.select_related("school", "asked_by").defer("body").order_by("-asked_at")


def _concerns(person: Person, *, says: str) -> list[Concern]:
    if person.school_id is None:
        return []
    return [
        Concern(
            title=draft.title,
            what=_("Mailing"),
            says=says.format(draft.asked_by.name if draft.asked_by else _("Somebody")),
            address=reverse("emails:check", args=[draft.pk]),
            label=_("To be sent"),
            at=draft.asked_at or draft.created_at,
        )
        for draft in _asked_for(person)[:CHOICES_SHOWN]
    ]


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
