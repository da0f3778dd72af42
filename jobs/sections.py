"""The sections of the settings under SWITCHYARD: frozen, each value with its unit and a default."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from jobs.lanes import WrongSetting, require_at_most, require_positive

MEGABYTE = 1 << 20
"""Bytes, as Django's `filesizeformat` shows them."""
MOST_MEGABYTES = {"attachment_megabytes": 100, "upload_megabytes": 1000, "document_megabytes": 200}
"""Beyond these a mail is refused everywhere, and a part takes longer than its lane can promise."""


@dataclass(frozen=True, kw_only=True)
class Supervision:
    """How fast lost work is found again."""

    lease_seconds: float = 8
    """Seconds after its worker's last sign of life at which a part is offered again."""
    sweep_seconds: float = 1
    """Seconds between two looks at all lanes."""
    grace_seconds: float = 5
    """Seconds that work gets to end when its job was stopped or its worker was asked to end."""

    def __post_init__(self) -> None:
        """Refuse spans that are not positive.

        Raises:
            WrongSetting: by name, value and unit.
        """
        _require_positive(self, section="supervision", unit="seconds")


@dataclass(frozen=True, kw_only=True)
class FileLimits:
    """The largest files that a person may hand in, in megabytes of 1,048,576 bytes."""

    attachment_megabytes: float = 10
    """All attachments of a mailing together."""
    upload_megabytes: float = 50
    """One data file."""
    document_megabytes: float = 20
    """One student's document."""

    def __post_init__(self) -> None:
        """Refuse sizes that are not positive, or too large.

        Raises:
            WrongSetting: by name, value and unit.
        """
        _require_positive(self, section="files", unit="megabytes")
        for key, most in MOST_MEGABYTES.items():
            name = f"SWITCHYARD['files'][{key!r}]"
            require_at_most(getattr(self, key), most=most, name=name, unit="megabytes")


@dataclass(frozen=True, kw_only=True)
class History:
    """How long what has ended is kept, in days; a school may have its own number for its jobs."""

    jobs_days: float = 365
    """Ended jobs with their parts and result files."""
    attempts_days: float = 90
    """Attempts at parts that did not get them done."""
    events_days: float = 365
    """Changes of ended jobs, with who and why."""

    def __post_init__(self) -> None:
        """Refuse spans that are not positive.

        Raises:
            WrongSetting: by name, value and unit.
        """
        _require_positive(self, section="history", unit="days")


@dataclass(frozen=True, kw_only=True)
class Breakers:
    """When work stops asking an outside service that fails, and when it asks again."""

    failures: int = 5
    """Failures of a service in a row after which its breaker opens."""
    first_pause_seconds: float = 10
    """Seconds until an open breaker lets one probe through; it doubles with each probe that fails."""
    longest_pause_seconds: float = 300
    """The longest such pause, in seconds."""

    def __post_init__(self) -> None:
        """Refuse values that cannot work.

        Raises:
            WrongSetting: by name, value and unit.
        """
        if type(self.failures) is not int or self.failures < 1:
            raise WrongSetting(
                name="SWITCHYARD['breakers']['failures']",
                value=self.failures,
                unit="failures in a row",
                hint="Write a whole number from 1 on.",
            )
        _require_positive(self, section="breakers", unit="seconds")
        if self.longest_pause_seconds < self.first_pause_seconds:
            raise WrongSetting(
                name="SWITCHYARD['breakers']['longest_pause_seconds']",
                value=self.longest_pause_seconds,
                unit="seconds",
                hint=f"Write at least {self.first_pause_seconds:g}, the first pause.",
            )


@dataclass(frozen=True, kw_only=True)
class Webhooks:
    """How long a receiver of webhooks may take, and which private addresses may be told."""

    connect_seconds: float = 3
    """Seconds for the connection."""
    read_seconds: float = 10
    """Seconds of silence after which we hang up."""
    call_seconds: float = 13
    """Seconds for the whole call, however it drips."""
    allowed_private_hosts: Sequence[str] = ()
    """Hosts, as addresses name them, that may lie in a private network; every other must be public."""

    def __post_init__(self) -> None:
        """Refuse values that cannot work.

        Raises:
            WrongSetting: by name, value and unit.
        """
        _require_positive(self, section="webhooks", unit="seconds")
        hosts = self.allowed_private_hosts
        if isinstance(hosts, str | Mapping) or not all(isinstance(host, str) for host in hosts):
            raise WrongSetting(
                name="SWITCHYARD['webhooks']['allowed_private_hosts']",
                value=hosts,
                unit="list of hosts",
                hint="Write a list such as ['hooks.internal'], without ports.",
            )


def _require_positive(section_given: object, *, section: str, unit: str) -> None:
    """Refuse a number of the section that is not positive.

    Raises:
        WrongSetting: by name, value and unit.
    """
    for item in fields(section_given):  # type: ignore[arg-type]  # each section is a dataclass
        if item.type in (float, int):
            require_positive(
                getattr(section_given, item.name), name=f"SWITCHYARD[{section!r}][{item.name!r}]", unit=unit
            )
