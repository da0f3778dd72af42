"""The directory by which emails and packets reach a school's students."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, cast

from django.db.models import Exists, F, OuterRef, Q, QuerySet, TextField, Transform, Value
from django.db.models.functions import Concat, Lower

from jobs import directory
from uploads.models import Application, DocumentType, Release, Student, StudentDocument, Vacancy

if TYPE_CHECKING:
    from django.core.files.base import File


class Composed(Transform):
    """A text with its letters in one form: an umlaut is one sign, not a letter and its dots."""

    template = "normalize(%(expressions)s, NFC)"
    output_field = TextField()


class StudentDirectory:
    """Answers `jobs.directory.Directory` from the tables of this app."""

    def students(self, *, school_id: int, chosen: directory.StudentFilter) -> list[directory.Student]:
        """Return the matching students by last name, first name, id."""
        found = matching(Student.objects.filter(school_id=school_id), chosen=chosen)
        return [_as_seen(student) for student in found.order_by("last_name", "first_name", "id")]

    def students_by_id(self, *, school_id: int, ids: Iterable[int]) -> dict[int, directory.Student]:
        """Return those of `ids` that are students of the school, by id."""
        found = Student.objects.filter(school_id=school_id, pk__in=list(ids))
        return {student.pk: _as_seen(student) for student in found}

    def students_by_number(self, *, school_id: int, numbers: Iterable[str]) -> dict[str, directory.Student]:
        """Return those of `numbers` that are numbers of the school's students, by number."""
        found = Student.objects.filter(school_id=school_id, number__in=list(numbers))
        return {student.number: _as_seen(student) for student in found}

    def students_by_number_in_any_case(
        self, *, school_id: int, numbers: Iterable[str]
    ) -> list[directory.Student]:
        """Return the students whose numbers are `numbers`, in the form NFC, however their own are written."""
        exact = list(numbers)
        # The database has rules of its own for a few letters; what is written the same is found by itself.
        is_one = Q(number__in=exact) | Q(lower__in=[number.lower() for number in exact])
        students = Student.objects.filter(school_id=school_id).annotate(lower=Lower(Composed("number")))
        return [_as_seen(student) for student in students.filter(is_one)]

    def students_by_email(self, *, school_id: int, emails: Iterable[str]) -> list[directory.Student]:
        """Return the students with these e-mail addresses, however they are written."""
        students = Student.objects.filter(school_id=school_id).annotate(lower=Lower("email"))
        found = students.filter(lower__in=[email.lower() for email in emails])
        return [_as_seen(student) for student in found.order_by("last_name", "first_name", "id")]

    def documents(
        self, *, school_id: int, student_ids: Sequence[int], document_types: Sequence[str]
    ) -> list[directory.Document]:
        """Return the students' documents of these types, ordered by student then type, as given."""
        place = {pk: index for index, pk in enumerate(student_ids)}
        rank = {name: index for index, name in enumerate(document_types)}
        found = StudentDocument.objects.filter(
            school_id=school_id, student_id__in=list(student_ids), document_type__in=list(document_types)
        ).select_related("file")
        in_order = sorted(
            found, key=lambda document: (place[document.student_id], rank[document.document_type])
        )
        return [_as_document(document) for document in in_order]

    def releases(self, *, school_id: int, student_ids: Sequence[int]) -> dict[tuple[int, str], bool]:
        """Return what students said about employers getting documents, by student and document type."""
        found = Student.objects.filter(school_id=school_id, pk__in=list(student_ids))
        said = found.values_list("pk", *(f"{name}_release" for name in DocumentType.values))
        return {
            (pk, name): answer == Release.YES
            for pk, *answers in said
            for name, answer in zip(DocumentType.values, answers, strict=True)
            if answer
        }

    def majors(self, *, school_id: int) -> list[str]:
        """Return the majors that occur, sorted."""
        named = Student.objects.filter(school_id=school_id).exclude(major="").order_by("major")
        return list(named.values_list("major", flat=True).distinct())

    def graduation_years(self, *, school_id: int) -> list[int]:
        """Return the years that occur, sorted."""
        dated = Student.objects.filter(school_id=school_id, graduation_year__isnull=False)
        years = dated.order_by("graduation_year").values_list("graduation_year", flat=True).distinct()
        return [year for year in years if year is not None]

    def vacancies(self, *, school_id: int, most: int, with_number: str = "") -> list[directory.Vacancy]:
        """Return the vacancies that students applied to, and the one `with_number`, as the lookup says."""
        of_school = Vacancy.objects.filter(school_id=school_id).select_related("employer")
        applied = of_school.filter(Exists(Application.objects.filter(vacancy=OuterRef("pk"))))
        found = list(applied.order_by("-pk")[:most])
        if with_number and all(each.number != with_number for each in found):
            found += of_school.filter(number=with_number)
        return [
            directory.Vacancy(number=each.number, title=each.title, employer=each.employer.name)
            for each in found
        ]


def matching(students: QuerySet[Student], *, chosen: directory.StudentFilter) -> QuerySet[Student]:
    """Return those of `students` that the filter means."""
    if chosen.major:
        students = students.filter(major=chosen.major)
    if chosen.graduation_year is not None:
        students = students.filter(graduation_year=chosen.graduation_year)
    if chosen.vacancy:
        applied = Application.objects.filter(vacancy__number=chosen.vacancy)
        if chosen.statuses:
            applied = applied.filter(status__in=chosen.statuses)
        # Of its own school alone: another school may give the same number.
        students = students.filter(Exists(applied.filter(student=OuterRef("pk"), school=OuterRef("school"))))
    if search := chosen.search.strip():
        students = students.annotate(full_name=Concat(F("first_name"), Value(" "), F("last_name"))).filter(
            Q(full_name__icontains=search) | Q(email__icontains=search) | Q(number__icontains=search)
        )
    return students


def _as_seen(student: Student) -> directory.Student:
    return directory.Student(
        id=student.pk,
        number=student.number,
        first_name=student.first_name,
        last_name=student.last_name,
        email=student.email,
        major=student.major,
        graduation_year=student.graduation_year,
    )


def _as_document(document: StudentDocument) -> directory.Document:
    return directory.Document(
        id=document.pk,
        student_id=document.student_id,
        document_type=document.document_type,
        file_name=document.file.name,
        size=document.file.size,
        file=cast("File[bytes]", document.file.content),
        sha256=document.file.sha256,
    )
