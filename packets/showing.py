"""What pages show of a packet's way to employers: its links, mails, and who got it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jobs.links import can_link
from jobs.models import Job
from packets import recording, sharing
from packets.expiring import is_there
from packets.models import Delivery, Packet, Share

MOST_RECORDED = 20
"""Newest entries of the record on a packet's page."""


@dataclass(frozen=True, kw_only=True)
class ShownShare:
    """One link as its page shows it."""

    share: Share
    is_open: bool
    address: str
    """Empty for a link that does not work."""
    delivery: Delivery | None


def sharing_of(packet: Packet, *, now: datetime) -> dict[str, Any]:
    """Return the links, the mails with the file, and the record of the packet; lists, not queries."""
    has_file = is_there(packet, now=now)
    shares = list(packet.shares.select_related("delivery", "created_by", "revoked_by"))
    rows = recording.recorded(packet.school, packet=packet)
    return {
        "has_file": has_file,
        "shares": [_shown(share, has_file=has_file, now=now) for share in shares],
        "mailed_files": list(packet.deliveries.filter(share=None)),
        "recorded": list(rows[:MOST_RECORDED]),
        "recorded_count": rows.count(),
    }


def mails_of(job: Job) -> dict[str, Any]:
    """Return what became of each mail of a job, and the packet."""
    mails = list(Delivery.objects.filter(job=job).select_related("packet", "share"))
    return {"mails": mails, "packet": mails[0].packet if mails else None}


def _shown(share: Share, *, has_file: bool, now: datetime) -> ShownShare:
    is_open = has_file and share.is_open(now=now)
    address = sharing.address_of(share) if is_open and can_link() else ""
    delivery: Delivery | None = getattr(share, "delivery", None)
    return ShownShare(share=share, is_open=is_open, address=address, delivery=delivery)
