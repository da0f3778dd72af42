"""What happens to a job now, or why it waits or ended, in a sentence or two for the person who asked."""

from datetime import timedelta

from jobs.amounts import count, count_units, length
from jobs.hindrances import AtWork, Held, Line, Reached
from jobs.lanes import Lane
from jobs.outside import told_of_closed, told_of_silence, why_no_end
from jobs.sizes import size
from jobs.units import Units

NEXT = "Yours is next; it starts at any moment."
NEXT_PART = "Its next part starts at any moment."
STANDS_STILL = timedelta(seconds=10)
"""Who waits longer for a limit than this is told until when; shorter waits come with every part."""


def explain_gone_lane(name: str) -> str:
    """Return why a job waits whose lane is not in the settings any more."""
    return (
        f"Its lane “{name}” is not in the platform's settings any more, so nothing of it is worked on. "
        "Those who run the platform can put the lane back. The job can be stopped."
    )


def explain(*, lane: Lane, line: Line, at_work: AtWork) -> str:
    """Return what happens to an open job, or why it waits."""
    if at_work.parts and line.is_paused:
        more = f", with up to {count_units(at_work.units, at_work.unit)} more" if at_work.units else ""
        first = f"{count(at_work.parts, 'part')} at work {_is(at_work.parts)} finished first{more}"
        return f"It is paused; {first}. Resume it to let the rest go on."
    if outside := _who_outside(line, at_work=at_work):
        return _with_hold(outside, line)
    is_slowed = line.limit is not None and line.has_started and line.hold is None
    if at_work.parts and not is_slowed:
        return _with_hold(_what_is_done(at_work), line)
    if not at_work.parts and (held_back := _who_holds_it(line) or _what_holds_it_back(lane, line)):
        return held_back
    return _what_slows_it(line) if is_slowed else _why_it_waits(lane, line)


def _who_outside(line: Line, *, at_work: AtWork) -> str:
    """Return what an outside service that fails or is silent does to a job, if one does."""
    may_go_on = line.slots_present > 0 and not line.is_held
    if line.is_paused or not (at_work.parts or may_go_on):
        return ""
    if line.closed is not None:
        return told_of_closed(line.closed)
    return told_of_silence(line.silence) if line.silence is not None and at_work.parts else ""


def _with_hold(told: str, line: Line) -> str:
    return f"{told} {_held(line.hold)}" if line.hold else told


def _why_it_waits(lane: Lane, line: Line) -> str:
    kept_back = _what_is_used_up(lane, line)
    ahead = _what_is_ahead(line) or ("" if line.limit else _who_is_busy(lane, line))
    if not kept_back and not ahead:
        return NEXT_PART if line.has_started else NEXT
    waits_for = " ".join(filter(None, [kept_back, ahead or "Yours is next."]))
    return f"Its next part waits. {waits_for}" if line.has_started else waits_for


def _what_slows_it(line: Line) -> str:
    """Return what holds between two parts of the job as well as while one is at work."""
    goes_on, limit = "It goes on as fast as a limit lets it.", _limit(line.limit) if line.limit else ""
    if line.limit and line.limit.opens_in > STANDS_STILL:
        goes_on = f"Its next part starts in {length(line.limit.opens_in)}, as soon as a limit lets it."
    return " ".join(filter(None, [goes_on, limit, _own_jobs_ahead(line)]))


def _what_is_done(at_work: AtWork) -> str:
    if at_work.is_plan:
        return "It is being planned now."
    return "It is being finished now." if at_work.is_finish else "It is being worked on now."


def explain_end(*, stop: str, units: Units, left: str, at_work: AtWork, ends_in: timedelta) -> str:
    """Return what becomes of a job that has ended; what is at work of it has ended too after `ends_in`.

    `stop` says who stopped it and why, and is empty when nobody did. `left` is the kind's word for
    units that were not done.
    """
    if at_work.parts:
        finishing = f"{count(at_work.parts, 'part')} of it {_is(at_work.parts)} finishing now"
        return f"{stop} {finishing}; what does not end by itself is ended within {length(ends_in)}.".strip()
    if not stop:
        return ""
    rest = f"{stop} Nothing of it is at work any more"
    if not units.left:
        return f"{rest}."
    what = f"{units.left:,} of {count_units(units.wanted, at_work.unit)}"
    return f"{rest}; {what} {'was' if units.left == 1 else 'were'} {left}."


def explain_no_result(*, missing: str, retry_label: str, starts_over: bool) -> str:
    """Return what a job is missing whose finish failed, and which button makes up for it, if one does."""
    if not retry_label:
        return missing
    return f"{missing} “{retry_label}” {'starts over' if starts_over else 'does that step once more'}."


def explain_unknown_end(*, line: Line, units: Units) -> str:
    """Return why nobody can tell when a job ends, as half a sentence."""
    if line.slots_present == 0:
        return "no worker is present"
    if outside := why_no_end(line.closed, line.silence):
        return outside
    if line.hang_on:
        return f"{line.hang_on} does not answer, for which all workers of the lane wait"
    return "there is too little experience with this kind of job" if units.total else "it is not planned yet"


def _who_holds_it(line: Line) -> str:
    if line.is_paused:
        return "It is paused. Resume it to let it go on where it was."
    return _held(line.hold) if line.hold is not None else ""


def _what_holds_it_back(lane: Lane, line: Line) -> str:
    if line.follows:
        others = count(line.follows, "other job")
        return f"It follows {others} and starts when {_that(line.follows)} ended well."
    if line.starts_in is not None:
        return f"It was scheduled and starts in {length(line.starts_in)}."
    if line.put_off:
        return line.put_off
    if line.slots_present == 0:
        goes_on = "goes on" if line.has_started else "starts"
        return f"No worker of the lane {lane.name} is present. It {goes_on} by itself when one is back."
    if line.retry_in is not None:
        failure = line.failure or "Something outside failed."
        return f"{failure} The next attempt is in {length(line.retry_in)}."
    return ""


def _held(hold: Held) -> str:
    did, so = ("began to drain", ", so newer jobs wait") if hold.is_draining else ("paused", "")
    who = f"{hold.by or 'Someone'} {did} {hold.what} {length(hold.ago)} ago{so}: {hold.why.rstrip('.')}."
    if hold.ends_in is not None:
        return f"{who} It goes on by itself in {length(hold.ends_in)} at the latest."
    return f"{who} It goes on by itself when that is lifted."


def _what_is_ahead(line: Line) -> str:
    if line.jobs_ahead:
        return _own_jobs_ahead(line)
    if line.schools_ahead:
        return f"{_are(line.schools_ahead, 'other school')} ahead; then it is your turn."
    return ""


def _own_jobs_ahead(line: Line) -> str:
    if not line.jobs_ahead:
        return ""
    return f"{count(line.jobs_ahead, 'other job')} of your school {_is(line.jobs_ahead)} ahead."


def _what_is_used_up(lane: Lane, line: Line) -> str:
    if line.limit is not None:
        return _limit(line.limit)
    if line.service_workers is not None and line.parts_at_service >= line.service_workers:
        parts = f"{count(line.parts_at_service, 'part')} of the lane {lane.name} {_is(line.parts_at_service)}"
        return f"{parts} at work with the outside service that it needs, as many as may be there at once."
    own = line.parts_working - line.parts_of_others
    if line.school_workers is not None and own >= line.school_workers:
        at_work = f"{count(own, 'part')} of your school {_is(own)} at work"
        return f"{at_work}, as many as the lane {lane.name} allows one school at once."
    return ""


def _limit(limit: Reached) -> str:
    who = f"by {limit.set_by} " if limit.set_by else ""
    origin = "" if limit.set_ago is None else f" (set {who}{length(limit.set_ago)} ago)"
    return f"{limit.what} is at its limit of {_rate(limit)} a second{origin}."


def _rate(limit: Reached) -> str:
    if limit.unit == "bytes":
        return size(limit.rate)
    if limit.rate == 1:
        return count_units(1, limit.unit)
    return f"{float(limit.rate):,f}".rstrip("0").rstrip(".") + f" {limit.unit}"


def _who_is_busy(lane: Lane, line: Line) -> str:
    if line.parts_working < line.slots_present:
        return ""
    workers = "The one worker" if line.slots_present == 1 else f"All {line.slots_present} workers"
    busy = f"{workers} of the lane {lane.name} {_is(line.slots_present)} busy"
    others = "all" if line.parts_of_others >= line.parts_working > 1 else f"{line.parts_of_others:,} of them"
    for_others = f", {others} for other schools" if line.parts_of_others else ""
    return f"{busy}{for_others}; yours is next."


def _are(number: int, noun: str) -> str:
    return f"{count(number, noun)} {_is(number)}"


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _that(number: int) -> str:
    return "it has" if number == 1 else "they have"
