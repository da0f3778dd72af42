"""Mails to subscribers of the status page: the news, or the question whether they want it."""

from django.utils.translation import gettext_lazy, gettext_noop

from emails import composing, merging, single
from emails.composing import Letter
from jobs.models import IncidentUpdate, StatusSubscriber
from jobs.status.news import mail_to

SENDER = gettext_lazy("Switchyard status")


class Subscriber:
    """Whom a mail goes to: somebody without a name here."""

    name = ""

    def __init__(self, email: str) -> None:
        """Have the address `email`."""
        self.email = email


def send(*, subscriber_id: int, update_id: int | None) -> None:
    """Hand a mail to the relay, unless the subscriber or the update is gone. May send it twice.

    Raises:
        TemporaryFailure: the relay could not take it now.
        PermanentFailure: the relay refused it for good.
    """
    subscriber = StatusSubscriber.objects.filter(pk=subscriber_id).first()
    update = (
        IncidentUpdate.objects.select_related("incident").filter(pk=update_id).first() if update_id else None
    )
    if subscriber is None or (update_id and update is None):
        return
    mail = mail_to(subscriber, update)
    single.send_to(
        Subscriber(subscriber.email),
        letter=Letter(
            subject=merging.literal(mail.subject), body=merging.literal(mail.text), sender_name=str(SENDER)
        ),
        message_id=composing.new_message_id(),
        use=gettext_noop("status mails"),
        unsubscribe_link=mail.unsubscribe_link,
    )
