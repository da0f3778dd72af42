"""The lookup by which emails and packets reach students without importing the app that keeps them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.core.files.base import File


class NoDirectory(Exception):
    """No app has offered a directory of students."""


@dataclass(frozen=True, kw_only=True)
class Student:
    """One student as other apps see them."""

    id: int
    number: str
    """The school's own student number, as text: it may start with zeros."""
    first_name: str
    last_name: str
    email: str
    major: str
    graduation_year: int | None

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True, kw_only=True)
class Document:
    """One stored document of a student."""

    id: int
    student_id: int
    document_type: str
    """`resume` or `transcript`."""
    file_name: str
    size: int
    """Bytes."""
    file: "File[bytes]"
    sha256: str = ""
    """Of the content, where it is known."""


class ApplicationStatus(TextChoices):
    """How far a student's application to a vacancy came."""

    APPLIED = "applied", _("Applied")
    REVIEWING = "reviewing", _("Under review")
    INTERVIEW = "interview", _("Interview")
    OFFERED = "offered", _("Offer made")
    HIRED = "hired", _("Hired")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


OPEN_STATUSES = tuple(
    each.value
    for each in ApplicationStatus
    if each not in {ApplicationStatus.REJECTED, ApplicationStatus.WITHDRAWN}
)
"""Of applications that neither the employer nor the student has ended without success."""


@dataclass(frozen=True, kw_only=True)
class Vacancy:
    """A job that an employer offers, as other apps see it."""

    number: str
    """The school's own number of it, as text."""
    title: str
    employer: str


@dataclass(frozen=True, kw_only=True)
class StudentFilter:
    """Which students are meant; an empty field means any."""

    major: str = ""
    graduation_year: int | None = None
    search: str = ""
    """Part of a name, e-mail address or number."""
    vacancy: str = ""
    """The number of a vacancy that they applied to."""
    statuses: Sequence[str] = ()
    """Of that application: one of these; any where there are none."""


class Directory(Protocol):
    """What the app that keeps the students offers. Every call is limited to one school."""

    def students(self, *, school_id: int, chosen: StudentFilter) -> list[Student]:
        """Return the matching students by last name, first name, id."""

    def students_by_id(self, *, school_id: int, ids: Iterable[int]) -> dict[int, Student]:
        """Return those of `ids` that are students of the school, by id."""

    def students_by_number(self, *, school_id: int, numbers: Iterable[str]) -> dict[str, Student]:
        """Return those of `numbers` that are numbers of the school's students, by number."""

    def students_by_number_in_any_case(self, *, school_id: int, numbers: Iterable[str]) -> list[Student]:
        """Return the school's students whose numbers are `numbers` in any mix of upper and lower case.

        `numbers` are in the composed form of Unicode (NFC); students' own may be in another.
        """

    def students_by_email(self, *, school_id: int, emails: Iterable[str]) -> list[Student]:
        """Return the school's students with these e-mail addresses, in any mix of upper and lower case."""

    def documents(
        self, *, school_id: int, student_ids: Sequence[int], document_types: Sequence[str]
    ) -> list[Document]:
        """Return the students' documents of these types, ordered by student then type, as given."""

    def releases(self, *, school_id: int, student_ids: Sequence[int]) -> dict[tuple[int, str], bool]:
        """Return whether employers may have documents, by student and document type, where students said so.

        Without an entry the student has said nothing, or is none of the school's.
        """

    def majors(self, *, school_id: int) -> list[str]:
        """Return the majors that occur, sorted."""

    def graduation_years(self, *, school_id: int) -> list[int]:
        """Return the years that occur, sorted."""

    def vacancies(self, *, school_id: int, most: int, with_number: str = "") -> list[Vacancy]:
        """Return the vacancies that students applied to, the newest first.

        At most so many, and the one `with_number` in any case, as long as it is the school's.
        """


_offered: list[Directory] = []


def offer(directory: Directory) -> None:
    """Make `directory` the one that `directory()` returns."""
    _offered[:] = [directory]


def directory() -> Directory:
    """Return the directory that an app offered.

    Raises:
        NoDirectory: none was offered.
    """
    if not _offered:
        message = "No app offers a directory of students; add one that does to INSTALLED_APPS."
        raise NoDirectory(message)
    return _offered[0]
