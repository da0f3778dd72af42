"""Words of the jobs pages that the records do not carry themselves."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.amounts import count, units_named
from jobs.models import Job, JobState
from jobs.moments import Times, in_reach
from jobs.registry import UnknownKind, kind_named, unit_of

register = template.Library()

register.filter("in_reach", in_reach)

SHORT = 2
"""Lengths below so many of a unit are told in the next smaller one."""

EVENTS = {
    **dict(JobState.choices),
    "submitted": gettext_lazy("Asked for"),
    "started": gettext_lazy("Started"),
    "resumed": gettext_lazy("Resumed"),
    "retried": gettext_lazy("Tried again"),
    "decided": gettext_lazy("Decided"),
    "deadline dropped": gettext_lazy("Deadline dropped"),
    "moved aside": gettext_lazy("Moved to the slow lane"),
    "moved back": gettext_lazy("Moved back"),
    "moved": gettext_lazy("Moved to another lane"),
    "put away": gettext_lazy("Put away"),
    "shown again": gettext_lazy("Shown again"),
    "may move": gettext_lazy("May be moved by itself again"),
}
SERVICES = {
    "provider": gettext_lazy("The mail provider {address}"),
    "relay": gettext_lazy("The relay {address}"),
    "scanner": gettext_lazy("The virus scanner {address}"),
    "webhook": gettext_lazy("The webhook {address}"),
}


@register.filter
def kind_label(job: Job) -> str:
    """Return what pages call the job's kind; its bare name when its app is gone."""
    try:
        return str(kind_named(job.kind).label)
    except UnknownKind:
        return job.kind


@register.filter
def event_words(what: str) -> str:
    """Return what happened to a job in the words of the pages."""
    return str(EVENTS.get(what, what.capitalize()))


@register.filter
def kind_unit(job: Job) -> str:
    """Return what pages call the job's units; "units" when its app is gone."""
    return units_named(unit_of(job.kind))


@register.filter
def span(length: timedelta | float | None) -> str:
    """Return a length of time (a number means seconds) in at most two units: `45 s`, `2 h 5 min`."""
    if length is None:
        return ""
    seconds = round(length.total_seconds() if isinstance(length, timedelta) else length)
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    counted = ((hours, _("{number} h")), (minutes, _("{number} min")), (rest, _("{number} s")))
    words = [unit.format(number=number) for number, unit in counted if number]
    return " ".join(words[:2]) or _("{number} s").format(number=0)


@register.filter
def between(times: Times) -> str:
    """Return a range of moments in words: `between 14:05 and 14:20`, `about 14:05`; other days are named."""
    first, last = timezone.localtime(times.earliest), timezone.localtime(times.latest)
    is_today = first.date() == last.date() == timezone.localdate()
    told = [date_format(moment, "H:i" if is_today else "j M, H:i") for moment in (first, last)]
    if told[0] == told[1]:
        return _("about {moment}").format(moment=told[0])
    return _("between {first} and {last}").format(first=told[0], last=told[1])


@register.filter
def as_of(sentence: str, moment: datetime) -> str:
    """Return a sentence that begins with "It" with the moment of which it tells: `At 14:05 it took …`."""
    seen = timezone.localtime(moment)
    rest = f"{sentence[:1].lower()}{sentence[1:]}"
    time = date_format(seen, "H:i")
    if seen.date() == timezone.localdate():
        return _("At {time} {sentence}").format(time=time, sentence=rest)
    day = date_format(seen, "j M")
    return _("On {day} at {time} {sentence}").format(day=day, time=time, sentence=rest)


@register.filter
def from_now(moment: datetime) -> str:
    """Return how far away a moment is, within two days to the minute: `in 52 minutes`, `3 days ago`."""
    away = (moment - timezone.now()).total_seconds()
    if round(away) == 0:
        return _("now")
    if away > 0:
        return _("in {length}").format(length=_length(away))
    return _("{length} ago").format(length=_length(-away))


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
    sort, _colon, address = name.partition(":")
    address, _slash, use = address.partition("/")
    words = SERVICES.get(sort)
    service = words.format(address=address) if words else name
    # The apps that visit a service mark what for (gettext_noop), as it is kept.
    return _("{service}, for {use}").format(service=service, use=_(use)) if use else service
