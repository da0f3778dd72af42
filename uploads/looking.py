"""Looking into a file that was sent, before anything of it is kept."""

from typing import IO, cast

from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from jobs import files
from jobs.sections import MEGABYTE
from jobs.settings import switchyard
from uploads.datasets import Dataset
from uploads.mapping import require_rows, what_is_missing
from uploads.reading import Look, look_at
from uploads.suggesting import suggest
from uploads.tables.refusing import UnreadableFile


class TooLarge(UnreadableFile):
    """The file has more bytes than may be kept of one."""


def look_into(file: "UploadedFile[bytes]", *, dataset: Dataset, sheet: str = "") -> Look:
    """Return what the file's beginning shows.

    Raises:
        TooLarge: it is too large.
        UnreadableFile: it is empty or no data file, has no rows, or too few columns.
    """
    if not file.size:
        message = _(
            "“{file}” is empty. Choose a file with a row of headings and a row for each {one}."
        ).format(file=files.uploaded_name(file), one=_(dataset.one))
        raise UnreadableFile(message)
    most = switchyard().files.upload_megabytes
    if file.size > most * MEGABYTE:
        size = filesizeformat(file.size)
        message = _("The file has {size}; at most {most:g} MB can be uploaded. Split it.").format(
            size=size, most=most
        )
        raise TooLarge(message)
    look = look_at(cast("IO[bytes]", file), dataset=dataset, sheet=sheet)
    suggestion = suggest(look.headings, dataset=dataset)
    if not suggestion.can_be_completed:
        missing = what_is_missing(suggestion.missing, look.headings)
        raise UnreadableFile(f"{missing} {_other_sheets(look)}".strip())
    require_rows(has_rows=bool(look.sample))
    return look


def _other_sheets(look: Look) -> str:
    """Return a sentence that names the sheets beside the one that was read; empty where there is none."""
    others = ", ".join(each for each in look.sheets if each != look.sheet)
    if not others:
        return ""
    return _(
        "This was read in the sheet “{sheet}”. If another one holds the rows, name it: {others}."
    ).format(sheet=look.sheet, others=others)
