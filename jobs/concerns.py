"""Something that waits for a person: other apps tell home of it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Concern:
    """One thing that does not go on until a person decides."""

    title: str
    what: str
    """What pages call such a thing: "Mailing"."""
    says: str
    """What is to be decided, as a sentence."""
    address: str
    """The page on which that is done."""
    label: str
    """The words of its badge."""
    at: datetime
    """Since when it waits."""
