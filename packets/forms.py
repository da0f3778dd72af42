"""The form of a new packet."""

from typing import Any, Self, cast
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from jobs.directory import Student, directory
from jobs.forms import LineField, id_in
from jobs.models import StoredFile
from packets import queries
from packets.keeping import Choices
from packets.look_forms import LookForm
from packets.models import TITLE_LENGTH, PacketTemplate
from packets.requesting import MOST_STUDENTS, PacketRequest
from packets.template_forms import NAME_TAKEN, NameField, initial_of, right_pattern


class IdsField(forms.Field):
    """The ids behind the ticked boxes of one name."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[int]:
        """Return the ids, each once.

        Raises:
            ValidationError: something else was sent.
        """
        texts = list(dict.fromkeys(value or []))
        ids = [pk for text in texts if (pk := id_in(text)) is not None]
        if len(ids) < len(texts):
            message = _("The list of students was not sent as this page made it; choose the students again.")
            raise ValidationError(message)
        return ids


class PacketForm(LookForm):
    """What to build."""

    title = LineField(
        label=gettext_lazy("Title"),
        max_length=TITLE_LENGTH,
        error_messages={"required": gettext_lazy("Give the packet a title.")},
        help_text=gettext_lazy("Names the packet and its file, for example “Spring career fair: Biology”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    logo = forms.ChoiceField(
        label=gettext_lazy("Logo on the cover"),
        required=False,
        error_messages={"invalid_choice": gettext_lazy("The logo was taken away meanwhile; choose again.")},
    )
    students = IdsField(error_messages={"required": gettext_lazy("Tick at least one student.")})
    form_key = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)

    def __init__(
        self, data: QueryDict | None = None, *, school_id: int, initial: dict[str, Any] | None = None
    ) -> None:
        """Take students and logos of the school `school_id` only."""
        super().__init__(data, initial=initial)
        self._sent = data
        self._school_id = school_id
        self.templates = list(queries.templates_of(school_id))
        """The school's templates, by name."""
        self._logos = {str(each.logo_id): each for each in reversed(self.templates) if each.logo_id}
        choices = [
            ("", _("None")),
            *((pk, _("That of “{template}”").format(template=each)) for pk, each in self._logos.items()),
        ]
        cast("forms.ChoiceField", self.fields["logo"]).choices = choices

    @classmethod
    def keeping(cls, typed: QueryDict, *, school_id: int) -> Self:
        """Return the form as it was `typed` so far, and not sent yet."""
        return cls(school_id=school_id, initial=cls.typed_so_far(typed, but=("students", "form_key")))

    @classmethod
    def from_template(cls, template: PacketTemplate, *, title: str) -> Self:
        """Return the form filled in with the choices of the template, and the title that it gives."""
        initial = {**initial_of(template), "title": title, "logo": str(template.logo_id or "")}
        return cls(school_id=template.school_id, initial=initial)

    def clean_students(self) -> list[Student]:
        """Return the ticked students in the order of the page.

        Raises:
            ValidationError: there are too many, or one is not of this school.
        """
        ids = self.cleaned_data["students"]
        if len(ids) > MOST_STUDENTS:
            message = _(
                "You ticked {number} students; a packet holds up to {most_students}. Build two packets."
            ).format(number=len(ids), most_students=MOST_STUDENTS)
            raise ValidationError(message)
        found = directory().students_by_id(school_id=self._school_id, ids=ids)
        if unknown := len(ids) - len(found):
            message = ngettext(
                "{unknown} of the ticked students is not in your school's list; choose them again.",
                "{unknown} of the ticked students are not in your school's list; choose them again.",
                unknown,
            )
            raise ValidationError(message.format(unknown=unknown))
        return [found[student_id] for student_id in ids]

    @property
    def has_logos(self) -> bool:
        """Whether there are logos to choose from."""
        return bool(self._logos)

    @property
    def request(self) -> PacketRequest:
        """What the person asked for; only after `is_valid`."""
        chosen = {name: self.cleaned_data[name] for name in ("title", "students", "form_key")}
        return PacketRequest.of_form(**chosen, **self.look, logo=self.chosen_logo)

    @property
    def chosen_logo(self) -> StoredFile | None:
        """The logo that was chosen, if any; only after `is_valid`."""
        template = self._logos.get(self.cleaned_data["logo"])
        return template.logo if template else None

    @property
    def ticked(self) -> set[str] | None:
        """The ids that were sent as ticked; None before anything was sent: then all are."""
        return None if self._sent is None else set(self._sent.getlist("students"))


class SavingForm(PacketForm):
    """The form of a packet, of which a template is to be made: the students do not matter."""

    save_as = NameField(
        label=gettext_lazy("Name of the template"),
        error_messages={"required": gettext_lazy("Give it a name.")},
    )

    def __init__(self, data: QueryDict, *, school_id: int) -> None:
        """Ask for no students."""
        super().__init__(data, school_id=school_id)
        del self.fields["students"]
        self.fields["title"].required = False

    def clean_title(self) -> str:
        """Return the title, as `right_pattern` does."""
        return right_pattern(self.cleaned_data["title"])

    def clean_save_as(self) -> str:
        """Return the name.

        Raises:
            ValidationError: a template of the school has it.
        """
        name: str = self.cleaned_data["save_as"]
        if PacketTemplate.objects.filter(school_id=self._school_id, name__iexact=name).exists():
            raise ValidationError(NAME_TAKEN)
        return name

    @property
    def choices(self) -> Choices:
        """What is to be kept; only after `is_valid`."""
        chosen = self.cleaned_data
        return Choices(name=chosen["save_as"], title=chosen["title"], logo=self.chosen_logo, **self.look)
