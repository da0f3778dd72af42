"""What is known of students' documents, whatever packet they come into."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from jobs.models import School, StoredFile
from jobs.models.tenancy import SchoolQuerySet


class PageCount(models.Model):
    """How many pages a document has, noted when it was first opened."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    document_id = models.BigIntegerField()
    pages = models.PositiveIntegerField()

    objects: ClassVar = SchoolQuerySet["PageCount"].as_manager()

    class Meta:
        """A document is counted once."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=("school", "document_id"), name="page_count_is_unique"),
        ]

    def __str__(self) -> str:
        """Return the number."""
        return f"{self.pages} pages"


class ReadyDocument(models.Model):
    """A document's content that was normalised once for all packets, or the reason why it cannot be used."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    """Of the document as it was handed in."""
    version = models.PositiveIntegerField()
    """Of the normalising: see `packets.normalising.VERSION`."""
    reason = models.CharField(max_length=250, blank=True)
    """A sentence; empty for one that can be used."""
    is_repaired = models.BooleanField(default=False)
    pages = models.PositiveIntegerField(default=0)
    piece = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    """What packets are bound of: see `packets.pieces`."""
    used_on = models.DateField()
    """The last day on which a packet took it."""

    objects: ClassVar = SchoolQuerySet["ReadyDocument"].as_manager()

    class Meta:
        """A content is normalised once; it has a piece with pages, or a reason."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=("school", "sha256", "version"), name="ready_document_is_unique"),
            models.CheckConstraint(
                condition=Q(reason="", piece__isnull=False, pages__gte=1)
                | (~Q(reason="") & Q(piece__isnull=True, pages=0)),
                name="ready_document_has_a_piece_or_a_reason",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=("used_on",), name="ready_document_by_last_use")]

    def __str__(self) -> str:
        """Return the digest's beginning."""
        return self.sha256[:12]
