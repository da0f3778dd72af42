"""The forms of files of students' own: handing them in, and taking them away."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails.file_fields import FilesField
from emails.handing_in import UNPACKED_TIMES
from emails.unpacking import MOST_FILES
from jobs.sections import MEGABYTE
from jobs.settings import switchyard
from jobs.sizes import size


class HandInForm(forms.Form):
    """Files, or ZIP archives of them."""

    chosen = FilesField(label=gettext_lazy("Files"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say in the help how much may be handed in."""
        super().__init__(*args, **kwargs)
        now = switchyard().files
        most = int(now.upload_megabytes * MEGABYTE)
        self.fields["chosen"].help_text = _(
            "Each name has the student's number in it, such as 00412101.pdf or Letter_00412101.docx. Files "
            "may be of any type, and a student may have several. Up to "
            "{most_at_once} files at once, or ZIP archives: {size} as they "
            "are uploaded, and {most_files:,} files of {unpacked} in all unpacked. "
            "One mail carries {attachment_megabytes:g} MB. A file takes the place of one with the same "
            "name, ending included. A ZIP archive within another goes to its student as it is."
        ).format(
            most_at_once=settings.DATA_UPLOAD_MAX_NUMBER_FILES,
            size=size(most),
            most_files=MOST_FILES,
            unpacked=size(most * UNPACKED_TIMES),
            attachment_megabytes=now.attachment_megabytes,
        )

    def clean_chosen(self) -> list[Any]:
        """Refuse more than may be uploaded at once, and nothing."""
        files: list[Any] = self.cleaned_data["chosen"]
        if not files:
            message = _("Choose the files, or a ZIP archive of them.")
            raise forms.ValidationError(message)
        most = switchyard().files.upload_megabytes * MEGABYTE
        total = sum(file.size for file in files)
        if total > most:
            message = _(
                "These files have {size} together; at most {most} can be handed in at "
                "once. Please do it in several steps."
            ).format(size=size(total), most=size(int(most)))
            raise forms.ValidationError(message)
        return files


class DropForm(forms.Form):
    """The click that takes one file away, or all."""

    file = forms.IntegerField(required=False, min_value=1)
