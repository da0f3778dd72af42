"""What a kind's verbs give and get: the parts that a plan asks for, and the part that is at work."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from jobs.models import Job


@dataclass(frozen=True, kw_only=True)
class PartPlan:
    """One part that a plan asks for."""

    units: int
    """How many units the part holds: mails, documents, rows."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """What `work` needs to find them: ids and numbers, as JSON."""
    bytes: int = 0
    """How many bytes it moves, for limits in bytes a second."""

    def __post_init__(self) -> None:
        """Refuse an empty part.

        Raises:
            ValueError: the part holds no unit.
        """
        if self.units < 1:
            message = f"A part of {self.units} units has nothing to do; leave it out of the plan."
            raise ValueError(message)


class WorkingPart(Protocol):
    """What `work` sees of the part that it does."""

    @property
    def job(self) -> "Job":
        """The job that the part belongs to."""

    @property
    def arguments(self) -> Mapping[str, Any]:
        """What the plan wrote for this part."""

    @property
    def units(self) -> int:
        """How many units the part holds."""

    @property
    def attempt(self) -> int:
        """Which try this is, from 1."""

    def check(self) -> None:
        """Call between units: raises what ends the part here. The job was stopped, or the part goes back."""

    def report(self, *, done: int, failed: int = 0) -> None:
        """Say how many of the part's units are done and failed so far, counted from the part's start.

        Pages see it within two seconds, also where it is said within a transaction.
        """
