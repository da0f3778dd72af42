"""Calling a provider: one HTTP request for several mails, and after it what is certain of each."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from ssl import SSLCertVerificationError
from typing import Any, ClassVar

import requests
from anymail.exceptions import AnymailError, AnymailRequestsAPIError
from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext as _
from urllib3.exceptions import NewConnectionError, SSLError

from emails.composing import Letter
from emails.providers.answers import Verdict
from emails.providers.catalogue import Provider, call_options
from emails.providers.settings import provider_settings
from emails.providers.writing import Enclosures, Written
from emails.settings import mail_settings

CONNECT_SECONDS = 10
MARK = "switchyard"
"""What a mail's mark is called in a call and in events."""
LATER = frozenset({HTTPStatus.TOO_MANY_REQUESTS, 420})
"""SparkPost answers 420 beyond the limit of the account."""
SHORTEST, USUAL, LONGEST = timedelta(seconds=1), timedelta(seconds=30), timedelta(hours=1)
"""How long we wait before we ask a provider again that has told us to slow down."""
NOT_OF_THE_MAILS = frozenset({401, 402, 403, 404, 405, 407, 408, 425})
"""Refusals of us or of the moment; others below 500 are of the mails."""


class CallFailed(Exception):
    """A call took no mail at all; the message is a sentence without personal data."""

    is_its_fault: ClassVar[bool] = False
    """Whether it counts as a failure of the provider."""


class Unreachable(CallFailed):
    """The provider does not answer, or does not let us in: no mail of anybody can be sent now."""

    is_its_fault = True


class SlowDown(CallFailed):
    """The provider wants no more calls for a while."""

    def __init__(self, message: str, *, until: datetime) -> None:
        """Ask again at `until`."""
        super().__init__(message)
        self.until = until


class OutOfService(SlowDown):
    """The provider takes nothing from anybody for a while (503)."""

    is_its_fault = True


class CallRefused(CallFailed):
    """The provider takes no call with these mails: one of them is why, or all are. May hold an address."""


class CallImpossible(CallRefused):
    """The call was not made: what it should say cannot be said to this provider."""


class CallLost(Exception):
    """Nobody knows whether the provider took the mails: the call went out, and no good answer came back."""

    is_its_fault = True


def post(
    mails: list[Written], *, provider: Provider, letter: Letter, enclosures: Enclosures, now: datetime
) -> list[Verdict]:
    """Hand `mails` over in one call and return what became of each, in order.

    Raises:
        Unreachable, SlowDown, OutOfService, CallRefused: no mail was taken.
        CallLost: each of them may have been.
    """
    message = _message(mails, provider=provider, letter=letter, enclosures=enclosures)
    backend = provider.backend(
        **call_options(provider, provider_settings()),
        timeout=(CONNECT_SECONDS, mail_settings().verdict_seconds),
        ignore_recipient_status=True,
    )
    try:
        backend.send_messages([message])
    except AnymailRequestsAPIError as error:
        raise _failure(error, title=provider.title, now=now) from error
    except AnymailError as error:
        raise CallImpossible(str(error)) from error
    return provider.read(message.anymail_status, [mail.address for mail in mails])


def _message(mails: list[Written], *, provider: Provider, letter: Letter, enclosures: Enclosures) -> Any:
    """Return the mail of the call, as anymail wants it: its texts are filled in by the provider for each."""
    message: Any = EmailMultiAlternatives(
        subject=provider.merge.get("subject", ""),
        body=provider.merge.get("text", ""),
        from_email=_mailbox(letter.sender_name, letter.comes_from),
        to=[_mailbox(mail.name, mail.address) for mail in mails],
        reply_to=[letter.reply_to] if letter.reply_to else None,
        attachments=list(enclosures.files),
    )
    if provider.merge and letter.html:
        message.attach_alternative(provider.merge["html"], "text/html")
    message.merge_data = {
        mail.address: {"subject": mail.subject, "text": mail.text, "html": mail.html} for mail in mails
    }
    message.merge_metadata = {mail.address: {MARK: mail.mark} for mail in mails if mail.mark}
    message.merge_headers = {
        mail.address: {
            "List-Unsubscribe": f"<{mail.unsubscribe_link}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
        for mail in mails
        if mail.unsubscribe_link
    }
    # Links go as they stand: one that unsubscribes must not lead through somebody else's counter.
    message.track_opens = message.track_clicks = False
    return message


def _mailbox(name: str, address: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}" <{address}>' if name else address


def _failure(error: AnymailRequestsAPIError, *, title: str, now: datetime) -> Exception:
    """Return what it means that a call ended like this."""
    if error.response is None:
        lost = CallLost(_("{title} did not answer after the call was made.").format(title=title))
        return (
            Unreachable(_("{title} does not answer.").format(title=title))
            if _has_not_begun(error.__cause__)
            else lost
        )
    status = error.response.status_code
    if status in LATER or status == HTTPStatus.SERVICE_UNAVAILABLE:
        until = now + _told_wait(error.response.headers.get("Retry-After", ""), now=now)
        if status in LATER:
            return SlowDown(_("{title} takes no more mails at the moment.").format(title=title), until=until)
        return OutOfService(
            _("{title} is out of service at the moment (it answers {status}).").format(
                title=title, status=status
            ),
            until=until,
        )
    if status in NOT_OF_THE_MAILS or HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return Unreachable(
            _("{title} does not let us send (it answers {status}).").format(title=title, status=status)
        )
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return CallRefused(f"{title}: {_words(error.response)} ({status})")
    # Also of 502 and 504: a gateway lost the answer of a server that may have taken the mails.
    return CallLost(_("{title} answered {status}.").format(title=title, status=status))


def _has_not_begun(cause: BaseException | None) -> bool:
    """Say whether there was no connection to send anything over."""
    if isinstance(cause, requests.ConnectTimeout | requests.TooManyRedirects):
        return True
    reason = getattr(cause.args[0], "reason", None) if cause and cause.args else None
    if isinstance(reason, SSLError):
        return bool(reason.args) and isinstance(reason.args[0], SSLCertVerificationError)
    return isinstance(reason, NewConnectionError)


def _told_wait(told: str, *, now: datetime) -> timedelta:
    """Return how long the provider wants us to wait: seconds, or an HTTP date (RFC 9110, 10.2.3)."""
    try:
        wait = timedelta(seconds=int(told)) if told.isdecimal() else parsedate_to_datetime(told) - now
    except (ValueError, TypeError, OverflowError):
        return USUAL
    return min(max(wait, SHORTEST), LONGEST)


def _words(response: requests.Response) -> str:
    """Return what the provider says of a refusal: each of them has a field for it."""
    try:
        told = response.json()
        said = told.get("message") or told.get("Message") or told["errors"][0]["message"]
    except (ValueError, AttributeError, KeyError, IndexError, TypeError):
        said = response.reason
    return " ".join(str(said).split())
