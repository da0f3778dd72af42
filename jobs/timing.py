"""The times that a job may be asked for: when it may start, and when what is left of it fails."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs.asking import WrongArguments

FARTHEST_YEARS = 5
FARTHEST = timedelta(days=366 * FARTHEST_YEARS)
"""A time farther ahead is a slip, and what is reckoned from it may lie behind the end of all calendars."""
TOO_FAR = _("{moment} is more than {years} years away; give an earlier time, or none.")
EARLY_DEADLINE = _("The deadline comes before the time to start, so nothing could be done; give a later one.")
PAST_DEADLINE = _("The deadline has passed; give a later one or none.")


def require_near(*, now: datetime, **times: datetime | None) -> None:
    """Refuse those of `times`, by the name of their field, that are farther away than `FARTHEST`.

    Raises:
        WrongArguments: with each of them.
    """
    far = {name: moment for name, moment in times.items() if moment is not None and moment > now + FARTHEST}
    if far:
        said = {
            name: TOO_FAR.format(moment=moment.isoformat(), years=FARTHEST_YEARS)
            for name, moment in far.items()
        }
        raise WrongArguments(said)


def check(*, not_before: datetime | None, deadline: datetime | None) -> None:
    """Refuse a time that is too far away, and a deadline that has passed or comes before the job may start.

    Raises:
        WrongArguments: so it is.
    """
    now = timezone.now()
    require_near(now=now, not_before=not_before, deadline=deadline)
    if deadline is not None and deadline <= now:
        raise WrongArguments({"deadline": str(PAST_DEADLINE)})
    if deadline is not None and not_before is not None and deadline <= not_before:
        raise WrongArguments({"deadline": str(EARLY_DEADLINE)})
