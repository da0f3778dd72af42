"""A lane: a queue with its own worker pool, its limits and its promise."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from jobs.language import gettext
from jobs.language import gettext_lazy as _
from jobs.limit_fields import (
    burst_setting,
    megabytes_setting,
    rate_setting,
    require_rates,
    school_rates_setting,
)
from jobs.setting_fields import WrongSetting, require_fit, setting

PoolType = Literal["threads", "prefork"]
MOST_WORKERS = 1000
"""Parts at once of one lane: far above what a machine can work on."""
# What every broker takes as a queue's name, and what stays whole in commands and addresses.
NAME = re.compile(r"[a-z0-9-]{1,40}")
SCHOOL_RATES = (
    ("units", "school_rate", "rates_of_schools"),
    ("bytes", "school_bytes_rate", "bytes_rates_of_schools"),
)
"""What is counted, the setting for each school, and the one for those that have numbers of their own."""

LEAST_VITAL_RATE = 0.1
"""Units a second that a vital lane lets through at least: people wait for each."""

LEAST_PROCESS_MEGABYTES = 150
"""A fresh process has about 100. Figures are greater."""
LEAST_PART_MEGABYTES = 50
"""Less would hardly read a file. Figures are greater."""


@dataclass(frozen=True, kw_only=True)
class Lane:
    """One lane's settings, checked when it is made."""

    name: str
    """The queue's name in the broker and the lane's name on pages."""
    workers: int = setting(
        says=_(
            "How many parts are worked on at once, over all hosts. A lane that may grow by itself always "
            "has these."
        ),
        unit="parts at once",
        is_whole=True,
        least=1,
        most=MOST_WORKERS,
    )
    most_workers: int | None = setting(
        default=None,
        says=_(
            "Up to how many workers the lane may grow by itself while waits threaten the promise. "
            "Empty to always have the number above."
        ),
        unit="parts at once",
        is_whole=True,
        is_optional=True,
        least=1,
        most=MOST_WORKERS,
    )
    pool: PoolType = setting(
        says=_("“threads” for work that waits for others, “prefork” for work that computes."),
        unit="pool type",
        choices=get_args(PoolType),
    )
    process_workers: int | None = setting(
        default=32,
        says=_(
            "How many parts one worker process of a threads lane works on at once. For more the host has "
            "another process, one for each of its processors at most. Empty to always have one process."
        ),
        unit="parts at once",
        is_whole=True,
        is_optional=True,
        least=1,
        most=MOST_WORKERS,
    )
    part_seconds: float = setting(default=2, says=_("How long one part should take."), unit="seconds")
    claim_parts: int = setting(
        default=1,
        says=_(
            "How many parts one doorbell claims: more than 1 for lanes of tiny jobs, which share its cost."
        ),
        unit="parts at once",
        is_whole=True,
        least=1,
        most=MOST_WORKERS,
    )
    promise_seconds: float = setting(default=300, says=_("The longest wait that we promise."), unit="seconds")
    rate: float | None = rate_setting(
        "units", says=_("The most units in a second, over all workers of all hosts.")
    )
    burst: float | None = burst_setting("units")
    bytes_rate: float | None = rate_setting(
        "bytes", says=_("The most bytes in a second, over all workers of all hosts.")
    )
    bytes_burst: float | None = burst_setting("bytes")
    school_rate: float | None = rate_setting(
        "units", says=_("The most units in a second, for each school in this lane.")
    )
    school_bytes_rate: float | None = rate_setting(
        "bytes", says=_("The most bytes in a second, for each school in this lane.")
    )
    rates_of_schools: Mapping[str, float | None] = school_rates_setting("units")
    bytes_rates_of_schools: Mapping[str, float | None] = school_rates_setting("bytes")
    school_workers: int | None = setting(
        default=None,
        says=_("The most parts of one school at work at once in this lane. Empty for no cap."),
        unit="parts at once",
        is_whole=True,
        is_optional=True,
        least=1,
        most=MOST_WORKERS,
    )
    service_workers: int | None = setting(
        default=None,
        says=_(
            "The most parts at work at once in this lane that go to one outside service: when that does not "
            "answer, the other workers are there for other work. Empty for no cap."
        ),
        unit="parts at once",
        is_whole=True,
        is_optional=True,
        least=1,
        most=MOST_WORKERS,
    )
    slow_companion: str | None = setting(
        default=None,
        says=_("The lane to which a job moves that is far slower than usual. Empty for none."),
        unit="lane",
        is_optional=True,
        kind=str,
    )
    child_parts: int | None = setting(
        default=5000,
        says=_("After how many parts a forked child of a prefork lane is replaced. Empty for never."),
        unit="parts",
        is_whole=True,
        is_optional=True,
        least=1,
    )
    child_megabytes: float | None = megabytes_setting(
        500,
        says=_(
            "A forked child of a prefork lane that has more memory than this after a part is replaced. "
            "A new one has about 100. Empty for never."
        ),
        least=LEAST_PROCESS_MEGABYTES,
    )
    worker_megabytes: float | None = megabytes_setting(
        1000,
        says=_(
            "A worker of a threads lane that has more memory than this, and has done 100 parts, hands its "
            "place over to a new one. Empty for never."
        ),
        least=LEAST_PROCESS_MEGABYTES,
    )
    part_megabytes: float | None = megabytes_setting(
        1500,
        says=_(
            "The most memory that one part may take in a prefork lane; one that wants more fails, with a "
            "sentence, and no other. Empty for no limit."
        ),
        least=LEAST_PART_MEGABYTES,
    )
    is_vital: bool = setting(
        default=False,
        says=_(
            "Whether people stand still without it, as without sign-in codes: it is never paused "
            "or changed without a second confirmation."
        ),
        unit="yes or no",
        kind=bool,
    )

    def __post_init__(self) -> None:
        """Refuse values that cannot work.

        Raises:
            WrongSetting: with the setting's full name, its value, its unit and a hint.
        """
        if not isinstance(self.name, str) or not NAME.fullmatch(self.name):
            hint = gettext("Write lower-case letters, digits and hyphens, 40 at most.")
            raise WrongSetting(name="SWITCHYARD['lanes']", value=self.name, unit="lane name", hint=hint)
        path = f"SWITCHYARD['lanes'][{self.name!r}]"
        require_fit(self, path=path)
        require_rates(self, path=path)
        self._require_vital_rates(path)
        if self.most_workers is not None and self.most_workers < self.workers:
            hint = gettext(
                "Write {workers} at least, the number that it always has, or leave it out."
            ).format(workers=self.workers)
            name = f"{path}['most_workers']"
            raise WrongSetting(name=name, value=self.most_workers, unit="parts at once", hint=hint)
        if self.slow_companion == self.name:
            hint = gettext("Write another lane.")
            raise WrongSetting(name=f"{path}['slow_companion']", value=self.name, unit="lane", hint=hint)

    @property
    def has_caps(self) -> bool:
        """Whether workers may be idle though parts wait."""
        return self.school_workers is not None or self.service_workers is not None

    @property
    def names_schools(self) -> bool:
        """Whether single schools have limits of their own."""
        return bool(self.rates_of_schools or self.bytes_rates_of_schools)

    def limits_of_school(self, slug: str) -> Iterator[tuple[str, str, float | None]]:
        """Yield what a school may take in a second: what is counted, which setting says so, and the rate."""
        for measure, setting_of_each, setting_of_some in SCHOOL_RATES:
            some: Mapping[str, float | None] = getattr(self, setting_of_some)
            if slug in some:
                yield measure, setting_of_some, some[slug]
            else:
                yield measure, setting_of_each, getattr(self, setting_of_each)

    def _require_vital_rates(self, path: str) -> None:
        given = [("rate", self.rate), ("school_rate", self.school_rate)]
        given += [("rates_of_schools", value) for value in self.rates_of_schools.values()]
        for name, value in given:
            if self.is_vital and value is not None and value < LEAST_VITAL_RATE:
                hint = gettext("People stand still without this lane: write {least:g} at least.").format(
                    least=LEAST_VITAL_RATE
                )
                raise WrongSetting(name=f"{path}[{name!r}]", value=value, unit="units a second", hint=hint)
