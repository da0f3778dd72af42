"""What holds for the packets of a school: what students must release, limits, how long files are kept."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from jobs.models import Person, School
from jobs.settings import switchyard
from packets.models import Packet, PacketPolicy
from packets.wording import layout_of

NOTICE = _(
    "These documents belong to students, who let their career office give them to you to recruit for your "
    "organisation. Do not pass them on to anybody outside of it without the students' written consent, use "
    "them for nothing else, and delete them when you no longer need them."
)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What holds for a school now."""

    needs_consent: bool
    """Whether documents of students who have said nothing stay out of packets."""
    kept_days: float
    most_documents: int
    most_megabytes: float
    most_pages: int
    notice: str
    """What recipients read before they get a file."""
    chosen: PacketPolicy | None = None
    """Who of the school chose it and when; None when all is the platform's."""


def policy_of(school: School) -> Policy:
    """Return what holds for `school` now; one query. A school's limits are never above the platform's."""
    chosen: PacketPolicy | None = PacketPolicy.objects.filter(school=school).first()
    limits = switchyard().packets
    return Policy(
        needs_consent=bool(chosen and chosen.needs_consent),
        kept_days=limits.kept_days if chosen is None or chosen.kept_days is None else chosen.kept_days,
        most_documents=int(_lower(chosen.most_documents if chosen else None, limits.documents)),
        most_megabytes=_lower(chosen.most_megabytes if chosen else None, limits.megabytes),
        most_pages=int(_lower(chosen.most_pages if chosen else None, limits.pages)),
        notice=(chosen and chosen.notice) or str(NOTICE),
        chosen=chosen,
    )


def notice_of(packet: Packet, *, policy: Policy | None = None) -> str:
    """Return what recipients read before they get the packet: its own notice, or that of its school."""
    return layout_of(packet).notice or (policy or policy_of(packet.school)).notice


def choose(*, school: School, by: Person, now: datetime, **wanted: Any) -> bool:
    """Let what is `wanted`, by the fields of `PacketPolicy`, hold from now on; return whether it is news."""
    before = policy_of(school).chosen
    if before and all(getattr(before, name) == value for name, value in wanted.items()):
        return False
    PacketPolicy.objects.create(school=school, set_by=by, set_at=now, **wanted)
    return True


def _lower(own: int | None, most: float) -> float:
    return most if own is None else min(own, most)
