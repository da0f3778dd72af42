"""How often codes may be asked for: by a person, from a network, for a school; none of it costs the lane.

What never left, because the relay was away or a newer code replaced it in time, is no mail that a person
could use: it neither lengthens their pause nor counts for an hour.
"""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from emails.models import Code, CodeState
from emails.settings import code_settings
from jobs.models import Person, School

HOUR = timedelta(hours=1)
LEFT = Q(sent_at__isnull=False) | Q(state=CodeState.WAITING)
"""Codes whose mail the relay has taken, and the one that is on its way."""
MOST_DOUBLINGS = 64
"""After so many codes that were not used a pause grows no more, whatever it began with."""


class TooManyCodes(Exception):
    """No code may be asked for now; the message is a sentence that says when one may."""

    def __init__(self, message: str, *, wait: timedelta) -> None:
        """Keep how long none may."""
        self.wait = wait
        super().__init__(message)


class TooSoon(TooManyCodes):
    """The newest code is still fresh, and is to be used."""


def require_room(*, person: Person, school: School, network: str, now: datetime) -> None:
    """Refuse another code for `person` where a limit is reached.

    Raises:
        TooSoon: the last one was asked for a moment ago; the wait doubles with each mail that was not used.
        TooManyCodes: too many were asked for within the hour.
    """
    limits = code_settings()
    asked = Code.objects.filter(requested_at__gt=now - HOUR)
    recent = asked.filter(LEFT)
    of_person = recent.filter(person=person)
    _require_pause(asked.filter(person=person), now=now)
    rooms = (
        (
            of_person,
            limits.person_hourly,
            _("You have asked for too many codes; please use the newest mail."),
        ),
        (
            recent.filter(network=network) if network else recent.none(),
            limits.network_hourly,
            _("Too many codes were asked for from your network."),
        ),
        (
            recent.filter(school=school),
            limits.school_hourly,
            _("Too many codes were asked for at your school."),
        ),
    )
    for codes, most, what in rooms:
        if wait := _wait_for_room(codes, most=most, now=now):
            message = _("{what} Another one may be asked for in {wait}.").format(what=what, wait=spoken(wait))
            raise TooManyCodes(message, wait=wait)


def _require_pause(of_person: QuerySet[Code], *, now: datetime) -> None:
    newest = of_person.order_by("-id").first()
    if newest is None or newest.state == CodeState.USED:
        return
    states = list(of_person.filter(LEFT).order_by("-id").values_list("state", flat=True)[:MOST_DOUBLINGS])
    unused = max(1, states.index(CodeState.USED) if CodeState.USED in states else len(states))
    limits = code_settings()
    pause = min(limits.again_seconds * 2 ** (unused - 1), limits.again_most_seconds)
    wait = newest.requested_at + timedelta(seconds=pause) - now
    if wait > timedelta():
        message = _("Please wait {wait} before you ask for another code.").format(wait=spoken(wait))
        raise TooSoon(message, wait=wait)


def _wait_for_room(codes: QuerySet[Code], *, most: int, now: datetime) -> timedelta:
    """Return how long it takes until fewer than `most` of the `codes` lie within the hour."""
    oldest = codes.order_by("-requested_at").values_list("requested_at", flat=True)[most - 1 : most]
    return max((at + HOUR - now for at in oldest), default=timedelta())


def spoken(wait: timedelta) -> str:
    """Return a wait in words, never shorter than it is."""
    seconds = -(-wait // timedelta(seconds=1))
    if seconds <= 120:  # noqa: PLR2004  (until then people count in seconds)
        return ngettext("{seconds} second", "{seconds} seconds", seconds).format(seconds=seconds)
    minutes = -(-seconds // 60)
    return ngettext("{minutes} minute", "{minutes} minutes", minutes).format(minutes=minutes)
