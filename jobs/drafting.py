"""Drafting jobs: from what is asked for to the rows that it would be; nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy

from jobs import appraising, keys
from jobs.asking import WrongArguments
from jobs.models import Cost, Job, Part, PartState, Person, School, Step
from jobs.registry import Kind, kind_named, names_to_submit
from jobs.routing import lane_for
from jobs.rules import UNITS, Example
from jobs.sections import MEGABYTE

ONLY_THE_PLATFORM = gettext_lazy(
    "Only the platform itself starts jobs of the kind {kind!r}; choose one of: {others}."
)


class UnknownSize(Exception):
    """A size that the kind does not declare."""


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


def draft(request: Request, *, now: datetime) -> Job:
    """Return the job that `request` would be, in the lane that it would take; nothing is written.

    Raises:
        UnknownKind, WrongArguments, UnknownSize, NoRoute: as `jobs.submission.submit_many`.
    """
    return drafts([request], now=now)[0]


def drafts(requests: Sequence[Request], *, now: datetime) -> list[Job]:
    """Return the jobs that `requests` would be, in their order; raises as `draft`."""
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


def first_part(job: Job, request: Request, *, must_wait: bool, now: datetime) -> Part:
    """Return the part with which `job` begins; it is held while the job `must_wait` for others."""
    has_plan = kind_named(job.kind).has_plan
    state = PartState.DELAYED if request.not_before and request.not_before > now else PartState.WAITING
    if must_wait:
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
