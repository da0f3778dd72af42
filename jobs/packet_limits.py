"""The section of the settings about packets: how large one may be, and how long its files are kept."""

from dataclasses import dataclass

from jobs.language import gettext_lazy as _
from jobs.sections import Section
from jobs.setting_fields import setting


@dataclass(frozen=True, kw_only=True)
class PacketLimits(Section):
    """What holds for packets of all schools; a school may have lower limits, and its own number of days."""

    path = "SWITCHYARD['packets']"
    documents: int = setting(
        default=5000,
        says=_("The most documents that one packet has."),
        unit="documents",
        is_whole=True,
        least=1,
        most=20_000,
    )
    megabytes: float = setting(
        default=4000,
        says=_("The most that all documents of one packet have."),
        unit="megabytes",
        least=1,
        most=20_000,
    )
    pages: int = setting(
        default=20_000,
        says=_("The most pages that the documents of one packet have."),
        unit="pages",
        is_whole=True,
        least=1,
        most=200_000,
    )
    kept_days: float = setting(
        default=30,
        says=_("How long the files of a packet are kept, and links to them may work."),
        unit="days",
        least=1,
        most=3650,
    )
