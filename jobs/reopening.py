"""Opening ended jobs again: one that is retried, and those that had failed because of it."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from jobs import followers, reviving
from jobs.models import ENDED_STATES, Job, JobEvent, JobState, Person

WITHOUT_DEADLINE = _("Tried again without its deadline of {deadline}, which had passed.")
WITH_ANOTHER = _("“{job}”, which it follows, is tried again.")


def open_again(job: Job, *, by: Person | None, program: str, why: str, now: datetime) -> str:
    """Open a job that the caller has locked and found ended, and write it down; its parts are left alone.

    A deadline that is still ahead holds on. Returns a sentence if one was dropped, else an empty text.
    """
    back = JobState.WORKING if job.started_at else JobState.WAITING
    passed = job.deadline_at if job.deadline_at and job.deadline_at <= now else None
    opened = {"ended_at": None, "discarded_at": None, "put_away_at": None, "error": ""}
    if passed:
        opened["deadline_at"] = None
    job.move(to=back, only_from=ENDED_STATES, **opened)
    JobEvent.objects.create(job=job, at=now, what="retried", by=by, program=program, why=why)
    if not passed:
        return ""
    deadline = date_format(timezone.localtime(passed, job.school.zone), "j M Y, H:i")
    said = WITHOUT_DEADLINE.format(deadline=deadline)
    JobEvent.objects.create(job=job, at=now, what="deadline dropped", why=said)
    return said


def lock_followers(job: Job) -> list[Job]:
    """Lock the jobs that failed because `job` ended badly, and return them, each after what it follows.

    To be called with `job` locked, and before any share is: the end of a part locks in that order too.
    """
    ids = followers.that_failed_with(job)
    return list(Job.objects.select_for_update().filter(pk__in=ids).order_by("pk"))


def bring_back(failed: Sequence[Job], *, job: Job, by: Person | None, program: str, now: datetime) -> int:
    """Let those of `failed` wait again that follow no job that ended badly any more; return how many.

    They are what `lock_followers` returned of `job`, which the caller has opened again since.
    """
    again = {job.pk}
    for follower in failed:
        if followers.ended_badly_before(follower) or not reviving.can_be_retried(follower):
            continue
        why = WITH_ANOTHER.format(job=follower.after.filter(pk__in=again).order_by("pk").first())
        open_again(follower, by=by, program=program, why=why, now=now)
        reviving.offer_again(follower, now=now)
        again.add(follower.pk)
    return len(again) - 1
