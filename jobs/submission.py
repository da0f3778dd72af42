"""Submitting jobs: a row each, its first part, and doorbells on commit."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from jobs import drafting, keys, publishing, shares, timing
from jobs.drafting import Request
from jobs.models import ENDED_STATES, GOOD_ENDS, Job, JobEvent, Part, Person, School


class CannotFollow(Exception):
    """A job that another one is to follow belongs to another school, or has ended badly."""


def submit(
    *,
    kind: str,
    school: School,
    by: Person | None,
    arguments: dict[str, Any],
    key: str,
    **options: Any,
) -> Job:
    """Submit one job within the caller's transaction and return it; `options` are those of a `Request`.

    A second call with the same school, kind and key returns the first call's job: `is_new` of the job
    says which call wrote it. The lane is rung on commit.

    Raises:
        UnknownKind, WrongArguments, UnknownSize, NoRoute, KeyTaken, CannotFollow: as `submit_many`.
    """
    request = Request(kind=kind, school=school, by=by, arguments=arguments, key=key, **options)
    return submit_many([request])[0]


def submit_many(requests: Sequence[Request]) -> list[Job]:
    """Submit jobs in one go, in the caller's transaction, and return them in order.

    Rows are written in bulk, and each lane is rung in one pipeline on commit.

    Raises:
        UnknownKind: no app registered a kind.
        WrongArguments: an argument is unknown to its kind, missing or of another type, a key too long, a
            time too far away, or a kind one that only the platform starts.
        UnknownSize: a kind does not declare a size that was told.
        NoRoute: no rule takes a job.
        KeyTaken: a key belongs to a job that was asked for otherwise.
        CannotFollow: a job to follow is another school's, or has ended badly.
    """
    now = timezone.now()
    drafts = drafting.drafts(requests, now=now)
    try:
        with transaction.atomic():
            return _write(requests, drafts, now=now)
    except IntegrityError:
        # Someone else submitted one of the keys between our look and our write: now it is found.
        with transaction.atomic():
            return _write(requests, drafting.drafts(requests, now=now), now=now)


Key = tuple[int, str, str]


def _write(requests: Sequence[Request], drafts: list[Job], *, now: datetime) -> list[Job]:
    known = _known(drafts)
    new: dict[Key, tuple[Request, Job]] = {}
    for request, draft in zip(requests, drafts, strict=True):
        if (found := known.get(_key(draft))) is not None:
            _require_same(found, request, followed=list(found.after.all()))
        elif _key(draft) in new:
            first, found = new[_key(draft)]
            _require_same(found, request, followed=first.after)
        else:
            new[_key(draft)] = (request, draft)
    _write_new(list(new.values()), now=now)
    return [known.get(_key(draft)) or new[_key(draft)][1] for draft in drafts]


def _require_same(found: Job, request: Request, *, followed: Collection[Job]) -> None:
    # What a page calls a job may change between two clicks; a title of a program's own is compared there.
    asked = {name: getattr(request, name) for name in keys.COLUMNS if name != "title"}
    keys.require_same(found, after=request.after, followed=followed, **asked)


def _known(drafts: list[Job]) -> dict[Key, Job]:
    jobs = Job.objects.filter(
        school_id__in={draft.school_id for draft in drafts},
        kind__in={draft.kind for draft in drafts},
        key__in={draft.key for draft in drafts},
    )
    return {_key(job): job for job in jobs}


def _write_new(new: list[tuple[Request, Job]], *, now: datetime) -> None:
    jobs = [job for _, job in new]
    for job in jobs:
        timing.require_near(now=now, not_before=job.not_before_at, deadline=job.deadline_at)
    # Jobs before shares, as the end of a part locks them; the other order would be a deadlock.
    first_parts = [
        drafting.first_part(job, request, must_wait=_must_wait(request), now=now) for request, job in new
    ]
    for lane, school_id in sorted({(job.lane, job.school_id) for job in jobs}):
        shares.join(lane=lane, school_id=school_id)
    Job.objects.bulk_create(jobs)
    JobEvent.objects.bulk_create(
        [
            JobEvent(job=job, at=now, what="submitted", by_id=job.submitted_by_id, program=job.program)
            for job in jobs
        ]
    )
    Part.objects.bulk_create(first_parts)
    for job in jobs:
        job.is_new = True
    for request, job in new:
        if request.after:
            job.after.set(request.after)
    for (lane, kind), parts in Counter((job.lane, job.kind) for job in jobs).items():
        publishing.ring_on_commit(lane=lane, kind=kind, parts=parts)


def _key(job: Job) -> Key:
    return job.school_id, job.kind, job.key


def _must_wait(request: Request) -> bool:
    """Say whether a job to be followed is still open; its row is locked, so that it does not end now.

    Raises:
        CannotFollow: it is another school's, or has ended badly.
    """
    ids = [job.pk for job in request.after]
    states = []
    for job in Job.objects.select_for_update().filter(pk__in=ids).order_by("pk"):
        if job.school_id != request.school.pk or (job.state in ENDED_STATES and job.state not in GOOD_ENDS):
            message = gettext(
                "“{job}” cannot be followed: it is another school's or ended as {state}."
            ).format(job=job, state=job.get_state_display())
            raise CannotFollow(message)
        states.append(job.state)
    return any(state not in ENDED_STATES for state in states)
