"""All recipients of a mailing that was sent, by what became of their mails: for a page and as a CSV file."""

import csv
import io
from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails.models import Mailing, Recipient, RecipientState
from emails.models.recipients import LEFT_OUT_STATES, OUTSIDE_STATES
from jobs.models import PartState
from jobs.spreadsheets import made_safe

NOT_SENT = gettext_lazy("Not sent")
HEADINGS = (
    gettext_lazy("Name"),
    gettext_lazy("Address"),
    gettext_lazy("State"),
    gettext_lazy("What was said"),
    gettext_lazy("Accepted at"),
)


def has_come_to_rest(mailing: Mailing) -> bool:
    """Return whether the job of `mailing` has ended and nothing of it is at work, as `Count.is_at_rest`."""
    job = mailing.job
    return bool(job and job.has_ended and not job.parts.filter(state=PartState.WORKING).exists())


def recipients_in(mailing: Mailing, *, state: str, is_at_rest: bool) -> QuerySet[Recipient]:
    """Return the recipients of `mailing` in `state`; all of them where it is empty.

    A mail whose sending broke off in a job that `is_at_rest` is one of the uncertain; who was left
    out from the start is one of those left out.
    """
    rows: QuerySet[Recipient] = mailing.recipients.order_by("pk").defer("merge_values")
    if not state:
        return rows
    states = set(LEFT_OUT_STATES) if state == RecipientState.SUPPRESSED else {state}
    if is_at_rest:
        states -= {RecipientState.SENDING}
        if state == RecipientState.UNCERTAIN:
            states.add(RecipientState.SENDING)
    return rows.filter(state__in=states)


def state_choices(*, is_at_rest: bool) -> list[tuple[str, str]]:
    """Return the states that a list can be asked for, each with what pages call it."""
    words = {state: str(label) for state, label in RecipientState.choices}
    for state in OUTSIDE_STATES:
        del words[state]
    if is_at_rest:
        del words[RecipientState.SENDING]
        words[RecipientState.WAITING] = str(NOT_SENT)
    return list(words.items())


def state_words(recipient: Recipient, *, is_at_rest: bool) -> str:
    """Return what pages call the state of `recipient`, whose job `is_at_rest` or not."""
    if recipient.state == RecipientState.SENDING and is_at_rest:
        return str(RecipientState.UNCERTAIN.label)
    if recipient.state == RecipientState.WAITING:
        if is_at_rest:
            return str(NOT_SENT)
        if recipient.relay_words:
            return _("To be tried again")
    if recipient.state in LEFT_OUT_STATES:
        return str(RecipientState.SUPPRESSED.label)
    return str(RecipientState(recipient.state).label)


def csv_lines(mailing: Mailing, *, state: str) -> Iterator[str]:
    """Return the lines of a CSV file of those recipients; a mark first, that it is UTF-8."""
    yield "\ufeff" + _line(tuple(map(str, HEADINGS)))
    is_at_rest = has_come_to_rest(mailing)
    for recipient in recipients_in(mailing, state=state, is_at_rest=is_at_rest).iterator():
        # A response that streams is written when no time zone is active any more.
        at = recipient.accepted_at and timezone.localtime(recipient.accepted_at, mailing.school.zone)
        said = " ".join(recipient.relay_words.split())
        words = state_words(recipient, is_at_rest=is_at_rest)
        yield _line(
            (recipient.name, recipient.address, words, said, at.isoformat(timespec="seconds") if at else "")
        )


def _line(cells: tuple[str, ...]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(map(made_safe, cells))
    return text.getvalue()
