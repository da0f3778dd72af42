"""The units of a job: how many there are, and what became of them."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Units:
    """How many units a job has and how they ended, in the kind's own unit."""

    total: int = 0
    done: int = 0
    failed: int = 0
    """Surely not done."""
    uncertain: int = 0
    """Begun, and nobody knows whether they were done."""
    skipped: int = 0
    """Found not to be wanted after all."""

    @property
    def ended(self) -> int:
        """Units of which nothing more is to come."""
        return self.done + self.failed + self.uncertain + self.skipped

    @property
    def left(self) -> int:
        """Units that were not begun, or are to be tried again."""
        return max(0, self.total - self.ended)

    @property
    def wanted(self) -> int:
        """Units but for those that were skipped: as many can be done."""
        return max(0, self.total - self.skipped)

    @property
    def percent(self) -> int:
        """Wanted units ended, of 100."""
        if not self.wanted:
            return 100 if self.total else 0
        return min(100, 100 * (self.ended - self.skipped) // self.wanted)
