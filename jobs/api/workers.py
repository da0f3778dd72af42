"""The endpoints of the lanes' workers, for the platform's own programs."""

from typing import Annotated

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router
from pydantic import AfterValidator, Field

from jobs import staffing
from jobs.api.auth import Bearer, token_of
from jobs.api.inputs import Input, Moment
from jobs.api.staff import StaffOut, StaffsOut, described
from jobs.asking import NoSuchLane, Text, WrongArguments
from jobs.lanes import MOST_WORKERS, Lane
from jobs.models import Scope
from jobs.settings import switchyard

SCALE = Bearer(Scope.WORKERS)

router = Router(tags=["workers"])


def _not_blank(why: str) -> str:
    """Refuse blanks alone.

    Raises:
        ValueError: there is nothing else.
    """
    if not why.strip():
        message = _("Say why: whoever looks after the lanes next reads it.")
        raise ValueError(message)
    return why


class Scaling(Input):
    """How many workers a lane is to have for a while."""

    workers: Annotated[int, Field(ge=1, le=MOST_WORKERS, strict=True)]
    """Parts to be worked on at once, over all hosts; each host that serves the lane has one at least."""
    why: Annotated[Text, Field(min_length=1, max_length=500), AfterValidator(_not_blank)]
    """The reason, for whoever looks after the lanes next."""
    until: Moment | None = None
    """When the platform, or the settings, decide again, within a year; null for in four hours."""


@router.get("/workers", response=StaffsOut, auth=SCALE)
def list_workers(request: HttpRequest) -> StaffsOut:  # noqa: ARG001 - ninja gives it
    """List the lanes with the workers that they are to have and have."""
    return StaffsOut(lanes=described(switchyard().lanes.values()))


@router.get("/workers/{lane}", response=StaffOut, auth=SCALE)
def show_workers(request: HttpRequest, lane: str) -> StaffOut:  # noqa: ARG001 - ninja gives it
    """Show the workers that a lane is to have and has."""
    return described([_lane(lane)])[0]


@router.put("/workers/{lane}", response=StaffOut, auth=SCALE)
def scale_workers(request: HttpRequest, lane: str, body: Scaling) -> StaffOut:
    """Let a lane have so many workers until a time, whatever the platform reckons.

    Of several at once the last one that comes holds; the answer says what holds when it is given.
    """
    named, token, now = _lane(lane), token_of(request), timezone.now()
    try:
        staffing.scale(
            named,
            workers=body.workers,
            by=token.created_by,
            program=token.name,
            why=body.why.strip(),
            until=body.until,
            now=now,
        )
    except staffing.WrongEnd as error:
        raise WrongArguments({"until": str(error)}) from error
    return described([named])[0]


@router.delete("/workers/{lane}", response=StaffOut, auth=SCALE)
def let_workers_go(request: HttpRequest, lane: str) -> StaffOut:
    """Take a number back that was set by hand: the platform, or the settings, decide again."""
    named, token = _lane(lane), token_of(request)
    staffing.take_back(named.name, by=token.created_by, program=token.name, now=timezone.now())
    return described([named])[0]


def _lane(name: str) -> Lane:
    """Return the lane.

    Raises:
        NoSuchLane: there is none.
    """
    lanes = switchyard().lanes
    if name not in lanes:
        message = _("There is no lane {lane}; there are {lanes}.").format(lane=name, lanes=", ".join(lanes))
        raise NoSuchLane(message)
    return lanes[name]
