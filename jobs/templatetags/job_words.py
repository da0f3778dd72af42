"""Words of the jobs pages that the records do not carry themselves."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.formats import date_format

from jobs.amounts import count
from jobs.models import Job, JobState
from jobs.moments import Times, in_reach
from jobs.registry import UnknownKind, kind_named, unit_of

register = template.Library()

register.filter("in_reach", in_reach)

SHORT = 2
"""Lengths below so many of a unit are told in the next smaller one."""

EVENTS = {
    **dict(JobState.choices),
    "submitted": "Asked for",
    "started": "Started",
    "resumed": "Resumed",
    "retried": "Tried again",
    "decided": "Decided",
    "moved aside": "Moved to the slow lane",
    "moved back": "Moved back",
    "moved": "Moved to another lane",
    "may move": "May be moved by itself again",
}


@register.filter
def kind_label(job: Job) -> str:
    """Return what pages call the job's kind; its bare name when its app is gone."""
    try:
        return kind_named(job.kind).label
    except UnknownKind:
        return job.kind


@register.filter
def event_words(what: str) -> str:
    """Return what happened to a job in the words of the pages."""
    return str(EVENTS.get(what, what.capitalize()))


@register.filter
def kind_unit(job: Job) -> str:
    """Return what pages call the job's units; "units" when its app is gone."""
    return unit_of(job.kind)


@register.filter
def span(length: timedelta | float | None) -> str:
    """Return a length of time (a number means seconds) in at most two units: `45 s`, `2 h 5 min`."""
    if length is None:
        return ""
    seconds = round(length.total_seconds() if isinstance(length, timedelta) else length)
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    words = [f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes) + [f"{rest} s"] * bool(rest)
    return " ".join(words[:2]) or "0 s"


@register.filter
def between(times: Times) -> str:
    """Return a range of moments in words: `between 14:05 and 14:20`, `about 14:05`; other days are named."""
    first, last = timezone.localtime(times.earliest), timezone.localtime(times.latest)
    is_today = first.date() == last.date() == timezone.localdate()
    told = [date_format(moment, "H:i" if is_today else "j M, H:i") for moment in (first, last)]
    return f"about {told[0]}" if told[0] == told[1] else f"between {told[0]} and {told[1]}"


@register.filter
def as_of(sentence: str, moment: datetime) -> str:
    """Return a sentence that begins with "It" with the moment of which it tells: `At 14:05 it took …`."""
    seen = timezone.localtime(moment)
    day = "" if seen.date() == timezone.localdate() else f"On {date_format(seen, 'j M')} "
    return f"{day}{'at' if day else 'At'} {date_format(seen, 'H:i')} {sentence[:1].lower()}{sentence[1:]}"


@register.filter
def from_now(moment: datetime) -> str:
    """Return how far away a moment is, within two days to the minute: `in 52 minutes`, `3 days ago`."""
    away = (moment - timezone.now()).total_seconds()
    if round(away) == 0:
        return "now"
    return f"in {_length(away)}" if away > 0 else f"{_length(-away)} ago"


def _length(seconds: float) -> str:
    minutes = round(seconds / 60)
    if seconds < SHORT * 60:
        return count(round(seconds), "second")
    if minutes < SHORT * 60:
        return count(minutes, "minute")
    hours, rest = divmod(minutes, 60)
    if hours >= SHORT * 24:
        return count(round(hours / 24), "day")
    return " ".join([count(hours, "hour"), *([count(rest, "minute")] if rest else [])])


@register.filter
def service_words(name: str) -> str:
    """Return what pages call an outside service: `The relay a:25, for codes` of `relay:a:25/codes`."""
    kind, _, address = name.partition(":")
    address, _, use = address.partition("/")
    return f"The {kind} {address}{f', for {use}' if use else ''}"
