"""How long the files of packets are kept: after that they are deleted, and the record of them stays."""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from packets import pictures
from packets.models import Packet
from packets.policies import policy_of

log = structlog.get_logger()


def kept_from_now(packet: Packet) -> dict[str, Any]:
    """Return what a packet notes of its files when they are there."""
    days = policy_of(packet.school).kept_days
    return {"kept_until": timezone.now() + timedelta(days=days), "purged_at": None}


def is_there(packet: Packet, *, now: datetime) -> bool:
    """Say whether the packet's file may be handed out: it is over at its time, not when it is deleted."""
    return packet.result_id is not None and (packet.kept_until is None or now < packet.kept_until)


def purge_due(*, now: datetime, most: int) -> int:
    """Delete the files of at most so many packets whose time is over; return of how many."""
    is_due = Q(kept_until__lte=now)
    due = Packet.objects.filter(is_due, result__isnull=False).order_by("kept_until")
    return sum(purge(packet, now=now, where=is_due) for packet in due.select_related("job")[:most])


@transaction.atomic
def purge(packet: Packet, *, now: datetime, where: Q | None = None) -> bool:
    """Delete the packet's files, if it has some and still is as `where` says; return whether it had.

    Links to them end, and what was done with them stays recorded. The packet can be built again.
    """
    there = Packet.objects.select_for_update(of=("self",)).filter(where or Q(), result__isnull=False)
    locked = there.select_related("job").filter(pk=packet.pk).first()
    if locked is None or locked.job is None:
        return False
    files = list(locked.job.files.all())
    Packet.objects.filter(pk=packet.pk).update(result=None, pages=0, purged_at=now)
    pictures.discard_shown(files)
    log.info("packet_purged", job=locked.job_id, packet=packet.pk, files=len(files))
    return True
