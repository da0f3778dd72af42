"""What the public status page shows: its components, each of one or several lanes, and how incidents open."""

from collections.abc import Sequence
from dataclasses import dataclass

from jobs.language import gettext_lazy as _
from jobs.sections import Section
from jobs.setting_fields import require_fit, setting

IMPACTS = ("minor", "major", "critical")
"""From least to worst, as Statuspage's API names them."""


@dataclass(frozen=True, kw_only=True)
class Component:
    """A part of the platform as the people of schools know it, with the lanes that its work goes through."""

    name: str
    """Its id on the status page, which stays when its title changes."""
    title: str = setting(says=_("What the status page calls it."), unit="title", kind=str)
    says: str = setting(
        default="", says=_("A sentence on the status page that tells what it is."), unit="sentence", kind=str
    )
    lanes: Sequence[str] = setting(
        default=(),
        says=_("The lanes that its work goes through; none for the web pages themselves."),
        unit="list of lanes",
        kind=list,
    )
    impact: str = setting(
        default="minor",
        says=_("How bad it is for schools when its promise is broken."),
        unit="impact",
        choices=IMPACTS,
    )

    def __post_init__(self) -> None:
        """Refuse values that cannot work.

        Raises:
            WrongSetting: by name, value and unit.
        """
        require_fit(self, path=f"SWITCHYARD['components'][{self.name!r}]")


@dataclass(frozen=True, kw_only=True)
class StatusPage(Section):
    """When the public status page opens an incident by itself, tells of it, and closes it again."""

    path = "SWITCHYARD['status']"
    purpose = _("When the public status page opens an incident by itself, tells of it, and closes it again.")
    sample_seconds: float = setting(
        default=10, says=_("The time between two looks at all lanes."), unit="seconds", most=600
    )
    late_samples: int = setting(
        default=2,
        says=_("In how many looks in a row a promise must be broken before an incident opens."),
        unit="looks",
        is_whole=True,
        least=1,
        most=100,
    )
    gone_seconds: float = setting(
        default=60,
        says=_(
            "For how long a lane may have no worker, or no broker answer, before that alone is an incident."
        ),
        unit="seconds",
        most=3600,
    )
    update_minutes: float = setting(
        default=15,
        says=_("How often an open incident is told of anew when nothing changes."),
        unit="minutes",
        most=1440,
    )
    calm_seconds: float = setting(
        default=300,
        says=_("How long all promises must hold again before an incident counts as resolved."),
        unit="seconds",
        most=86_400,
    )
    samples_days: float = setting(
        default=14, says=_("How long the looks are kept, which postmortems are made from."), unit="days"
    )
