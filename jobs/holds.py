"""Pausing and draining a lane, a kind or a school, and letting it go on."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Count, Min, Q
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from jobs import publishing, shares
from jobs.hindrances import Held
from jobs.models import Hold, HoldEvent, HoldMode, HoldScope, Job, Part, PartState, Person, School
from jobs.presence import slots_in
from jobs.registry import kinds
from jobs.setting_fields import did_you_mean
from jobs.settings import switchyard
from jobs.vital import kinds_of_vital_lanes

log = structlog.get_logger()

WORDS = {HoldMode.PAUSE: "paused", HoldMode.DRAIN: "drained"}
LIFTED = "lifted"
ALREADY = {
    HoldMode.PAUSE: gettext_lazy("{what} is paused already, by {person}: {why}"),
    HoldMode.DRAIN: gettext_lazy("{what} is drained already, by {person}: {why}"),
}
TIME_IS_OVER = gettext_lazy("Its time was over.")


class CannotHold(Exception):
    """Nothing is held; the sentence says why and what to do."""


class NothingToHold(CannotHold):
    """There is no lane, kind or school of that name."""


class SchoolIsOff(CannotHold):
    """All work of a school that is switched off is held until it is on again."""

    def __init__(self, school: School) -> None:
        """Name the `school`, and what to do."""
        super().__init__(
            gettext("{school} is switched off, so its work stays held. Switch the school on.").format(
                school=school
            )
        )


class NotConfirmed(CannotHold):
    """People stand still without it, and nobody typed its name."""

    def __init__(self, name: str) -> None:
        """Name what must be confirmed."""
        super().__init__(
            gettext("People stand still without {name}. Type its name to confirm.").format(name=name)
        )
        self.name = name


class ReplacesAnother(CannotHold):
    """It would take the place of a hold that the person has not seen."""

    def __init__(self, hold: Hold) -> None:
        """Name the `hold` that would go: how, by whom and why."""
        what = f"{hold.get_scope_display()} {hold.school or hold.name}"
        words = ALREADY[HoldMode(hold.mode)]
        person = hold.by.name if hold.by else gettext("the platform")
        super().__init__(words.format(what=what, person=person, why=hold.why))
        self.stamp = stamp_of(hold)


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is to be held."""

    scope: HoldScope
    name: str
    """The lane's or kind's name, or the school's slug."""

    @property
    def is_vital(self) -> bool:
        """Whether people stand still without it: a vital lane, or a kind that is led to one."""
        if self.scope == HoldScope.LANE:
            return switchyard().lanes[self.name].is_vital
        return self.scope == HoldScope.KIND and self.name in kinds_of_vital_lanes(switchyard())

    def require_known(self) -> School | None:
        """Return the school, if it is one.

        Raises:
            NothingToHold: there is no such lane, kind or school.
        """
        if self.scope == HoldScope.SCHOOL:
            if (school := School.objects.filter(slug=self.name).first()) is None:
                message = gettext("There is no school {name!r}.").format(name=self.name)
                raise NothingToHold(message)
            return school
        known = list(switchyard().lanes) if self.scope == HoldScope.LANE else [kind.name for kind in kinds()]
        if self.name not in known:
            message = gettext("There is no {scope} {name!r}.{did_you_mean}").format(
                scope=self.scope, name=self.name, did_you_mean=did_you_mean(self.name, known)
            )
            raise NothingToHold(message)
        return None


def put(
    target: Target,
    *,
    mode: HoldMode,
    by: Person | None,
    why: str,
    until: datetime | None = None,
    confirmed: str = "",
    replaces: str | None = None,
) -> Hold:
    """Pause or drain `target` from the next claim on, in place of the hold that it may have.

    Parts at work go on. Draining, the jobs that are there go on and newer ones wait. Supervision lifts the
    hold at `until`. `confirmed` is the name of a vital target that the person typed. `replaces` is the
    stamp of the hold that they know of, empty for none; None replaces any.

    Raises:
        CannotHold: nothing is held; the sentence says why.
    """
    school = target.require_known()
    if school is not None and not school.is_on:
        raise SchoolIsOff(school)
    if target.is_vital and confirmed.strip() != target.name:
        raise NotConfirmed(target.name)
    newest = Job.objects.order_by("-id").values_list("id", flat=True).first() or 0
    said = {"mode": mode, "by": by, "why": why, "at": timezone.now(), "until": until}
    with transaction.atomic():
        if replaces is not None:
            _require_known_hold(target, replaces=replaces)
        hold, _ = Hold.objects.update_or_create(
            scope=target.scope,
            name=target.name,
            defaults={**said, "school": school, "newest_job": newest},
        )
        _note(hold, what=WORDS[mode], by=by, why=why)
    log.info("hold_put", scope=hold.scope, name=hold.name, mode=hold.mode, by=by and by.pk)
    return hold


def stamp_of(hold: Hold) -> str:
    """Return what tells this hold from another one that takes its place."""
    return f"{hold.pk} {hold.at.isoformat()}"


def _require_known_hold(target: Target, *, replaces: str) -> None:
    of = Hold.objects.select_related("by", "school").select_for_update(of=("self",))
    hold = of.filter(scope=target.scope, name=target.name).first()
    if hold is not None and stamp_of(hold) != replaces:
        raise ReplacesAnother(hold)


def lift(hold: Hold, *, by: Person | None, why: str = "") -> bool:
    """Let it go on and return whether this call did it; its lanes are rung on commit.

    A school that was held starts level with those that went on meanwhile: it does not catch up.

    Raises:
        SchoolIsOff: it holds a school that is switched off.
    """
    school = School.objects.filter(pk=hold.school_id).first() if hold.school_id else None
    if school is not None and not school.is_on:
        raise SchoolIsOff(school)
    with transaction.atomic():
        # Whoever lifts it first holds the row; the other one finds none.
        if not Hold.objects.select_for_update().filter(pk=hold.pk).exists():
            return False
        shares.level_held(school_id=hold.school_id, kind=hold.name if hold.scope == HoldScope.KIND else "")
        rung = _waiting_by_lane(hold)
        Hold.objects.filter(pk=hold.pk).delete()
        _note(hold, what=LIFTED, by=by, why=why)
        for lane, kind, parts in rung:
            publishing.ring_on_commit(lane=lane, kind=kind, parts=parts)
    log.info("hold_lifted", scope=hold.scope, name=hold.name, by=by and by.pk)
    return True


def lift_expired(*, now: datetime) -> int:
    """Lift the holds whose time is over, and return how many."""
    over = Hold.objects.filter(until__lte=now).exclude(school__is_on=False)
    return sum(lift(hold, by=None, why=str(TIME_IS_OVER)) for hold in over)


def held(hold_id: int, *, now: datetime) -> Held | None:
    """Return the hold in the words of a job's page; None when it was lifted a moment ago."""
    hold = Hold.objects.select_related("by", "school").filter(pk=hold_id).first()
    if hold is None:
        return None
    name = (
        kind_label(hold.name)
        if hold.scope == HoldScope.KIND
        else gettext("the lane {name}").format(name=hold.name)
    )
    return Held(
        what=gettext("all work of {school}").format(school=hold.school) if hold.school else name,
        is_draining=hold.mode == HoldMode.DRAIN,
        by=hold.by.name if hold.by else "",
        why=hold.why,
        ago=now - hold.at,
        ends_in=None if hold.until is None else max(hold.until - now, timedelta()),
        scope=hold.scope,
        name=hold.name,
        at=hold.at,
        until=hold.until,
    )


def kind_label(name: str) -> str:
    """Return what pages call the jobs of a kind, such as “all jobs of the kind Mailing”."""
    labels = {kind.name: kind.label for kind in kinds()}
    return gettext("all jobs of the kind {kind}").format(kind=labels.get(name, name))


def _note(hold: Hold, *, what: str, by: Person | None, why: str) -> None:
    HoldEvent.objects.create(
        scope=hold.scope, name=hold.name, what=what, by=by, why=why, until=hold.until, at=timezone.now()
    )


def _waiting_by_lane(hold: Hold) -> list[tuple[str, str, int]]:
    """Return each lane in which parts of the hold wait, with a kind of them and how many to ring for."""
    of = {"lane": Q(lane=hold.name), "kind": Q(job__kind=hold.name), "school": Q(school=hold.school_id)}
    waiting = Part.objects.filter(of[hold.scope], state=PartState.WAITING).order_by()
    rows = waiting.values("lane").annotate(parts=Count("id"), kind=Min("job__kind"))
    lanes, now = switchyard().lanes, timezone.now()
    return [
        (lane.name, row["kind"], min(row["parts"], slots_in(lane, now=now) * lane.claim_parts))
        for row in rows
        if (lane := lanes.get(row["lane"])) is not None
    ]
