"""Who cannot be written to: an address that is none, or a name that would break a mail's header."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from enum import StrEnum

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from emails import composing
from emails.composing import CannotCompose
from emails.models import Recipient, RecipientState
from emails.smtp.fields import WrongField, require_one_line

PLAIN_LOCAL_PART = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*")


class Why(StrEnum):
    """Why no mail can be written to somebody."""

    ADDRESS = "address"
    NAME = "name"


SAID = {
    Why.ADDRESS: _("Left out: this address cannot be used for mail."),
    Why.NAME: _("Left out: there is a line break or another control character in the name."),
}
"""What a ledger says of them."""


def reasons(people: Iterable[tuple[str, str]]) -> dict[str, Why]:
    """Return by address why which of `people`, name and address each, cannot be written to."""
    domains: dict[str, bool] = {}
    found: dict[str, Why] = {}
    for name, address in people:
        if not _is_usable(address, domains=domains):
            found[address] = Why.ADDRESS
        elif not _is_one_line(name):
            found[address] = Why.NAME
    return found


def leave_out(rows: QuerySet[Recipient], *, student_ids: Collection[int], state: RecipientState) -> int:
    """Move the waiting recipients among `rows` who were told to be left out to `state`, and return how many.

    `student_ids` are of all who were to be left out when the mailing was sent. Who can be written to now is
    left to `suppressing.leave_out`.
    """
    if not student_ids:
        return 0
    waiting = rows.filter(state=RecipientState.WAITING).order_by()
    found = list(waiting.values_list("pk", "student_id", "name", "address"))
    told = [(pk, name, address) for pk, student_id, name, address in found if student_id in student_ids]
    why = reasons((name, address) for pk, name, address in told)
    said: defaultdict[Why, list[int]] = defaultdict(list)
    for pk, _name, address in told:
        if address in why:
            said[why[address]].append(pk)
    return sum(
        waiting.filter(pk__in=pks).update(state=state, relay_words=SAID[reason])
        for reason, pks in said.items()
    )


def _is_usable(address: str, *, domains: dict[str, bool]) -> bool:
    """Look at the address as the composer will; each domain but once, as there are few."""
    local, _at, domain = address.rpartition("@")
    if not PLAIN_LOCAL_PART.fullmatch(local):
        return _can_compose(address)
    if domain not in domains:
        domains[domain] = _can_compose(f"a@{domain}")
    return domains[domain]


def _can_compose(address: str) -> bool:
    try:
        composing.envelope_address(address)
    except CannotCompose:
        return False
    return True


def _is_one_line(name: str) -> bool:
    try:
        require_one_line(name)
    except WrongField:
        return False
    return True
