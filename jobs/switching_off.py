"""The hold of a school that is off: it takes the place of what held the school, and gives that back."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from jobs import holds, shares
from jobs.models import Hold, HoldEvent, HoldMode, HoldScope, Person, School

KEPT = ("mode", "by_id", "why", "at", "until", "newest_job")
"""What of a hold comes back."""
TIMES = ("at", "until")


def hold(school: School, *, by: Person, why: str) -> None:
    """Hold all work of `school`, in the caller's transaction, and keep the hold that it had."""
    before = _hold_of(school)
    replaced = {name: _kept(getattr(before, name)) for name in KEPT} if before else None
    target = holds.Target(scope=HoldScope.SCHOOL, name=school.slug)
    put = holds.put(
        target, mode=HoldMode.PAUSE, by=by, why=_("The school is switched off: {why}").format(why=why)
    )
    Hold.objects.filter(pk=put.pk).update(replaced=replaced)


def let_go(school: School, *, by: Person, why: str) -> None:
    """Lift that hold; one from before holds on, unless its time is over."""
    if (of_school := _hold_of(school)) is None:
        return
    if (before := _before(of_school)) is None:
        holds.lift(of_school, by=by, why=_("The school is switched on: {why}").format(why=why))
        return
    shares.level_held(school_id=school.pk, kind="")
    Hold.objects.filter(pk=of_school.pk).update(**before, replaced=None)
    HoldEvent.objects.create(
        scope=HoldScope.SCHOOL,
        name=school.slug,
        what=holds.WORDS[HoldMode(before["mode"])],
        by=by,
        why=_("The school is switched on, and held as before: {why}").format(why=before["why"]),
        until=before["until"],
        at=timezone.now(),
    )


def _hold_of(school: School) -> Hold | None:
    of_school = Hold.objects.select_for_update().filter(scope=HoldScope.SCHOOL, school=school)
    found: Hold | None = of_school.first()
    return found


def _kept(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _before(of_school: Hold) -> dict[str, Any] | None:
    """Return the values of the hold that the school had before, if that would still hold."""
    if of_school.replaced is None:
        return None
    before: dict[str, Any] = dict(of_school.replaced)
    for name in TIMES:
        before[name] = before[name] and datetime.fromisoformat(before[name])
    is_over = before["until"] is not None and before["until"] <= timezone.now()
    if before["by_id"] is not None and not Person.objects.filter(pk=before["by_id"]).exists():
        before["by_id"] = None
    return None if is_over else before
