"""Files that lie in a school's pickup folder, and rounds in which they are picked up."""

from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

from jobs.models import Person, School
from jobs.testing import run_parts
from uploads.models import Pickup
from uploads.picking_up import pick_up

HEAD = "number,first name,last name,email,major,graduation year\n"
MAYA = "0017,Maya,Lee,maya@school.example,Nursing,2027\n"
NOW = datetime(2027, 3, 1, 2, 0, tzinfo=timezone.get_default_timezone())
LATER = NOW + timedelta(seconds=30)


def wants(school: School, mode: str, *, by: Person | None = None) -> None:
    Pickup.objects.create(school=school, dataset="students", mode=mode, set_by=by)
    pick_up(now=NOW)


def make_rounds() -> None:
    """Look twice, so that files are complete, and let all be done that follows."""
    for now in (NOW, LATER, LATER):
        pick_up(now=now)
    while run_parts(lane="uploads"):
        pick_up(now=LATER)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
