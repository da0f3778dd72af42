"""An upload: a data file that is checked, and imported when a person says so."""

from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from jobs.models import Job, Person, School, StoredFile
from jobs.models.tenancy import SchoolQuerySet
from uploads.models.states import (
    CHANGEABLE_STATES,
    IMPORTED_STATES,
    OPEN_STATES,
    PROBLEMS_SHOWN,
    UploadState,
)


class Upload(models.Model):
    """One data file of a dataset: checked first, then imported when a person says so."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    key = models.UUIDField()
    """Made with the form, so that sending the form twice makes one upload."""
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    error_file = models.ForeignKey(StoredFile, null=True, on_delete=models.SET_NULL, related_name="+")
    """The wrong rows as the person wrote them, with the reason."""
    change_file = models.ForeignKey(StoredFile, null=True, on_delete=models.SET_NULL, related_name="+")
    """What would change in known rows, cell by cell."""
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
    """The first problems: row, column, value, reason and remedy of each, and the `place` of its cell."""
    changes = models.JSONField(default=list)
    """The first changed rows: row, number and name of each, and its cells with column, old and new."""
    other_rows = models.PositiveIntegerField(default=0)
    """Changed rows that look like another person: name and address both differ."""
    others_seen = models.BigIntegerField(default=0)
    """Which rows these were at the check, as `uploads.others` says it."""
    imports_others = models.BooleanField(default=False)
    """Whether the person said that these rows are to be imported too."""
    left_out_rows = models.PositiveIntegerField(default=0)
    """Rows that the import left out since they look like another person."""
    unused_columns = models.JSONField(default=list)
    """Headings in the file that no column of ours has."""
    imported_at = models.DateTimeField(null=True)
    dataset = models.CharField(max_length=20, default="students", db_default="students")
    """What its rows are: the name of one of `uploads.datasets`."""
    sheet = models.CharField(max_length=100, blank=True, default="", db_default="")
    """The sheet of a workbook that the person chose; empty means the first one that holds something."""
    needs_all = models.BooleanField(default=False, db_default=False)
    """Whether nothing is to be imported while a row is wrong."""
    problem_counts = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    """How many problems there are of each sort: column, reason and count."""
    undo_file = models.ForeignKey(StoredFile, null=True, on_delete=models.SET_NULL, related_name="+")
    """What the import wrote and what was there before; while it is kept, the import can be undone."""
    undo_job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    undone_rows = models.PositiveIntegerField(default=0, db_default=0)
    """Rows that are again as they were before the import."""
    kept_rows = models.PositiveIntegerField(default=0, db_default=0)
    """Rows that the undoing left alone, since they changed after the import or others need them."""
    kept_file = models.ForeignKey(StoredFile, null=True, on_delete=models.SET_NULL, related_name="+")
    """These rows, and why."""
    headings = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    """The first row of the file, as its beginning shows it."""
    samples = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    """The first values in each of its columns."""
    places = models.JSONField(null=True)
    """The place in the file of each column that is read, by its name; None goes by the headings' names."""
    rows_about = models.PositiveIntegerField(default=0, db_default=0)
    """How many rows the file has, by its lines or its size."""
    corrected_cells = models.PositiveIntegerField(default=0, db_default=0)
    wants_mail = models.BooleanField(default=False, db_default=False)
    """Whether who handed it in is told by mail once it is checked, and once it is imported."""

    objects: ClassVar = SchoolQuerySet["Upload"].as_manager()

    class Meta:
        """One upload for each form; an imported one has its time."""

        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("school", "key"), name="upload_key_is_unique"),
            models.CheckConstraint(
                condition=Q(state__in=("imported", "undoing", "undone"), imported_at__isnull=False)
                | (~Q(state__in=("imported", "undoing", "undone")) & Q(imported_at__isnull=True)),
                name="upload_imported_at_fits_its_state",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=("school", "-id"), name="upload_of_school")]

    def __str__(self) -> str:
        """Return the file's name."""
        return self.file.name

    @property
    def good_rows(self) -> int:
        """Rows without a problem; after the import, those that it took."""
        return self.new_rows + self.changed_rows + self.unchanged_rows

    @property
    def is_held_back(self) -> bool:
        """Whether nothing of it may be imported, since a row is wrong and all were to be right."""
        return self.needs_all and self.wrong_rows > 0

    @property
    def can_be_undone(self) -> bool:
        """Whether its import can be undone: what was there before is kept."""
        was_left = self.state == UploadState.UNDOING and not self.is_at_work
        return self.undo_file_id is not None and (self.state == UploadState.IMPORTED or was_left)

    @property
    def sure_rows(self) -> int:
        """Good rows that do not look like another person: an import takes them unasked."""
        return self.good_rows - self.other_rows

    @property
    def skipped_rows(self) -> int:
        """Good rows that are left out, or would be unasked, since they look like another person."""
        return self.left_out_rows if self.state in IMPORTED_STATES else self.other_rows

    @property
    def sure_changed_rows(self) -> int:
        """Changed rows that do not look like another person; after the import, those that it took."""
        return self.changed_rows - (0 if self.state in IMPORTED_STATES else self.other_rows)

    @property
    def more_changed_rows(self) -> int:
        """Changed rows beyond those that the page shows."""
        return self.changed_rows + self.left_out_rows - len(self.changes)

    @property
    def job(self) -> Job | None:
        """The job that checks, imports or undoes it, or did so last."""
        return self.undo_job or self.import_job or self.check_job

    @property
    def was_checked(self) -> bool:
        """Whether its rows were counted."""
        return self.state in (UploadState.CHECKED, UploadState.IMPORTING, *IMPORTED_STATES)

    @property
    def is_in_hand(self) -> bool:
        """Whether a job is to check, import or undo it, under way or broken off."""
        return self.state in OPEN_STATES and self.job is not None

    @property
    def is_at_work(self) -> bool:
        """Whether a job of it is under way."""
        return self.state in OPEN_STATES and self.job is not None and not self.job.has_ended

    @property
    def may_have_more_problems(self) -> bool:
        """Whether its page may show fewer problems than there are."""
        return len(self.problems) >= PROBLEMS_SHOWN

    @property
    def can_be_changed(self) -> bool:
        """Whether a person may still say what its columns are, and what stands in its cells."""
        return self.state in CHANGEABLE_STATES and bool(self.headings)

    @property
    def step(self) -> int:
        """Which of the four steps of an upload it is at; 5 when all are done."""
        steps = {UploadState.MAPPING: 2, UploadState.IMPORTING: 4}
        return 5 if self.state in IMPORTED_STATES else steps.get(UploadState(self.state), 3)

    @property
    def state_now(self) -> str:
        """The state in words, also when its job ended on the way."""
        was_left = self.state in OPEN_STATES and not self.is_at_work
        return str(_("Needs attention") if was_left else UploadState(self.state).label)

    @property
    def badge(self) -> str:
        """The look of its badge: waiting, working, done, problems or failed."""
        if self.state in OPEN_STATES:
            return "working" if self.is_at_work else "failed"
        if self.state in IMPORTED_STATES:
            return "problems" if self.wrong_rows or self.kept_rows else "done"
        return "failed" if self.state == UploadState.REFUSED else "waiting"

    def begin_check(self, *, job: Job, **found: Any) -> bool:
        """Move to checking by `job`, anew if it was checked before, and return whether this call did it.

        `found` are other fields that a person decided about.
        """
        open_to_it = Upload.objects.filter(pk=self.pk, state__in=CHANGEABLE_STATES)
        return bool(open_to_it.update(state=UploadState.CHECKING, check_job=job, **found))

    def refuse(self, *, reason: str) -> bool:
        """Move from checking to refused with a sentence and return whether this call did it."""
        return bool(self._checking.update(state=UploadState.REFUSED, reason=reason))

    def end_check(self, *, new: int, changed: int, unchanged: int, wrong: int, **found: Any) -> bool:
        """Move from checking to checked with these counts of rows and return whether this call did it.

        `found` are the other fields that a check fills. A check begun anew meanwhile keeps this one out.
        """
        return bool(
            self._checking.update(
                state=UploadState.CHECKED,
                new_rows=new,
                changed_rows=changed,
                unchanged_rows=unchanged,
                wrong_rows=wrong,
                **found,
            )
        )

    @property
    def _checking(self) -> "models.QuerySet[Upload]":
        """The row of this upload while it is checked by the job that we know."""
        return Upload.objects.filter(pk=self.pk, state=UploadState.CHECKING, check_job=self.check_job_id)

    def begin_import(self, *, job: Job, with_others: bool) -> bool:
        """Move to importing by `job`, from checked or from an import that ended without success.

        `with_others` takes the rows that look like another person too. Returns whether this call did it.
        """
        ready = Q(state=UploadState.CHECKED) | Q(
            state=UploadState.IMPORTING, import_job__ended_at__isnull=False
        )
        return bool(
            Upload.objects.filter(ready, pk=self.pk).update(
                state=UploadState.IMPORTING, import_job=job, imports_others=with_others
            )
        )

    def end_import(
        self,
        *,
        job: Job,
        new: int,
        changed: int,
        unchanged: int,
        left_out: int,
        now: datetime,
        undo_file: StoredFile | None,
    ) -> bool:
        """Move from importing by `job` to imported with what was done and return whether this call did it."""
        importing = Upload.objects.filter(pk=self.pk, state=UploadState.IMPORTING, import_job=job)
        return bool(
            importing.update(
                state=UploadState.IMPORTED,
                new_rows=new,
                changed_rows=changed,
                unchanged_rows=unchanged,
                left_out_rows=left_out,
                imported_at=now,
                undo_file=undo_file,
            )
        )

    def begin_undo(self, *, job: Job) -> bool:
        """Move to undoing by `job`, from imported or from an undoing that ended without success.

        Returns whether this call did it.
        """
        ready = Q(state=UploadState.IMPORTED) | Q(state=UploadState.UNDOING, undo_job__ended_at__isnull=False)
        kept = Upload.objects.filter(ready, pk=self.pk, undo_file__isnull=False)
        return bool(kept.update(state=UploadState.UNDOING, undo_job=job))

    def end_undo(self, *, job: Job, undone: int, kept: int, kept_file: StoredFile | None) -> bool:
        """Move from undoing by `job` to undone with what was done and return whether this call did it."""
        undoing = Upload.objects.filter(pk=self.pk, state=UploadState.UNDOING, undo_job=job)
        return bool(
            undoing.update(state=UploadState.UNDONE, undone_rows=undone, kept_rows=kept, kept_file=kept_file)
        )
