"""Groups of settings on a page: what belongs together stands together, what is rare is folded."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from jobs.language import Words
from jobs.settings_pages.values import Shown


@dataclass(frozen=True, kw_only=True)
class Group:
    """Settings that stand together."""

    title: Words
    says: Words
    """A sentence of what they are for."""
    names: tuple[str, ...]
    is_rare: bool = False
    """Whether it is folded as long as all in it are as the settings file says."""


OF_A_LANE = (
    Group(
        title=_("Workers"),
        says=_("How many parts of jobs the lane works on at once, and in what kind of process."),
        names=("workers", "most_workers", "pool", "process_workers"),
    ),
    Group(
        title=_("Promise"),
        says=_("How long a job waits at most, and how its work is cut so that others get their turn."),
        names=("promise_seconds", "is_vital", "part_seconds", "claim_parts"),
    ),
    Group(
        title=_("Limits of the whole lane"),
        says=_(
            "How much may leave in a second, all schools together: for what is behind it and takes no more."
        ),
        names=("rate", "burst", "bytes_rate", "bytes_burst"),
    ),
    Group(
        title=_("Limits of each school"),
        says=_("How much of one school may leave in a second. Schools share a lane fairly without it."),
        names=("school_rate", "school_bytes_rate"),
        is_rare=True,
    ),
    Group(
        title=_("Limits of single schools"),
        says=_("Other limits than each school's, for the schools that you name."),
        names=("rates_of_schools", "bytes_rates_of_schools"),
        is_rare=True,
    ),
    Group(
        title=_("Caps"),
        says=_("How many workers one school, or one service outside, may hold at the same time."),
        names=("school_workers", "service_workers"),
        is_rare=True,
    ),
    Group(
        title=_("Memory and replacement"),
        says=_("When a process is replaced by a fresh one, and how much memory one part may take."),
        names=("child_parts", "child_megabytes", "worker_megabytes", "part_megabytes"),
        is_rare=True,
    ),
    Group(
        title=_("Slow companion"),
        says=_("Where jobs go on that are far slower than usual, so that they keep nobody waiting."),
        names=("slow_companion",),
    ),
)


@dataclass(frozen=True, kw_only=True)
class ShownGroup:
    """A group on a page."""

    group: Group
    settings: Sequence[Shown]

    @property
    def is_folded(self) -> bool:
        """Whether it shows a line of its values only: there is nothing in it to look at."""
        return self.group.is_rare and not any(setting.is_of_note for setting in self.settings)


def grouped(shown: Sequence[Shown], groups: Sequence[Group]) -> list[ShownGroup]:
    """Return the settings in their groups."""
    by_name = {setting.name: setting for setting in shown}
    return [ShownGroup(group=group, settings=[by_name[name] for name in group.names]) for group in groups]
