"""Trimming: what of a packet's documents goes beyond the pages that its school's packets may have."""

from collections.abc import Mapping, Sequence
from typing import Any

from packets.capping import room_for_pages
from packets.models import LeftOut, Packet, PacketStudent
from packets.planning import documents_of

Entries = Sequence[Mapping[str, Any]]
"""Students with their documents, as chunks have them."""


def trim(packet: Packet, entries: Entries, by_id: Mapping[int, PacketStudent]) -> list[Mapping[str, Any]]:
    """Return the `entries` with as many documents, in the packet's order, as fit; note the others.

    May run twice: what fits is noted as left out no more.
    """
    documents = [document for entry in entries for document in entry["documents"]]
    room = room_for_pages([pages for _, pages, *_ in documents], school=packet.school)
    kept: list[Mapping[str, Any]] = []
    left, rest = room.documents, []
    for entry in entries:
        fitting, over = entry["documents"][:left], entry["documents"][left:]
        left -= len(fitting)
        if fitting:
            kept.append({**entry, "documents": fitting})
        rest += [(entry["student"], document_id) for *_, document_id in over]
    packet.left_out.filter(document_id__in=[own for *_, own in documents[: room.documents]]).delete()
    if rest:
        _note(packet, rest, by_id, reason=room.reason)
    return kept


def _note(
    packet: Packet, rest: Sequence[tuple[int, int]], by_id: Mapping[int, PacketStudent], *, reason: str
) -> None:
    found = documents_of(packet, student_ids=[student_id for student_id, _ in rest])
    names = {document.id: document.file_name for of_one in found.values() for document in of_one}
    LeftOut.objects.bulk_create(
        (
            LeftOut(
                school_id=packet.school_id,
                packet=packet,
                student=by_id[student_id],
                document_id=document_id,
                file_name=names.get(document_id, ""),
                reason=reason,
            )
            for student_id, document_id in rest
        ),
        ignore_conflicts=True,
    )
