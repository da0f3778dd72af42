"""A program's request to send a mailing that staff have written."""

from typing import Annotated

from django.utils.translation import gettext as _
from pydantic import Field

from emails import preflight, sending
from emails.models import Mailing
from jobs.arguments import Arguments
from jobs.asking import Asked, Id, NothingHere, Refused
from jobs.keys import KeyTaken
from jobs.models import Job


class MailingArguments(Arguments):
    """A draft of the school, to be sent as it stands."""

    mailing: Annotated[Id, Field(description="Id of a draft, as in its page's address.")]
    recipients: Annotated[
        int | None,
        Field(
            ge=1,
            description="How many students you expect to get it; when others would by now, nothing is sent.",
        ),
    ] = None


def request_mailing(asked: Asked) -> Job:
    """Send the draft that the program named, to those that its choice of students means now.

    Raises:
        NothingHere: the school has no such mailing.
        Refused: nobody matches, others than expected match, the pre-flight finds what must be changed first,
            or it was sent before.
        KeyTaken, CannotFollow: as `jobs.submission.submit_many`.
    """
    arguments: MailingArguments = asked.arguments
    mailing = Mailing.objects.filter(school=asked.school, pk=arguments.mailing).first()
    if mailing is None:
        message = _("There is no mailing {mailing} in your school.").format(mailing=arguments.mailing)
        raise NothingHere(message)
    try:
        job = sending.send(
            mailing=mailing,
            by=asked.by,
            confirmed=arguments.recipients,
            key=asked.key,
            require=preflight.require_sendable,
            **asked.options,
        )
    except (
        preflight.Blocked,
        sending.NoRecipients,
        sending.RecipientsChanged,
        sending.AlreadySent,
    ) as error:
        raise Refused(str(error)) from error
    _require_same(job, recipients=arguments.recipients)
    return job


def _require_same(job: Job, *, recipients: int | None) -> None:
    sent_to = job.sizes.get("recipients")
    if not job.is_new and recipients is not None and recipients != sent_to:
        message = _(
            "This key sent the mailing to {sent_to} students before, not {recipients}; ask for the same."
        ).format(sent_to=sent_to, recipients=recipients)
        differing = {
            "arguments.recipients": _("The first request with this key sent to {sent_to}.").format(
                sent_to=sent_to
            )
        }
        raise KeyTaken(message, differing=differing)
