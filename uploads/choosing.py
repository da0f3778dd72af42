"""Choosing as what the columns of an upload are read."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from jobs.models import Person
from uploads.models import Upload
from uploads.rechecking import begin_check
from uploads.remembering import remember


@transaction.atomic
def choose_columns(
    *, upload: Upload, places: Mapping[str, int], by: Person | None, now: datetime, program: str = ""
) -> bool:
    """Check the upload with its columns read so, anew if it was checked before; remember that for its shape.

    `places` has the place in the file of each column that is read. Returns whether this call did it: an
    upload that is imported, or cannot be read, is checked no more.
    """
    if not begin_check(upload=upload, by=by, program=program, places=dict(places)):
        return False
    remember(upload, places=places, by=by, now=now)
    return True
