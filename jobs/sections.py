"""The sections of the settings under SWITCHYARD: frozen, each value with its unit and a default."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from jobs.language import Words, gettext
from jobs.language import gettext_lazy as _
from jobs.limit_fields import burst_setting, rate_setting, require_rates
from jobs.setting_fields import WrongSetting, require_fit, setting

MEGABYTE = 1 << 20
"""Bytes, as Django's `filesizeformat` shows them."""


class Section:
    """A section checks its values when it is made; its path is that of its class."""

    path = ""
    purpose: ClassVar[Words] = ""
    """What it is for, as a sentence on the page of its settings; empty where it has no page."""

    def __post_init__(self) -> None:
        """Refuse values that cannot work.

        Raises:
            WrongSetting: by name, value and unit.
        """
        require_fit(self, path=self.path)


@dataclass(frozen=True, kw_only=True)
class Supervision(Section):
    """How fast lost work is found again."""

    path = "SWITCHYARD['supervision']"
    purpose = _("How fast lost work is found again.")
    lease_seconds: float = setting(
        default=8,
        says=_("How long after its worker's last sign of life a part is offered again."),
        unit="seconds",
    )
    sweep_seconds: float = setting(
        default=1, says=_("The time between two looks at all lanes."), unit="seconds"
    )
    grace_seconds: float = setting(
        default=5,
        says=_("What work gets to end when its job was stopped or its worker was asked to end."),
        unit="seconds",
    )
    shrink_seconds: float = setting(
        default=60,
        says=_(
            "How long fewer workers must have been enough before a lane that grew by itself gives some up."
        ),
        unit="seconds",
    )
    most_workers: int | None = setting(
        default=None,
        says=_(
            "The most parts at once of all lanes together that lanes may grow to by themselves. "
            "Empty for what their own numbers allow."
        ),
        unit="parts at once",
        is_whole=True,
        is_optional=True,
        least=1,
    )
    connections: int | None = setting(
        default=None,
        says=_(
            "How many connections to PostgreSQL there are for all hosts together; lanes get no more workers "
            "by hand or by settings than these allow. Empty for what PostgreSQL says; behind pgbouncer write "
            "its number."
        ),
        unit="connections",
        is_whole=True,
        is_optional=True,
        least=1,
    )
    spare_megabytes: float = setting(
        default=512,
        says=_("Memory that a host keeps free: while it has less, none of its workers forks another child."),
        unit="megabytes",
    )


KEPT = {"unit": "days", "least": 1, "takes_least": True}
"""Of what is kept for days: a slip of the finger deletes nothing that is younger than one."""


@dataclass(frozen=True, kw_only=True)
class History(Section):
    """How long what has ended is kept, in days; a school may have its own number for its jobs."""

    path = "SWITCHYARD['history']"
    purpose = _("How long what has ended is kept, in days; a school may have its own number for its jobs.")
    jobs_days: float = setting(
        default=365,
        says=_("How long ended jobs are kept, with their parts and result files."),
        **KEPT,
    )
    attempts_days: float = setting(
        default=90,
        says=_("How long attempts are kept that did not get their part done."),
        **KEPT,
    )
    events_days: float = setting(
        default=365,
        says=_("How long the changes of ended jobs are kept, with who and why."),
        **KEPT,
    )
    ready_days: float = setting(
        default=60,
        says=_("How long a document that was made ready for packets is kept so after its last use."),
        **KEPT,
    )
    notifications_days: float = setting(
        default=90, says=_("How long people find what they were told of their jobs."), **KEPT
    )
    typed_days: float = setting(
        default=30,
        says=_("How long a form that somebody left half-filled is kept for them."),
        **KEPT,
    )
    charts_days: float = setting(
        default=3,
        says=_("How long the figures of each lane and minute are kept; charts show three days at most."),
        **KEPT,
    )


@dataclass(frozen=True, kw_only=True)
class Breakers(Section):
    """When work stops asking an outside service that fails, and when it asks again."""

    path = "SWITCHYARD['breakers']"
    purpose = _("When work stops asking an outside service that fails, and when it asks again.")
    failures: int = setting(
        default=5,
        says=_("After how many failures of a service in a row its breaker opens."),
        unit="failures in a row",
        is_whole=True,
        least=1,
    )
    first_pause_seconds: float = setting(
        default=10,
        says=_(
            "How long an open breaker waits before it lets one probe through; doubles with each that fails."
        ),
        unit="seconds",
    )
    longest_pause_seconds: float = setting(default=300, says=_("The longest such wait."), unit="seconds")

    def __post_init__(self) -> None:
        """Refuse values that cannot work.

        Raises:
            WrongSetting: by name, value and unit.
        """
        super().__post_init__()
        if self.longest_pause_seconds < self.first_pause_seconds:
            raise WrongSetting(
                name=f"{self.path}['longest_pause_seconds']",
                value=self.longest_pause_seconds,
                unit="seconds",
                hint=gettext("Write at least {seconds:g}, the first pause.").format(
                    seconds=self.first_pause_seconds
                ),
            )


@dataclass(frozen=True, kw_only=True)
class Webhooks(Section):
    """How long a receiver of webhooks may take, and which private addresses may be told."""

    path = "SWITCHYARD['webhooks']"
    connect_seconds: float = setting(default=3, says=_("What the connection may take."), unit="seconds")
    read_seconds: float = setting(
        default=10, says=_("How long a receiver may be silent before we hang up."), unit="seconds"
    )
    call_seconds: float = setting(
        default=13, says=_("What the whole call may take, however it drips."), unit="seconds"
    )
    overlap_hours: float = setting(
        default=24,
        says=_("How long the old secret of a webhook signs beside the new one."),
        unit="hours",
        most=720,
    )
    allowed_private_hosts: Sequence[str] = setting(
        default=(),
        says=_(
            "Hosts, as addresses name them, that may lie in a private network; every other must be public."
        ),
        unit="list of hosts",
        kind=list,
    )


@dataclass(frozen=True, kw_only=True)
class Service:
    """The limits of one outside service over all lanes, workers and hosts."""

    name: str
    """As in `jobs.breakers`, such as `relay`."""
    rate: float | None = rate_setting(
        "units", says=_("The most units in a second, over all lanes that go to it.")
    )
    burst: float | None = burst_setting("units")
    bytes_rate: float | None = rate_setting(
        "bytes", says=_("The most bytes in a second, over all lanes that go to it.")
    )
    bytes_burst: float | None = burst_setting("bytes")

    def __post_init__(self) -> None:
        """Refuse values that cannot work.

        Raises:
            WrongSetting: by name, value and unit.
        """
        path = f"SWITCHYARD['services'][{self.name!r}]"
        require_fit(self, path=path)
        require_rates(self, path=path)


@dataclass(frozen=True, kw_only=True)
class Slowness(Section):
    """When a job counts as slow and moves to its lane's slow companion."""

    path = "SWITCHYARD['slowness']"
    purpose = _("When a job counts as slow and moves to its lane's slow companion.")
    times: float = setting(
        default=10,
        says=_("How many times slower than usual for its kind a job must be to be moved."),
        unit="times the usual",
        least=1,
    )
    units: int = setting(
        default=20,
        says=_("How many units of a kind must be known before one of its jobs can count as slow."),
        unit="units",
        is_whole=True,
        least=1,
    )
    seconds: float = setting(
        default=5,
        says=_("How long a job must have been worked on before it is judged."),
        unit="seconds of work",
    )
    unknown_megabyte_seconds: float = setting(
        default=0.2,
        says=_(
            "What a megabyte is taken to cost usually while nothing is known of work so heavy, such as the "
            "first mailing with attachments. So many times that, and its job counts as slow."
        ),
        unit="seconds a megabyte",
    )


@dataclass(frozen=True, kw_only=True)
class Canary(Section):
    """A job without effect in each lane that measures the true wait."""

    path = "SWITCHYARD['canary']"
    purpose = _("A job without effect in each lane that measures the true wait.")
    every_seconds: float = setting(
        default=10, says=_("The time between two canaries of one lane."), unit="seconds", most=600
    )
    budget: float = setting(
        default=0.01,
        says=_("The share of the time in which a lane may break its promise."),
        unit="share from 0 to 1",
        most=1,
    )
    window_hours: float = setting(
        default=24, says=_("The time over which that is reckoned."), unit="hours", most=720
    )


@dataclass(frozen=True, kw_only=True)
class Api(Section):
    """How much a school's own programs may ask of the JSON API."""

    path = "SWITCHYARD['api']"
    purpose = _("How much a school's own programs may ask of the JSON API.")
    requests_a_minute: int = setting(
        default=600,
        says=_("How often one token may be used; after a minute of rest, so often at once."),
        unit="requests a minute",
        is_whole=True,
        least=1,
        most=100_000,
    )
