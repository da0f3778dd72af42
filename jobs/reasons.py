"""What happens to a job now, or why it waits or ended, in a sentence or two for the person who asked."""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from jobs.amounts import count, count_units, length, units_named
from jobs.hindrances import AtWork, Held, Line, Reached
from jobs.lanes import Lane
from jobs.outside import told_of_closed, told_of_silence, why_no_end
from jobs.sizes import size
from jobs.units import Units

NEXT = gettext_lazy("Yours is next; it starts at any moment.")
NEXT_PART = gettext_lazy("Its next part starts at any moment.")
STANDS_STILL = timedelta(seconds=10)
"""Who waits longer for a limit than this is told until when; shorter waits come with every part."""


def explain_gone_lane(name: str) -> str:
    """Return why a job waits whose lane is not in the settings any more."""
    return _(
        "Its lane “{name}” is not in the platform's settings any more, so nothing of it is worked on. "
        "Those who run the platform can put the lane back. The job can be stopped."
    ).format(name=name)


def explain(*, lane: Lane, line: Line, at_work: AtWork) -> str:
    """Return what happens to an open job, or why it waits."""
    if at_work.parts and line.is_paused:
        return _what_is_finished_first(at_work)
    if outside := _who_outside(line, at_work=at_work):
        return _with_hold(outside, line)
    is_slowed = line.limit is not None and line.has_started and line.hold is None
    if at_work.parts and not is_slowed:
        return _with_hold(_what_is_done(at_work), line)
    if not at_work.parts and (held_back := _who_holds_it(line) or _what_holds_it_back(lane, line)):
        return held_back
    return _what_slows_it(line) if is_slowed else _why_it_waits(lane, line)


def _what_is_finished_first(at_work: AtWork) -> str:
    parts = count(at_work.parts, "part")
    if not at_work.units:
        return ngettext(
            "It is paused; {parts} at work is finished first. Resume it to let the rest go on.",
            "It is paused; {parts} at work are finished first. Resume it to let the rest go on.",
            at_work.parts,
        ).format(parts=parts)
    return ngettext(
        "It is paused; {parts} at work is finished first, with up to {units} more. "
        "Resume it to let the rest go on.",
        "It is paused; {parts} at work are finished first, with up to {units} more. "
        "Resume it to let the rest go on.",
        at_work.parts,
    ).format(parts=parts, units=count_units(at_work.units, at_work.unit))


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
        return str(NEXT_PART if line.has_started else NEXT)
    waits_for = " ".join(filter(None, [kept_back, ahead or _("Yours is next.")]))
    if line.has_started:
        return _("Its next part waits. {reason}").format(reason=waits_for)
    return waits_for


def _what_slows_it(line: Line) -> str:
    """Return what holds between two parts of the job as well as while one is at work."""
    goes_on, limit = _("It goes on as fast as a limit lets it."), _limit(line.limit) if line.limit else ""
    if line.limit and line.limit.opens_in > STANDS_STILL:
        goes_on = _("Its next part starts in {length}, as soon as a limit lets it.").format(
            length=length(line.limit.opens_in)
        )
    return " ".join(filter(None, [goes_on, limit, _own_jobs_ahead(line)]))


def _what_is_done(at_work: AtWork) -> str:
    if at_work.is_plan:
        return _("It is being planned now.")
    return _("It is being finished now.") if at_work.is_finish else _("It is being worked on now.")


def explain_end(*, stop: str, units: Units, left: str, at_work: AtWork, ends_in: timedelta) -> str:
    """Return what becomes of a job that has ended; what is at work of it has ended too after `ends_in`.

    `stop` says who stopped it and why, and is empty when nobody did. `left` is the kind's word for
    units that were not done.
    """
    if at_work.parts:
        finishing = ngettext(
            "{parts} of it is finishing now; what does not end by itself is ended within {length}.",
            "{parts} of it are finishing now; what does not end by itself is ended within {length}.",
            at_work.parts,
        ).format(parts=count(at_work.parts, "part"), length=length(ends_in))
        return f"{stop} {finishing}".strip()
    if not stop:
        return ""
    if not units.left:
        return f"{stop} {_('Nothing of it is at work any more.')}"
    rest = ngettext(
        "Nothing of it is at work any more; {number:,} of {units} was {left}.",
        "Nothing of it is at work any more; {number:,} of {units} were {left}.",
        units.left,
    ).format(number=units.left, units=count_units(units.wanted, at_work.unit), left=left)
    return f"{stop} {rest}"


def explain_no_result(*, missing: str, retry_label: str, starts_over: bool) -> str:
    """Return what a job is missing whose finish failed, and which button makes up for it, if one does."""
    if not retry_label:
        return missing
    does = _("“{button}” starts over.") if starts_over else _("“{button}” does that step once more.")
    return f"{missing} {does.format(button=retry_label)}"


def explain_unknown_end(*, line: Line, units: Units) -> str:
    """Return why nobody can tell when a job ends, as half a sentence."""
    if line.slots_present == 0:
        return _("no worker is present")
    if outside := why_no_end(line.closed, line.silence):
        return outside
    if line.hang_on:
        return _("{service} does not answer, for which all workers of the lane wait").format(
            service=line.hang_on
        )
    if line.is_tried_anew:
        return _("it is being tried again, and nothing of it came through yet")
    if not units.total:
        return _("it is not planned yet")
    return _("there is too little experience with this kind of job")


def _who_holds_it(line: Line) -> str:
    if line.is_paused:
        return _("It is paused. Resume it to let it go on where it was.")
    return _held(line.hold) if line.hold is not None else ""


def _what_holds_it_back(lane: Lane, line: Line) -> str:
    if line.follows:
        return ngettext(
            "It follows {jobs} and starts when it has ended well.",
            "It follows {jobs} and starts when they have ended well.",
            line.follows,
        ).format(jobs=count(line.follows, "other job"))
    if line.starts_in is not None:
        return _("It was scheduled and starts in {length}.").format(length=length(line.starts_in))
    if line.put_off:
        return line.put_off
    if line.slots_present == 0:
        return _no_worker(lane, line)
    if line.retry_in is not None:
        failure = line.failure or _("Something outside failed.")
        return _("{failure} The next attempt is in {length}.").format(
            failure=failure, length=length(line.retry_in)
        )
    return ""


def _no_worker(lane: Lane, line: Line) -> str:
    if line.has_started:
        words = _("No worker of the lane {lane} is present. It goes on by itself when one is back.")
    else:
        words = _("No worker of the lane {lane} is present. It starts by itself when one is back.")
    return words.format(lane=lane.name)


def _held(hold: Held) -> str:
    if hold.is_draining:
        words = _("{who} began to drain {what} {length} ago, so newer jobs wait: {why}.")
    else:
        words = _("{who} paused {what} {length} ago: {why}.")
    who = words.format(
        who=hold.by or _("Someone"), what=hold.what, length=length(hold.ago), why=hold.why.rstrip(".")
    )
    if hold.ends_in is None:
        return f"{who} {_('It goes on by itself when that is lifted.')}"
    goes_on = _("It goes on by itself in {length} at the latest.").format(length=length(hold.ends_in))
    return f"{who} {goes_on}"


def _what_is_ahead(line: Line) -> str:
    if line.jobs_ahead:
        return _own_jobs_ahead(line)
    if line.schools_ahead:
        return ngettext(
            "{schools} is ahead; then it is your turn.",
            "{schools} are ahead; then it is your turn.",
            line.schools_ahead,
        ).format(schools=count(line.schools_ahead, "other school"))
    return ""


def _own_jobs_ahead(line: Line) -> str:
    if not line.jobs_ahead:
        return ""
    return ngettext(
        "{jobs} of your school is ahead.", "{jobs} of your school are ahead.", line.jobs_ahead
    ).format(jobs=count(line.jobs_ahead, "other job"))


def _what_is_used_up(lane: Lane, line: Line) -> str:
    if line.limit is not None:
        return _limit(line.limit)
    if line.service_workers is not None and line.parts_at_service >= line.service_workers:
        return ngettext(
            "{parts} of the lane {lane} is at work with the outside service that it needs, as many as may "
            "be there at once.",
            "{parts} of the lane {lane} are at work with the outside service that it needs, as many as may "
            "be there at once.",
            line.parts_at_service,
        ).format(parts=count(line.parts_at_service, "part"), lane=lane.name)
    own = line.parts_working - line.parts_of_others
    if line.school_workers is not None and own >= line.school_workers:
        return ngettext(
            "{parts} of your school is at work, as many as the lane {lane} allows one school at once.",
            "{parts} of your school are at work, as many as the lane {lane} allows one school at once.",
            own,
        ).format(parts=count(own, "part"), lane=lane.name)
    return ""


def _limit(limit: Reached) -> str:
    if limit.set_ago is None:
        return _("{what} is at its limit of {rate} a second.").format(what=limit.what, rate=_rate(limit))
    if limit.set_by:
        words = _("{what} is at its limit of {rate} a second (set by {who} {length} ago).")
    else:
        words = _("{what} is at its limit of {rate} a second (set {length} ago).")
    return words.format(what=limit.what, rate=_rate(limit), who=limit.set_by, length=length(limit.set_ago))


def _rate(limit: Reached) -> str:
    if limit.unit == "bytes":
        return size(limit.rate)
    if limit.rate == 1:
        return count_units(1, limit.unit)
    return f"{float(limit.rate):,f}".rstrip("0").rstrip(".") + f" {units_named(limit.unit)}"


def _who_is_busy(lane: Lane, line: Line) -> str:
    if line.parts_working < line.slots_present:
        return ""
    number = line.slots_present
    if not line.parts_of_others:
        words = ngettext(
            "The one worker of the lane {lane} is busy; yours is next.",
            "All {number} workers of the lane {lane} are busy; yours is next.",
            number,
        )
    elif line.parts_of_others >= line.parts_working > 1:
        words = ngettext(
            "The one worker of the lane {lane} is busy, all for other schools; yours is next.",
            "All {number} workers of the lane {lane} are busy, all for other schools; yours is next.",
            number,
        )
    else:
        words = ngettext(
            "The one worker of the lane {lane} is busy, {others:,} of them for other schools; yours is next.",
            "All {number} workers of the lane {lane} are busy, {others:,} of them for other schools; "
            "yours is next.",
            number,
        )
    return words.format(lane=lane.name, number=number, others=line.parts_of_others)
