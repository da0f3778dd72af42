"""Capping: how large a packet may be, told before the work wherever it is known then."""

from collections.abc import Mapping

from jobs.amounts import count
from jobs.models import School
from jobs.sections import MEGABYTE
from packets.policies import policy_of


class TooLarge(Exception):
    """The packet would be larger than the school's packets may be; the message says what to do."""


def require_room(sizes: Mapping[str, int], *, school: School) -> None:
    """Refuse a packet of these sizes: `documents`, `bytes`, and `pages` where they are known.

    Raises:
        TooLarge: it has more of one than the school's packets may have.
    """
    policy = policy_of(school)
    if (documents := sizes.get("documents", 0)) > policy.most_documents:
        raise TooLarge(_sentence(count(documents, "document"), f"{policy.most_documents:,}"))
    if (weight := sizes.get("bytes", 0) / MEGABYTE) > policy.most_megabytes:
        raise TooLarge(_sentence(f"documents of {weight:,.1f} MB", f"{policy.most_megabytes:,g} MB"))
    if (pages := sizes.get("pages", 0)) > policy.most_pages:
        raise TooLarge(_sentence(count(pages, "page"), f"{policy.most_pages:,}"))


def _sentence(has: str, most: str) -> str:
    return f"This packet would have {has}; a packet of your school may have {most}. Choose fewer students."
