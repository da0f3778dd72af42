"""A school's students and employers, the students' documents, and the uploads that bring students in."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from jobs.models import Job, Person, School, StoredFile
from jobs.models.tenancy import SchoolQuerySet

EARLIEST_YEAR = 1950
LATEST_YEAR = 2100


class Student(models.Model):
    """A student of a school, known by the number that the school gave."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=40)
    """The school's own student number, as text: it may start with zeros."""
    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100)
    email = models.EmailField()
    major = models.CharField(max_length=120, blank=True)
    graduation_year = models.PositiveSmallIntegerField(null=True, blank=True)

    objects: ClassVar = SchoolQuerySet["Student"].as_manager()

    class Meta:
        """A number is used once in a school; the indexes serve the filters."""

        ordering = ("last_name", "first_name", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("school", "number"), name="student_number_is_unique"),
            models.CheckConstraint(condition=~Q(number=""), name="student_has_a_number"),
            models.CheckConstraint(
                condition=Q(graduation_year__isnull=True)
                | Q(graduation_year__range=(EARLIEST_YEAR, LATEST_YEAR)),
                name="student_year_is_plausible",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=("school", "last_name", "first_name", "id"), name="student_by_name"),
            models.Index(fields=("school", "major"), name="student_by_major"),
            models.Index(fields=("school", "graduation_year"), name="student_by_year"),
        ]

    def __str__(self) -> str:
        """Return first and last name."""
        return f"{self.first_name} {self.last_name}"


class Employer(models.Model):
    """An employer that a school's career office works with."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    website = models.URLField(blank=True)
    industry = models.CharField(max_length=100, blank=True)

    objects: ClassVar = SchoolQuerySet["Employer"].as_manager()

    class Meta:
        """A name is used once in a school."""

        ordering = ("name",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("school", "name"), name="employer_name_is_unique"),
        ]

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class DocumentType(models.TextChoices):
    """What a student's document is."""

    RESUME = "resume", "Résumé"
    TRANSCRIPT = "transcript", "Transcript"


class StudentDocument(models.Model):
    """The newest document of one type that a student has."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="documents")
    document_type = models.CharField(max_length=10, choices=DocumentType)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")

    objects: ClassVar = SchoolQuerySet["StudentDocument"].as_manager()

    class Meta:
        """One document of each type for a student."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=("student", "document_type"), name="document_type_is_unique"),
        ]

    def __str__(self) -> str:
        """Return the type and the student's id."""
        return f"{self.document_type} of {self.student_id}"


class UploadState(models.TextChoices):
    """Where an upload stands, in the words of the pages."""

    CHECKING = "checking", "Checking"
    CHECKED = "checked", "Ready to import"
    IMPORTING = "importing", "Importing"
    IMPORTED = "imported", "Imported"
    REFUSED = "refused", "Cannot be read"


class Upload(models.Model):
    """One data file of students: checked first, then imported when a person says so."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    key = models.UUIDField()
    """Made with the form, so that sending the form twice makes one upload."""
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    error_file = models.ForeignKey(StoredFile, null=True, on_delete=models.SET_NULL, related_name="+")
    """The wrong rows as the person wrote them, with the reason."""
    check_job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    import_job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=9, choices=UploadState, default=UploadState.CHECKING)
    reason = models.TextField(blank=True)
    """A sentence for the person, when the file cannot be read."""
    new_rows = models.PositiveIntegerField(default=0)
    changed_rows = models.PositiveIntegerField(default=0)
    unchanged_rows = models.PositiveIntegerField(default=0)
    wrong_rows = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)
    """The first problems: row, column, value, reason and remedy of each."""
    unused_columns = models.JSONField(default=list)
    """Headings in the file that no column of ours has."""
    imported_at = models.DateTimeField(null=True)

    objects: ClassVar = SchoolQuerySet["Upload"].as_manager()

    class Meta:
        """One upload for each form; an imported one has its time."""

        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("school", "key"), name="upload_key_is_unique"),
            models.CheckConstraint(
                condition=Q(state="imported", imported_at__isnull=False)
                | (~Q(state="imported") & Q(imported_at__isnull=True)),
                name="upload_imported_at_fits_its_state",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=("school", "-id"), name="upload_of_school")]

    def __str__(self) -> str:
        """Return the file's name."""
        return self.file.name

    @property
    def good_rows(self) -> int:
        """Rows that an import takes."""
        return self.new_rows + self.changed_rows + self.unchanged_rows

    @property
    def is_at_work(self) -> bool:
        """Whether a job of it is under way or about to be."""
        return self.state in {UploadState.CHECKING, UploadState.IMPORTING}

    def refuse(self, *, reason: str) -> bool:
        """Move from checking to refused with a sentence and return whether this call did it."""
        checking = Upload.objects.filter(pk=self.pk, state=UploadState.CHECKING)
        return bool(checking.update(state=UploadState.REFUSED, reason=reason))

    def begin_import(self, *, job: Job) -> bool:
        """Move from checked to importing by `job` and return whether this call did it."""
        checked = Upload.objects.filter(pk=self.pk, state=UploadState.CHECKED)
        return bool(checked.update(state=UploadState.IMPORTING, import_job=job))

    def end_import(self, *, new: int, changed: int, unchanged: int, now: datetime) -> bool:
        """Move from importing to imported with what happened and return whether this call did it."""
        importing = Upload.objects.filter(pk=self.pk, state=UploadState.IMPORTING)
        return bool(
            importing.update(
                state=UploadState.IMPORTED,
                new_rows=new,
                changed_rows=changed,
                unchanged_rows=unchanged,
                imported_at=now,
            )
        )
