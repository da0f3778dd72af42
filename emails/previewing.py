"""Previewing: a draft as it would be sent now, and each recipient's own mail."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from emails import composing, merging, owning, policies, relay_checks
from emails.delivering import sample_letter_of
from emails.models import Mailing
from emails.reaching import Reach, reach_of, recipients_of
from jobs.directory import Student
from jobs.links import can_link
from jobs.models import StoredFile


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One mail as its recipient would read it."""

    student: int
    """Their id."""
    name: str
    address: str
    subject: str
    body: str
    html: str = ""
    """What readers that show HTML show; empty for a mail of plain text."""
    own_files: Sequence[StoredFile] = ()
    """Files that go with this mail only."""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A draft as it would be sent now."""

    count: int
    """Students who would get it, one for each address."""
    reach: Reach
    """Who they are, and who else matches and gets none, and why."""
    number: int
    """Which of their mails is shown, from 1; 0 when there is none."""
    sample: Sample | None
    files: list[StoredFile]
    version: str
    """What `sending.send` takes, so that nothing else is sent than what was seen."""
    attached_bytes: int
    as_links: bool
    """Whether the files go as links, unless whoever sends the mailing chooses otherwise."""
    sender: str
    reply_to: str
    too_large: str
    """That its mails are larger than the relay takes, as a sentence; empty when nobody knows of it."""


def preview_of(mailing: Mailing, *, number: int = 1) -> Preview:
    """Return what `mailing` would be if it were sent now, with the mail of recipient `number`."""
    reach = reach_of(mailing)
    students = reach.recipients
    number = _nearest(number, students)
    files = mailing.attached_files()
    linked = policies.linked_files(files, school=mailing.school)
    author = mailing.created_by
    return Preview(
        count=len(students),
        reach=reach,
        number=number,
        sample=_sample(mailing, students[number - 1], linked=linked) if number else None,
        files=files,
        version=mailing.version(files=files),
        attached_bytes=sum(file.size for file in files),
        as_links=bool(linked),
        sender=f"{mailing.school.name} <{composing.sender_address()}>",
        reply_to=author.email if author else composing.sender_address(),
        too_large=_too_large(mailing, reach, attached=[] if linked else files),
    )


def _too_large(mailing: Mailing, reach: Reach, *, attached: Sequence[StoredFile]) -> str:
    found = relay_checks.too_large(mailing, reach, attached=attached, now=timezone.now())
    return relay_checks.told(found) if found else ""


def mail_of(mailing: Mailing, *, number: int) -> Sample | None:
    """Return the mail of recipient `number`, or of the nearest; None when there is nobody."""
    students = recipients_of(mailing)
    number = _nearest(number, students)
    if not number:
        return None
    # The files are read for nothing else here.
    files = mailing.attached_files() if can_link() else ()
    linked = policies.linked_files(files, school=mailing.school)
    return _sample(mailing, students[number - 1], linked=linked)


def number_of(mailing: Mailing, *, search: str, after: int) -> int | None:
    """Return the number of the first recipient behind number `after`, and then from the start, like `search`.

    That is part of a name, an address or a student number; None when nobody is like it.
    """
    wanted = search.strip().lower()
    students = recipients_of(mailing)
    like = [
        number
        for number, student in enumerate(students, start=1)
        if wanted in f"{student.name}\n{student.email}\n{student.number}".lower()
    ]
    return next((number for number in like if number > after), like[0] if like else None)


def _nearest(number: int, students: Sequence[Student]) -> int:
    return min(max(number, 1), len(students))


def _sample(mailing: Mailing, student: Student, *, linked: Sequence[StoredFile]) -> Sample:
    letter = sample_letter_of(mailing, linked=linked)
    values = merging.values_of(student, school_name=mailing.school.name)
    text, html = letter.filled(values)
    return Sample(
        student=student.id,
        name=student.name,
        address=student.email,
        subject=letter.subject.fill(values),
        body=text,
        html=html,
        own_files=owning.files_of(mailing, student_id=student.id),
    )
