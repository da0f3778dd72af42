"""All recipients of a mailing that was sent, by what became of their mails: for a page and as a CSV file."""

import csv
import io
from collections.abc import Iterator

from django.db.models import QuerySet

from emails.models import Mailing, Recipient, RecipientState
from jobs.spreadsheets import made_safe

HEADINGS = ("Name", "Address", "State", "What was said", "Accepted at")


def recipients_in(mailing: Mailing, *, state: str) -> QuerySet[Recipient]:
    """Return the recipients of `mailing`, which has its job, in `state`; all of them where it is empty.

    A mail whose sending broke off in a job that has ended is one of the uncertain.
    """
    rows: QuerySet[Recipient] = mailing.recipients.order_by("pk").defer("merge_values")
    if not state:
        return rows
    states = {state}
    if mailing.job and mailing.job.has_ended:
        states -= {RecipientState.SENDING}
        if state == RecipientState.UNCERTAIN:
            states.add(RecipientState.SENDING)
    return rows.filter(state__in=states)


def name_states(mailing: Mailing, recipients: list[Recipient]) -> list[Recipient]:
    """Give each of `recipients` a `state_words`: what pages call their state."""
    for recipient in recipients:
        recipient.state_words = state_words(recipient, mailing=mailing)  # type: ignore[attr-defined]  # for a page
    return recipients


def state_words(recipient: Recipient, *, mailing: Mailing) -> str:
    """Return what pages call the state of `recipient`."""
    if mailing.job and mailing.job.has_ended:
        if recipient.state == RecipientState.SENDING:
            return RecipientState.UNCERTAIN.label
        if recipient.state == RecipientState.WAITING:
            return "Not sent"
    return RecipientState(recipient.state).label


def csv_lines(mailing: Mailing, *, state: str) -> Iterator[str]:
    """Return the lines of a CSV file of those recipients; a mark first, that it is UTF-8."""
    yield "\ufeff" + _line(HEADINGS)
    for recipient in recipients_in(mailing, state=state).iterator():
        at = recipient.accepted_at.isoformat(timespec="seconds") if recipient.accepted_at else ""
        said = " ".join(recipient.relay_words.split())
        yield _line((recipient.name, recipient.address, state_words(recipient, mailing=mailing), said, at))


def _line(cells: tuple[str, ...]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(map(made_safe, cells))
    return text.getvalue()
