"""What a program asks of a kind, and the ways in which a kind can refuse."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field

from jobs.language import gettext

if TYPE_CHECKING:
    from jobs.models import Person, School

LARGEST_ID = 2**63 - 1


def storable(text: str) -> str:
    """Return `text` if PostgreSQL can hold it.

    Raises:
        ValueError: it holds the character 0, or half of a pair that stands for one character.
    """
    if "\0" in text or any("\ud800" <= one <= "\udfff" for one in text):
        message = gettext("It holds something that is no character; leave that out.")
        raise ValueError(message)
    return text


Id = Annotated[int, Field(ge=1, le=LARGEST_ID, strict=True)]
"""An id in a program's request; a JSON number."""
STORABLE = AfterValidator(storable)
Text = Annotated[str, STORABLE]
"""A text in a program's request."""


class NothingHere(Exception):
    """An id leads to nothing of the school; the message is a sentence that names it."""


class NoSuchLane(NothingHere):
    """The platform has no lane of that name; the message names those that there are."""


class Refused(Exception):
    """What was asked cannot be done as things stand; the message is a sentence with what to do."""


class WrongArguments(Exception):
    """Fields of the request cannot be used."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        """Note for each field, as in `arguments.students`, a sentence about what is wrong with it."""
        self.problems = dict(problems)
        super().__init__(" ".join(f"{name}: {sentence}" for name, sentence in problems.items()))


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a program asks of a kind, its arguments checked by the kind's own schema."""

    school: "School"
    by: "Person | None"
    """Who made the program's token, or who is named on the command line."""
    arguments: Any
    """An instance of the kind's `api_arguments`."""
    key: str
    """To be the job's key."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """For `jobs.submission.submit`: program, priority, not_before, deadline, after, and a title if one was
    given."""
