"""How many workers lanes are to have that grow by themselves, as the supervisor on duty reckons."""

import time
from datetime import datetime

import structlog
from django.utils.translation import gettext as _

from jobs import scaling
from jobs.amounts import count
from jobs.duties import Duty
from jobs.lanes import Lane
from jobs.loads import loads_of
from jobs.models import HandScale, LaneScale
from jobs.scaling import Load, Scaler
from jobs.settings import switchyard

log = structlog.get_logger()


class Staffing:
    """What the one who supervises remembers of the lanes that the platform scales by itself."""

    def __init__(self) -> None:
        """Remember nothing; the lanes' numbers are in the database."""
        self._duty = Duty("scaling")
        self._since: datetime | None = None
        self._scalers: dict[str, Scaler] = {}
        self._hands: dict[str, HandScale] = {}

    def take_turn(self, *, now: datetime) -> None:
        """Reckon for lanes that grow by themselves, if we are the one who does it, for as long as we live.

        No worker goes that was needed lately, and each supervisor remembers only what it saw itself: who
        comes on duty remembers nothing from before.
        """
        since = self._duty.since()
        if since is None:
            return
        if since != self._since:
            self._since, self._scalers, self._hands = since, {}, {}
        self._tell_of_hands(now=now)
        if any(lane.most_workers is not None for lane in switchyard().lanes.values()):
            self.reckon(now=now)

    def _tell_of_hands(self, *, now: datetime) -> None:
        """Log which numbers set by hand hold from now on, and which do no more."""
        held = {hand.lane: hand for hand in HandScale.objects.filter(ended_at=None, until__gt=now)}
        for lane, hand in held.items():
            if hand != self._hands.get(lane):
                log.info("lane_scaled_by_hand", lane=lane, workers=hand.workers, until=hand.until.isoformat())
        for lane in self._hands.keys() - held.keys():
            log.info("lane_scaled_by_hand_no_more", lane=lane)
        self._hands = held

    def leave(self) -> None:
        """Let another supervisor go on at once."""
        self._duty.leave()

    def reckon(self, *, now: datetime) -> None:
        """Write down how many workers each such lane is to have; call it a few times a second."""
        lanes = {name: lane for name, lane in switchyard().lanes.items() if lane.most_workers is not None}
        known = {scale.lane: scale for scale in LaneScale.objects.all()}
        loads = loads_of(lanes, now=now)
        wanted = {
            name: self._wanted(lane, load=loads[name], known=known.get(name)) for name, lane in lanes.items()
        }
        settings = switchyard()
        granted = scaling.granted(wanted, lanes=settings.lanes, total=settings.supervision.most_workers)
        for name, lane in lanes.items():
            before = known[name].workers if name in known else None
            if granted[name] != before:
                is_first = before is None and granted[name] == lane.workers
                grows = granted[name] > (before or lane.workers)
                why = "" if is_first else reason_for(loads[name], grows=grows)
                _write(name, workers=granted[name], why=why, at=now)

    def _wanted(self, lane: Lane, *, load: Load, known: LaneScale | None) -> int:
        clock = time.monotonic()
        first = known.workers if known else lane.workers
        scaler = self._scalers.setdefault(lane.name, Scaler(wanted=first, now=clock))
        most = lane.most_workers or lane.workers
        patience = switchyard().supervision.shrink_seconds
        return scaler.wanted(load, least=lane.workers, most=most, patience_seconds=patience, now=clock)


def reason_for(load: Load, *, grows: bool) -> str:
    """Return what the platform saw, as sentences."""
    waiting = count(load.waiting, "part")
    if not grows:
        words = _(
            "Fewer were enough for {span:,.10g} s; then {waiting} waited, and {working:,} were at work."
        )
        span = switchyard().supervision.shrink_seconds
        return words.format(span=span, waiting=waiting, working=load.working)
    words = _(
        "{waiting} waited, the oldest for {oldest:,.0f} s, and {working:,} were at work. One takes {part} s; "
        "{promise:,.0f} s are promised."
    )
    return words.format(
        waiting=waiting,
        oldest=load.oldest_seconds,
        working=load.working,
        part=f"{load.part_seconds:{'.2g' if load.part_seconds < 10 else ',.0f'}}",  # noqa: PLR2004
        promise=load.promise_seconds,
    )


def _write(lane: str, *, workers: int, why: str, at: datetime) -> None:
    LaneScale.objects.update_or_create(lane=lane, defaults={"workers": workers, "why": why, "at": at})
    log.info("lane_scaled", lane=lane, workers=workers, why=why)
