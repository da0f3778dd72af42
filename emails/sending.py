"""Sending: the submission of a mailing or of a test mail."""

from collections.abc import Sequence
from typing import Any, Protocol

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from emails import ledger, policies
from emails.models import Mailing
from emails.reaching import Reach, reach_of
from emails.windows import Window
from jobs import notifying, submission
from jobs.drafting import Request
from jobs.models import Job, Person, StoredFile
from jobs.submission import submit

PINNED = (
    *("job", "files_as_links", "student_ids", "left_out_ids", "spared_ids", "lacking_ids"),
    *("window_start", "window_end"),
)
"""Fields that the click that sends fills in."""
MOST_TITLE = 200
"""Characters of a job's title."""


class NoRecipients(Exception):
    """The mailing would reach no student."""


class RecipientsChanged(Exception):
    """Between the preview and the click, students came or went."""


class DraftChanged(Exception):
    """Between preview and click, the draft got another text, filter or file, or its files another way."""


class AlreadySent(Exception):
    """The mailing has a job and does not change any more."""


class Requirement(Protocol):
    """What must hold of a mailing that is sent."""

    def __call__(self, mailing: Mailing, reach: Reach, *, attached: Sequence[StoredFile]) -> None:
        """Raise where `mailing` must not go to those whom it reaches, with the files `attached`."""


def send(
    *,
    mailing: Mailing,
    by: Person | None,
    confirmed: int | None,
    version: str | None = None,
    key: str = "",
    as_links: bool | None = None,
    window: Window | None = None,
    require: Requirement | None = None,
    **options: Any,
) -> Job:
    """Submit `mailing` to the `confirmed` number of students that the preview showed, and return its job.

    `version` is that of the draft in the preview; None when the caller showed none.
    Pins down who they are, and who is left out, so that nobody but the confirmed students gets it; None
    confirms those who would get it now. It is quick however many they are: the ledger is written by the
    job's plan. A second call returns the first one's job. With a `key` of the caller's own, only a call
    with the same key is a second one. `as_links` is how the sender saw that the files go, or chose where
    they may; None when they saw nothing. Outside of the `window` its parts wait, and a start that was asked
    for outside of it is the next moment within. What `require` raises about the draft as it would go out
    keeps it from going. `options` are those of `jobs.drafting.Request`.

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
        files = locked.attached_files()
        _require_seen(locked, files=files, version=version)
        reach = reach_of(locked)
        locked.files_as_links = _goes_as_links(files, mailing=locked, seen=as_links)
        attached = [] if locked.files_as_links else files
        if require is not None:
            require(locked, reach, attached=attached)
        _require_confirmed(reach, confirmed=confirmed)
        if window and (not_before := options.get("not_before")):
            options["not_before"] = window.next_within(not_before, zone=locked.school.zone)
        attached_bytes = sum(file.size for file in attached)
        request = request_of(locked, reach=reach, attached_bytes=attached_bytes, by=by, key=key, **options)
        [locked.job] = submission.submit_many([request])
        _pin(locked, reach, window=window)
        _tell_who_asked(locked, job=locked.job, by=by)
        return locked.job


def _tell_who_asked(mailing: Mailing, *, job: Job, by: Person | None) -> None:
    asker = mailing.asked_by
    if mailing.asked_at is None or asker is None or asker == by or not asker.is_active:
        return
    notifying.ask(
        [asker],
        school=mailing.school,
        title=_("“{mailing}” is sent").format(mailing=mailing),
        says=_("{by} sent the mailing that you asked for.").format(by=by.name if by else _("A colleague")),
        address=reverse("jobs:show", args=[job.pk]),
    )


def request_of(
    mailing: Mailing,
    *,
    reach: Reach,
    attached_bytes: int,
    by: Person | None,
    key: str = "",
    **options: Any,
) -> Request:
    """Return what is submitted to send `mailing` to those whom it reaches; `options` as those of `send`."""
    return Request(
        kind="emails.mailing",
        school=mailing.school,
        by=by,
        arguments={"mailing": mailing.pk},
        key=key or f"mailing-{mailing.pk}",
        units=len(reach.recipients),
        sizes=ledger.sizes_of(mailing, reach, attached_bytes=attached_bytes),
        **{"title": mailing.title[:MOST_TITLE], **options},
    )


def send_test(*, mailing: Mailing, by: Person, key: str, student: int | None = None) -> Job:
    """Submit one mail of `mailing`, filled in for the `student` of that id, to the address of `by`.

    None is its first student. `key` is made with the page, so that a double click sends one mail.
    """
    whose = {} if student is None else {"student": student}
    return submit(
        kind="emails.test",
        school=mailing.school,
        by=by,
        arguments={"mailing": mailing.pk, **whose},
        key=f"test-{mailing.pk}-{key}",
        title=_("Test of “{mailing}”").format(mailing=mailing.title)[:MOST_TITLE],
        units=1,
    )


def _pin(mailing: Mailing, reach: Reach, *, window: Window | None) -> None:
    """Keep with `mailing`, which has its job now, who gets it and who does not, and its hours."""
    mailing.student_ids = [student.id for student in reach.expected]
    mailing.left_out_ids = [student.id for student in (*reach.left_out, *reach.unreachable)]
    mailing.spared_ids = [student.id for student in reach.spared]
    mailing.lacking_ids = [student.id for student in reach.without_file]
    if window:
        mailing.window_start, mailing.window_end = window.start, window.end
    mailing.save(update_fields=PINNED)


def _require_same(job: Job, *, key: str) -> None:
    if key and job.key != key:
        message = _("This mailing was sent before, as job {job}. Write a new one to send again.").format(
            job=job.pk
        )
        raise AlreadySent(message)


def _require_seen(mailing: Mailing, *, files: Sequence[StoredFile], version: str | None) -> None:
    if version is not None and version != mailing.version(files=files):
        message = _("Nothing was sent: the draft was changed meanwhile. This is how it looks now.")
        raise DraftChanged(message)


def _goes_as_links(files: Sequence[StoredFile], *, mailing: Mailing, seen: bool | None) -> bool:
    as_links = policies.goes_as_links(files, school=mailing.school, wanted=seen)
    if files and seen is not None and as_links != seen:
        message = _("Nothing was sent: how files go was changed meanwhile. This is how it looks now.")
        raise DraftChanged(message)
    return as_links


def _require_confirmed(reach: Reach, *, confirmed: int | None) -> None:
    found = len(reach.recipients)
    if not found:
        raise NoRecipients(_nobody(reach))
    if confirmed is not None and found != confirmed:
        message = ngettext(
            "Please look at the number once more: now {found} student gets this mailing, not {confirmed}.",
            "Please look at the number once more: now {found} students get this mailing, not {confirmed}.",
            found,
        )
        raise RecipientsChanged(message.format(found=found, confirmed=confirmed))


def _nobody(reach: Reach) -> str:
    if reach.addressed:
        return _(
            "All students who match are left out, so there is nobody to send to. "
            "Please change the recipients."
        )
    return _("No student matches this choice, so there is nobody to send to. Please change the recipients.")
