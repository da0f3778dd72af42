"""Building a packet once more, and throwing away what a building left that came to no end."""

from django.db.models import F

from packets.joining import remove_chunk_files
from packets.logos import drop_unused
from packets.models import Packet
from packets.releasing import taken_back


def can_differ(packet: Packet) -> bool:
    """Say whether another building could differ: documents are not in it, or must be in it no more."""
    lacking = packet.students.exclude(missing_types=[], withheld_types=[])
    is_lacking = packet.purged_at is not None or packet.left_out.exists() or lacking.exists()
    return is_lacking or taken_back(packet) > 0


def begin_again(packet: Packet) -> None:
    """Begin the next edition: the whole packet is planned and built anew.

    The result of the edition before stays until the new one is there. A worker that is still at the
    old edition changes nothing any more.
    """
    Packet.objects.filter(pk=packet.pk).update(edition=F("edition") + 1, bound=0)
    packet.chunks.all().delete()
    packet.left_out.all().delete()
    packet.students.update(pages=0, first_page=0, missing_types=[], withheld_types=[], repaired_types=[])


def discard(packet: Packet) -> None:
    """Throw away the chunks of a building that failed or was stopped."""
    packet.chunks.all().delete()
    remove_chunk_files(packet)


def prune(packet: Packet, *, most: int) -> int:
    """Delete the packet with its students and notes, which are few, at once; return about how many went."""
    rows = packet.students.count()
    discard(packet)
    packet.delete()
    drop_unused(packet.logo)
    return min(rows, most - 1)
