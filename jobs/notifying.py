"""Notifying people: what ended of theirs, and what colleagues ask, on the pages and by mail.

The transaction that ends a job writes one row. Supervision counts it for the person and submits its mail.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from jobs import letters
from jobs.letters import LANE
from jobs.models import Job, MailChoice, Notification, Person, School
from jobs.registry import kind_named, kinds
from jobs.settings import switchyard
from jobs.submission import submit

TELL = "people.tell"
LONG = timedelta(minutes=5)
MOST = 500
"""Notifications that one round hands out; the next one goes on."""


def told_kinds() -> list[str]:
    """Return the names of the kinds of whose ends people are told who asked for the jobs."""
    return [kind.name for kind in kinds() if kind.is_on_home and kind.is_told]


def note_end(job: Job, *, by: Person | None) -> None:
    """Write down, in the caller's transaction, that the person who asked for `job` is told of its end.

    Not whoever ended it `by` a click, and not for programs, whose people look elsewhere.
    """
    person, ended_at = job.submitted_by, job.ended_at
    if person is None or job.program or ended_at is None or job.kind not in told_kinds():
        return
    if person.is_active and person != by:
        Notification.objects.create(
            school_id=job.school_id,
            person=person,
            job=job,
            state=job.state,
            at=ended_at,
            wants_mail=_wants_mail(person, job),
        )


def _wants_mail(person: Person, job: Job) -> bool:
    took = (job.ended_at or job.created_at) - job.created_at
    is_wanted = person.mails == MailChoice.ALWAYS or (person.mails == MailChoice.LONG and took >= LONG)
    return is_wanted and not kind_named(job.kind).mails_itself(job)


def ask(people: Collection[Person], *, school: School, title: str, says: str, address: str) -> None:
    """Tell `people` of the school what a colleague asks; by mail too, unless they want none."""
    Notification.objects.bulk_create(
        Notification(
            school=school,
            person=person,
            title=title[:200],
            says=says,
            address=address,
            at=timezone.now(),
            wants_mail=person.mails != MailChoice.NEVER,
        )
        for person in people
    )


def hand_out(*, now: datetime) -> None:
    """Count what is new for its people, and submit its mails, each once."""
    fresh = list(Notification.objects.filter(told_at=None).select_related("person", "school", "job")[:MOST])
    for each in fresh:
        _hand_out(each, now=now)
    if fresh:
        _recount({each.person_id for each in fresh})


@transaction.atomic
def _hand_out(each: Notification, *, now: datetime) -> None:
    changes: dict[str, object] = {"told_at": now}
    if each.wants_mail and not _was_seen(each) and _can_mail():
        changes["mail_job"] = submit(
            kind=TELL,
            lane=LANE,
            school=each.school,
            by=each.person,
            arguments={"notification": each.pk},
            key=f"notification-{each.pk}",
            title=_("Mail about a job"),
            units=1,
        )
        changes["message_id"] = letters.carrier().new_message_id()
    Notification.objects.filter(pk=each.pk).update(**changes)


def _was_seen(each: Notification) -> bool:
    """Whether the person saw it end, and wants to be mailed what they do not see."""
    return each.read_at is not None and each.person.mails != MailChoice.ALWAYS


def _can_mail() -> bool:
    return letters.is_offered() and LANE in switchyard().lanes


def read(person: Person, *, only: QuerySet[Notification] | None = None, now: datetime) -> None:
    """Note that the person has read their notifications, or `only` some of them."""
    chosen = Notification.objects.all() if only is None else only
    if chosen.filter(person=person, read_at=None).update(read_at=now):
        _recount({person.pk})
        person.refresh_from_db(fields=["unread"])


def read_of(job: Job, *, person: Person, now: datetime) -> None:
    """Note that the person saw how `job` ended."""
    if job.submitted_by_id == person.pk and job.has_ended:
        read(person, only=Notification.objects.filter(job=job), now=now)


def recount() -> None:
    """Count anew who has something unread: some of it may have been deleted, by its age or with its job."""
    _recount(Person.objects.exclude(unread=0).values_list("pk", flat=True))


def _recount(people: Iterable[int]) -> None:
    unread = Notification.objects.filter(person=OuterRef("pk"), read_at=None).exclude(told_at=None)
    counted = unread.order_by().values("person").annotate(count=Count("pk")).values("count")
    unread_now = Coalesce(Subquery(counted), 0)
    Person.objects.filter(pk__in=people).exclude(unread=unread_now).update(unread=unread_now)
