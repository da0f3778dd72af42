"""Suppressing: which addresses get no mailings of a school, and how they come on its list and off it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy, ngettext

from emails.hashing import hash_of, hashes_of, normal
from emails.models import Recipient, RecipientState, Suppression, SuppressionReason
from emails.models.suppressions import WORDS_LENGTH
from jobs.models import Person, School

BATCH_ROWS = 1000
SAID = {
    SuppressionReason.UNSUBSCRIBED: gettext_lazy("Left out: the recipient has unsubscribed."),
    SuppressionReason.BOUNCED: gettext_lazy("Left out: an earlier mail to this address came back."),
    SuppressionReason.COMPLAINED: gettext_lazy("Left out: the recipient called an earlier mail spam."),
    SuppressionReason.STAFF: gettext_lazy("Left out: staff put this address on the suppression list."),
}
"""What a ledger says of those that are not sent to."""
LEFT_OUT_BEFORE = gettext_lazy(
    "Left out: the address was on the suppression list, or could not be used, when the mailing was sent."
)


def suppressed(*, school: School, addresses: Iterable[str]) -> set[str]:
    """Return those of `addresses`, spelled as given, that get no mailings of `school`; one query.

    Capitals and the spelling of an international domain do not matter.
    """
    return set(reasons(school=school, addresses=addresses))


def reasons(*, school: School, addresses: Iterable[str]) -> dict[str, SuppressionReason]:
    """Return why which of `addresses`, spelled as given, get no mailings of `school`; one query."""
    spelled: dict[str, list[str]] = {}
    for address in addresses:
        spelled.setdefault(normal(address), []).append(address)
    hashes = hashes_of(spelled)
    listed = Suppression.objects.filter(school=school, removed_at=None, hash__in=hashes)
    found = dict(listed.values_list("hash", "reason"))
    return {
        address: SuppressionReason(reason)
        for hashed, reason in found.items()
        for address in spelled[hashes[hashed]]
    }


def leave_out(
    rows: QuerySet[Recipient],
    *,
    school: School,
    student_ids: Collection[int] = (),
    state: RecipientState = RecipientState.SUPPRESSED,
) -> int:
    """Move the waiting recipients among `rows` that are suppressed to `state`, and return how many.

    `student_ids` are of those who were left out when the mailing was sent, and get nothing in any case.
    """
    waiting = rows.filter(state=RecipientState.WAITING).order_by()
    found = list(waiting.values_list("pk", "address", "student_id"))
    listed = reasons(school=school, addresses=[address for _, address, _ in found])
    said: defaultdict[str, list[int]] = defaultdict(list)
    for pk, address, student_id in found:
        if address in listed:
            said[str(SAID[listed[address]])].append(pk)
        elif student_id in student_ids:
            said[str(LEFT_OUT_BEFORE)].append(pk)
    return sum(
        Recipient.objects.filter(pk__in=pks, state=RecipientState.WAITING).update(
            state=state, relay_words=words
        )
        for words, pks in said.items()
    )


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


def told(*, added: int, given: int) -> str:
    """Return what became of so many addresses that were `given`, as a sentence."""
    there = given - added
    says = ngettext(
        "{added:,} address was put on the suppression list.",
        "{added:,} addresses were put on the suppression list.",
        added,
    ).format(added=added)
    if not there:
        return says
    before = ngettext("{there:,} was on it already.", "{there:,} were on it already.", there)
    return f"{says} {before.format(there=there)}"


def forget(*, school: School, address: str) -> int:
    """Erase `address` from the list of `school`, where only its hash stays in force; return how many rows.

    What was said about it goes too. Rows that were removed from the list are deleted.
    """
    rows = Suppression.objects.filter(school=school, hash__in=hashes_of([address]))
    with transaction.atomic():
        deleted = rows.exclude(removed_at=None).delete()[0]
        return deleted + rows.update(address="", words="")
