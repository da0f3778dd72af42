"""The forms of files of students' own: handing them in, and taking them away."""

from typing import Any

from django import forms
from django.conf import settings

from emails.file_fields import FilesField
from emails.handing_in import UNPACKED_TIMES
from emails.unpacking import MOST_FILES
from jobs.sections import MEGABYTE
from jobs.settings import switchyard
from jobs.sizes import size


class HandInForm(forms.Form):
    """Files, or ZIP archives of them."""

    chosen = FilesField(label="Files")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say in the help how much may be handed in."""
        super().__init__(*args, **kwargs)
        now = switchyard().files
        most = int(now.upload_megabytes * MEGABYTE)
        self.fields["chosen"].help_text = (
            "Each name has the student's number in it, such as 00412101.pdf or Letter_00412101.docx. Files "
            "may be of any type, and a student may have several. Up to "
            f"{settings.DATA_UPLOAD_MAX_NUMBER_FILES} files at once, or ZIP archives: {size(most)} as they "
            f"are uploaded, and {MOST_FILES:,} files of {size(most * UNPACKED_TIMES)} in all unpacked. "
            f"One mail carries {now.attachment_megabytes:g} MB. A file takes the place of one with the same "
            "name, ending included. A ZIP archive within another goes to its student as it is."
        )

    def clean_chosen(self) -> list[Any]:
        """Refuse more than may be uploaded at once, and nothing."""
        files: list[Any] = self.cleaned_data["chosen"]
        if not files:
            message = "Choose the files, or a ZIP archive of them."
            raise forms.ValidationError(message)
        most = switchyard().files.upload_megabytes * MEGABYTE
        total = sum(file.size for file in files)
        if total > most:
            message = (
                f"These files have {size(total)} together; at most {size(int(most))} can be handed in at "
                "once. Please do it in several steps."
            )
            raise forms.ValidationError(message)
        return files


class DropForm(forms.Form):
    """The click that takes one file away, or all."""

    file = forms.IntegerField(required=False, min_value=1)
