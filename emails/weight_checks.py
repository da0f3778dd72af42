"""What the pre-flight finds about the weight of a mailing, and how long it will take."""

import math
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from emails import sending
from emails.findings import Finding, fine, warn
from emails.models import Mailing
from emails.reaching import Reach
from jobs.foreseeing import Foreseen, foresee
from jobs.sizes import size

WEIGHT = gettext_lazy("Size and time")
HEAVY_BYTES = 1 << 30
"""Attached to all mails together: with more, a person should think of a link."""
LIGHTER = gettext_lazy("A link to a file in place of the file makes it lighter and faster.")
MINUTE, HOUR, DAY = 60, 3600, 86_400
UNITS = (
    (
        (MINUTE, 90 * MINUTE, 1.0),
        gettext_lazy("in {low:g} to {high:g} minutes"),
        gettext_lazy("within {high:g} minutes"),
    ),
    (
        (HOUR, 2 * DAY, 0.5),
        gettext_lazy("in {low:g} to {high:g} hours"),
        gettext_lazy("within {high:g} hours"),
    ),
    ((DAY, math.inf, 0.5), gettext_lazy("in {low:g} to {high:g} days"), gettext_lazy("within {high:g} days")),
)
"""Seconds of each unit, up to how many it is used, to which fraction; how ranges read, and one from now."""


def check_weight(
    mailing: Mailing, reach: Reach, *, attached_bytes: int, as_links: bool, now: datetime
) -> Iterator[Finding]:
    """Say how much goes out, and how long that takes beside what is ahead of it."""
    if not reach.recipients:
        return
    request = sending.request_of(mailing, reach=reach, attached_bytes=attached_bytes, by=None)
    foreseen = foresee(request, now=now)
    own = own_bytes(reach)
    total = attached_bytes * len(reach.recipients) + own
    what = _what(reach, attached_bytes=attached_bytes, as_links=as_links)
    if own:
        what = _("{what}, with {size} of files of their own in all").format(what=what, size=size(own))
    says = when(what, foreseen, now=now)
    if total >= HEAVY_BYTES:
        yield warn(WEIGHT, f"{says} {LIGHTER}")
    else:
        yield fine(WEIGHT, says)


def own_bytes(reach: Reach) -> int:
    """Return how many bytes of files of their own the recipients get together."""
    return sum(map(reach.own_bytes_of, reach.recipients))


def _what(reach: Reach, *, attached_bytes: int, as_links: bool) -> str:
    count = len(reach.recipients)
    if not attached_bytes:
        mails = ngettext("{count:,} mail", "{count:,} mails", count).format(count=count)
        if as_links:
            return _("{mails} with links in place of the files").format(mails=mails)
        return mails if reach.own_bytes is not None else _("{mails} without attachments").format(mails=mails)
    each = size(attached_bytes)
    if count == 1:
        return _("{each} for 1 student").format(each=each)
    return _("{each} for each of {count:,} students: about {size}").format(
        each=each, count=count, size=size(attached_bytes * count)
    )


def when(what: str, foreseen: Foreseen, *, now: datetime) -> str:
    """Return `what` goes out as a sentence, with when it is done, or why that cannot be told."""
    end = foreseen.expected.end
    if end is None:
        says = _("{what}. When it is done cannot be told: {why}.")
        return says.format(what=what, why=foreseen.why_unknown)
    return _("{what}, done {within}.").format(what=what, within=within(end.earliest - now, end.latest - now))


def within(earliest: timedelta, latest: timedelta) -> str:
    """Return a range in words, never narrower than it is: `in 12 to 18 minutes`, `in 1.5 to 3 hours`."""
    first, last = earliest.total_seconds(), latest.total_seconds()
    if last < MINUTE:
        return _("within a minute")
    (length, _up_to, grain), between, at_most = next(unit for unit in UNITS if last < unit[0][1])
    low = math.floor(first / length / grain) * grain
    high = math.ceil(last / length / grain) * grain
    return str(between if low else at_most).format(low=low, high=high)
