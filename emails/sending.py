"""Sending: whom a mailing reaches, and the submission of the mailing or of a test mail."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from emails.models import Mailing
from jobs.directory import Student, StudentFilter, directory
from jobs.models import Job, Person
from jobs.submission import submit

MOST_TITLE = 200
"""Characters of a job's title."""


class NoRecipients(Exception):
    """The filter of the mailing leaves no student."""


class RecipientsChanged(Exception):
    """Between the preview and the click, students came or went."""


class DraftChanged(Exception):
    """Between the preview and the click, the draft got another text, filter or attachment."""


class AlreadySent(Exception):
    """The mailing has a job and does not change any more."""


def recipients_of(mailing: Mailing) -> list[Student]:
    """Return the students that `mailing` would reach now, one for each address, by name."""
    return one_for_each_address(matching(mailing))


def matching(mailing: Mailing) -> list[Student]:
    """Return the students that the choice of `mailing` finds, by name; some may have no address."""
    chosen = StudentFilter(
        major=mailing.major, graduation_year=mailing.graduation_year, search=mailing.search
    )
    return directory().students(school_id=mailing.school_id, chosen=chosen)


def one_for_each_address(students: Iterable[Student]) -> list[Student]:
    """Return the first of `students` with each address."""
    by_address: dict[str, Student] = {}
    for student in students:
        by_address.setdefault(student.email.lower(), student)
    by_address.pop("", None)
    return list(by_address.values())


def send(
    *,
    mailing: Mailing,
    by: Person | None,
    confirmed: int | None,
    version: str | None = None,
    key: str = "",
    **options: Any,
) -> Job:
    """Submit `mailing` to the `confirmed` number of students that the preview showed, and return its job.

    `version` is that of the draft in the preview; None when the caller showed none.
    Pins down who they are, so that exactly the confirmed students get it; None confirms those that match
    now. It is quick however many they are: the ledger is written by the job's plan. A second call
    returns the first one's job. With a `key` of the caller's own, only a call with the same key is a
    second one. `options` are those of `jobs.submission.Request`.

    Raises:
        DraftChanged, NoRecipients, RecipientsChanged: nothing was submitted; the message is a sentence
            for the person.
        AlreadySent: it was sent before under another key than `key`.
        KeyTaken, CannotFollow: as `jobs.submission.submit_many`.
    """
    with transaction.atomic():
        locked = (
            Mailing.objects.select_for_update(of=("self",)).select_related("job", "school").get(pk=mailing.pk)
        )
        if locked.job is not None:
            _require_same(locked.job, key=key)
            return locked.job
        _require_seen(locked, version=version)
        students = recipients_of(locked)
        _require_confirmed(found=len(students), confirmed=confirmed)
        locked.job = submit(
            kind="emails.mailing",
            school=locked.school,
            by=by,
            arguments={"mailing": locked.pk},
            key=key or f"mailing-{locked.pk}",
            units=len(students),
            sizes={"recipients": len(students), "bytes": sum(file.size for file in locked.attached_files())},
            **{"title": locked.subject[:MOST_TITLE], **options},
        )
        locked.student_ids = [student.id for student in students]
        locked.save(update_fields=["job", "student_ids"])
        return locked.job


def send_test(*, mailing: Mailing, by: Person, key: str) -> Job:
    """Submit one mail of `mailing`, filled in for its first student, to the address of `by`.

    `key` is made with the page, so that a double click sends one mail.
    """
    return submit(
        kind="emails.test",
        school=mailing.school,
        by=by,
        arguments={"mailing": mailing.pk},
        key=f"test-{mailing.pk}-{key}",
        title=f"Test of “{mailing.subject}”"[:MOST_TITLE],
        units=1,
    )


def _require_same(job: Job, *, key: str) -> None:
    if key and job.key != key:
        message = f"This mailing was sent before, as job {job.pk}. Write a new one to send again."
        raise AlreadySent(message)


def _require_seen(mailing: Mailing, *, version: str | None) -> None:
    if version is not None and version != mailing.version(files=mailing.attached_files()):
        message = "Nothing was sent: the draft was changed meanwhile. This is how it looks now."
        raise DraftChanged(message)


def _require_confirmed(*, found: int, confirmed: int | None) -> None:
    if not found:
        message = (
            "No student matches this choice, so there is nobody to send to. Please change the recipients."
        )
        raise NoRecipients(message)
    if confirmed is not None and found != confirmed:
        message = f"Please look at the number once more: now {found} match, not {confirmed}."
        raise RecipientsChanged(message)
