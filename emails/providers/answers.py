"""What a provider answered to a call that it took: what became of each mail."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

UNREADABLE = gettext_lazy(
    "The provider took the call, but its answer cannot be read; the mail may or may not have arrived."
)
UNTOLD = gettext_lazy(
    "The provider refused some mails of the call and does not say which; this one may have arrived."
)
POSTMARK_NOT_NOW = frozenset({100, 405, 412, 413})
"""ErrorCodes of Postmark that concern no mail: it is being maintained, or the account may not send."""


class Fate(StrEnum):
    """What became of a mail."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    DEFERRED = "deferred"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the provider says of one mail."""

    fate: Fate
    words: str


def of_postmark(status: Any, addresses: list[str]) -> list[Verdict]:
    """Read Postmark's list, which is in the order of the mails.

    https://postmarkapp.com/developer/api/email-api#send-batch-emails
    """
    try:
        verdicts = list(_of_postmark(status.esp_response.json()))
    except (ValueError, TypeError, KeyError, AttributeError):
        verdicts = []
    return verdicts if len(verdicts) == len(addresses) else _all(addresses, Fate.DOUBTFUL, str(UNREADABLE))


def of_mailgun(status: Any, addresses: list[str]) -> list[Verdict]:
    """Read Mailgun's answer: it takes all mails of a call, or refuses the call."""
    return _of_status(status, addresses, title="Mailgun", unknown=str(UNREADABLE))


def of_sparkpost(status: Any, addresses: list[str]) -> list[Verdict]:
    """Read SparkPost's answer: it tells how many mails of the call it took, and not which."""
    return _of_status(status, addresses, title="SparkPost", unknown=str(UNTOLD))


def _of_postmark(answer: Any) -> Iterator[Verdict]:
    for told in answer:
        code, words = int(told.get("ErrorCode", 0)), " ".join(str(told["Message"]).split())
        if code == 0:
            yield Verdict(
                fate=Fate.ACCEPTED,
                words=_("Accepted by Postmark as {message_id}.").format(message_id=told["MessageID"]),
            )
        else:
            fate = Fate.DEFERRED if code in POSTMARK_NOT_NOW else Fate.REFUSED
            yield Verdict(fate=fate, words=f"Postmark: {words} ({code})")


def _of_status(status: Any, addresses: list[str], *, title: str, unknown: str) -> list[Verdict]:
    fates = {
        "queued": Fate.ACCEPTED,
        "sent": Fate.ACCEPTED,
        "rejected": Fate.REFUSED,
        "invalid": Fate.REFUSED,
    }
    verdicts = []
    for address in addresses:
        told = status.recipients.get(address)
        fate = fates.get(told.status, Fate.DOUBTFUL) if told else Fate.DOUBTFUL
        words = {
            Fate.ACCEPTED: _("Accepted by {title} as {message_id}.").format(
                title=title, message_id=told.message_id
            )
            if told
            else "",
            Fate.REFUSED: _("{title} refused the mail.").format(title=title),
        }
        verdicts.append(Verdict(fate=fate, words=words.get(fate, unknown)))
    return verdicts


def _all(addresses: list[str], fate: Fate, words: str) -> list[Verdict]:
    return [Verdict(fate=fate, words=words) for _ in addresses]
