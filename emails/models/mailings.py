"""A mailing: one text with merge fields for many students of a school."""

import hashlib
import json
from collections.abc import Sequence
from typing import ClassVar

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from emails import merging
from jobs.models import Job, Person, School, StoredFile
from jobs.models.tenancy import SchoolQuerySet


class BodyFormat(models.TextChoices):
    """How the text of a mailing was written."""

    TEXT = "text", _("Plain text")
    MARKDOWN = "markdown", _("Formatted with Markdown")
    HTML = "html", _("HTML")


PINNED_IDS = ("student_ids", "left_out_ids", "spared_ids", "lacking_ids")
"""What a mailing keeps of the moment when it was sent; up to 50,000 ids each, which no page shows."""


class Mailing(models.Model):
    """A draft until it has a job; from then on its text and its students do not change."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(max_length=1000)
    """Its fields filled in it is shorter: the form takes fewer characters."""
    body = models.TextField()
    body_format = models.CharField(max_length=8, choices=BodyFormat, default=BodyFormat.TEXT)
    major = models.CharField(max_length=120, blank=True)
    """Only students of this major; empty for all."""
    graduation_year = models.PositiveSmallIntegerField(null=True, blank=True)
    search = models.CharField(max_length=100, blank=True)
    student_ids = models.JSONField(default=list, blank=True)
    """Exactly the students that matched when the person confirmed; empty while it is a draft."""
    left_out_ids = models.JSONField(default=list, db_default=[], blank=True)
    """Those of them who were told to be left out: suppressed, or with an address or name that cannot be used.

    They get nothing, also when they leave the list or the address is mended later.
    """
    spares_lately = models.BooleanField(default=False, db_default=False)
    """Whether those who had another mailing of the school lately are left out: see `emails.sparing`."""
    spared_ids = models.JSONField(default=list, db_default=[], blank=True)
    """Those who were told to be left out for that: they get nothing, also when it is long ago by then."""
    lacking_ids = models.JSONField(default=list, db_default=[], blank=True)
    """Those who were told to be left out because there is no file of their own."""
    window_start = models.TimeField(null=True, blank=True)
    """From this time of the day on mails are sent; None for all day. See `emails.windows`."""
    window_end = models.TimeField(null=True, blank=True)
    """And before this one."""
    job = models.OneToOneField(Job, null=True, blank=True, on_delete=models.PROTECT, related_name="mailing")
    files_as_links = models.BooleanField(default=False, db_default=False)
    """Whether its files go as links, decided when it was sent; false while it is a draft."""
    has_own_files = models.BooleanField(default=False, db_default=False)
    """Whether each student's mail has files of their own: see `emails.owning`."""
    leaves_lacking_out = models.BooleanField(default=False, db_default=False)
    """Whether those without such a file are left out; if not, it is not sent while anybody lacks one."""
    resend_uncertain = models.BooleanField(default=False)
    """Whether a retry sends again to those of whom nobody knows whether the mail arrived."""
    carriers = models.JSONField(default=list, db_default=[], blank=True)
    """Names of what its mails were handed to, in the order of their first: see `emails.carriers`."""
    asked_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    """Who may not send it and asked for that: see `emails.approving`."""
    asked_at = models.DateTimeField(null=True, blank=True)
    """When; None for a draft that nobody is to send yet."""
    created_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar = SchoolQuerySet["Mailing"].as_manager()

    class Meta:
        """Listed by school, newest first; a window has both its ends."""

        ordering = ("-id",)
        indexes: ClassVar = [models.Index(fields=("school", "-id"), name="mailing_of_school")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(window_start=None, window_end=None)
                | models.Q(
                    window_start__isnull=False,
                    window_end__isnull=False,
                    window_start__lt=models.F("window_end"),
                ),
                name="mailing_window_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        """Return the title."""
        return self.title

    @property
    def title(self) -> str:
        """What pages call it: the subject, with names in brackets where merge fields will be filled in."""
        return merging.readable(self.subject, school_name=self.school.name)

    @property
    def is_draft(self) -> bool:
        """Whether it has not been sent."""
        return self.job_id is None

    def note_carrier(self, name: str) -> None:
        """Note that mails of it are handed to the carrier of this name."""
        if name in self.carriers:
            return
        with transaction.atomic():
            self.carriers = (
                Mailing.objects.select_for_update().values_list("carriers", flat=True).get(pk=self.pk)
            )
            if name not in self.carriers:
                self.carriers = [*self.carriers, name]
                Mailing.objects.filter(pk=self.pk).update(carriers=self.carriers)

    def attached_files(self) -> list[StoredFile]:
        """Return the files that go with every mail, in the order in which they were added."""
        return [attachment.file for attachment in self.attachments.select_related("file")]

    def carried_bytes(self) -> int:
        """Return the bytes of files that go with every mail; none where they go as links."""
        return 0 if self.files_as_links else sum(file.size for file in self.attached_files())

    def version(self, *, files: Sequence[StoredFile]) -> str:
        """Return a digest of all that a preview shows: the text, the filter, and the attached `files`."""
        shown = [self.subject, self.body_format, self.body, self.major, self.graduation_year, self.search]
        shown.append(self.spares_lately)
        if self.has_own_files:
            ids = self.own_files.order_by("pk").values_list("pk", flat=True)
            shown += [self.leaves_lacking_out, ",".join(map(str, ids))]
        told = json.dumps([*shown, [file.pk for file in files]])
        return hashlib.sha256(told.encode()).hexdigest()


class Attachment(models.Model):
    """A file that goes with every mail of a mailing."""

    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="attachments")
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")

    objects: ClassVar = SchoolQuerySet["Attachment"].as_manager()

    class Meta:
        """In the order in which they were added."""

        ordering = ("id",)

    def __str__(self) -> str:
        """Return the ids of mailing and file."""
        return f"{self.mailing_id}/{self.file_id}"
