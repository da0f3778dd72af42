"""What another role, or being let in no more, means for a person: sentences to read before it is done."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from jobs import rights
from jobs.amounts import count
from jobs.models import ApiToken, Person, Role, School
from jobs.rights import DOES, RIGHTS, Right


def told_of_role(person: Person, *, role: Role, school: School | None, now: datetime) -> list[str]:
    """Return what `person` may do from then on, and what no more, with the role at the school."""
    before, after = RIGHTS[person.role], RIGHTS[role]
    may_now = _("{name} may from then on {does}.")
    may_no_more = _("{name} may no longer {does}.")
    told = [
        words.format(name=person.name, does=DOES[right])
        for words, changed in ((may_no_more, before - after), (may_now, after - before))
        for right in Right
        if right in changed
    ]
    stays = _("Nothing changes in what {name} may do.").format(name=person.name)
    told = [*_told_of_place(person, school=school), *told]
    return [*(told or [stays]), *_what_is_left_behind(person, lost=before - after, now=now)]


def _told_of_place(person: Person, *, school: School | None) -> list[str]:
    """Return what it means that `person` works for the school from then on; nothing if they do already."""
    before = person.school
    if before == school:
        return []
    if school is None:
        leaves = _("{name} belongs to {school} no more, and sees the work of all schools.")
        return [leaves.format(name=person.name, school=before)]
    comes = _("{name} belongs to {school} from then on, and sees no work of other schools.")
    return [comes.format(name=person.name, school=school)]


def told_of_leaving(person: Person, *, now: datetime) -> list[str]:
    """Return what it means that `person` is let in no more."""
    leaves = _("{name} is signed out at once, and cannot sign in until somebody lets {name} in again.")
    stays = _("What {name} did stays, and jobs that {name} asked for go on.")
    told = [each.format(name=person.name) for each in (leaves, stays)]
    return [*told, *_what_is_left_behind(person, lost=RIGHTS[person.role], now=now)]


def others_with(right: Right, *, beside: Person) -> list[Person]:
    """Return who else of the person's school has the right and is let in, by name."""
    return list(people_with(right, school_id=beside.school_id).exclude(pk=beside.pk))


def people_with(right: Right, *, school_id: int | None) -> QuerySet[Person]:
    """Return who of the school, or of the platform, has the right and is let in, by name."""
    roles = [role for role in Role.values if rights.has(role, right)]
    people = Person.objects.filter(school=school_id, is_active=True, role__in=roles)
    return people.order_by("name")


def _what_is_left_behind(person: Person, *, lost: frozenset[Right], now: datetime) -> list[str]:
    told = []
    if Right.PEOPLE in lost and not others_with(Right.PEOPLE, beside=person):
        who = person.school.name if person.school else _("the platform")
        told.append(_("Nobody else of {who} may invite people and change roles.").format(who=who))
    if Right.PROGRAMS in lost and (tokens := _tokens_of(person, now=now)):
        go_on = _("{programs} go on with tokens that {name} made; revoke those that shall not.")
        told.append(go_on.format(programs=count(tokens, "program"), name=person.name))
    return told


def _tokens_of(person: Person, *, now: datetime) -> int:
    """Return how many tokens that the person made let programs in."""
    valid = Q(expires_at=None) | Q(expires_at__gt=now)
    return ApiToken.objects.filter(valid, created_by=person, revoked_at=None).count()
