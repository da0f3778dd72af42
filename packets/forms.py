"""The form of a new packet."""

from typing import Any, Self
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from jobs.directory import Student, directory
from packets.layout import ORDERS, layout_of
from packets.models import TITLE_LENGTH, DocumentType
from packets.requesting import MOST_STUDENTS, PacketRequest

MOST_DIGITS = 18
"""An id with more digits fits into no column."""


class IdsField(forms.Field):
    """The ids behind the ticked boxes of one name."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[int]:
        """Return the ids, each once.

        Raises:
            ValidationError: something else was sent.
        """
        texts = list(dict.fromkeys(value or []))
        if not all(text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS for text in texts):
            message = "The list of students was not sent as this page made it; choose the students again."
            raise ValidationError(message)
        return [int(text) for text in texts]


class PacketForm(forms.Form):
    """What to build."""

    title = forms.CharField(
        max_length=TITLE_LENGTH,
        error_messages={"required": "Give the packet a title."},
        help_text="Names the packet and its file, for example “Spring career fair: Biology”.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    document_types = forms.MultipleChoiceField(
        label="Documents of each student",
        choices=DocumentType.choices,
        initial=DocumentType.values,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick at least one type of document."},
    )
    has_own_files = forms.BooleanField(
        label="Also each student's own PDF, in a ZIP archive",
        required=False,
        help_text="Named by the students' numbers, so that a mailing can send each student theirs.",
    )
    order = forms.ChoiceField(
        label="Order of the students",
        choices=[(name, ORDERS[name]) for name in ("name", "major", "year")],
        initial="name",
        required=False,
        help_text="By major and by year there is a heading for each in contents and bookmarks.",
    )
    is_book = forms.BooleanField(
        label="With a cover, contents, a page before each student, and page numbers",
        required=False,
        initial=True,
        help_text="Without, the packet holds the documents and nothing else.",
    )
    students = IdsField(error_messages={"required": "Tick at least one student."})
    form_key = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)

    def __init__(
        self, data: QueryDict | None = None, *, school_id: int, initial: dict[str, Any] | None = None
    ) -> None:
        """Take students of the school `school_id` only."""
        super().__init__(data, initial=initial)
        self._sent = data
        self._school_id = school_id

    @classmethod
    def keeping(cls, typed: QueryDict, *, school_id: int) -> Self:
        """Return the form as it was `typed` so far, and not sent yet."""
        initial = {
            "title": typed.get("title"),
            "document_types": typed.getlist("document_types"),
            "has_own_files": "has_own_files" in typed,
            "order": typed.get("order"),
            "is_book": "is_book" in typed,
        }
        return cls(school_id=school_id, initial=initial)

    def clean_students(self) -> list[Student]:
        """Return the ticked students in the order of the page.

        Raises:
            ValidationError: there are too many, or one is not of this school.
        """
        ids = self.cleaned_data["students"]
        if len(ids) > MOST_STUDENTS:
            message = (
                f"You ticked {len(ids)} students; a packet holds up to {MOST_STUDENTS}. Build two packets."
            )
            raise ValidationError(message)
        found = directory().students_by_id(school_id=self._school_id, ids=ids)
        if unknown := len(ids) - len(found):
            verb = "is" if unknown == 1 else "are"
            message = f"{unknown} of the ticked students {verb} not in your school's list; choose them again."
            raise ValidationError(message)
        return [found[student_id] for student_id in ids]

    def clean_document_types(self) -> list[str]:
        """Return the ticked types in the packet's order."""
        return [name for name in DocumentType.values if name in self.cleaned_data["document_types"]]

    @property
    def request(self) -> PacketRequest:
        """What the person asked for; only after `is_valid`."""
        chosen = dict(self.cleaned_data)
        layout = layout_of(order=chosen.pop("order"), is_book=chosen.pop("is_book"))
        return PacketRequest.of_form(**chosen, layout=layout)

    @property
    def ticked(self) -> set[str] | None:
        """The ids that were sent as ticked; None before anything was sent: then all are."""
        return None if self._sent is None else set(self._sent.getlist("students"))
