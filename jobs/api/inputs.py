"""What the API takes."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any

from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, Field

from jobs.asking import LARGEST_ID, Id, Text, WrongArguments
from jobs.finding import MOST_JOBS, Wanted
from jobs.mistakes import TIME
from jobs.models import JobState
from jobs.setting_fields import did_you_mean

SMALLEST_PRIORITY, LARGEST_PRIORITY = -32_768, 32_767
MOST_FOLLOWED = 50
MOST_CHARACTERS = 200
JOBS_A_PAGE = 50


def _written(given: object) -> object:
    """Refuse a number, which pydantic would take for seconds since 1970."""
    if not isinstance(given, str) or given.replace(".", "", 1).lstrip("+-").isdigit():
        raise ValueError(TIME)
    return given


def _in_utc(moment: datetime) -> datetime:
    """Return the same moment in UTC: the database knows no zone beyond sixteen hours."""
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(TIME) from error


Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_in_utc)]
"""A time in a program's request."""


class Input(Schema):
    """Something that a program sends: only the fields that we know."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class JobRequest(Input):
    """A job to be submitted; `GET /kinds` lists the kinds and the schema of their arguments."""

    kind: Annotated[Text, Field(max_length=60, examples=["packets.build"])]
    """One of the kinds that `GET /kinds` lists."""
    arguments: dict[str, Any]
    """As the kind's own schema has them."""
    title: Annotated[Text, Field(max_length=150)] | None = None
    """What pages call it; null or blank for the kind's own."""
    priority: Annotated[int, Field(ge=SMALLEST_PRIORITY, le=LARGEST_PRIORITY, strict=True)] = 0
    """Within the school and the lane, higher goes first."""
    not_before: Moment | None = None
    """When it may start, within five years; null for now."""
    deadline: Moment | None = None
    """When what is left of it fails, within five years; null for never."""
    after: Annotated[tuple[Id, ...], Field(max_length=MOST_FOLLOWED)] = ()
    """Ids of the school's jobs that must have ended well before this one starts.

    If one of them fails or is stopped, this one fails; a retry of that one lets it wait again.
    """

    def options(self) -> dict[str, Any]:
        """Return what it says beside kind and arguments, for `jobs.requesting.request`."""
        named = {"title": self.title} if self.title and self.title.strip() else {}
        return {
            "priority": self.priority,
            "not_before": self.not_before,
            "deadline": self.deadline,
            "after": self.after,
            **named,
        }


class Reason(Input):
    """Why a job is changed; kept in its history."""

    why: Annotated[Text, Field(max_length=500)] = ""


class Retry(Reason):
    """A retry, and whether it may do again what may have been done."""

    uncertain: Annotated[bool, Field(strict=True)] = False
    """Whether what nobody knows whether it was done is done again too; it may be done twice."""


class JobFilter(Input):
    """Which jobs are listed; what is left out means any."""

    kind: Annotated[Text, Field(max_length=60)] = ""
    """Only of this kind."""
    state: JobState | None = None
    """Only in this state."""
    since: Moment | None = None
    """Asked for at this time or later."""
    text: Annotated[Text, Field(max_length=MOST_CHARACTERS)] = ""
    """Words in the title, the error or the error of a part."""
    person: Annotated[Text, Field(max_length=MOST_CHARACTERS)] = ""
    """Mail address of the person who asked."""
    cursor: Annotated[int, Field(ge=1, le=LARGEST_ID)] | None = None
    """The `next` of the page before."""
    limit: Annotated[int, Field(ge=1, le=MOST_JOBS)] = JOBS_A_PAGE
    """Jobs in one page."""

    @property
    def wanted(self) -> Wanted:
        """What it means to `jobs.finding.find`."""
        return Wanted(
            kind=self.kind,
            state=self.state or "",
            since=self.since,
            text=self.text,
            person=self.person,
            before=self.cursor,
        )


def refuse_unknown(names: Iterable[str], *, of: type[Input] = JobFilter) -> None:
    """Refuse parameters that `of` does not have: ignored, they would list what was not asked for.

    Raises:
        WrongArguments: with those that there are.
    """
    known = list(of.model_fields)
    unknown = [name for name in names if name not in known]
    if unknown:
        said = _("There is no such parameter; there are: {names}.").format(names=", ".join(known))
        raise WrongArguments({name: said + did_you_mean(name, known) for name in unknown})
