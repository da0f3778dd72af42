"""What the pre-flight finds about the weight of a mailing, and how long it will take."""

import math
from collections.abc import Iterator
from datetime import datetime, timedelta

from emails import sending
from emails.findings import Finding, fine, warn
from emails.models import Mailing
from emails.reaching import Reach
from jobs.foreseeing import Foreseen, foresee
from jobs.sizes import size

WEIGHT = "Size and time"
HEAVY_BYTES = 1 << 30
"""Attached to all mails together: with more, a person should think of a link."""
LIGHTER = "A link to a file in place of the file makes it lighter and faster."
MINUTE, HOUR, DAY = 60, 3600, 86_400
UNITS = ((MINUTE, 90 * MINUTE, 1.0, "minutes"), (HOUR, 2 * DAY, 0.5, "hours"), (DAY, math.inf, 0.5, "days"))
"""Seconds of each unit, up to how many seconds it is used, to which fraction, and its name."""


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
    beside = f", with {size(own)} of files of their own in all" if own else ""
    what = _what(reach, attached_bytes=attached_bytes, as_links=as_links)
    says = f"{what}{beside}{when(foreseen, now=now)}"
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
        mails = "1 mail" if count == 1 else f"{count:,} mails"
        if as_links:
            return f"{mails} with links in place of the files"
        return mails if reach.own_bytes is not None else f"{mails} without attachments"
    each = size(attached_bytes)
    if count == 1:
        return f"{each} for 1 student"
    return f"{each} for each of {count:,} students: about {size(attached_bytes * count)}"


def when(foreseen: Foreseen, *, now: datetime) -> str:
    """Return the end of a sentence about a mailing: when it is done, or why that cannot be told."""
    if foreseen.expected.end is None:
        return f". When it is done cannot be told: {foreseen.why_unknown}."
    end = foreseen.expected.end
    return f", done {within(end.earliest - now, end.latest - now)}."


def within(earliest: timedelta, latest: timedelta) -> str:
    """Return a range in words, never narrower than it is: `in 12 to 18 minutes`, `in 1.5 to 3 hours`."""
    first, last = earliest.total_seconds(), latest.total_seconds()
    if last < MINUTE:
        return "within a minute"
    length, grain, name = next((length, grain, name) for length, up_to, grain, name in UNITS if last < up_to)
    low = math.floor(first / length / grain) * grain
    high = math.ceil(last / length / grain) * grain
    return f"in {low:g} to {high:g} {name}" if low else f"within {high:g} {name}"
