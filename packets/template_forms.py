"""The form of a packet template."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.files import uploaded_name
from jobs.forms import LineField
from jobs.models import Person, School
from jobs.scanning import require_clean
from jobs.sections import MEGABYTE
from jobs.signatures import NotTaken
from packets.keeping import Choices
from packets.layout import Layout
from packets.logos import MOST_MEGABYTES, NoLogo, drawn
from packets.look_forms import LookForm
from packets.models import TITLE_LENGTH, PacketTemplate
from packets.models.templates import NAME_LENGTH
from packets.title_patterns import wrong_word

NAME_TAKEN = gettext_lazy("Your school has another template of this name; choose another one.")


class NameField(LineField):
    """The name of a template."""

    def __init__(self, **options: Any) -> None:
        """Take what `forms.CharField` takes."""
        widget = forms.TextInput(attrs={"autocomplete": "off"})
        super().__init__(max_length=NAME_LENGTH, widget=widget, **options)


def right_pattern(title: str) -> str:
    """Return the title, if all its words in braces mean something.

    Raises:
        ValidationError: one means nothing.
    """
    if wrong := wrong_word(title):
        raise ValidationError(wrong)
    return title


class TemplateForm(LookForm):
    """A template."""

    name = NameField(
        label=gettext_lazy("Name"),
        error_messages={"required": gettext_lazy("Give the template a name.")},
        help_text=gettext_lazy("For example “Career fairs”."),
    )
    title = LineField(
        label=gettext_lazy("Title of its packets"),
        required=False,
        max_length=TITLE_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy(
            "{date}, {month}, {year} and {school} become those of the packet: “Spring fair {year}”. "
            "It can be changed for each packet."
        ),
    )
    new_logo = forms.FileField(
        label=gettext_lazy("Logo on the cover"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        help_text=format_lazy(
            gettext_lazy("A picture of up to {megabytes} MB; what is clear in it stays clear."),
            megabytes=MOST_MEGABYTES,
        ),
    )
    drops_logo = forms.BooleanField(label=gettext_lazy("Take the logo away"), required=False)

    def __init__(
        self,
        data: MultiValueDict[str, str] | None = None,
        files: "MultiValueDict[str, UploadedFile[bytes]] | None" = None,
        *,
        school: School,
        by: Person,
        template: PacketTemplate | None = None,
    ) -> None:
        """Show the choices of the template, or the usual ones for a new one."""
        self.template, self._school, self._by = template, school, by
        super().__init__(data, files, initial=initial_of(template) if template else None)

    def clean_name(self) -> str:
        """Return the name.

        Raises:
            ValidationError: another template of the school has it.
        """
        name: str = self.cleaned_data["name"]
        others = PacketTemplate.objects.filter(school=self._school, name__iexact=name)
        if self.template is not None:
            others = others.exclude(pk=self.template.pk)
        if others.exists():
            raise ValidationError(NAME_TAKEN)
        return name

    def clean_title(self) -> str:
        """Return the title, as `right_pattern` does."""
        return right_pattern(self.cleaned_data["title"])

    def clean_new_logo(self) -> bytes | None:
        """Return the picture of the file as our own PNG.

        Raises:
            ValidationError: it is no picture, or too large.
        """
        file: UploadedFile[bytes] | None = self.cleaned_data["new_logo"]
        if file is None:
            return None
        if (file.size or 0) > MOST_MEGABYTES * MEGABYTE:
            message = _("A logo may have {most_megabytes} MB. Choose a smaller picture.").format(
                most_megabytes=MOST_MEGABYTES
            )
            raise ValidationError(message)
        try:
            require_clean(file, name=uploaded_name(file), school=self._school, by=self._by)
            return drawn(file)
        except (NoLogo, NotTaken) as error:
            raise ValidationError(str(error)) from error

    @property
    def choices(self) -> Choices:
        """What is to be kept; once valid."""
        kept = None if self.template is None or self.cleaned_data["drops_logo"] else self.template.logo
        return Choices(
            name=self.cleaned_data["name"],
            title=self.cleaned_data["title"],
            logo=self.cleaned_data["new_logo"] or kept,
            **self.look,
        )


def initial_of(template: PacketTemplate) -> dict[str, Any]:
    """Return what the fields of a form show for the template."""
    look = LookForm.initial_of(
        document_types=template.document_types,
        has_own_files=template.has_own_files,
        layout=Layout.read(template.layout),
    )
    return {**look, "name": template.name, "title": template.title}
