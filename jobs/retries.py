"""When a failed part is tried again, and which failures never are."""

import random
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from jobs.language import gettext_lazy

ONLY_THE_REST = gettext_lazy("What failed or was stopped is done again; what is done stays.")
ALL_AGAIN = gettext_lazy(
    "All of it is done again from the start; an earlier result stays until the new one is there."
)


class PermanentFailure(Exception):
    """The part can never succeed; the message is a sentence for the person who asked for it."""


class TemporaryFailure(Exception):
    """The part may succeed later; the message is a sentence for the person who asked for it."""

    may_last: ClassVar[bool] = True
    """Whether attempts go on for `RetryPolicy.lasting_seconds`."""


class MayBeDone(TemporaryFailure):
    """Nobody knows whether the part was done, so each attempt may do it once more."""

    may_last = False


class NotNow(Exception):
    """The part may not be done before a time, and then as if nobody had tried; no attempt counts.

    The message is a sentence for the person, shown while it waits, that says until when and why.
    """

    def __init__(self, says: str, *, until: datetime) -> None:
        """Let the part wait until then."""
        super().__init__(says)
        self.until = until


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """Exponential backoff with full jitter, as in "Exponential Backoff And Jitter" (AWS, 2015)."""

    attempts: int = 5
    """How often a part is tried in all; more often while `lasting_seconds` hold and are not over."""
    first_seconds: float = 2
    """The longest wait before the second attempt, in seconds; it doubles with each attempt."""
    cap_seconds: float = 300
    """The longest wait between two attempts, in seconds."""
    lasting_seconds: float = 0
    """How long attempts go on in any case, in seconds since the job was asked for: while somebody waits.

    Only after failures that may last: those of which it is known that the part was not done."""

    def allows_another(self, *, attempt: int, age_seconds: float) -> bool:
        """Say whether a part that failed its attempt number `attempt` (from 1) is tried again.

        Its job was asked for `age_seconds` ago.
        """
        return attempt < self.attempts or age_seconds < self.lasting_seconds

    def delay_seconds(self, *, attempt: int, chance: random.Random) -> float:
        """Return the seconds to wait after attempt number `attempt` (from 1), from half the bound to it."""
        bound = min(self.cap_seconds, self.first_seconds * 2.0 ** (attempt - 1))
        return bound * chance.uniform(0.5, 1)
