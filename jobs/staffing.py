"""How many workers each lane is to have: by hand, by the platform's own reckoning, or by the settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from jobs import scaling
from jobs.amounts import count
from jobs.asking import Refused
from jobs.lanes import MOST_WORKERS, Lane
from jobs.models import HandScale, LaneScale, Person
from jobs.presence import PRESENT, Present, present_in
from jobs.room import too_many
from jobs.setting_names import label_of
from jobs.settings import switchyard

log = structlog.get_logger()

USUAL_SPAN = timedelta(hours=4)
"""How long a number holds that a person set and gave no end."""
CLOCK_TICK = timedelta(microseconds=1)
LONGEST_SPAN = timedelta(days=366)
"""How long it holds at most: what is set for ever belongs into the settings."""


class CannotScale(Exception):
    """The number of workers stays as it is; the sentence says why and what to do."""


class WrongEnd(CannotScale):
    """A number cannot hold until then; the sentence says until when it can."""


@dataclass(frozen=True, kw_only=True)
class Staff:
    """How many workers a lane is to have, over all hosts, and whose number that is."""

    workers: int
    why: str = ""
    """What the platform saw, or what the person wrote; empty for the settings' number."""
    since: datetime | None = None
    """When the platform chose it, or the person set it; None for the settings' number."""
    hand: HandScale | None = None
    """The number that a person set, if one holds."""
    is_automatic: bool = False
    """Whether the platform chose it."""


@dataclass(frozen=True, kw_only=True)
class Staffed:
    """One lane with the workers that it is to have and has."""

    lane: Lane
    staff: Staff
    present: int
    """Parts that the workers that are there can do at once."""
    kept_back: int
    """How many more there would be but for the memory that hosts keep free."""

    @property
    def why_not_more(self) -> str:
        """Why it has fewer than it is to have, where the settings are the reason; a sentence, else empty."""
        if not self.kept_back:
            return ""
        words = _(
            "{workers} would fit but for the {spare:,.10g} megabytes that a host keeps free "
            "(setting “{setting}”)."
        )
        return words.format(
            workers=count(self.kept_back, "more worker"),
            spare=switchyard().supervision.spare_megabytes,
            setting=label_of("spare_megabytes"),
        )


def staffed(lanes: Mapping[str, Lane], *, now: datetime) -> list[Staffed]:
    """Return `lanes`, in their order, with their workers at `now`."""
    staff, present = staff_of(lanes, now=now), present_in(lanes, now=now)
    return [
        _staffed(lane, staff=staff[name], there=present.get(name, Present())) for name, lane in lanes.items()
    ]


def _staffed(lane: Lane, *, staff: Staff, there: Present) -> Staffed:
    return Staffed(lane=lane, staff=staff, present=there.slots, kept_back=there.kept_back)


def staff_of(lanes: Mapping[str, Lane], *, now: datetime) -> dict[str, Staff]:
    """Return by lane how many workers it is to have at `now`."""
    hands = HandScale.objects.filter(ended_at=None, until__gt=now).select_related("by")
    by_hand = {hand.lane: hand for hand in hands}
    scaled = {scale.lane: scale for scale in LaneScale.objects.all()}
    return {
        name: _staff(lane, hand=by_hand.get(name), scale=scaled.get(name)) for name, lane in lanes.items()
    }


def _staff(lane: Lane, *, hand: HandScale | None, scale: LaneScale | None) -> Staff:
    if hand is not None:
        return Staff(workers=hand.workers, why=hand.why, since=hand.at, hand=hand)
    workers = _reckoned(lane, scale.workers if scale else None)
    if scale is None or lane.most_workers is None:
        return Staff(workers=workers)
    return Staff(workers=workers, why=scale.why, since=scale.at, is_automatic=True)


def may_have(lane: Lane, *, now: datetime) -> int:
    """Return to how many workers `lane` may grow by itself now: within the total, unless a person set it."""
    lanes, total = switchyard().lanes, switchyard().supervision.most_workers
    staff = staff_of(lanes, now=now)
    own = staff.pop(lane.name)
    if own.hand or lane.most_workers is None:
        return own.workers
    if total is None or lane.is_vital:
        return lane.most_workers
    room = total - sum(other.workers for other in staff.values())
    return max(own.workers, min(lane.most_workers, room))


SLOTS = """
SELECT
    (SELECT hand.workers FROM jobs_handscale hand
        WHERE hand.lane = %(lane)s AND hand.ended_at IS NULL AND hand.until > %(now)s),
    (SELECT scale.workers FROM jobs_lanescale scale WHERE scale.lane = %(lane)s),
    ARRAY(SELECT there.name FROM jobs_workerpresence there
        WHERE there.lane = %(lane)s AND there.beat_at >= %(since)s AND there.hand_back_at IS NULL)
"""


def slots_of(worker: str, *, lane: Lane, now: datetime) -> int:
    """Return how many of the lane's workers the process `worker` has: the present ones share them.

    Each process asks a few times a second, in one statement. Each has one at least: with fewer workers than
    processes there are as many as processes. Honest limit: while another process joins they are more for up
    to a second; what a limit or a cap bounds is counted in the database, and stays within it.
    """
    with connection.cursor() as cursor:
        cursor.execute(SLOTS, {"lane": lane.name, "now": now, "since": now - PRESENT})
        by_hand, reckoned, there = cursor.fetchone()
    names = sorted({worker, *there})
    wanted = by_hand or _reckoned(lane, reckoned)
    return scaling.share_of(wanted, place=names.index(worker), processes=len(names))


def _reckoned(lane: Lane, workers: int | None) -> int:
    """Return what the platform reckoned, within the lane's bounds of now; or the settings' number."""
    if lane.most_workers is None or workers is None:
        return lane.workers
    return max(lane.workers, min(workers, lane.most_workers))


def scale(
    lane: Lane,
    *,
    workers: int,
    by: Person | None,
    why: str,
    until: datetime | None,
    now: datetime,
    program: str = "",
) -> None:
    """Let `lane` have so many `workers` until a time, whatever the platform reckons.

    Without a time it is for four hours. Of several at once each holds until the next one: the last one that
    is written holds on, and the others ended when their next one began. `program` is the name of the token
    by which it came, `by` then who made that.

    Raises:
        CannotScale: the lane cannot have so many, or so few.
        WrongEnd: that time is over, or too far away.
    """
    until = until or now + USUAL_SPAN
    if not now < until <= now + LONGEST_SPAN:
        message = _("Give a time that is not over yet, and within a year.")
        raise WrongEnd(message)
    least = lane.workers if lane.is_vital else 1
    if not least <= workers <= MOST_WORKERS:
        message = _("The lane {lane} can have {least:,} to {most:,} workers.")
        if lane.is_vital:
            message = _(
                "People stand still without it. The lane {lane} can have {least:,} to {most:,} workers."
            )
        raise CannotScale(message.format(lane=lane.name, least=least, most=MOST_WORKERS))
    _require_room(lane, workers=workers, now=now)
    with transaction.atomic():
        _one_at_a_time(lane.name)
        now = _after_the_one_before(lane.name, now=now)
        scale_back(lane.name, by=by, now=now, program=program)
        HandScale.objects.create(
            lane=lane.name, workers=workers, by=by, program=program, why=why, at=now, until=until
        )
    log.info("scaled_by_hand", lane=lane.name, workers=workers)


def _require_room(lane: Lane, *, workers: int, now: datetime) -> None:
    staff = staff_of(switchyard().lanes, now=now)
    if workers <= staff.pop(lane.name).workers:
        return
    others = sum(other.workers for other in staff.values())
    if why := too_many(lane.name, workers=workers, others=others):
        raise CannotScale(why)


def _one_at_a_time(lane: str) -> None:
    """Let nobody else set a number for `lane` until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"hand-scale:{lane}"])


def _after_the_one_before(lane: str, *, now: datetime) -> datetime:
    """Return `now`, or a moment after the number that holds: who waited has looked at the clock before."""
    before = HandScale.objects.filter(lane=lane, ended_at=None).values_list("at", flat=True).first()
    return now if before is None else max(now, before + CLOCK_TICK)


def scale_back(lane: str, *, by: Person | None, now: datetime, program: str = "") -> bool:
    """Let the platform choose again, and return whether a person's number held until now."""
    held = HandScale.objects.filter(lane=lane, ended_at=None)
    was_in_force = held.filter(until__gt=now).update(ended_at=now, ended_by=by, ended_program=program)
    held.update(ended_at=F("until"))  # its time was over before
    return bool(was_in_force)


def take_back(lane: str, *, by: Person | None, now: datetime, program: str = "") -> None:
    """Let the platform choose again.

    Raises:
        Refused: no person's number holds.
    """
    if not scale_back(lane, by=by, now=now, program=program):
        message = _("Nobody has set a number for the lane {lane}.").format(lane=lane)
        raise Refused(message)
