"""What may stand between a job and its next part, as values: see `jobs.reasons` for the words."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from jobs.outside import Closed, Silence


@dataclass(frozen=True, kw_only=True)
class Held:
    """What a person holds, and why."""

    what: str
    """Such as "the lane bulk"."""
    is_draining: bool
    by: str
    """The person's name."""
    why: str
    ago: timedelta
    ends_in: timedelta | None
    """None when a person has to lift it."""
    scope: str
    """`lane`, `kind` or `school`."""
    name: str
    """The lane's or kind's name, or the school's slug."""
    at: datetime
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class Reached:
    """A limit that has nothing left, or had nothing a moment ago."""

    what: str
    """Whose it is, such as "The lane bulk"."""
    rate: float
    """What it allows in a second."""
    unit: str
    """What it counts, in the plural."""
    opens_in: timedelta
    """Time until it lets the next part through; zero when it has opened a moment ago."""
    scope: str
    """`lane`, `school` in a lane, or `service`."""
    name: str
    """Of the lane or the service, or the school's slug."""
    lane: str
    """Empty for a service."""
    set_by: str = ""
    """Who set it; empty when it stands in the settings file, or the person is gone."""
    set_ago: timedelta | None = None
    """None when it stands in the settings file."""
    set_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Line:
    """What stands between a job and its next part."""

    gone_lane: str = ""
    """The name of the job's lane, where the platform's settings do not have it any more."""
    is_paused: bool = False
    has_started: bool = False
    hold: Held | None = None
    """The hold of its lane, kind or school that keeps it back."""
    follows: int = 0
    """Open jobs that this one follows."""
    starts_in: timedelta | None = None
    """Time until a job that was scheduled may start."""
    schools_ahead: int = 0
    jobs_ahead: int = 0
    parts_working: int = 0
    """Parts of the whole lane that are worked on."""
    parts_of_others: int = 0
    """How many of them are other schools'."""
    school_workers: int | None = None
    """How many parts of one school the lane works on at once; None for no cap."""
    service_workers: int | None = None
    """How many parts that go to one outside service the lane works on at once; None for no cap."""
    parts_at_service: int = 0
    """How many of them go where the job's parts go; 0 if these go nowhere."""
    slots_present: int = 0
    limit: Reached | None = None
    """The limit that keeps the job's next part back, or did a moment ago."""
    retry_in: timedelta | None = None
    """Time until the job's next attempt at a part that failed."""
    failure: str = ""
    """What that part failed by, as a sentence."""
    goes_on_in: timedelta | None = None
    """Time until the job goes on that its kind has put off."""
    put_off: str = ""
    """Why it did so, as a sentence."""
    closed: Closed | None = None
    """The outside service that its parts wait for, which fails."""
    silence: Silence | None = None
    """The outside service that does not answer what is at work of it."""
    is_tried_anew: bool = False
    """Whether all that is at work of it was tried in vain before, and nothing came through since."""
    hang_on: str = ""
    """The outside service whose answer all workers of the lane wait for, as pages call it."""

    @property
    def is_held(self) -> bool:
        """Whether somebody or something must let it go on, so that no time can be expected."""
        return self.is_paused or self.hold is not None or self.follows > 0 or bool(self.gone_lane)


@dataclass(frozen=True, kw_only=True)
class AtWork:
    """What of the job is worked on now."""

    parts: int = 0
    units: int = 0
    """Units of these parts that have not ended."""
    unit: str = "units"
    """What pages call them, in the plural."""
    is_plan: bool = False
    """Whether it is only planned now."""
    is_finish: bool = False
    """Whether only its finish is left to do."""
