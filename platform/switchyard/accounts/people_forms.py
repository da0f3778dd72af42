"""Forms about people: an invitation, another role."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from jobs import people, walls
from jobs.forms import AddressField, LineField
from jobs.language import gettext_lazy as _
from jobs.models import Person, Role, School


class PeopleFilter(forms.Form):
    """Which people are listed."""

    school = forms.ModelChoiceField(
        School.objects.exclude(slug="platform"),
        label=_("School"),
        to_field_name="slug",
        required=False,
        empty_label=_("All schools"),
    )
    words = forms.CharField(required=False, label=_("Name or address"))

    def among(self, people: QuerySet[Person]) -> QuerySet[Person]:
        """Return those of `people` that fit; only after `is_valid`."""
        school, words = self.cleaned_data["school"], self.cleaned_data["words"]
        if school is not None:
            people = people.filter(school=school)
        return people.filter(Q(name__icontains=words) | Q(email__icontains=words)) if words else people


class InviteForm(forms.Form):
    """Who is invited, where, and to what."""

    name = LineField(
        label=_("Name"),
        max_length=200,
        error_messages={"required": _("Type their name.")},
    )
    email = AddressField(label=_("E-mail address"), error_messages={"required": _("Type their address.")})
    role = forms.ChoiceField(label=_("Role"))
    school = forms.ModelChoiceField(
        School.objects.none(),
        label=_("School"),
        required=False,
        empty_label=_("None: operations and administrators"),
        help_text=_("For whom they work."),
    )

    def __init__(self, *args: Any, by: Person, school: str = "", **kwargs: Any) -> None:
        """Offer what `by` may give; the school with the short name `school` is chosen at first."""
        super().__init__(*args, **kwargs)
        roles = self.fields["role"]
        assert isinstance(roles, forms.ChoiceField)  # noqa: S101 - declared above
        roles.choices = [(role.value, role.label) for role in people.roles_given_by(by)]
        schools = self.fields["school"]
        assert isinstance(schools, forms.ModelChoiceField)  # noqa: S101 - declared above
        schools.queryset = School.objects.exclude(slug="platform")
        schools.initial = schools.queryset.filter(slug=school).first() if school else None
        if by.school_id:
            del self.fields["school"]

    def clean_email(self) -> str:
        """Return the address, which nobody has yet.

        Raises:
            ValidationError: somebody has it.
        """
        email = str(self.cleaned_data["email"])
        with walls.around(None):  # an address is somebody's, at whatever school
            is_taken = Person.objects.filter(email=email).exists()
        if is_taken:
            message = _("Somebody with this address has a login already.")
            raise forms.ValidationError(message)
        return email

    @property
    def wanted(self) -> dict[str, Any]:
        """What was chosen, for `jobs.people.add`; only after `is_valid`."""
        given = self.cleaned_data
        role = Role(given["role"])
        return {"name": given["name"], "email": given["email"], "role": role, "school": given.get("school")}


class RoleForm(forms.Form):
    """Another role; with the school, for who has none."""

    role = forms.ChoiceField(label=_("Role"))
    school = forms.ModelChoiceField(
        School.objects.exclude(slug="platform"),
        label=_("School"),
        required=False,
        empty_label=_("None: operations and administrators"),
        help_text=_("For whom they work from then on."),
    )

    def __init__(self, *args: Any, by: Person, person: Person, **kwargs: Any) -> None:
        """Offer what `by` may give to `person`."""
        super().__init__(*args, **kwargs)
        if by.school_id or person.school_id:
            del self.fields["school"]
        roles = self.fields["role"]
        assert isinstance(roles, forms.ChoiceField)  # noqa: S101 - declared above
        roles.choices = [(role.value, role.label) for role in people.roles_given_by(by)]
