"""The files in the form of a mailing: several at once, and the sentences about their sizes."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class ManyFiles(forms.ClearableFileInput):
    """A file input that takes several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files; an empty list when none was chosen."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list["UploadedFile[bytes]"]:
        """Check each file by itself and return them all."""
        given = data if isinstance(data, list | tuple) else [data]
        for file in given:
            if file and not file.size:
                message = _("“{file}” is empty. Leave it out or choose another file.").format(file=file.name)
                raise forms.ValidationError(message)
        return [super(FilesField, self).clean(file, initial) for file in given if file]


def too_large(sizes: Sequence[tuple[str, int]], *, limit: float) -> str:
    """Return what is wrong with files of these names and `sizes` in bytes; the `limit` is in megabytes."""
    total = filesizeformat(sum(size for name, size in sizes))
    largest = max(sizes, key=lambda named: named[1])[0]
    says = ngettext(
        "“{largest}” is {total}; a mailing can carry {limit:g} MB. "
        "Please leave out or shrink “{largest}”, or put a link to it into the text.",
        "The {number} files are {total} together; a mailing can carry {limit:g} MB. "
        "Please leave out or shrink “{largest}”, or put a link to it into the text.",
        len(sizes),
    )
    return says.format(largest=largest, total=total, limit=limit, number=len(sizes))
