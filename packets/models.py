"""A packet: chosen students' documents in one PDF, with what was left out and why."""

from typing import ClassVar

from django.db import models
from django.db.models import Q, Value

from jobs.models import Job, Person, School, StoredFile
from jobs.models.tenancy import SchoolQuerySet

TITLE_LENGTH = 150


class DocumentType(models.TextChoices):
    """Which documents of a student a packet can hold, in its order."""

    RESUME = "resume", "Résumé"
    TRANSCRIPT = "transcript", "Transcript"


class Packet(models.Model):
    """What a person asked for, and the file that came of it."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=100)
    """Form and content as a digest: the same request sent twice is one packet."""
    title = models.CharField(max_length=TITLE_LENGTH)
    document_types = models.JSONField()
    """The types that were chosen, in the packet's order."""
    has_own_files = models.BooleanField(default=False, db_default=False)
    """Whether each student's own PDF is wanted too: see `packets.parting`."""
    layout = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    """What differs from the usual layout: see `packets.layout`."""
    created_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    job = models.OneToOneField(Job, null=True, on_delete=models.PROTECT, related_name="packet")
    result = models.ForeignKey(StoredFile, null=True, on_delete=models.PROTECT, related_name="+")
    pages = models.PositiveIntegerField(default=0)
    """Pages of the result."""
    bound = models.PositiveIntegerField(default=0, db_default=0)
    """Documents that its finish has bound so far."""
    edition = models.PositiveIntegerField(default=1)
    """Which building of it counts; a retry begins another."""
    built = models.PositiveIntegerField(default=0)
    """The edition that the result holds; 0 while there is none."""

    objects: ClassVar = SchoolQuerySet["Packet"].as_manager()

    class Meta:
        """One packet for each request; a result has pages."""

        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("school", "key"), name="packet_key_is_unique"),
            models.CheckConstraint(
                condition=Q(result__isnull=True, pages=0) | Q(result__isnull=False, pages__gte=1),
                name="packet_result_has_pages",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=("school", "-id"), name="packet_of_school")]

    def __str__(self) -> str:
        """Return the title."""
        return self.title

    @property
    def is_built(self) -> bool:
        """Whether the result is that of the newest edition."""
        return self.built == self.edition


class PacketStudent(models.Model):
    """One chosen student. Other apps keep the students, so it holds the id and the name of the day."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    packet = models.ForeignKey(Packet, on_delete=models.CASCADE, related_name="students")
    student_id = models.BigIntegerField()
    position = models.PositiveIntegerField()
    """Place in the packet, from 0."""
    name = models.CharField(max_length=250)
    missing_types = models.JSONField(default=list)
    """The wanted document types of which the student had none when the packet was planned."""
    repaired_types = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    """The document types of the student that were damaged and could be repaired without loss."""
    major = models.CharField(max_length=250, blank=True, default="", db_default="")
    graduation_year = models.PositiveSmallIntegerField(null=True)
    pages = models.PositiveIntegerField(default=0)
    """Pages of the student's documents in the result."""
    first_page = models.PositiveIntegerField(default=0, db_default=0)
    """The first of them in the result, from 1; 0 while there is none."""

    objects: ClassVar = SchoolQuerySet["PacketStudent"].as_manager()

    class Meta:
        """A student is in a packet once."""

        ordering = ("position",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("packet", "student_id"), name="packet_student_is_unique"),
            models.UniqueConstraint(fields=("packet", "position"), name="packet_position_is_unique"),
        ]

    def __str__(self) -> str:
        """Return the name."""
        return self.name


class LeftOut(models.Model):
    """One document that is not in the packet, with the reason."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    packet = models.ForeignKey(Packet, on_delete=models.CASCADE, related_name="left_out")
    student = models.ForeignKey(PacketStudent, on_delete=models.CASCADE, related_name="left_out")
    document_id = models.BigIntegerField()
    file_name = models.CharField(max_length=255, blank=True)
    """Empty when the document was gone before it could be read."""
    reason = models.CharField(max_length=250)
    """A sentence for the person who asked for the packet."""

    objects: ClassVar = SchoolQuerySet["LeftOut"].as_manager()

    class Meta:
        """A document is left out once."""

        verbose_name = "document left out"
        verbose_name_plural = "documents left out"
        ordering = ("student__position", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("packet", "document_id"), name="left_out_is_unique"),
        ]

    def __str__(self) -> str:
        """Return the file's name."""
        return self.file_name


def chunk_path(chunk: "Chunk", _name: str) -> str:
    """Return the path below the storage's root: all chunks of a packet are in one folder."""
    return f"{chunk_folder(chunk.packet)}/{chunk.edition}-{chunk.number}.pdf"


def chunk_folder(packet: Packet) -> str:
    """Return the folder of the packet's chunks below the storage's root."""
    return f"{packet.school_id}/chunks/{packet.pk}"


class Chunk(models.Model):
    """What one part of the job found to be usable. Gone once the packet has its result."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    packet = models.ForeignKey(Packet, on_delete=models.CASCADE, related_name="chunks")
    edition = models.PositiveIntegerField(default=1)
    """The building of the packet that it is for."""
    number = models.PositiveIntegerField()
    """Place in the packet, from 0; the part of the job with this number made it."""
    contents = models.JSONField()
    """In order: `{"student": student id, "documents": [[document type, pages, SHA-256], ...]}`."""
    documents = models.PositiveIntegerField()
    """Documents in it."""
    left_out = models.PositiveIntegerField()
    file = models.FileField(upload_to=chunk_path, blank=True, max_length=200)
    """The PDF that workers of before there were pieces made of it; new ones make none."""

    objects: ClassVar = SchoolQuerySet["Chunk"].as_manager()

    class Meta:
        """A part makes one chunk, however often it runs."""

        ordering = ("number",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("packet", "edition", "number"), name="chunk_is_unique"),
        ]

    def __str__(self) -> str:
        """Return the packet's id and the number."""
        return f"{self.packet_id}/{self.number}"


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
