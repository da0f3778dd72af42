"""Reaching: whom a mailing's choice finds, who of them gets a mail, and who gets none."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils import timezone

from emails import owning, sparing, suppressing, unusable
from emails.models import Mailing, SuppressionReason
from emails.unusable import Why
from jobs.directory import Student, StudentFilter, directory


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Whom a mailing would reach if it were sent now."""

    matching: Sequence[Student]
    """Whom its choice finds; some may have no address, or share one."""
    addressed: Sequence[Student]
    """The first of them with each address."""
    listed: Mapping[str, SuppressionReason]
    """Why which of these addresses get no mailings of the school."""
    unusable: Mapping[str, Why]
    """Why which of these addresses no mail can be sent to."""
    had_mail: Collection[str]
    """Which of these addresses had another mailing of the school lately and are to be spared."""
    own_bytes: Mapping[int, int] | None = None
    """Bytes of their own files by the student's id; None when the mailing has none of anybody's own."""
    leaves_lacking_out: bool = False
    """Whether those who have none get no mail."""

    @cached_property
    def recipients(self) -> list[Student]:
        """Who gets a mail: this many are told, and typed to confirm."""
        return self._with_files(self._written_to)

    @cached_property
    def lacking(self) -> list[Student]:
        """Who would get a mail, and has no file of their own in it though others have."""
        if self.own_bytes is None:
            return []
        return [student for student in self._written_to if student.id not in self.own_bytes]

    def own_bytes_of(self, student: Student) -> int:
        """Return how many bytes of files of their own `student` has in the mailing."""
        return self.own_bytes.get(student.id, 0) if self.own_bytes else 0

    @cached_property
    def expected(self) -> list[Student]:
        """Who is written down when it is sent: all who are addressed, but for those who lack a file."""
        return self._with_files(self.addressed)

    @property
    def without_file(self) -> list[Student]:
        """Who gets no mail because there is no file of their own for it."""
        return self.lacking if self.leaves_lacking_out else []

    def _with_files(self, students: Iterable[Student]) -> list[Student]:
        without = {student.id for student in self.without_file}
        return [student for student in students if student.id not in without]

    @cached_property
    def _written_to(self) -> list[Student]:
        return [student for student in self.reachable if student.email not in self.had_mail]

    @cached_property
    def reachable(self) -> list[Student]:
        """Who can get one, whether or not they had another lately."""
        gets_none = {*self.listed, *self.unusable}
        return [student for student in self.addressed if student.email not in gets_none]

    @cached_property
    def spared(self) -> list[Student]:
        """Who gets none because they had another lately."""
        return [student for student in self.reachable if student.email in self.had_mail]

    @cached_property
    def left_out(self) -> list[Student]:
        """Who gets none because the address is on the school's suppression list."""
        return [student for student in self.addressed if student.email in self.listed]

    @cached_property
    def unreachable(self) -> list[Student]:
        """Who gets none because the address, or the name, cannot be used for mail."""
        wrong = self.unusable
        return [each for each in self.addressed if each.email in wrong and each.email not in self.listed]


def reach_of(mailing: Mailing) -> Reach:
    """Return whom `mailing` would reach if it were sent now, by name; a query of the list's besides.

    One more where it spares those who had another mailing lately.
    """
    chosen = StudentFilter(
        major=mailing.major, graduation_year=mailing.graduation_year, search=mailing.search
    )
    matching = directory().students(school_id=mailing.school_id, chosen=chosen)
    addressed = _one_for_each_address(matching)
    addresses = [student.email for student in addressed]
    listed = suppressing.reasons(school=mailing.school, addresses=addresses) if addresses else {}
    had_mail: Collection[str] = ()
    if mailing.spares_lately:
        had_mail = sparing.had_mail_lately(mailing, addresses=addresses, now=timezone.now())
    return Reach(
        matching=matching,
        addressed=addressed,
        listed=listed,
        unusable=unusable.reasons((student.name, student.email) for student in addressed),
        had_mail=had_mail,
        own_bytes=owning.bytes_by_student(mailing) if mailing.has_own_files else None,
        leaves_lacking_out=mailing.leaves_lacking_out,
    )


def recipients_of(mailing: Mailing) -> list[Student]:
    """Return the students who would get a mail if `mailing` were sent now, by name."""
    return reach_of(mailing).recipients


def _one_for_each_address(students: Iterable[Student]) -> list[Student]:
    by_address: dict[str, Student] = {}
    for student in students:
        by_address.setdefault(student.email.lower(), student)
    by_address.pop("", None)
    return list(by_address.values())
