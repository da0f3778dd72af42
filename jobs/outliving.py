"""What has outlived its time: the rows that pruning deletes, by how long settings and schools keep them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from jobs.models import Attempt, Job, JobEvent, LaneMinute, Notification, School, TypedForm
from jobs.sections import History
from jobs.settings import switchyard

LONGEST_DAYS = 36_500
"""A hundred years; who writes more means for ever, and dates do not reach back further."""
MOST_COUNTED = 10_000
"""Beyond it pages say that there are more: nobody has to wait until millions are counted."""
COUNTED_ONE_BY_ONE = 1_000
"""Of what the next pruning deletes no more are counted: beyond it PostgreSQL's own estimate is told."""
SURELY_MANY = 10_000
"""Where it expects so many there are more than would be counted, also if it last looked a while ago."""


@dataclass(frozen=True, kw_only=True)
class Keeping:
    """How long everything is kept."""

    history: History
    own_days: Mapping[int, int]
    """Of the schools that have a number of their own for their jobs, by id."""


def keeping_now() -> Keeping:
    """Return how long everything is kept by the settings and schools of now."""
    return Keeping(history=switchyard().history, own_days=own_days())


def own_days() -> dict[int, int]:
    """Return the days of the schools that have a number of their own, by id."""
    schools = School.objects.exclude(history_days=None)
    return {pk: days or 0 for pk, days in schools.values_list("pk", "history_days")}


def old_jobs(keeping: Keeping, *, now: datetime) -> Iterator[QuerySet[Job]]:
    """Yield the ended jobs whose time is over, by how long they are kept."""
    for days, of in _spans(keeping.history.jobs_days, keeping, school="school"):
        yield Job.objects.filter(of, ended_at__lt=_before(now, days=days))


def old_attempts(keeping: Keeping, *, now: datetime) -> QuerySet[Attempt]:
    """Return the attempts whose time is over; an open job keeps all of its own."""
    before = _before(now, days=keeping.history.attempts_days)
    return Attempt.objects.filter(ended_at__lt=before, part__job__ended_at__isnull=False)


def old_events(keeping: Keeping, *, now: datetime) -> Iterator[QuerySet[JobEvent]]:
    """Yield the changes of ended jobs whose time is over, by how long they are kept."""
    for days, of in _spans(keeping.history.events_days, keeping, school="job__school"):
        yield JobEvent.objects.filter(of, at__lt=_before(now, days=days), job__ended_at__isnull=False)


def old_notifications(keeping: Keeping, *, now: datetime) -> QuerySet[Notification]:
    """Return what people were told so long ago that nobody asks for it."""
    return Notification.objects.filter(at__lt=_before(now, days=keeping.history.notifications_days))


def old_typed_forms(keeping: Keeping, *, now: datetime) -> QuerySet[TypedForm]:
    """Return what was typed into forms and nobody came back to."""
    return TypedForm.objects.filter(typed_at__lt=_before(now, days=keeping.history.typed_days))


def old_lane_minutes(keeping: Keeping, *, now: datetime) -> QuerySet[LaneMinute]:
    """Return the figures of lanes from which no chart is drawn any more."""
    return LaneMinute.objects.filter(at__lt=_before(now, days=keeping.history.charts_days))


@dataclass(frozen=True, kw_only=True)
class Outlived:
    """How much of one sort the next pruning deletes, before a change of the settings and after it."""

    what: str
    before: int
    after: int
    """Above `COUNTED_ONE_BY_ONE` each is an estimate."""

    @property
    def deletes_more(self) -> bool:
        """Whether the change deletes what would stay without it."""
        return self.after > self.before


def compare(*, before: Keeping, after: Keeping, now: datetime) -> list[Outlived]:
    """Return how much would go by each of both.

    Honest limit: more than `COUNTED_ONE_BY_ONE` are an estimate, by what PostgreSQL keeps of its tables.
    """
    sorts: dict[str, Any] = {
        _("Ended jobs, with their parts and results"): old_jobs,
        _("Attempts that failed"): lambda *of, **at: [old_attempts(*of, **at)],
        _("Changes of ended jobs"): old_events,
        _("Notifications"): lambda *of, **at: [old_notifications(*of, **at)],
        _("Half-filled forms"): lambda *of, **at: [old_typed_forms(*of, **at)],
        _("Figures of charts"): lambda *of, **at: [old_lane_minutes(*of, **at)],
    }
    return [
        Outlived(what=what, before=_count(old(before, now=now)), after=_count(old(after, now=now)))
        for what, old in sorts.items()
    ]


def _count(found: Iterable[QuerySet[Any]]) -> int:
    return sum(_about(rows.order_by()) for rows in found)


def _about(rows: QuerySet[Any]) -> int:
    """Return how many there are, counted one by one if they are few."""
    if (estimate := _estimate(rows)) > SURELY_MANY:
        return estimate
    counted = rows[: COUNTED_ONE_BY_ONE + 1].count()
    return counted if counted <= COUNTED_ONE_BY_ONE else max(counted, estimate)


def _estimate(rows: QuerySet[Any]) -> int:
    """Return how many rows PostgreSQL expects, without reading them."""
    (plan,) = json.loads(rows.values("pk").explain(format="json"))
    return int(plan["Plan"]["Plan Rows"])


def _spans(days: float, keeping: Keeping, *, school: str) -> Iterator[tuple[float, Q]]:
    """Yield how many days are kept, with the schools that it holds for: first those without a number."""
    own = keeping.own_days
    yield days, ~Q(**{f"{school}__in": list(own)}) if own else Q()
    for number in sorted(set(own.values())):
        yield number, Q(**{f"{school}__in": [pk for pk, its in own.items() if its == number]})


def _before(now: datetime, *, days: float) -> datetime:
    return now - timedelta(days=min(days, LONGEST_DAYS))
