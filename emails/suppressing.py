"""Suppressing: which addresses get no mailings of a school, and how they come on its list and off it."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from emails.hashing import hash_of, hashes_of, normal
from emails.models import Suppression, SuppressionReason
from emails.models.suppressions import WORDS_LENGTH
from jobs.models import Person, School

BATCH_ROWS = 1000


def suppressed(*, school: School, addresses: Iterable[str]) -> set[str]:
    """Return those of `addresses`, spelled as given, that get no mailings of `school`; one query.

    Capitals and the spelling of an international domain do not matter.
    """
    spelled: dict[str, list[str]] = {}
    for address in addresses:
        spelled.setdefault(normal(address), []).append(address)
    hashes = hashes_of(spelled)
    listed = Suppression.objects.filter(school=school, removed_at=None, hash__in=hashes)
    found = {hashes[hashed] for hashed in listed.values_list("hash", flat=True)}
    return {address for normalised in found for address in spelled[normalised]}


def suppress(
    *,
    school: School,
    addresses: Iterable[str],
    reason: SuppressionReason,
    now: datetime,
    by: Person | None = None,
    words: str = "",
) -> int:
    """Put `addresses` on the list of `school` and return how many were not on it. May be called twice.

    Of two calls at once both may count the same address; it is on the list once.
    """
    wanted = {normal(address): None for address in addresses}
    with transaction.atomic():
        new = wanted.keys() - suppressed(school=school, addresses=wanted)
        rows = [
            Suppression(
                school=school,
                hash=hash_of(address),
                address=address,
                reason=reason,
                words=words[:WORDS_LENGTH],
                added_at=now,
                added_by=by,
            )
            for address in wanted
            if address in new
        ]
        Suppression.objects.bulk_create(rows, batch_size=BATCH_ROWS, ignore_conflicts=True)
    return len(rows)


def forget(*, school: School, address: str) -> int:
    """Erase `address` from the list of `school`, where only its hash stays in force; return how many rows.

    What was said about it goes too. Rows that were removed from the list are deleted.
    """
    rows = Suppression.objects.filter(school=school, hash__in=hashes_of([address]))
    with transaction.atomic():
        deleted, _ = rows.exclude(removed_at=None).delete()
        return deleted + rows.update(address="", words="")
