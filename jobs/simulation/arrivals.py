"""What arrives in the simulation: jobs, and the pieces of work that they bring."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A part as the simulation sees it."""

    seconds: float
    """What it costs a worker."""
    units: int = 0
    bytes: int = 0
    service: str = ""
    """The outside service whose limit it draws on; empty for none."""


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A job that is submitted."""

    at: float
    """Seconds since the simulation's begin."""
    lane: str
    school: int
    stages: Sequence[Sequence[Piece]]
    """Planning, work, finishing: the pieces of each may start once those of the one before have ended."""
    priority: int = 0
    """Within the school and the lane, higher goes first."""
