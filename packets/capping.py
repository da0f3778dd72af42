"""Capping: how large a packet may be. Its documents go in, in its order, until one does not fit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, takewhile

from django.utils.translation import gettext as _

from jobs.amounts import count
from jobs.directory import Document
from jobs.models import School
from jobs.sections import MEGABYTE
from packets.policies import Policy, policy_of


@dataclass(frozen=True, kw_only=True)
class Room:
    """How many documents, from a packet's first on, fit into it."""

    documents: int
    most: str = ""
    """What a packet may have, where not all of them fit: “2,000 documents”."""

    @property
    def reason(self) -> str:
        """Why a document that does not fit is left out: a sentence."""
        return _(
            "The packet was full: packets of your school may have {most}. Build another one for it."
        ).format(most=self.most)


def room_for(documents: Sequence[Document], *, school: School) -> Room:
    """Return how many of the documents, in the packet's order, fit by their number and their bytes."""
    policy = policy_of(school)
    by_number = Room(documents=policy.most_documents, most=count(policy.most_documents, "document"))
    weights = _fitting((each.size for each in documents), policy.most_megabytes * MEGABYTE)
    by_weight = Room(
        documents=weights,
        most=_("{most_megabytes:,g} MB of documents").format(most_megabytes=policy.most_megabytes),
    )
    return _least(by_number, by_weight, of=len(documents))


def room_for_pages(pages: Sequence[int], *, school: School) -> Room:
    """Return how many documents with so many `pages` each, in the packet's order, fit."""
    most = policy_of(school).most_pages
    return _least(Room(documents=_fitting(pages, most), most=count(most, "page")), of=len(pages))


def told(policy: Policy) -> str:
    """Return what a packet may have, for its form."""
    documents, pages = count(policy.most_documents, "document"), count(policy.most_pages, "page")
    return _("{documents}, {most_megabytes:,g} MB and {pages}").format(
        documents=documents, most_megabytes=policy.most_megabytes, pages=pages
    )


def _fitting(amounts: Iterable[int], most: float) -> int:
    return sum(1 for _ in takewhile(lambda total: total <= most, accumulate(amounts)))


def _least(*rooms: Room, of: int) -> Room:
    least = min(rooms, key=lambda room: room.documents)
    return least if least.documents < of else Room(documents=of)
