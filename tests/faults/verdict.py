"""What a fault run has found."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Verdict:
    """What was found."""

    lost: list[str] = field(default_factory=list)
    """Work that did not come to its end, or whose effect is missing outside."""
    doubled: list[str] = field(default_factory=list)
    """Effects that happened twice."""
    wrong: list[str] = field(default_factory=list)
    """Figures that do not add up."""
    uncertain: int = 0
    """Recipients of whom nobody knows, and who are shown so."""
    set_aside: int = 0
    """Parts that lost their worker three times."""
    repeated: int = 0
    """Codes and test mails that were sent again after a doubt: their honest limit."""
    told_again: int = 0
    """Webhook messages that came again under the same id, as their standard allows."""
    compared: Counter[str] = field(default_factory=Counter)
    """How many things of the outside were held against the database, by what they are."""

    @property
    def complaints(self) -> list[str]:
        """Everything that must not be."""
        return [*self.lost, *self.doubled, *self.wrong]
