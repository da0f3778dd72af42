"""Bouncing: what a report says about a mail is noted, and dead addresses get no more mailings."""

from datetime import datetime
from enum import StrEnum

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from emails import reports, suppressing
from emails.models import Recipient, SuppressionReason
from emails.reports import Report
from emails.return_paths import recipient_at
from emails.settings import mail_settings
from jobs.models import School

log = structlog.get_logger()


class NoReturnPaths(Exception):
    """No mailbox is set for mail that comes back, so that no report can be known to be about ours."""


class Outcome(StrEnum):
    """What became of a mail in the mailbox of bounces."""

    NO_REPORT = "no report"
    """An answer of a person or a machine that tells no fate."""
    UNKNOWN = "not about a mail of ours"
    DELAYED = "not failed yet"
    BOUNCED = "noted"
    COMPLAINED = "complaint noted"


def require_return_paths() -> None:
    """Refuse to take reports that could only be thrown away.

    Raises:
        NoReturnPaths: the settings name no mailbox; the message says which variable does.
    """
    if not mail_settings().bounces_to:
        message = (
            "MAIL_BOUNCES_TO is not set here, so nobody can tell whose mail came back, and nothing was read. "
            "Set it as it is for the workers that send."
        )
        raise NoReturnPaths(message)


def take(content: bytes, *, now: datetime, to: str = "") -> Outcome:
    """Note what the mail `content` reports, sent to the address `to`. The same may be taken twice."""
    report = reports.read(content, to=to)
    if report is None:
        return Outcome.NO_REPORT
    recipient = next((found for each in report.returned_to if (found := recipient_at(each))), None)
    if recipient is None:
        return Outcome.UNKNOWN
    return note(recipient, report, now=now)


def note(recipient: Recipient, report: Report, *, now: datetime, told: str = "") -> Outcome:
    """Note what `report` says of the mail of `recipient`; the same may be noted twice.

    The address goes on its school's list when it takes no mail or its owner wants none. `told` is who told
    it, and when, as the beginning of a sentence; empty for a report that came now as a mail.
    """
    if not report.has_failed and not report.is_complaint:
        return Outcome.DELAYED
    what = _("Called spam on {moment}") if report.is_complaint else _("Came back on {moment}")
    words = f"{told or _on(what, now, school=recipient.school)}: {report.words}"
    with transaction.atomic():
        if report.has_failed:
            recipient.bounce(words=words)
        if report.is_complaint:
            recipient.complain(words=words)
        if report.is_complaint or report.has_no_mailbox:
            suppressing.suppress(
                school=recipient.school,
                addresses=[recipient.address],
                reason=SuppressionReason.COMPLAINED if report.is_complaint else SuppressionReason.BOUNCED,
                words=words,
                now=now,
            )
    outcome = Outcome.COMPLAINED if report.is_complaint else Outcome.BOUNCED
    log.info("mail_came_back", recipient=recipient.pk, outcome=str(outcome), status=report.status)
    return outcome


def told_by(title: str, *, at: datetime, school: School) -> str:
    """Return the beginning of a sentence to `school` that the provider called `title` told `at` a moment."""
    return _on(_("As {title} told on {moment}"), at, school=school, title=title)


def _on(what: str, at: datetime, *, school: School, **more: str) -> str:
    moment = date_format(timezone.localtime(at, school.zone), "j M Y, H:i")
    return what.format(moment=moment, **more)
