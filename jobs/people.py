"""Changes of people by administrators: inviting, roles, letting in no more; each is noted for the audit."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from jobs.models import PLATFORM_ROLES, Person, PersonEvent, Role, School


class NotTheirs(Exception):
    """The change is not the administrator's to make; a sentence says why."""


class ChangedSince(Exception):
    """What would be taken back, or was asked for, is not as it was any more; a sentence says so."""


def visible_people(by: Person) -> QuerySet[Person]:
    """Return the people whom `by` may see and change: of their own school, or everyone.

    Ops and admins of the platform who belong to a school are no business of its own administrators.
    """
    people = Person.objects.select_related("school").order_by("school__name", "name", "pk")
    if not by.school_id:
        return people
    ours = people.filter(school=by.school)
    return ours if by.role in PLATFORM_ROLES else ours.exclude(role__in=PLATFORM_ROLES)


def roles_given_by(by: Person) -> list[Role]:
    """Return the roles that `by` may give: a school's administrator gives those of a school."""
    return [role for role in Role if not by.school_id or role not in PLATFORM_ROLES]


def add(*, email: str, name: str, role: Role, school: School | None, by: Person, now: datetime) -> Person:
    """Make a person who has no password yet.

    Raises:
        NotTheirs: the role is not one that `by` may give there.
    """
    if by.school_id:
        school = by.school
    _require_role(role, school=school, by=by)
    with transaction.atomic():
        person = Person(email=email.lower(), name=name, role=role, school=school)
        person.set_unusable_password()
        person.save()
        said = _("invited {person} as {role}").format(person=name, role=role.label)
        note(about=person, by=by, what=said, now=now)
    return person


def place_with(role: Role, *, person: Person, school: School | None) -> School | None:
    """Return where the person works with the role: a platform's role has no school.

    Who has a school stays there; `school` is that of whoever comes from the platform.
    """
    return None if role in PLATFORM_ROLES else person.school or school


def give_role(*, person: Person, role: Role, by: Person, now: datetime, school: School | None = None) -> None:
    """Give the person another role in their school, or where `place_with` says.

    Raises:
        NotTheirs: it is their own role, or not one that `by` may give there.
        ChangedSince: somebody else gave them another role since `person` was read.
    """
    require_fit(person=person, role=role, by=by, school=school)
    place = place_with(role, person=person, school=school)
    with transaction.atomic():
        before = Role(person.role)
        if before == role:
            return
        as_read = Person.objects.filter(pk=person.pk, role=before, school=person.school_id)
        if not as_read.update(role=role, school=place):
            raise _changed_since(person)
        said = _("changed the role of {person} from {before} to {role}").format(
            person=person.name, before=before.label, role=role.label
        )
        change = {
            "name": "role",
            "before": before.value,
            "after": role.value,
            "school": person.school_id,
        }
        note(about=person, by=by, what=said, now=now, change=change)


def require_fit(*, person: Person, role: Role, by: Person, school: School | None) -> None:
    """Refuse a role that `give_role` would refuse.

    Raises:
        NotTheirs: it is their own role, or not one that `by` may give there.
    """
    _require_other(person, by=by)
    _require_role(role, school=place_with(role, person=person, school=school), by=by)


def let_in(*, person: Person, is_active: bool, by: Person, now: datetime) -> None:
    """Let the person in no more, which ends their sessions at once; or again.

    Raises:
        NotTheirs: it is `by`.
    """
    _require_other(person, by=by)
    with transaction.atomic():
        if Person.objects.filter(pk=person.pk, is_active=not is_active).update(is_active=is_active):
            said = _("let {person} in again") if is_active else _("let {person} in no more")
            change = {"name": "is_active", "before": not is_active, "after": is_active}
            note(about=person, by=by, what=said.format(person=person.name), now=now, change=change)


def can_take_back(event: PersonEvent, *, by: Person) -> bool:
    """Whether what `event` tells of can be taken back by `by`: it is still so, and was such a change."""
    if event.change is None or event.about_id == by.pk:
        return False
    if by.school_id and event.about.school_id != by.school_id:
        return False
    return bool(getattr(event.about, event.change["name"]) == event.change["after"])


def take_back(event: PersonEvent, *, by: Person, now: datetime) -> None:
    """Give the person the role back that they had before, or let them in again, or no more.

    Raises:
        NotTheirs: it is not `by`'s to change.
        ChangedSince: it was changed again since, or taken back.
    """
    person = event.about
    if not can_take_back(event, by=by):
        _require_other(person, by=by)
        raise _changed_since(person)
    change: dict[str, Any] = event.change or {}
    before = change["before"]
    if change["name"] == "role":
        school = School.objects.filter(pk=change.get("school") or 0).first()
        give_role(person=person, role=Role(before), by=by, now=now, school=school)
    else:
        let_in(person=person, is_active=before, by=by, now=now)


def note(
    *, about: Person, by: Person | None, what: str, now: datetime, change: dict[str, Any] | None = None
) -> PersonEvent:
    """Note for the audit what was done about a person, and return that; a `change` can be taken back."""
    return PersonEvent.objects.create(
        about=about, by=by, what=what[:200], at=now, school=about.school, change=change
    )


def _changed_since(person: Person) -> ChangedSince:
    return ChangedSince(
        _("Somebody changed {name} in the meantime. Look at it again.").format(name=person.name)
    )


def _require_other(person: Person, *, by: Person) -> None:
    if person.pk == by.pk:
        message = _("Ask another administrator to change your own login.")
        raise NotTheirs(message)


def _require_role(role: Role, *, school: School | None, by: Person) -> None:
    if role not in roles_given_by(by):
        message = _("You may not give the role {role}.").format(role=role.label)
        raise NotTheirs(message)
    if school is None and role not in PLATFORM_ROLES:
        message = _("The role {role} is one at a school: choose the school.").format(role=role.label)
        raise NotTheirs(message)
    if school is not None and role in PLATFORM_ROLES:
        message = _("The role {role} is one of the platform, for all schools: choose no school.")
        raise NotTheirs(message.format(role=role.label))
