"""What programs and the command line are told of the lanes' workers."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, Self

from django.utils import timezone

from jobs import staffing
from jobs.api.answer import Answer
from jobs.lanes import Lane
from jobs.staffing import Staffed


class StaffOut(Answer):
    """How many workers a lane is to have, over all hosts."""

    lane: str
    wanted: int
    """Parts to be worked on at once."""
    present: int
    """Parts that the workers that are there can do at once."""
    least: int
    most: int | None
    """Null where the platform does not scale the lane by itself."""
    set_by: Literal["hand", "platform", "settings"]
    """`hand` for a person or a program."""
    until: datetime | None
    """When a number set by hand ends."""
    why: str
    since: datetime | None
    """When the platform chose it, or a person or program set it: `why` tells of that time."""
    kept_back: int
    """How many more there would be but for the memory that hosts keep free."""
    why_not_more: str
    """The same as a sentence; empty for none."""

    @classmethod
    def of(cls, staffed: Staffed) -> Self:
        """Describe a lane."""
        lane, staff = staffed.lane, staffed.staff
        return cls(
            lane=lane.name,
            wanted=staff.workers,
            present=staffed.present,
            least=lane.workers,
            most=lane.most_workers,
            set_by="hand" if staff.hand else "platform" if staff.is_automatic else "settings",
            until=staff.hand.until if staff.hand else None,
            why=staff.why,
            since=staff.since,
            kept_back=staffed.kept_back,
            why_not_more=staffed.why_not_more,
        )


class StaffsOut(Answer):
    """All lanes."""

    lanes: list[StaffOut]


def described(lanes: Iterable[Lane]) -> list[StaffOut]:
    """Return what is told of `lanes`, in their order."""
    by_name = {lane.name: lane for lane in lanes}
    return [StaffOut.of(each) for each in staffing.staffed(by_name, now=timezone.now())]
