"""What a hold keeps from being claimed, as SQL for the claim and for what reckons like it."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from jobs.models import Hold, HoldMode, HoldScope, Part

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
            ELSE hold.name = (SELECT job.kind FROM jobs_job job WHERE job.id = part.job_id) END))"""

# The same of a whole `job`: whether it must wait until a hold is lifted.
JOB_IS_HELD = """(
    EXISTS (SELECT 1 FROM jobs_hold) AND EXISTS (
        SELECT 1 FROM jobs_hold hold
        WHERE (hold.mode = 'pause' OR job.id > hold.newest_job) AND CASE hold.scope
            WHEN 'lane' THEN hold.name = job.lane
            WHEN 'school' THEN hold.school_id = job.school_id AND NOT job.lane = ANY(%(vital_lanes)s::text[])
            ELSE hold.name = job.kind END))"""


def without_held(parts: QuerySet[Part], *, holds: Sequence[Hold], is_vital: bool) -> QuerySet[Part]:
    """Return those of `parts`, all of one lane, that none of `holds` keeps from being claimed."""
    for hold in holds:
        if not (is_vital and hold.scope == HoldScope.SCHOOL):
            parts = parts.exclude(_is_held_by(hold))
    return parts


def _is_held_by(hold: Hold) -> Q:
    of = {
        HoldScope.LANE: Q(lane=hold.name),
        HoldScope.KIND: Q(job__kind=hold.name),
        HoldScope.SCHOOL: Q(school_id=hold.school_id),
    }[HoldScope(hold.scope)]
    return of & Q(job_id__gt=hold.newest_job) if hold.mode == HoldMode.DRAIN else of
