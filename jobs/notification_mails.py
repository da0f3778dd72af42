"""The mail of a notification: what it says, and handing it over, once."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs import counting
from jobs.amounts import count_units
from jobs.letters import Letter, send_once
from jobs.models import Job, JobState, Notification
from jobs.registry import unit_of
from jobs.retries import PermanentFailure

NOBODY = gettext_lazy("Who is to be told can sign in no more.")
ENDED = {
    JobState.DONE: gettext_lazy("“{job}” is done"),
    JobState.PROBLEMS: gettext_lazy("“{job}” is done, with problems"),
    JobState.FAILED: gettext_lazy("“{job}” needs attention"),
    JobState.STOPPED: gettext_lazy("“{job}” was stopped"),
}
LONGEST_SUBJECT = 150


def send(notification_id: int, *, now: datetime) -> None:
    """Hand the mail over, unless that was begun before: it is never sent twice.

    Raises:
        TemporaryFailure: the relay could not take it now.
        PermanentFailure: it was refused, may have arrived, or nobody is there to be told.
    """
    found = Notification.objects.select_related("person", "school", "job")
    notification = found.filter(pk=notification_id).first()
    if notification is None or not notification.person.is_active:
        raise PermanentFailure(str(NOBODY))
    send_once(_letter(notification), row=notification, now=now)


def is_begun(notification_id: int) -> bool:
    """Say whether the mail was begun: it may have arrived."""
    return Notification.objects.filter(pk=notification_id).exclude(begun_at=None).exists()


def _letter(notification: Notification) -> Letter:
    job = notification.job
    first = f"{_told(notification, name=str(notification))}." if job else notification.says
    return Letter(
        name=notification.person.name,
        address=notification.person.email,
        sender_name=notification.school.name,
        subject=(_told(notification, name=str(job)) if job else notification.title)[:LONGEST_SUBJECT],
        text="\n".join([first, *_more(notification)]) + "\n",
        message_id=notification.message_id,
    )


def _told(notification: Notification, *, name: str) -> str:
    """Return how the job ended, with the name that it is called."""
    ended = ENDED.get(JobState(notification.state))
    return ended.format(job=name) if ended else f"“{name}”"


def _more(notification: Notification) -> list[str]:
    job, site = notification.job, settings.SITE_URL
    lines = ["", *_figures(job)] if job and not notification.is_past else []
    if site:
        lines += ["", _("See it: {address}").format(address=f"{site}{notification.page}")]
        words = _("When you get such mails, you choose here: {address}")
        lines += ["", words.format(address=f"{site}{reverse('jobs:notifications')}")]
    return lines


def _figures(job: Job) -> list[str]:
    units = counting.count([job], exactly=True)[job.pk].units
    told = (
        (units.failed, _("{number:,} failed")),
        (units.uncertain, _("{number:,} uncertain")),
        (units.skipped, _("{number:,} left out")),
    )
    rest = [words.format(number=number) for number, words in told if number]
    wanted = count_units(units.wanted, unit_of(job.kind))
    lines = (
        [", ".join([_("{done:,} of {wanted} done").format(done=units.done, wanted=wanted), *rest]) + "."]
        if units.total
        else []
    )
    return [*lines, job.error] if job.error else lines
