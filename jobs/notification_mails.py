"""The mail of a notification: what it says, and handing it over, once."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from jobs import counting
from jobs.amounts import count_units
from jobs.letters import Letter, send_once
from jobs.models import Job, JobState, Notification
from jobs.registry import unit_of
from jobs.retries import PermanentFailure

NOBODY = "Who is to be told can sign in no more."
ENDED = {
    JobState.DONE: "is done",
    JobState.PROBLEMS: "is done, with problems",
    JobState.FAILED: "needs attention",
    JobState.STOPPED: "was stopped",
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
        raise PermanentFailure(NOBODY)
    send_once(_letter(notification), row=notification, now=now)


def is_begun(notification_id: int) -> bool:
    """Say whether the mail was begun: it may have arrived."""
    return Notification.objects.filter(pk=notification_id).exclude(begun_at=None).exists()


def _letter(notification: Notification) -> Letter:
    job = notification.job
    ended = ENDED.get(JobState(notification.state), "") if job else ""
    return Letter(
        name=notification.person.name,
        address=notification.person.email,
        sender_name=notification.school.name,
        subject=(f"“{job}” {ended}" if job else notification.title)[:LONGEST_SUBJECT],
        text="\n".join([f"“{notification}” {ended}." if job else notification.says, *_more(notification)])
        + "\n",
        message_id=notification.message_id,
    )


def _more(notification: Notification) -> list[str]:
    job, site = notification.job, settings.SITE_URL
    lines = ["", *_figures(job)] if job and not notification.is_past else []
    if site:
        lines += ["", f"See it: {site}{notification.page}"]
        lines += ["", f"When you get such mails, you choose here: {site}{reverse('jobs:notifications')}"]
    return lines


def _figures(job: Job) -> list[str]:
    units = counting.count([job], exactly=True)[job.pk].units
    told = {"failed": units.failed, "uncertain": units.uncertain, "left out": units.skipped}
    rest = [f"{number:,} {word}" for word, number in told.items() if number]
    wanted = count_units(units.wanted, unit_of(job.kind))
    lines = [", ".join([f"{units.done:,} of {wanted} done", *rest]) + "."] if units.total else []
    return [*lines, job.error] if job.error else lines
