"""Submitting jobs: a row each, its first part, and doorbells on commit."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from jobs import appraising, keys, publishing, shares, timing
from jobs.asking import WrongArguments
from jobs.models import ENDED_STATES, GOOD_ENDS, Cost, Job, JobEvent, Part, PartState, Person, School, Step
from jobs.registry import Kind, kind_named, names_to_submit
from jobs.routing import lane_for
from jobs.rules import UNITS, Example
from jobs.sections import MEGABYTE

ONLY_THE_PLATFORM = "Only the platform itself starts jobs of the kind {kind!r}; choose one of: {others}."


class UnknownSize(Exception):
    """A size that the kind does not declare."""


class CannotFollow(Exception):
    """A job that another one is to follow belongs to another school, or has ended badly."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What one job is asked to do."""

    kind: str
    school: School
    by: Person | None
    """Who asks, or who made the token of the program that does; None for the platform."""
    arguments: dict[str, Any]
    """Ids and numbers, as JSON, as the kind declares them; no personal data."""
    key: str
    """Makes the request idempotent within the school and the kind; 1 to 200 characters."""
    title: str = ""
    """What pages call it; blank for the kind and the job's id."""
    program: str = ""
    """The name of the token by which a program asks; empty for people and the platform."""
    units: int = 0
    """What pages show before the job is planned; a kind without a plan has one part of that many."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    """What routes and estimates go by besides the units; by the names that the kind declares."""
    priority: int = 0
    """Within the school and the lane, higher goes first; from -32,768 to 32,767."""
    not_before: datetime | None = None
    """When it may start, within `timing.FARTHEST`; None for now."""
    deadline: datetime | None = None
    """When what is left of it fails, within the same; None for never."""
    lane: str = ""
    """For the platform's own jobs, which no route leads: the lane that they take."""
    after: Sequence[Job] = field(default_factory=tuple)
    """Jobs of the same school that must have ended well before this one starts."""


def submit(
    *,
    kind: str,
    school: School,
    by: Person | None,
    arguments: dict[str, Any],
    key: str,
    **options: Any,
) -> Job:
    """Submit one job within the caller's transaction and return it; `options` are those of `Request`.

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
    drafts = _drafts(requests, now=now)
    try:
        with transaction.atomic():
            return _write(requests, drafts, now=now)
    except IntegrityError:
        # Someone else submitted one of the keys between our look and our write: now it is found.
        with transaction.atomic():
            return _write(requests, _drafts(requests, now=now), now=now)


def draft(request: Request, *, now: datetime) -> Job:
    """Return the job that `request` would be, in the lane that it would take; nothing is written.

    Raises:
        UnknownKind, WrongArguments, UnknownSize, NoRoute: as `submit_many`.
    """
    return _drafts([request], now=now)[0]


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
    first_parts = [_first_part(job, request, now=now) for request, job in new]
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


def _drafts(requests: Sequence[Request], *, now: datetime) -> list[Job]:
    known = appraising.costs_for_routes(request.kind for request in requests)
    return [_draft(request, known=known, now=now) for request in requests]


def _draft(request: Request, *, known: Mapping[str, Cost], now: datetime) -> Job:
    handler = kind_named(request.kind)
    _require_to_submit(handler, request)
    handler.arguments.read(request.arguments)
    keys.require_length(request.key)
    sizes = _sizes(request, handler)
    megabytes = handler.total_bytes(sizes) / MEGABYTE
    appraised = appraising.appraise(known.get(request.kind), units=sizes.get(UNITS, 0), megabytes=megabytes)
    example = Example(
        kind=request.kind,
        school=request.school.slug,
        sizes=sizes,
        times_slower=appraised.times_slower,
        expected_seconds=appraised.seconds,
    )
    return Job(
        school=request.school,
        kind=request.kind,
        key=request.key,
        lane=request.lane or lane_for(example).name,
        priority=request.priority,
        title=request.title if request.title.strip() else "",
        arguments=request.arguments,
        submitted_by=request.by,
        program=request.program,
        sizes=sizes,
        megabytes=megabytes,
        units_total=request.units if handler.has_plan else max(request.units, 1),
        parts_open=1,
        not_before_at=request.not_before,
        deadline_at=request.deadline,
        created_at=now,
    )


def _require_to_submit(kind: Kind, request: Request) -> None:
    if not kind.is_routed and not request.lane:
        others = ", ".join(names_to_submit())
        raise WrongArguments({"kind": ONLY_THE_PLATFORM.format(kind=kind.name, others=others)})


def _sizes(request: Request, kind: Kind) -> dict[str, int]:
    if unknown := request.sizes.keys() - kind.sizes.keys():
        message = f"The kind {kind.name} declares no {', '.join(sorted(unknown))}; add it to its sizes."
        raise UnknownSize(message)
    return {**({UNITS: request.units} if request.units else {}), **request.sizes}


def _first_part(job: Job, request: Request, *, now: datetime) -> Part:
    has_plan = kind_named(job.kind).has_plan
    state = PartState.DELAYED if request.not_before and request.not_before > now else PartState.WAITING
    if _must_wait(request):
        state = PartState.HELD
    return Part(
        job=job,
        school_id=job.school_id,
        lane=job.lane,
        kind=job.kind,
        priority=job.priority,
        step=Step.PLAN if has_plan else Step.WORK,
        arguments={} if has_plan else job.arguments,
        units=0 if has_plan else job.units_total,
        bytes=0 if has_plan else job.sizes.get("bytes", 0),
        service="" if has_plan else kind_named(job.kind).service,
        state=state,
        ready_at=max(request.not_before or now, now),
    )


def _must_wait(request: Request) -> bool:
    """Say whether a job to be followed is still open; its row is locked, so that it does not end now.

    Raises:
        CannotFollow: it is another school's, or has ended badly.
    """
    ids = [job.pk for job in request.after]
    states = []
    for job in Job.objects.select_for_update().filter(pk__in=ids).order_by("pk"):
        if job.school_id != request.school.pk or (job.state in ENDED_STATES and job.state not in GOOD_ENDS):
            message = (
                f"“{job}” cannot be followed: it is another school's or ended as {job.get_state_display()}."
            )
            raise CannotFollow(message)
        states.append(job.state)
    return any(state not in ENDED_STATES for state in states)
