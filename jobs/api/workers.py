"""The endpoints of the lanes' workers, for the platform's own programs."""

from typing import Annotated

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Router
from pydantic import Field

from jobs import staffing
from jobs.api.auth import Bearer, token_of
from jobs.api.inputs import Input, Moment
from jobs.api.staff import StaffOut, StaffsOut, described
from jobs.asking import Text, WrongArguments
from jobs.lanes import MOST_WORKERS, Lane
from jobs.models import Scope
from jobs.settings import switchyard

SCALE = Bearer(Scope.WORKERS)

router = Router(tags=["workers"])


class Scaling(Input):
    """How many workers a lane is to have for a while."""

    workers: Annotated[int, Field(ge=1, le=MOST_WORKERS, strict=True)]
    """Parts to be worked on at once, over all hosts."""
    why: Annotated[Text, Field(min_length=1, max_length=500, pattern=r"\S")]
    """The reason, for whoever looks after the lanes next."""
    until: Moment | None = None
    """When the platform, or the settings, decide again, within a year; null for in four hours."""


@router.get("/workers", response=StaffsOut, auth=SCALE)
def list_workers(request: HttpRequest) -> StaffsOut:  # noqa: ARG001 - ninja gives it
    """List the lanes with the workers that they are to have and have."""
    return StaffsOut(lanes=described(switchyard().lanes.values()))


@router.put("/workers/{lane}", response=StaffOut, auth=SCALE)
def scale_workers(request: HttpRequest, lane: str, body: Scaling) -> StaffOut:
    """Let a lane have so many workers until a time, whatever the platform reckons."""
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
        Http404: there is none.
    """
    try:
        return switchyard().lanes[name]
    except KeyError as error:
        raise Http404 from error
