"""The form of a mailing: its text, its files, and whom it is for."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails import attaching, formatting, merging
from emails.file_fields import FilesField, too_large
from emails.models import BodyFormat, Mailing
from emails.sizes import labelled
from emails.smtp.fields import WrongField, require_one_line
from emails.templating import WrongTemplate
from jobs import files, scanning
from jobs.directory import directory
from jobs.models import Person, School, StoredFile, TypedForm
from jobs.sections import MEGABYTE
from jobs.settings import switchyard
from jobs.signatures import NotTaken

if TYPE_CHECKING:
    MailingModelForm = forms.ModelForm[Mailing]
else:
    MailingModelForm = forms.ModelForm

FILE_GONE = gettext_lazy("One of the files is not there any more. Please choose it again.")


class GivenChoiceField(forms.ChoiceField):
    """A choice that is always there: its initial one where nothing was chosen."""

    def clean(self, value: Any) -> Any:
        """Take the initial choice for none."""
        return super().clean(value or self.initial)


class RecipientFilterForm(MailingModelForm):
    """Which students of the school a mailing is for."""

    graduation_year = forms.TypedChoiceField(
        label=gettext_lazy("Graduation year"), coerce=int, empty_value=None, required=False
    )
    major = forms.ChoiceField(label=gettext_lazy("Major"), required=False)
    search = forms.CharField(
        label=gettext_lazy("Search"),
        required=False,
        max_length=100,
        help_text=gettext_lazy("Part of a name, an e-mail address or a student number."),
    )

    class Meta:
        """The mailing's own filter."""

        model = Mailing
        fields: ClassVar[list[str]] = ["major", "graduation_year", "search"]

    def __init__(self, *args: Any, school: School, **kwargs: Any) -> None:
        """Offer the majors and years that occur among the students of `school`."""
        super().__init__(*args, **kwargs)
        self.instance.school = school
        students = directory()
        self._offer("major", students.majors(school_id=school.pk), every=_("All majors"))
        self._offer("graduation_year", students.graduation_years(school_id=school.pk), every=_("All years"))

    def _offer(self, name: str, values: Sequence[object], *, every: str) -> None:
        kept = getattr(self.instance, name)
        offered = [*values, kept] if kept and kept not in values else values
        _choices(self.fields[name], [("", every), *((value, value) for value in offered)])


class MailingForm(RecipientFilterForm):
    """A whole mailing. Nothing is stored here: see `attaching.store_files` and `drafting.keep_draft`."""

    subject = forms.CharField(
        label=gettext_lazy("Subject"),
        max_length=180,
        error_messages={
            "required": gettext_lazy("Please write a subject; mail without one looks like junk.")
        },
    )
    body_format = GivenChoiceField(
        label=gettext_lazy("Format"),
        choices=BodyFormat,
        initial=BodyFormat.TEXT,
        help_text=gettext_lazy(
            "Markdown: **bold**, *italic*, # heading, - list, [link](https://…). HTML keeps its styles "
            "and loses scripts and forms. Both go with a plain text made from them."
        ),
    )
    body = forms.CharField(
        label=gettext_lazy("Text"),
        widget=forms.Textarea(attrs={"rows": 14}),
        error_messages={"required": gettext_lazy("Please write the text of the mail.")},
    )
    attachments = FilesField(label=gettext_lazy("Attachments"), required=False)
    kept = forms.MultipleChoiceField(
        label=gettext_lazy("Attached already: untick what should not be sent"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": FILE_GONE},
    )

    TYPED: ClassVar = ("subject", "body_format", "body", *RecipientFilterForm.Meta.fields)

    class Meta(RecipientFilterForm.Meta):
        """Text and filter."""

        fields: ClassVar[list[str]] = ["subject", "body_format", "body", *RecipientFilterForm.Meta.fields]

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        """Name the limit of the files, and offer those that are attached already; `by` fills it in."""
        super().__init__(*args, **kwargs)
        self._by = by
        self._refused: set[int] = set()
        limit = switchyard().files.attachment_megabytes
        self.fields["attachments"].help_text = _(
            "Up to {limit:g} MB together. They go with every mail."
        ).format(limit=limit)
        self.attached = self.instance.attached_files() if self.instance.pk else []
        self.initial["kept"] = [attaching.offered_name(file) for file in self.attached]
        sent = attaching.files_offered(self._kept_names(), school=self.instance.school)
        self._offer_kept(sent)

    @classmethod
    def typed_so_far(cls, before: TypedForm | None) -> dict[str, Any]:
        """Return what was typed before, right or wrong, to be shown again; files are not kept."""
        if before is None:
            return {}
        fields = QueryDict(before.fields)
        return {name: fields[name] for name in cls.TYPED if name in fields}

    def offer_again(self, stored: Sequence[StoredFile]) -> None:
        """Show files of a form with an error as attached already, so that nobody chooses them twice."""
        names = [attaching.offered_name(file) for file in stored]
        data = cast("QueryDict", self.data).copy()
        data.setlist("kept", [*self._kept_names(), *names])
        self.data = data
        self._offer_kept(stored)

    @property
    def fine_files(self) -> list["UploadedFile[bytes]"]:
        """The files just chosen of which each by itself could go with a mailing, once it was looked at."""
        limit = switchyard().files.attachment_megabytes * MEGABYTE
        chosen = self.files.getlist("attachments") if self.is_bound else []
        fitting = [file for file in chosen if file.name and 0 < (file.size or 0) <= limit]
        return [file for file in fitting if id(file) not in self._refused]

    def clean_subject(self) -> str:
        """Refuse unknown merge fields and line breaks."""
        subject: str = self.cleaned_data["subject"]
        try:
            merging.read(subject)
            require_one_line(subject)
        except (WrongField, WrongTemplate) as error:
            raise forms.ValidationError(str(error)) from error
        return subject

    def clean_body(self) -> str:
        """Refuse what no mail can be made of; keep line breaks as one character."""
        body: str = self.cleaned_data["body"].replace("\r\n", "\n").replace("\r", "\n")
        try:
            formatting.body(body, written_as=self.cleaned_data.get("body_format", BodyFormat.TEXT))
        except WrongTemplate as error:
            raise forms.ValidationError(str(error)) from error
        return body

    def clean_kept(self) -> list[StoredFile]:
        """Return the files that stay attached."""
        names = self.cleaned_data["kept"]
        return [file for file in self.attached if attaching.offered_name(file) in names]

    def clean(self) -> dict[str, Any]:
        """Refuse files that are not what they seem, or too large together."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for file in self.fine_files:
            self._look_at(file)
        added: list[UploadedFile[bytes]] = cleaned.get("attachments", [])
        sizes = [(files.uploaded_name(file), file.size or 0) for file in added]
        sizes += [(file.name, file.size) for file in cleaned.get("kept", [])]
        limit = switchyard().files.attachment_megabytes
        if sum(size for _, size in sizes) > limit * MEGABYTE:
            self.add_error("attachments", too_large(sizes, limit=limit))
        return cleaned

    def _look_at(self, file: "UploadedFile[bytes]") -> None:
        name = attaching.safe_name(files.uploaded_name(file))
        try:
            scanning.require_sound(file, name=name, school=self.instance.school, by=self._by)
        except NotTaken as error:
            self._refused.add(id(file))
            self.add_error("attachments", str(error))

    def _kept_names(self) -> list[str]:
        return cast("QueryDict", self.data).getlist("kept") if self.is_bound else []

    def _offer_kept(self, files: Sequence[StoredFile]) -> None:
        self.attached = list({file.pk: file for file in (*self.attached, *files)}.values())
        _choices(
            self.fields["kept"], [(attaching.offered_name(file), labelled(file)) for file in self.attached]
        )


def _choices(field: forms.Field, choices: Sequence[tuple[object, object]]) -> None:
    cast("forms.ChoiceField", field).choices = choices


class ResendForm(MailingModelForm):
    """Whether a retry sends again to recipients of whom nobody knows whether the mail arrived."""

    class Meta:
        """One tick."""

        model = Mailing
        fields = ("resend_uncertain",)
        labels: ClassVar = {
            "resend_uncertain": gettext_lazy("Try again also those where we do not know whether it arrived")
        }
        help_texts: ClassVar = {"resend_uncertain": gettext_lazy("Some of them may then get the mail twice.")}
