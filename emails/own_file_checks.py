"""What the pre-flight finds about files of students' own: whose is missing, too large, or nobody's."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from emails import matching
from emails.findings import Choice, Finding, block, fine, tell, warn
from emails.models import Mailing
from emails.reaching import Reach
from emails.recipient_checks import counted, who
from jobs.sections import MEGABYTE
from jobs.settings import switchyard
from jobs.sizes import size

OWN = gettext_lazy("Files of their own")
Names = Sequence[tuple[str, int | None]]
"""Of all files, each with the student's id; None for nobody's."""


def check_own_files(mailing: Mailing, reach: Reach, *, attached_bytes: int) -> Iterator[Finding]:
    """Say who lacks a file, whose files are too large for a mail, and which files go to nobody."""
    if not mailing.has_own_files:
        return
    names = list(mailing.own_files.order_by("name").values_list("name", "student_id"))
    found = [
        *_lacking(reach),
        *_several(reach, names=names),
        *_too_large(reach, attached_bytes=attached_bytes),
        *_of_nobody(mailing, reach, names=names),
    ]
    yield from found
    if not found and reach.recipients:
        yield fine(OWN, _("Every recipient gets a file of their own."))


def _lacking(reach: Reach) -> Iterator[Finding]:
    concerned = [who(student) for student in reach.lacking]
    if not concerned:
        return
    if not reach.leaves_lacking_out:
        says = _("There is no file for {counted}. Hand the files in, or leave them out.").format(
            counted=counted(len(concerned))
        )
        yield block(OWN, says, concerned=concerned, choice=Choice.WITHOUT_LACKING)
    elif not reach.recipients:
        says = _("There is no file for any of the recipients, so all of them would be left out.")
        yield block(OWN, says, concerned=concerned, choice=Choice.WITH_ALL)
    else:
        says = _("{counted} will be left out: there is no file for them.").format(
            counted=counted(len(concerned))
        )
        yield tell(OWN, says, concerned=concerned, choice=Choice.WITH_ALL)


def _several(reach: Reach, *, names: Names) -> Iterator[Finding]:
    owned: defaultdict[int | None, list[str]] = defaultdict(list)
    for name, student_id in names:
        owned[student_id].append(name)
    several = [student for student in reach.recipients if len(owned[student.id]) > 1]
    if several:
        says = ngettext(
            "{counted} gets more than one file. Take away what is not meant for them.",
            "{counted} get more than one file. Take away what is not meant for them.",
            len(several),
        ).format(counted=counted(len(several)))
        yield warn(OWN, says, concerned=[f"{who(each)}: {', '.join(owned[each.id])}" for each in several])


def _too_large(reach: Reach, *, attached_bytes: int) -> Iterator[Finding]:
    most = int(switchyard().files.attachment_megabytes * MEGABYTE)
    weights = [(student, attached_bytes + reach.own_bytes_of(student)) for student in reach.recipients]
    if concerned := [f"{who(student)}: {size(weight)}" for student, weight in weights if weight > most]:
        says = _(
            "A mail can carry {size}, and the files are larger together in the mails of {counted}."
        ).format(size=size(most), counted=counted(len(concerned)))
        yield block(OWN, says, concerned=concerned)


def _of_nobody(mailing: Mailing, reach: Reach, *, names: Names) -> Iterator[Finding]:
    recipients = {student.id for student in reach.recipients}
    unmatched, others = [], []
    for name, student_id in names:
        if student_id is None:
            unmatched.append(name)
        elif student_id not in recipients:
            others.append(name)
    several = matching.naming_several(unmatched, school=mailing.school)
    if concerned := [name for name in unmatched if name not in several]:
        yield warn(OWN, _numberless(len(concerned)), concerned=concerned)
    if concerned := [name for name in unmatched if name in several]:
        yield warn(OWN, _ambiguous(len(concerned)), concerned=concerned)
    if others:
        says = ngettext(
            "{count:,} file goes to students who get no mail.",
            "{count:,} files go to students who get no mail.",
            len(others),
        )
        yield warn(OWN, says.format(count=len(others)), concerned=others)


def _numberless(count: int) -> str:
    return ngettext(
        "{count:,} file goes to nobody, because the name has no number of a student of yours in it. "
        "Rename what is meant for somebody and hand it in again.",
        "{count:,} files go to nobody, because the name has no number of a student of yours in it. "
        "Rename what is meant for somebody and hand it in again.",
        count,
    ).format(count=count)


def _ambiguous(count: int) -> str:
    return ngettext(
        "{count:,} file goes to nobody, because the name has the numbers of several students of yours in it. "
        "Leave the one that it is meant for and hand it in again.",
        "{count:,} files go to nobody, because the name has the numbers of several students of yours in it. "
        "Leave the one that it is meant for and hand it in again.",
        count,
    ).format(count=count)
