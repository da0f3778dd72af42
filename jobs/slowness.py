"""When a job is slow, when it is normal again, and the sentence that says so."""

from dataclasses import dataclass
from datetime import timedelta

from jobs.amounts import units_named
from jobs.language import gettext as _

NORMAL_SHARE = 1 / 3
"""Below this share of what counts as slow a job is normal again: not at once, or it would go to and fro."""
FIRST_STAY = timedelta(seconds=60)
"""How long a job stays aside at least; each time it was moved, twice as long."""
MOST_DOUBLINGS = 6


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the newest parts of a job show."""

    parts: int
    unit_seconds: float
    """What a unit of the job usually costs."""
    seconds: float
    """Seconds of work that they took."""
    expected_seconds: float
    """What they would have taken at the usual cost of the kind."""
    is_assumed: bool = False
    """Whether that goes by what the settings assume of work so heavy, because too little of it is known."""

    @property
    def times(self) -> float:
        """How many times the usual they took."""
        return self.seconds / self.expected_seconds


def is_normal_again(seen: Seen, *, slow_times: float, aside_for: timedelta, moves: int) -> bool:
    """Say whether a job that was moved aside `moves` times may go back."""
    stay = FIRST_STAY * 2 ** min(moves - 1, MOST_DOUBLINGS)
    return aside_for >= stay and seen.times < slow_times * NORMAL_SHARE


def as_seen(seen: Seen, *, unit: str) -> str:
    """Return how slow a job was as a sentence with figures; `unit` is the plural of what it counts.

    It tells of one look, so it stands in the past: who shows it says of when it is.
    """
    usual, took = number(seen.unit_seconds), number(seen.unit_seconds * seen.times)
    if seen.is_assumed:
        words = _(
            "It took {times} as long as is assumed for {units} so large, of which few are known: "
            "{took} s for each of its {units} instead of {usual} s."
        )
    else:
        words = _("It took {times} as long as usual: {took} s for each of its {units} instead of {usual} s.")
    return words.format(times=_times(seen), units=units_named(unit), took=took, usual=usual)


def why_aside(seen: Seen, *, unit: str, home: str, lane: str) -> str:
    """Return why a job moves aside, with what was seen of it."""
    said = as_seen(seen, unit=unit)
    moved = _("It goes on in the lane {lane}, so that the lane {home} stays free for others.")
    return f"{said} {moved.format(lane=lane, home=home)}"


def why_back(seen: Seen, *, home: str) -> str:
    """Return why a job moves back, as a sentence with figures."""
    words = _("It took {times} as long as usual lately, so it goes on in the lane {home}.")
    return words.format(times=_times(seen), home=home)


def _times(seen: Seen) -> str:
    times = number(seen.times)
    return _("about") if times == "1" else _("{times} times").format(times=times)


def number(value: float) -> str:
    """Return a number as people say it: two digits that count."""
    return f"{float(f'{value:.2g}'):,g}"
