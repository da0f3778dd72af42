"""What administrators say of schools: name, time zone, weight, how long jobs are kept, whether it is on.

A school that is off begins nothing: its people and programs are let in no more (`switchyard.pages.doors`,
`jobs.tokens`), and all its work is held until it is on again. Nothing of it is deleted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict
from zoneinfo import available_timezones

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from jobs import switching_off
from jobs.models import Person, School
from jobs.models.people import PLATFORM
from jobs.plain import is_one_line
from jobs.setting_fields import About, WrongSetting

LEAST_WEIGHT, MOST_WEIGHT = 0.01, 100.0
"""A school beside another one gets at least a ten-thousandth of it: less would be a pause."""
MOST_NAME_CHARACTERS = 200
DAYS = About(says="", unit="days", is_whole=True, is_optional=True, least=1, most=36_500)
Values = Mapping[str, Any]
"""Values of one school, by the names of its columns."""


class Change(TypedDict):
    """One value that a settings version changed."""

    path: list[str]
    before: Any
    after: Any


@dataclass(frozen=True, kw_only=True)
class NewSchool:
    """A school that is to be added."""

    slug: str
    name: str
    time_zone: str = ""

    @property
    def change(self) -> Change:
        """What a version says of it; taking that back switches the school off."""
        return {"path": ["schools", self.slug, "is_on"], "before": False, "after": True}


def differences(wanted: Mapping[str, Values], *, by: Person | None = None) -> list[Change]:
    """Return what of the values, by slug, is another than it is now; nothing is changed.

    Raises:
        WrongSetting: a value cannot be, or there is no such school.
    """
    return [change for slug in sorted(wanted) for change in _differences(_found(slug), wanted[slug], by=by)]


def set_values(wanted: Mapping[str, Values], *, by: Person, why: str) -> list[Change]:
    """Give schools their new values, by slug, in the caller's transaction; return those that differ.

    The next claim goes by a weight, the next request by whether the school is on.

    Raises:
        WrongSetting: a value cannot be, or there is no such school.
    """
    changes: list[Change] = []
    for slug in sorted(wanted):
        school = _found(slug, locked=True)
        of_school = _differences(school, wanted[slug], by=by)
        values = {change["path"][2]: change["after"] for change in of_school}
        if values.get("is_on") is False:
            switching_off.hold(school, by=by, why=why)
        if values:
            School.objects.filter(pk=school.pk).update(**values)
        if values.get("is_on"):
            switching_off.let_go(school, by=by, why=why)
        changes += of_school
    return changes


def add(new: NewSchool) -> Change:
    """Add a school, which is on, in the caller's transaction; return what a version says of it.

    Raises:
        WrongSetting: its short name is taken, or a value cannot be.
    """
    require_new(new)
    try:
        with transaction.atomic():
            School.objects.create(slug=new.slug, name=new.name, time_zone=new.time_zone)
    except IntegrityError as error:
        raise _taken(new) from error
    return new.change


def require_new(new: NewSchool) -> None:
    """Refuse a school that cannot be added.

    Raises:
        WrongSetting: its short name is taken, or a value cannot be.
    """
    _require_fit(new.slug, {"name": new.name, "time_zone": new.time_zone})
    if School.objects.filter(slug=new.slug).exists():
        raise _taken(new)
    _require_name_of_its_own(new.slug, new.name)


def _require_name_of_its_own(slug: str, name: str) -> None:
    other = School.objects.exclude(slug=slug).filter(name__iexact=name.strip()).first()
    if other is not None:
        hint = _("Another school is called {name}; people could not tell them apart.").format(name=other.name)
        raise WrongSetting(name=_name(slug, "name"), value=name, unit="name", hint=hint)


def _taken(new: NewSchool) -> WrongSetting:
    hint = _("Another school has this short name; schools are never deleted. Write another one.")
    return WrongSetting(name=_name(new.slug, "slug"), value=new.slug, unit="short name", hint=hint)


def _found(slug: str, *, locked: bool = False) -> School:
    # Jobs that are submitted meanwhile name the school, and do not wait for a change of its values.
    schools = School.objects.select_for_update(no_key=True) if locked else School.objects
    if (school := schools.filter(slug=slug).first()) is None:
        hint = _("Write the slug of a school.")
        raise WrongSetting(name=_name(slug, "slug"), value=slug, unit="school", hint=hint)
    return school


def _differences(school: School, values: Values, *, by: Person | None) -> list[Change]:
    _require_fit(school.slug, values)
    if values.get("is_on") is False:
        _require_not_needed(school, by=by)
    if values.get("name", school.name) != school.name:
        _require_name_of_its_own(school.slug, values["name"])
    return [
        {"path": ["schools", school.slug, name], "before": getattr(school, name), "after": value}
        for name, value in sorted(values.items())
        if getattr(school, name) != value
    ]


def _require_fit(slug: str, values: Values) -> None:
    for name, value in values.items():
        if hint := _why_not(name, value):
            raise WrongSetting(name=_name(slug, name), value=value, unit=name.replace("_", " "), hint=hint)


def _why_not(name: str, value: Any) -> str:
    """Return what to write instead of the value, or nothing when it can be used."""
    if name == "weight":
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        fits = is_number and LEAST_WEIGHT <= value <= MOST_WEIGHT
        return (
            ""
            if fits
            else _("Write a number from {least:g} to {most:g}.").format(least=LEAST_WEIGHT, most=MOST_WEIGHT)
        )
    if name == "name":
        fits = isinstance(value, str) and 0 < len(value.strip()) <= MOST_NAME_CHARACTERS
        if fits and not is_one_line(value):
            return _("It is one line: leave out line breaks and other characters that are not seen.")
        return "" if fits else _("Write 1 to {most} characters.").format(most=MOST_NAME_CHARACTERS)
    if name == "time_zone":
        return "" if not value or value in available_timezones() else _("Choose a time zone.")
    if name == "is_on":
        return "" if isinstance(value, bool) else _("Choose on or off.")
    return DAYS.why_not(value) if name == "history_days" else _("A school has no such value.")


def _require_not_needed(school: School, *, by: Person | None) -> None:
    hint = ""
    if school.slug == PLATFORM:
        hint = _("The platform's own jobs belong to it: it stays on.")
    elif by is not None and by.school_id == school.pk:
        hint = _("You belong to it, and would be let in no more. Ask an administrator who does not.")
    if hint:
        raise WrongSetting(name=_name(school.slug, "is_on"), value=False, unit="on or off", hint=hint)


def _name(slug: str, name: str) -> str:
    return f"schools · {slug} · {name}"
