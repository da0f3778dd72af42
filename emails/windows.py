"""Windows: the hours of the day between which a mailing is sent."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from emails.models import Mailing, RecipientState
from emails.models.recipients import LEFT_OUT_STATES
from jobs.models import Job
from jobs.retries import NotNow


@dataclass(frozen=True, kw_only=True)
class Window:
    """From a time of the day to a later one, in the time zone of the school."""

    start: time
    end: time

    def __str__(self) -> str:
        """Return it in words."""
        return _("between {start:%H:%M} and {end:%H:%M}").format(start=self.start, end=self.end)

    @property
    def left_over(self) -> str:
        """What becomes of those who have no mail when it closes, in words."""
        return _("Who has no mail by {end:%H:%M} gets it the next day, from {start:%H:%M} on.").format(
            end=self.end, start=self.start
        )

    def opens_at(self, now: datetime, *, zone: tzinfo) -> datetime | None:
        """Return when it opens next in the time `zone`; None while it is open."""
        here = now.astimezone(zone)
        if self.start <= here.time() < self.end:
            return None
        day = here.date() if here.time() < self.start else here.date() + timedelta(days=1)
        return datetime.combine(day, self.start, tzinfo=zone)

    def next_within(self, moment: datetime, *, zone: tzinfo) -> datetime:
        """Return `moment`, or when it opens next if it is not open then."""
        return self.opens_at(moment, zone=zone) or moment


def window_of(mailing: Mailing) -> Window | None:
    """Return the hours between which `mailing` is sent; None for all."""
    if mailing.window_start is None or mailing.window_end is None:
        return None
    return Window(start=mailing.window_start, end=mailing.window_end)


def require_open(mailing: Mailing, *, now: datetime) -> None:
    """Let no mail of `mailing` go outside of its hours.

    Raises:
        NotNow: it waits until they begin.
    """
    window = window_of(mailing)
    opens_at = window.opens_at(now, zone=mailing.school.zone) if window else None
    if window and opens_at:
        says = (
            _("It goes on {moment}: this mailing is sent {hours}.")
            if _has_begun(mailing)
            else _("It begins {moment}: this mailing is sent {hours}.")
        ).format(moment=_moment(opens_at, mailing), hours=_hours(window, mailing))
        message = f"{says} {window.left_over}"
        raise NotNow(message, until=opens_at)


def told(mailing: Mailing, job: Job, *, now: datetime) -> str:
    """Return what the page of `job` tells of the hours of `mailing`; empty where it has none."""
    window = window_of(mailing)
    if window is None:
        return ""
    hours = _hours(window, mailing)
    if job.has_ended:
        return hours
    # A start that the job has is told as the job's own.
    opens_at = window.opens_at(max(now, job.not_before_at or now), zone=mailing.school.zone)
    if job.started_at is not None or opens_at is None:
        return f"{hours}. {window.left_over}"
    begins = _("It begins {moment}.").format(moment=_moment(opens_at, mailing))
    return f"{hours}. {begins} {window.left_over}"


def _hours(window: Window, mailing: Mailing) -> str:
    """Return them in words, with their time zone where it is not that of the platform: ops read them too."""
    zone = mailing.school.zone
    return str(window) if zone == timezone.get_default_timezone() else f"{window} ({zone})"


def _has_begun(mailing: Mailing) -> bool:
    to_come = (RecipientState.WAITING, *LEFT_OUT_STATES)
    return bool(mailing.recipients.exclude(state__in=to_come).exists())


def _moment(at: datetime, mailing: Mailing) -> str:
    there = at.astimezone(mailing.school.zone)
    return _("at {time} on {day}").format(time=f"{there:%H:%M}", day=date_format(there, "j M"))
