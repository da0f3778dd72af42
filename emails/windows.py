"""Windows: the hours of the day between which a mailing is sent."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone

from emails.models import Mailing
from jobs.retries import NotNow


@dataclass(frozen=True, kw_only=True)
class Window:
    """From a time of the day to a later one, in the time zone of the platform."""

    start: time
    end: time

    def __str__(self) -> str:
        """Return it in words."""
        return f"between {self.start:%H:%M} and {self.end:%H:%M}"

    def opens_at(self, now: datetime) -> datetime | None:
        """Return when it opens next; None while it is open."""
        zone = timezone.get_default_timezone()
        here = now.astimezone(zone)
        if self.start <= here.time() < self.end:
            return None
        day = here.date() if here.time() < self.start else here.date() + timedelta(days=1)
        return datetime.combine(day, self.start, tzinfo=zone)


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
    opens_at = window.opens_at(now) if window else None
    if window and opens_at:
        says = f"It waits until {window.start:%H:%M}: this mailing is sent {window}."
        raise NotNow(says, until=opens_at)
