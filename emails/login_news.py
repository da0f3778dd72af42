"""Mails to people whose way to sign in was changed, whoever did it: it may have been a stranger."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from emails import composing, merging, single
from jobs.models import Job, Person, PersonEvent, School
from jobs.submission import submit

KIND = "emails.login_news"
LANE = "mail"
TITLE = gettext_lazy("Mail about a login")
SUBJECT = gettext_lazy("Your login to Switchyard was changed")
CHANGED = gettext_lazy("""Hello {name},

how you sign in to Switchyard was changed:

    {who} {what}.
    {at}

If that was you, or you asked for it, there is nothing to do.
""")
NOT_YOU = gettext_lazy("""If it was not you, somebody else uses your login. Set a new password at once,
which signs them out:

    {forgotten}

Then look at what you sign in with, remove what is not yours, and tell your administrator:

    {ways}
""")
NOT_YOU_WITHOUT_SITE = gettext_lazy("""If it was not you, somebody else uses your login.
Set a new password at once, which signs them out, by the link for a forgotten password on the page
where you sign in, and tell your administrator.
""")


def tell(event: PersonEvent) -> Job:
    """Submit the mail that tells the person whom `event` is about.

    It goes by the lane of single mails: no code waits for it, and no page.
    """
    with transaction.atomic():
        return submit(
            kind=KIND,
            school=event.school or School.objects.platform(),
            by=None,
            arguments={"event": event.pk},
            key=f"login-news-{event.pk}",
            title=str(TITLE),
            units=1,
            lane=LANE,
        )


def send(*, event_id: int) -> None:
    """Hand the mail over to the relay; nothing if the event is gone, or the person is let in no more.

    A worker that dies after the relay's yes sends a second mail: better than none.

    Raises:
        TemporaryFailure: the relay could not take it now.
        PermanentFailure: the relay refused it for good.
    """
    event = PersonEvent.objects.select_related("about__school", "by").filter(pk=event_id).first()
    if event is None or not event.about.is_active:
        return
    single.send_to(
        event.about,
        letter=composing.Letter(
            subject=merging.literal(str(SUBJECT)),
            body=merging.literal(_text(event)),
            sender_name="Switchyard",
        ),
        message_id=composing.new_message_id(),
        use=gettext_noop("login news"),
    )


def _text(event: PersonEvent) -> str:
    person, by = event.about, event.by
    who = by.name if by and by.pk != person.pk else _("Somebody with your login")
    first = CHANGED.format(name=person.name, who=who, what=event.what, at=_spoken(event.at, person=person))
    return f"{first}\n{_what_to_do()}"


def _what_to_do() -> str:
    site = settings.SITE_URL
    if not site:
        return str(NOT_YOU_WITHOUT_SITE)
    return NOT_YOU.format(
        forgotten=f"{site}{reverse('password-forgotten')}", ways=f"{site}{reverse('mfa_index')}"
    )


def _spoken(at: datetime, *, person: Person) -> str:
    zone = person.school.zone if person.school else timezone.get_default_timezone()
    local = at.astimezone(zone)
    return _("{moment} ({zone})").format(moment=date_format(local, "j M Y, H:i"), zone=local.tzname())
