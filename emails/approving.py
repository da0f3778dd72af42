"""Asking colleagues to send a draft, by who may not send; and giving it back to them."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from emails.drafting import lock_draft
from emails.models import Mailing
from jobs import notifying, regranting
from jobs.models import Person, Role, School
from jobs.rights import Right

NAMED = 5
"""So many of those who may send are named; who knows them knows the others."""


def ask(mailing: Mailing, *, by: Person, now: datetime) -> None:
    """Ask those who may send to look at the draft and send it; once asked, nobody is told again.

    Raises:
        AlreadySent: it was sent meanwhile.
    """
    with transaction.atomic():
        lock_draft(mailing)
        if Mailing.objects.filter(pk=mailing.pk, asked_at=None).update(asked_at=now, asked_by=by):
            notifying.ask(
                senders_of(mailing.school),
                school=mailing.school,
                title=_("Please send “{mailing}”").format(mailing=mailing),
                says=_("{by} asks you to look at the mailing “{mailing}” and to send it.").format(
                    by=by.name, mailing=mailing
                ),
                address=reverse("emails:check", args=[mailing.pk]),
            )


def give_back(mailing: Mailing, *, by: Person, why: str) -> bool:
    """Give the draft back to who asked for it to be sent, and say whether this call did.

    Raises:
        AlreadySent: it was sent meanwhile.
    """
    with transaction.atomic():
        lock_draft(mailing)
        asker = mailing.asked_by
        asked = Mailing.objects.filter(pk=mailing.pk, asked_at__isnull=False)
        if not asked.update(asked_at=None, asked_by=None):
            return False
        notifying.ask(
            [asker] if asker and asker.is_active else [],
            school=mailing.school,
            title=_("“{mailing}” is not sent yet").format(mailing=mailing),
            says=_given_back(by=by.name, why=why),
            address=reverse("emails:preview", args=[mailing.pk]),
        )
    return True


def _given_back(*, by: str, why: str) -> str:
    return (
        _("{by} gave it back: {why}").format(by=by, why=why) if why else _("{by} gave it back.").format(by=by)
    )


def senders_of(school: School) -> list[Person]:
    """Return whom to ask, by name: the school's approvers, or whoever else may send if there are none."""
    people = list(regranting.people_with(Right.SEND, school_id=school.pk))
    return [person for person in people if person.role == Role.APPROVER] or people


def told_without(person: Person) -> str:
    """Return what waits to be sent by `person` or others, and who else may do so; empty if nothing waits."""
    if not person.may_send or person.school_id is None:
        return ""
    waiting = Mailing.objects.filter(school=person.school_id, job=None, asked_at__isnull=False).count()
    if not waiting:
        return ""
    waits = ngettext(
        "{number:,} mailing waits to be looked at and sent.",
        "{number:,} mailings wait to be looked at and sent.",
        waiting,
    ).format(number=waiting)
    others = regranting.others_with(Right.SEND, beside=person)
    if not others:
        return " ".join([waits, _("Nobody else of the school may send them.")])
    names = ", ".join(each.name for each in others[:NAMED])
    return " ".join([waits, _("Those who may still send: {names}.").format(names=names)])
