"""What a school chose for files of one shape: kept, and found again for the next one."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from jobs.models import Person
from uploads.datasets import Dataset
from uploads.headings import keys_of, shape_of
from uploads.models import FileShape, Upload
from uploads.suggesting import Suggestion, suggest


def suggestion_for(
    headings: Sequence[str], *, dataset: Dataset, school_id: int
) -> tuple[Suggestion, FileShape | None]:
    """Return as what the columns are offered to be read, and what was chosen before, if anything was."""
    shapes = FileShape.objects.filter(school=school_id, dataset=dataset.name, shape=shape_of(headings))
    kept = shapes.select_related("chosen_by").first()
    return suggest(headings, dataset=dataset, chosen=kept.columns if kept else None), kept


def remember(upload: Upload, *, places: Mapping[str, int], by: Person | None, now: datetime) -> None:
    """Keep what was chosen for the upload's columns, in place of what was chosen for that shape before."""
    by_place = {place: name for name, place in places.items()}
    keys = enumerate(keys_of(upload.headings))
    FileShape.objects.update_or_create(
        school=upload.school,
        dataset=upload.dataset,
        shape=shape_of(upload.headings),
        defaults={
            "columns": {key: by_place.get(place, "") for place, key in keys if key},
            "chosen_by": by,
            "chosen_at": now,
        },
    )
