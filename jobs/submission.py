"""Submitting a job: one row, its first part, and a doorbell on commit."""

from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from jobs import publishing
from jobs.models import Job, Part, Person, School, Step
from jobs.registry import Kind, kind_named
from jobs.routing import lane_for


class KeyTaken(Exception):
    """The key was used for another request of this school and kind."""


def submit(
    *,
    kind: str,
    school: School,
    by: Person | None,
    arguments: dict[str, Any],
    key: str,
    title: str = "",
    units: int = 0,
) -> Job:
    """Submit a job within the caller's transaction and return it; the lane is rung on commit.

    A second call with the same school, kind and key returns the first call's job. `units` is what
    pages show before the job is planned; a kind without a plan has one part of that many units.

    Raises:
        UnknownKind: no app registered `kind`.
        NoRoute: the settings lead `kind` to no lane.
        KeyTaken: the key belongs to a job with other arguments.
    """
    handler = kind_named(kind)
    if not handler.has_plan:
        units = max(units, 1)
    lane = lane_for(kind=kind).name
    now = timezone.now()
    with transaction.atomic():
        job, is_new = Job.objects.get_or_create(
            school=school,
            kind=kind,
            key=key,
            defaults={
                "lane": lane,
                "title": title,
                "arguments": arguments,
                "submitted_by": by,
                "units_total": units,
                "parts_open": 1,
                "created_at": now,
            },
        )
        if not is_new:
            return _same_request(job, arguments)
        join_lane(lane=lane, school_id=school.pk)
        _first_part(handler=handler, job=job, units=units, now=now)
        transaction.on_commit(partial(publishing.ring, lane=lane, kind=kind))
    return job


def join_lane(*, lane: str, school_id: int) -> None:
    """Give the school its share of the lane, level with the least-used school that has work there.

    Without that, a school that was away would hold the lane until it had used as much as the others.
    This is the virtual time of start-time fair queueing (Goyal, Vin and Cheng, 1996).
    """
    with connection.cursor() as cursor:
        cursor.execute(JOIN, {"lane": lane, "school": school_id})


JOIN = """
WITH busy AS (
    SELECT used_seconds FROM jobs_share share
    WHERE lane = %(lane)s AND school_id <> %(school)s AND EXISTS (
        SELECT 1 FROM jobs_part part
        WHERE part.lane = share.lane AND part.school_id = share.school_id AND part.state = 'waiting')
)
INSERT INTO jobs_share AS share (lane, school_id, used_seconds)
VALUES (%(lane)s, %(school)s, coalesce((SELECT min(used_seconds) FROM busy), 0))
ON CONFLICT (lane, school_id) DO UPDATE SET used_seconds = excluded.used_seconds
WHERE share.used_seconds < excluded.used_seconds
    AND NOT EXISTS (
        SELECT 1 FROM jobs_part part
        WHERE part.lane = share.lane AND part.school_id = share.school_id AND part.state = 'waiting')
"""


def _same_request(job: Job, arguments: dict[str, Any]) -> Job:
    if job.arguments != arguments:
        message = (
            f"The key {job.key!r} belongs to job {job.pk}, which has other arguments; choose another key."
        )
        raise KeyTaken(message)
    return job


def _first_part(*, handler: Kind, job: Job, units: int, now: datetime) -> None:
    step = Step.PLAN if handler.has_plan else Step.WORK
    Part.objects.create(
        job=job,
        school_id=job.school_id,
        lane=job.lane,
        step=step,
        arguments={} if handler.has_plan else job.arguments,
        units=0 if handler.has_plan else units,
        ready_at=now,
    )
