"""Verification codes: asked for by a page, made and sent by a worker, redeemed by a page.

The code itself stands in the mail only. The database keeps a hash keyed with SECRET_KEY; the
broker and the logs never see it. Its ten minutes begin when the relay has accepted the mail, so
that a wait in the lane costs the person nothing.
"""

import secrets
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext

from emails import code_limits, composing, merging, single
from emails.models import Code, CodeState
from emails.models.codes import REPLACEABLE_STATES
from emails.settings import code_settings
from jobs.models import Job, Person, School
from jobs.submission import submit

log = structlog.get_logger()

DIGITS = 6
LIFETIME = timedelta(minutes=10)
TRIES = 5
TEXT = gettext_lazy("""Hello {name},

your code to sign in to Switchyard is

    {code}

It works once, within the next ten minutes. If you did not ask for it, somebody may
know your password: please change it, and pass this code on to nobody.
""")


class CodeRefused(Exception):
    """The code does not let the person in; the message is a sentence for them."""


class WrongCode(CodeRefused):
    """It is not the code that was sent, or none was sent yet."""


class CodeExpired(CodeRefused):
    """The code was right once: its time is over, it was used, or a newer one replaced it."""


class TooManyTries(CodeRefused):
    """The newest code was tried too often and is worth nothing any more."""


def request_code(*, person: Person, now: datetime, network: str = "") -> Job:
    """Submit the sending of a new code to `person`; it replaces the codes that they asked for before.

    `network` is where they ask from, as `jobs.clients.network_of` tells it.

    Raises:
        TooSoon, TooManyCodes: a limit is reached; a sentence says for how long.
    """
    with transaction.atomic():
        # Two requests at once take turns, so that exactly one code stays open.
        Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
        school = school_for_codes(person)
        code_limits.require_room(person=person, school=school, network=network, now=now)
        replaced = Code.objects.filter(person=person, state__in=REPLACEABLE_STATES)
        replaced.update(state=CodeState.REPLACED)
        code = Code.objects.create(person=person, school=school, network=network, requested_at=now)
        return submit(
            kind="emails.code",
            school=school,
            by=person,
            arguments={"code": code.pk},
            key=_key(code),
            title=_("Sign-in code"),
            units=1,
        )


def newest_request(person: Person) -> tuple[Code, Job]:
    """Return the newest code of `person`, and the job that sends it."""
    code = Code.objects.filter(person=person)[0]
    return code, Job.objects.get(school_id=code.school_id, kind="emails.code", key=_key(code))


def _key(code: Code) -> str:
    return f"code-{code.pk}"


def school_for_codes(person: Person) -> School:
    """Return the school that the codes of `person` belong to.

    Ops and admins have none: theirs belong to the platform's own.
    """
    if person.school is not None:
        return person.school
    return School.objects.platform()


def send_code(*, code_id: int) -> None:
    """Make a fresh code, keep its hash, and hand the mail to the relay; nothing if it is not wanted any more.

    A worker that dies after the relay's yes, and a relay that takes the mail without saying so, have a second
    mail sent with a new code; only that works.

    Raises:
        TemporaryFailure: the relay could not take it now.
        MayBeDone: nobody knows whether the relay took it.
        PermanentFailure: the relay refused it for good.
    """
    code = Code.objects.select_related("person").filter(pk=code_id).first()
    if code is None:
        log.info("code_gone", code=code_id)
        return
    plain = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    if not code.keep_hash(_hashed(code, plain)):
        log.info("code_not_wanted", code=code.pk, state=code.state)
        return
    sender = code_settings().sender
    single.send_to(
        code.person,
        letter=composing.Letter(
            subject=merging.literal(_("Your sign-in code")),
            body=merging.literal(TEXT.format(name=code.person.name, code=plain)),
            sender_name="Switchyard",
            sender=sender,
        ),
        message_id=composing.new_message_id(sender=sender),
        use=gettext_noop("codes"),
    )
    now = timezone.now()
    if code.mark_sent(now=now, expires_at=now + LIFETIME):
        log.info("code_sent", code=code.pk, seconds=round((now - code.requested_at).total_seconds(), 3))
    else:
        code.note_sent(now=now)


def give_up(*, code_id: int) -> None:
    """Note that the code was not sent, as its job failed or was stopped; a retry sends it all the same."""
    waiting = Code.objects.filter(pk=code_id, state=CodeState.WAITING)
    waiting.update(state=CodeState.FAILED)


def redeem(*, person: Person, code: str, now: datetime) -> Code:
    """Use up the newest code of `person`, if it is `code`, and return its record.

    Blanks and dashes do not matter. Each call counts as one of five tries, so call it outside of a
    transaction that an error would roll back.

    Raises:
        WrongCode, CodeExpired, TooManyTries: it does not let the person in; a sentence says why.
    """
    newest = Code.objects.filter(person=person).first()
    if newest is None or newest.state == CodeState.WAITING:
        message = _("Your code is still on its way. Please wait for the mail, then enter the code from it.")
        raise WrongCode(message)
    if newest.state == CodeState.FAILED:
        message = _("The mail with your code could not be sent. Please ask for a new code.")
        raise WrongCode(message)
    if not newest.count_try(now=now, limit=TRIES):
        raise _reason(newest, now=now)
    plain = "".join(character for character in code if character not in " -\t\r\n\N{NO-BREAK SPACE}")
    if not constant_time_compare(_hashed(newest, plain), newest.hash):
        raise _wrong(tries_left=TRIES - newest.tries - 1)
    if not newest.use(now=now):
        raise _reason(newest, now=now)
    newest.refresh_from_db()
    return newest


def _hashed(code: Code, plain: str) -> str:
    return salted_hmac("emails.code", f"{code.pk}:{plain}", algorithm="sha256").hexdigest()


def _reason(code: Code, *, now: datetime) -> CodeRefused:
    """Return why a code that was sent cannot be tried any more."""
    code.refresh_from_db()
    if code.state == CodeState.USED:
        return CodeExpired(_("This code was used already. Please ask for a new one."))
    if code.state == CodeState.REPLACED:
        return CodeExpired(_("A newer code replaced this one. Please use the newest mail."))
    if code.expires_at is not None and code.expires_at <= now:
        return CodeExpired(
            _("This code was valid for ten minutes and has expired. Please ask for a new one.")
        )
    return TooManyTries(
        _("This code was tried {tries} times and does not work any more. Please ask for a new one.").format(
            tries=TRIES
        )
    )


def _wrong(*, tries_left: int) -> CodeRefused:
    if tries_left <= 0:
        return TooManyTries(
            _("That was the last of {tries} tries. Please ask for a new code.").format(tries=TRIES)
        )
    says = ngettext(
        "That is not the code from the newest mail. You have {tries_left} more try.",
        "That is not the code from the newest mail. You have {tries_left} more tries.",
        tries_left,
    )
    return WrongCode(says.format(tries_left=tries_left))
