"""The files in the form of a mailing: several at once, and the sentences about their sizes."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat


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
                message = f"“{file.name}” is empty. Leave it out or choose another file."
                raise forms.ValidationError(message)
        return [super(FilesField, self).clean(file, initial) for file in given if file]


def too_large(sizes: Sequence[tuple[str, int]], *, limit: float) -> str:
    """Return what is wrong with files of these names and `sizes` in bytes; the `limit` is in megabytes."""
    total = filesizeformat(sum(size for _, size in sizes))
    largest = max(sizes, key=lambda named: named[1])[0]
    what = f"“{largest}” is {total}" if len(sizes) == 1 else f"The {len(sizes)} files are {total} together"
    return (
        f"{what}; a mailing can carry {limit:g} MB. "
        f"Please leave out or shrink “{largest}”, or put a link to it into the text."
    )
