"""Sparing: who had a mailing of the school lately is told, and left out of the next if its writer wants."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from emails.models import Mailing, Recipient, RecipientState
from emails.settings import mail_settings

# One look at the index for each address, however many rows the ledgers have.
HAD_MAIL = """
SELECT wanted.address FROM unnest(%s::text[]) AS wanted(address) CROSS JOIN LATERAL (
    SELECT 1 FROM emails_recipient recipient
    WHERE recipient.school_id = %s AND lower(recipient.address) = lower(wanted.address)
        AND recipient.accepted_at > %s AND recipient.mailing_id <> %s
    LIMIT 1
) had_mail
"""


def had_mail_lately(mailing: Mailing, *, addresses: Sequence[str], now: datetime) -> frozenset[str]:
    """Return those of `addresses`, as given, that had another mailing of the school lately; one query.

    Lately is what MAIL["again_hours"] says. Sign-in codes and test mails do not count.
    """
    hours = mail_settings().again_hours
    if not hours or not addresses:
        return frozenset()
    since = now - timedelta(hours=hours)
    with connection.cursor() as cursor:
        cursor.execute(HAD_MAIL, [list(addresses), mailing.school_id, since, mailing.pk or 0])
        return frozenset(address for (address,) in cursor.fetchall())


def spare(rows: QuerySet[Recipient], *, mailing: Mailing, now: datetime, state: RecipientState) -> int:
    """Move the waiting recipients among `rows` whom `mailing` spares to `state`, and return how many.

    They are those who were told to be left out, and who had another mailing since. Two mailings that are
    sent at the same moment may both reach somebody.
    """
    if not mailing.spares_lately:
        return 0
    waiting = rows.filter(state=RecipientState.WAITING).order_by()
    found = list(waiting.values_list("pk", "address", "student_id"))
    had_mail = had_mail_lately(mailing, addresses=[address for _, address, _ in found], now=now)
    told = set(mailing.spared_ids)
    spared = [pk for pk, address, student in found if address in had_mail or student in told]
    return Recipient.objects.filter(pk__in=spared, state=RecipientState.WAITING).update(
        state=state,
        relay_words=_("Left out: had another mailing in {span}.").format(span=span_words()),
    )


def span_words() -> str:
    """Return how long lately is, for the end of a sentence: `the last 48 hours`."""
    hours = mail_settings().again_hours
    return _("the last hour") if hours == 1 else _("the last {hours:g} hours").format(hours=hours)
