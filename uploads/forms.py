"""The forms that take a data file and begin its import."""

from typing import IO, Any, cast
from uuid import uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat

from jobs.sections import MEGABYTE
from jobs.settings import switchyard
from uploads.datasets import STUDENTS
from uploads.mapping import mapped
from uploads.reading import look_at
from uploads.tables.refusing import UnreadableFile


class UploadForm(forms.Form):
    """A CSV file of students; what is wrong with the file as a whole is said at once."""

    file = forms.FileField(
        label="CSV file",
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
        allow_empty_file=True,  # to name it in the sentence below
        error_messages={"required": "Choose a CSV file of students."},
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say in the help how large a file may be."""
        super().__init__(*args, **kwargs)
        most = switchyard().files.upload_megabytes
        self.fields["file"].help_text = (
            f"Up to {most:g} MB, with commas, semicolons or tabs between the cells. Nothing is imported yet: "
            "you see first what would change."
        )

    def clean_file(self) -> "UploadedFile[bytes]":
        """Return the file.

        Raises:
            ValidationError: it is too large, or no CSV of students.
        """
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if not file.size:
            message = (
                f"“{file.name}” is empty. Choose a file with a row of headings and a row for each student."
            )
            raise forms.ValidationError(message)
        most = switchyard().files.upload_megabytes
        if (file.size or 0) > most * MEGABYTE:
            size = filesizeformat(file.size or 0)
            message = f"The file has {size}; at most {most:g} MB can be uploaded. Split it."
            raise forms.ValidationError(message)
        try:
            look = look_at(cast("IO[bytes]", file), dataset=STUDENTS)
            mapped(look.headings, dataset=STUDENTS, has_rows=bool(look.sample))
        except UnreadableFile as error:
            raise forms.ValidationError(str(error)) from error
        return file


class ImportForm(forms.Form):
    """The click that imports: whether the rows that look like another person are taken too."""

    others = forms.BooleanField(required=False)
