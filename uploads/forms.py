"""The form that takes a data file, and the filter above the students."""

from typing import IO, Any, cast
from uuid import uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat

from jobs.directory import StudentFilter, directory
from jobs.models import School
from jobs.settings import switchyard
from uploads.reading import UnreadableFile, read_layout

BYTES_A_MEGABYTE = 1_000_000


class UploadForm(forms.Form):
    """A CSV file of students; what is wrong with the file as a whole is said at once."""

    file = forms.FileField(
        label="CSV file",
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
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
        most = switchyard().files.upload_megabytes
        if (file.size or 0) > most * BYTES_A_MEGABYTE:
            size = filesizeformat(file.size or 0)
            message = f"The file has {size}; at most {most:g} MB can be uploaded. Split it."
            raise forms.ValidationError(message)
        try:
            read_layout(cast("IO[bytes]", file))
        except UnreadableFile as error:
            raise forms.ValidationError(str(error)) from error
        return file


class StudentFilterForm(forms.Form):
    """Which students the list shows; an empty choice means any."""

    search = forms.CharField(required=False, max_length=100, label="Name, e-mail or number")
    major = forms.ChoiceField(required=False)
    graduation_year = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)

    def __init__(self, data: Any, *, school: School) -> None:
        """Offer the majors and years that occur in the school."""
        super().__init__(data)
        majors = directory().majors(school_id=school.pk)
        years = directory().graduation_years(school_id=school.pk)
        self.fields["major"] = forms.ChoiceField(
            required=False, choices=[("", "Any major"), *((major, major) for major in majors)]
        )
        self.fields["graduation_year"] = forms.TypedChoiceField(
            required=False,
            coerce=int,
            empty_value=None,
            choices=[("", "Any year"), *((str(year), str(year)) for year in years)],
        )

    @property
    def chosen(self) -> StudentFilter:
        """What is meant; a value that is no choice is left out."""
        self.full_clean()
        found = self.cleaned_data
        return StudentFilter(
            search=found.get("search", ""),
            major=found.get("major", ""),
            graduation_year=found.get("graduation_year"),
        )
