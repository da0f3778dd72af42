"""What a hold keeps from being claimed, as SQL for the claim and for what reckons like it."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Count, Min, Q, QuerySet

from jobs.lanes import Lane
from jobs.models import Hold, HoldMode, HoldScope, Job, Part, PartState
from jobs.registry import kinds

# A condition on `part` of a waiting part. The first line is asked once for each statement, and there are no
# holds nearly always: then no part is looked at twice. A school's hold leaves vital lanes alone, so that
# its people can sign in.
NOT_HELD = """(
    NOT EXISTS (SELECT 1 FROM jobs_hold)
    OR NOT EXISTS (
        SELECT 1 FROM jobs_hold hold
        WHERE (hold.mode = 'pause' OR part.job_id > hold.newest_job) AND CASE hold.scope
            WHEN 'lane' THEN hold.name = part.lane
            WHEN 'school' THEN hold.school_id = part.school_id AND NOT part.lane = ANY(%(vital_lanes)s)
            ELSE hold.name = CASE WHEN part.kind <> '' THEN part.kind
                ELSE (SELECT job.kind FROM jobs_job job WHERE job.id = part.job_id) END END))"""

# Whether the school of the share SHARE has a waiting part in the lane. Its order and limit see to it that one
# is read from an index, and not all parts for each share.
WAITS = """((SELECT first.id FROM (
    SELECT part.id FROM jobs_part part
    WHERE part.lane = SHARE.lane AND part.school_id = SHARE.school_id AND part.state = 'waiting' AND ONLY
    ORDER BY part.priority DESC, part.job_id, part.id LIMIT 1) first) IS NOT NULL)"""
HAS_WAITING = WAITS.replace("ONLY", "true")
WAITS_OF_KIND = WAITS.replace("ORDER BY ", "ORDER BY part.service, ")  # as the index of kinds has them

# The same, of one that no hold keeps back. While kinds are held it is looked for kind by kind, so that what
# is held is not read, however much it is.
HAS_WORK = (
    """(
    NOT EXISTS (
        SELECT 1 FROM jobs_hold hold WHERE hold.scope = 'school' AND hold.mode = 'pause'
            AND hold.school_id = SHARE.school_id AND NOT SHARE.lane = ANY(%(vital_lanes)s::text[]))
    AND CASE WHEN NOT HAS_WAITING THEN false
    WHEN EXISTS (SELECT 1 FROM jobs_hold hold WHERE hold.scope = 'kind') THEN EXISTS (
        SELECT 1 FROM unnest(ARRAY(
            SELECT unnest(%(kinds)s::text[])
            EXCEPT SELECT hold.name FROM jobs_hold hold WHERE hold.scope = 'kind' AND hold.mode = 'pause'
        )) AS known(name) WHERE WAITS_OF_KIND)
    ELSE WAITS_OF_ALL END)""".replace(
        "WAITS_OF_KIND", WAITS_OF_KIND.replace("ONLY", "part.kind = known.name AND NOT_HELD")
    )
    .replace("WAITS_OF_ALL", WAITS.replace("ONLY", "NOT_HELD"))
    .replace("HAS_WAITING", HAS_WAITING)
    .replace("NOT_HELD", NOT_HELD)
)

# The same of a whole `job`: whether it must wait until a hold is lifted.
JOB_IS_HELD = """(
    EXISTS (SELECT 1 FROM jobs_hold) AND EXISTS (
        SELECT 1 FROM jobs_hold hold
        WHERE (hold.mode = 'pause' OR job.id > hold.newest_job) AND CASE hold.scope
            WHEN 'lane' THEN hold.name = job.lane
            WHEN 'school' THEN hold.school_id = job.school_id AND NOT job.lane = ANY(%(vital_lanes)s::text[])
            ELSE hold.name = job.kind END))"""


def without_held(parts: QuerySet[Part], *, holds: Sequence[Hold], is_vital: bool) -> QuerySet[Part]:
    """Return those of `parts`, all of vital lanes or all of others, that none of `holds` keeps back."""
    return parts.exclude(is_held(holds, is_vital=is_vital))


def is_held(holds: Sequence[Hold], *, is_vital: bool) -> Q:
    """Return the condition on parts, of a vital lane or of another, that one of `holds` keeps them back."""
    held = Q(pk__in=[])
    for hold in holds:
        if not (is_vital and hold.scope == HoldScope.SCHOOL):
            held |= _is_held_by(hold)
    return held


def free_waiting(lanes: Mapping[str, Lane], *, holds: Sequence[Hold]) -> dict[str, tuple[int, datetime]]:
    """Return by lane how many parts wait that none of `holds` keeps back, and since when the first does."""
    found: dict[str, tuple[int, datetime]] = {}
    for is_vital in (True, False):
        alike = [name for name, lane in lanes.items() if lane.is_vital == is_vital]
        parts = Part.objects.filter(state=PartState.WAITING, lane__in=alike).order_by()
        free = without_held(parts, holds=holds, is_vital=is_vital)
        counted = free.values_list("lane").annotate(Count("id"), Min("ready_at"))
        found.update({lane: (number, oldest_at) for lane, number, oldest_at in counted})
    return found


def holds_new(job: Job, *, is_vital: bool) -> bool:
    """Say whether a hold would keep back `job`, which is not written yet: it is behind every drain."""
    of = Q(scope=HoldScope.LANE, name=job.lane) | Q(scope=HoldScope.KIND, name=job.kind)
    if not is_vital:
        of |= Q(scope=HoldScope.SCHOOL, school_id=job.school_id)
    return Hold.objects.filter(of).exists()


def _is_held_by(hold: Hold) -> Q:
    of = {
        HoldScope.LANE: Q(lane=hold.name),
        HoldScope.KIND: Q(kind=hold.name),
        HoldScope.SCHOOL: Q(school_id=hold.school_id),
    }[HoldScope(hold.scope)]
    return of & Q(job_id__gt=hold.newest_job) if hold.mode == HoldMode.DRAIN else of


def kinds_of_parts() -> list[str]:
    """Return what parts may have for their kind: those registered, and nothing."""
    return ["", *(kind.name for kind in kinds())]
