"""Why a job waits, in one sentence for the person who asked for it."""

from dataclasses import dataclass
from datetime import timedelta

from jobs.lanes import Lane


@dataclass(frozen=True, kw_only=True)
class Line:
    """What stands between a job and its next part."""

    schools_ahead: int = 0
    jobs_ahead: int = 0
    parts_working: int = 0
    """Parts of the whole lane that are worked on."""
    slots_present: int = 0
    is_limited: bool = False
    """Whether the lane has used up its rate at this moment."""
    retry_in: timedelta | None = None
    """Time until the job's next attempt at a part that failed."""


def explain(*, lane: Lane, line: Line, parts_working: int) -> str:
    """Return the reason, as a sentence; `parts_working` counts the job's own parts at work."""
    if parts_working:
        return "It is being worked on now."
    if line.slots_present == 0:
        return f"No worker of the lane {lane.name} is present. It starts by itself when one is back."
    if line.retry_in is not None:
        seconds = max(1, round(line.retry_in.total_seconds()))
        return f"Something outside failed. The next attempt is in {seconds} seconds."
    return _what_is_ahead(line) or _what_is_full(lane, line) or "Yours is next; it starts at any moment."


def _what_is_ahead(line: Line) -> str:
    if line.jobs_ahead:
        return f"{_are(line.jobs_ahead, 'older job')} ahead in your school's own line."
    if line.schools_ahead:
        return f"{_are(line.schools_ahead, 'other school')} ahead; then it is your turn."
    return ""


def _what_is_full(lane: Lane, line: Line) -> str:
    if line.is_limited:
        return f"The lane {lane.name} is at its limit of {lane.rate:g} a second."
    if line.parts_working >= line.slots_present:
        return f"All {line.slots_present} workers of the lane {lane.name} are busy; yours is next."
    return ""


def _are(number: int, noun: str) -> str:
    return f"{number} {noun} is" if number == 1 else f"{number} {noun}s are"
