"""Links to set a password: asked for by a page, made and sent by a worker, used once.

The page that asks for one looks nobody up, so its answer and its time tell nothing of who has an address.
"""

import secrets
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from emails import composing, merging, single
from emails.models import LinkPurpose, PasswordLink
from jobs.models import Job, Person, School
from jobs.retries import PermanentFailure
from jobs.submission import submit

log = structlog.get_logger()

LANE = "mail"
LASTS = {LinkPurpose.INVITATION: timedelta(days=7), LinkPurpose.RESET: timedelta(hours=1)}
SPOKEN = {LinkPurpose.INVITATION: gettext_lazy("seven days"), LinkPurpose.RESET: gettext_lazy("an hour")}
SUBJECTS = {
    LinkPurpose.INVITATION: gettext_lazy("Your invitation to Switchyard"),
    LinkPurpose.RESET: gettext_lazy("A new password for Switchyard"),
}
INVITED = gettext_lazy("""Hello {name},

you are invited to work with {platform}. Set your password here:

    {address}

The link works once, for {lasts}.
""")
FORGOTTEN = gettext_lazy("""Hello {name},

somebody asked for a new password for your login to Switchyard. Set it here:

    {address}

The link works once, for {lasts}. If it was not you, leave it: nothing has changed.
""")


class LinkGone(Exception):
    """The link is not one of ours, was used, or its time is over."""


def request_reset(*, email: str, now: datetime) -> Job:
    """Submit the sending of a link to whoever has the address, if anyone has."""
    return _submit(PasswordLink(purpose=LinkPurpose.RESET, email=email), school=None, by=None, now=now)


def invite(*, person: Person, by: Person, now: datetime) -> Job:
    """Submit the sending of an invitation; links that were sent to the person before end."""
    PasswordLink.objects.filter(person=person, used_at=None).update(used_at=now)
    link = PasswordLink(purpose=LinkPurpose.INVITATION, email=person.email, person=person)
    return _submit(link, school=person.school, by=by, now=now)


def send_link(*, link_id: int, now: datetime) -> None:
    """Make a fresh secret, keep its hash, and hand the mail to the relay; nothing if nobody is to get it.

    A worker that dies after the relay's yes sends a second mail; only the newer link works.

    Raises:
        TemporaryFailure: the relay could not take it now.
        PermanentFailure: the relay refused it for good, or SITE_URL does not say where we are.
    """
    link = PasswordLink.objects.filter(pk=link_id, used_at=None).first()
    person = _receiver(link) if link else None
    if link is None or person is None:
        log.info("password_link_not_wanted", link=link_id)
        return
    if not settings.SITE_URL:
        message = _("The link cannot be written: SITE_URL does not say where the platform is.")
        raise PermanentFailure(message)
    secret = secrets.token_urlsafe(32)
    purpose = LinkPurpose(link.purpose)
    link.person, link.hash, link.expires_at = person, _hashed(secret), now + LASTS[purpose]
    link.save(update_fields=["person", "hash", "expires_at"])
    single.send_to(
        person,
        letter=composing.Letter(
            subject=merging.literal(str(SUBJECTS[purpose])),
            body=merging.literal(_text(person, purpose=purpose, secret=secret)),
            sender_name="Switchyard",
        ),
        message_id=composing.new_message_id(),
        use=gettext_noop("password links"),
    )
    link.sent_at = now
    link.save(update_fields=["sent_at"])


def open_link(secret: str, *, now: datetime) -> PasswordLink:
    """Return the link that the secret belongs to; looking at it does not use it.

    Raises:
        LinkGone: there is none that still works.
    """
    found = PasswordLink.objects.select_related("person__school").filter(hash=_hashed(secret), used_at=None)
    link = found.filter(expires_at__gt=now, person__is_active=True).first()
    if link is None or (link.person and not link.person.is_let_in):
        message = _("This link was used already, or its time is over.")
        raise LinkGone(message)
    return link


def use_link(link: PasswordLink, *, now: datetime) -> None:
    """Use the link up, in the caller's transaction; all other links of the person end too.

    Raises:
        LinkGone: somebody else did so meanwhile.
    """
    if not link.use(now=now):
        message = _("This link was used already.")
        raise LinkGone(message)
    PasswordLink.objects.filter(person=link.person, used_at=None).update(used_at=now)


def _submit(link: PasswordLink, *, school: School | None, by: Person | None, now: datetime) -> Job:
    with transaction.atomic():
        link.requested_at = now
        link.save()
        return submit(
            kind="emails.password_link",
            school=school or School.objects.platform(),
            by=by,
            arguments={"link": link.pk},
            key=f"password-link-{link.pk}",
            title=str(LinkPurpose(link.purpose).label),
            units=1,
            lane=LANE,
        )


def _receiver(link: PasswordLink) -> Person | None:
    person = link.person or Person.objects.filter(email=link.email.lower()).first()
    if person is None or not person.is_let_in:
        return None
    # A forgotten password is one that there was: an invitation that is over is renewed by an administrator.
    is_wanted = link.purpose == LinkPurpose.INVITATION or person.has_usable_password()
    return person if is_wanted else None


def _text(person: Person, *, purpose: LinkPurpose, secret: str) -> str:
    text = INVITED if purpose == LinkPurpose.INVITATION else FORGOTTEN
    school = person.school
    platform = _("Switchyard for {school}").format(school=school.name) if school else "Switchyard"
    address = f"{settings.SITE_URL}{reverse('password-link', args=[secret])}"
    return text.format(name=person.name, platform=platform, address=address, lasts=SPOKEN[purpose])


def _hashed(secret: str) -> str:
    return salted_hmac("emails.password_link", secret, algorithm="sha256").hexdigest()
