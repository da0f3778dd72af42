"""A lane: a queue with its own worker pool, its limits and its promise."""

import re
from dataclasses import dataclass
from typing import Literal, get_args

PoolType = Literal["threads", "prefork"]
MOST_WORKERS = 1000
"""Parts at once of one worker process: far above what a machine can work on."""
# What every broker takes as a queue's name, and what stays whole in commands and addresses.
NAME = re.compile(r"[a-z0-9-]{1,40}")


class WrongSetting(Exception):
    """A setting has a value that cannot work; the sentence names it and the remedy."""

    def __init__(self, *, name: str, value: object, unit: str, hint: str) -> None:
        """Keep what a system check shows: `name` and `value` of the setting, its `unit`, a `hint`."""
        super().__init__(f"{name} is {value!r} ({unit}).")
        self.name = name
        self.hint = hint


def require_positive(value: object, *, name: str, unit: str) -> None:
    """Refuse a `value` of the setting `name` that is not a finite number above 0.

    Raises:
        WrongSetting: by name, value and unit.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise WrongSetting(name=name, value=value, unit=unit, hint="Write a number greater than 0.")


def require_at_most(value: float, *, most: float, name: str, unit: str) -> None:
    """Refuse a `value` of the setting `name` above `most`.

    Raises:
        WrongSetting: by name, value and unit.
    """
    if value > most:
        raise WrongSetting(name=name, value=value, unit=unit, hint=f"Write {most:g} at most.")


@dataclass(frozen=True, kw_only=True)
class Lane:
    """One lane's settings, checked when it is made."""

    name: str
    """The queue's name in the broker and the lane's name on pages."""
    workers: int
    """Parts that are worked on at once, from 1 to 1,000."""
    pool: PoolType
    """`threads` for work that waits for others, `prefork` for work that computes."""
    part_seconds: float = 2
    """Seconds that one part should take."""
    claim_parts: int = 1
    """Parts that one doorbell claims at once: more than 1 for lanes of tiny jobs, which share its cost."""
    rate: float | None = None
    """Units a second over all workers of all hosts; None for no limit."""
    promise_seconds: float = 300
    """The longest wait, in seconds, that we promise."""

    def __post_init__(self) -> None:
        """Refuse values that cannot work.

        Raises:
            WrongSetting: with the setting's full name, its value, its unit and a hint.
        """
        self._require_name()
        for name in ("workers", "claim_parts"):
            value = getattr(self, name)
            if type(value) is not int or not 1 <= value <= MOST_WORKERS:
                self._refuse(name, "parts at once", f"Write a whole number from 1 to {MOST_WORKERS:,}.")
        if self.pool not in get_args(PoolType):
            self._refuse("pool", "pool type", f"Write one of {', '.join(get_args(PoolType))}.")
        spans = {"part_seconds": "seconds", "promise_seconds": "seconds", "rate": "units a second"}
        for name, unit in spans.items():
            if name == "rate" and self.rate is None:
                continue
            require_positive(getattr(self, name), name=self._full_name(name), unit=unit)

    def _require_name(self) -> None:
        if not isinstance(self.name, str) or not NAME.fullmatch(self.name):
            hint = "Write lower-case letters, digits and hyphens, 40 at most."
            raise WrongSetting(name="SWITCHYARD['lanes']", value=self.name, unit="lane name", hint=hint)

    def _full_name(self, name: str) -> str:
        return f"SWITCHYARD['lanes'][{self.name!r}][{name!r}]"

    def _refuse(self, name: str, unit: str, hint: str) -> None:
        raise WrongSetting(name=self._full_name(name), value=getattr(self, name), unit=unit, hint=hint)
