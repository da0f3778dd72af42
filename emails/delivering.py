"""Delivering: what a worker does with one part of a mailing, and with a test mail."""

from collections.abc import Sequence
from dataclasses import replace

import structlog
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from emails import (
    carriers,
    composing,
    formatting,
    ledger,
    linking,
    merging,
    owning,
    policies,
    single,
    unsubscribing,
    windows,
)
from emails.composing import Letter
from emails.enclosing import own_tail_of, tail_of
from emails.leaving_out import leave_out
from emails.ledger import Tally
from emails.models import Mailing, RecipientState
from emails.outgoing import Outgoing
from emails.providers import catalogue
from emails.providers import single as provider_single
from emails.reaching import recipients_of
from emails.smtp.tails import new_boundary
from emails.templating import WrongTemplate
from jobs.directory import Student, directory
from jobs.models import Job, StoredFile
from jobs.retries import PermanentFailure, TemporaryFailure
from jobs.verbs import WorkingPart

log = structlog.get_logger()

TESTS = gettext_noop("test mails")


def deliver(part: WorkingPart) -> None:
    """Hand over those mails of one part that are still waiting.

    Raises:
        TemporaryFailure: some still wait: the relay was not there or put them off.
        NotNow: some still wait for the hours in which the mailing is sent.
        PermanentFailure: the relay takes no mail from our sender.
    """
    mailing = mailing_of(part.job)
    rows = ledger.rows_of(mailing, part.arguments)
    if abandoned := ledger.doubt_abandoned(rows):
        log.warning("recipients_in_doubt", job=part.job.pk, count=abandoned)
    leave_out(rows, mailing=mailing, state=RecipientState.SUPPRESSED, now=timezone.now())
    before = ledger.tally(rows)
    part.report(done=before.done, failed=before.failed)
    if before.waiting:
        _deliver_waiting(part, mailing=mailing, before=before)
    after = ledger.tally(rows)
    part.report(done=after.done, failed=after.failed)
    if after.waiting:
        title = carriers.title_of(carriers.carrier_of(mailing.school))
        message = _("{title} has not taken {waiting} of the mails.").format(
            title=capfirst(title), waiting=after.waiting
        )
        raise TemporaryFailure(message)


def deliver_test(job: Job) -> None:
    """Send one mail of the mailing to the person who asked; a worker lost on the way may send it twice.

    Raises:
        TemporaryFailure, MayBeDone, PermanentFailure: as `single.send_to`.
    """
    if job.submitted_by is None:
        message = _("The person who asked for this test mail is gone.")
        raise PermanentFailure(message)
    mailing = mailing_of(job)
    files = mailing.attached_files()
    linked = policies.linked_files(files, school=mailing.school)
    letter = sample_letter_of(mailing, linked=linked, prefix="[Test] ")
    student = example_student(job) or next(iter(recipients_of(mailing)), None)
    values = example_values(mailing, student=student)
    own = owning.files_of(mailing, student_id=student.id if student else None)
    attached = () if linked else files
    if provider := catalogue.provider_of(mailing.school):
        attached = (*attached, *own)
        provider_single.send_to(
            job.submitted_by, provider=provider, letter=letter, values=values, attached=attached, use=TESTS
        )
        return
    domain = composing.sender_address().rpartition("@")[2]
    with tail_of(attached) as shared:
        boundary = shared.boundary if shared else new_boundary()
        tail = own_tail_of(own, boundary=boundary, shared=shared) if own else shared
        single.send_to(
            job.submitted_by,
            letter=letter,
            values=values,
            message_id=f"<test-{job.pk}-{job.created_at:%Y%m%d%H%M%S%f}@{domain}>",
            use=TESTS,
            tail=tail,
        )


def mailing_of(job: Job) -> Mailing:
    """Return the mailing that `job` sends or tests."""
    return Mailing.objects.select_related("school", "created_by").get(pk=job.arguments["mailing"])


def letter_of(mailing: Mailing, *, prefix: str = "") -> Letter:
    """Return what all mails of `mailing` have in common.

    Raises:
        PermanentFailure: a merge field that was known when it was saved is known no more.
    """
    try:
        subject = merging.read(prefix + mailing.subject)
        body = formatting.body(mailing.body, written_as=mailing.body_format)
    except WrongTemplate as error:
        raise PermanentFailure(str(error)) from error
    reply_to = mailing.created_by.email if mailing.created_by else ""
    return Letter(
        subject=subject,
        body=body.text,
        html=body.html,
        sender_name=mailing.school.name,
        reply_to=reply_to,
    )


def sample_letter_of(mailing: Mailing, *, linked: Sequence[StoredFile], prefix: str = "") -> Letter:
    """Return the letter of a mail to nobody of its recipients: where links will be stands that they will.

    Raises:
        PermanentFailure: as `letter_of`.
    """
    return replace(
        letter_of(mailing, prefix=prefix),
        unsubscribe_sample=unsubscribing.sample(),
        file_samples=linking.sample_of(linked),
    )


def example_student(job: Job) -> Student | None:
    """Return the student of the job's school whose values fill a test mail; None when nobody was chosen.

    Also when they are gone by now.
    """
    chosen: int | None = job.arguments.get("student")
    if chosen is None:
        return None
    return directory().students_by_id(school_id=job.school_id, ids=[chosen]).get(chosen)


def example_values(mailing: Mailing, *, student: Student | None) -> dict[str, str]:
    """Return the merge values of `student`, or examples for nobody."""
    if student is None:
        return merging.examples(school_name=mailing.school.name)
    return merging.values_of(student, school_name=mailing.school.name)


def _deliver_waiting(part: WorkingPart, *, mailing: Mailing, before: Tally) -> None:
    def check() -> None:
        part.check()
        windows.require_open(mailing, now=timezone.now())

    check()
    waiting = ledger.rows_of(mailing, part.arguments).filter(state=RecipientState.WAITING)
    Outgoing(
        mailing=mailing,
        letter=letter_of(mailing),
        recipients=waiting.order_by("pk"),
        before=before,
        check=check,
        report=lambda done, failed: part.report(done=done, failed=failed),
    ).convey()
