"""A school that has something of everything: one row of each model that carries a school."""

from typing import Any
from uuid import uuid4

from django.apps import apps
from django.core.files.base import ContentFile
from django.db import IntegrityError, models
from django.utils import timezone

from jobs.models import School, StoredFile

Row = models.Model

SPECIAL: dict[str, dict[str, Any]] = {
    "jobs.Detour": {"home": "mail", "lane": "mail-slow"},
    "jobs.Hold": {"scope": "school"},
    "jobs.Job": {
        "kind": "packets.build",
        "lane": "packets",
        "arguments": lambda school: {"packet": school.number},
        "parts_open": 1,
    },
    "jobs.StoredFile": {"job": None},
    "jobs.WebhookEndpoint": {
        "old_secret": "",
        "url": lambda school: f"https://hooks.example/{school.mark}",
    },
    "packets.Packet": {"pages": 1, "built": 1, "result": lambda school: school.another_file().pk},
    "packets.PagePicture": {
        "number": lambda school: school.number,
        "sha256": lambda school: f"other{school.mark}",
    },
    "packets.ReadyDocument": {"reason": "", "pages": 1},
    "uploads.Student": {"resume_release": "", "transcript_release": ""},
    "uploads.Upload": {"dataset": "students", "sheet": ""},
    "uploads.FileShape": {"dataset": "students"},
    "uploads.Pickup": {"dataset": "students"},
}
"""What a row cannot be without; some of it follows from whose it is."""


def models_of_schools() -> list[type[Row]]:
    """Return all models with a column for the school."""
    return [model for model in apps.get_models() if _school_column(model) is not None]


def _school_column(model: type[Row]) -> Any:
    return next((field for field in model._meta.concrete_fields if field.related_model is School), None)


class Everything:
    """A school, and of each model one row that belongs to it.

    Every row has the id `number`: an address with that number leads to whatever of the school it takes. Every
    text is `mark`, at most eight characters: what shows a row of the school says so.
    """

    def __init__(self, *, number: int, mark: str) -> None:
        """Make all of it."""
        self.number, self.mark = number, mark
        self.school = School.objects.create(pk=number, name=mark, slug=mark.lower())
        self._made: dict[type[Row], Row] = {School: self.school}
        for model in models_of_schools():
            self.row_of(model)

    def row_of(self, model: type[Row]) -> Any:
        """Return the row of `model`, which is made if it is not there."""
        if model not in self._made:
            self._made[model] = self._make(model)
        return self._made[model]

    def another_file(self) -> StoredFile:
        """Return a file that no other row names."""
        file = self.row_of(StoredFile)
        sha256 = f"other{self.mark}"
        content = ContentFile(self.mark.encode(), name=self.mark)
        return StoredFile.objects.create(
            school=self.school,
            name=self.mark,
            media_type=file.media_type,
            size=8,
            sha256=sha256,
            content=content,
        )

    def snapshot(self) -> dict[str, list[Any]]:
        """Return what the database has of the school."""
        return {model._meta.label: list(self._rows(model).order_by("pk").values()) for model in self._made}

    def strangers(self, other: "Everything") -> list[str]:
        """Name what of the school refers to a row of `other`."""
        found = []
        for model in models_of_schools():
            for field in model._meta.concrete_fields:
                if isinstance(field, models.ForeignKey) and _school_column(field.related_model) is not None:
                    column = _school_column(field.related_model).name
                    theirs = self._rows(model).filter(**{f"{field.name}__{column}": other.school})
                    found += [f"{model._meta.label}.{field.name} of {row.pk}" for row in theirs]
        return found

    def _rows(self, model: type[Row]) -> models.QuerySet[Any]:
        column = _school_column(model)
        wanted = {column.name: self.school} if column is not None else {"pk": self.number}
        return model._base_manager.filter(**wanted)

    def _make(self, model: type[Row]) -> Row:
        values = {}
        for field in model._meta.concrete_fields:
            values[field.attname] = self._value(model, field)
        try:
            return model._base_manager.create(**values)
        except IntegrityError as error:
            message = (
                f"No row of {model._meta.label} can be made up: {error}. "
                "Say in SPECIAL of tests/switchyard/everything.py what it cannot be without."
            )
            raise AssertionError(message) from error

    def _value(self, model: type[Row], field: Any) -> Any:
        special = SPECIAL.get(model._meta.label, {})
        if field.name in special:
            given = special[field.name]
            return given(self) if callable(given) else given
        if field.primary_key and isinstance(field, models.AutoField | models.BigAutoField):
            return self.number
        if isinstance(field, models.ForeignKey):
            return None if field.related_model is model else self.row_of(field.related_model).pk
        return self._plain(field)

    def _plain(self, field: Any) -> Any:
        if isinstance(field, models.FileField):
            return ContentFile(f"%PDF-1.7 {self.mark}".encode(), name=self.mark)
        if isinstance(field, models.CharField | models.TextField) and not field.choices:
            return self._text(field)
        if field.has_default():
            return field.get_default()
        if field.null or getattr(field, "auto_now_add", False):
            return None
        return field.choices[0][0] if field.choices else self._by_type(field)

    def _text(self, field: Any) -> str:
        if isinstance(field, models.EmailField):
            return f"{self.mark.lower()}@school.example"
        if isinstance(field, models.URLField):
            return f"https://{self.mark.lower()}.example/"
        return self.mark

    def _by_type(self, field: Any) -> Any:
        made = {
            "BooleanField": lambda: False,
            "DateField": lambda: timezone.now().date(),
            "DateTimeField": timezone.now,
            "FloatField": lambda: 1.0,
            "JSONField": list,
            "UUIDField": uuid4,
        }
        return made.get(field.get_internal_type(), lambda: 1)()
