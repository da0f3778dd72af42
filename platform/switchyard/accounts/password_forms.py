"""Forms of passwords: the one that a person has, and a new one."""

from typing import Any

from django import forms
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.access import person_of
from jobs.forms import AddressField
from jobs.models import Person
from switchyard.pages import guarding


class OwnPasswordForm(forms.Form):
    """The password that the signed-in person has, under the limits on guessing."""

    password = forms.CharField(
        label=gettext_lazy("Your password now"),
        strip=False,
        error_messages={"required": gettext_lazy("Type your password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        """Ask the person of `request`."""
        super().__init__(*args, **kwargs)
        self._request = request

    def clean_password(self) -> str:
        """Return it if it is right.

        Raises:
            ValidationError: it is not, or too many were not.
        """
        password, email = str(self.cleaned_data["password"]), person_of(self._request).email
        try:
            found = guarding.person_with(self._request, email=email, password=password)
        except guarding.TooManyWrong as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        if found is None:
            message = _("That is not your password.")
            raise forms.ValidationError(message)
        return password


class NewPasswordForm(forms.Form):
    """A new password, typed twice."""

    new_password = forms.CharField(
        label=gettext_lazy("New password"),
        strip=False,
        error_messages={"required": gettext_lazy("Type a new password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    new_password_again = forms.CharField(
        label=gettext_lazy("New password again"),
        strip=False,
        error_messages={"required": gettext_lazy("Type the new password once more.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        """Ask for a password of `person`."""
        super().__init__(*args, **kwargs)
        self._person = person
        self.fields["new_password"].help_text = " ".join(password_validators_help_texts())

    def clean_new_password(self) -> str:
        """Return it if it is hard to guess.

        Raises:
            ValidationError: it is too short, too common, like the person's name or address, or no new one.
        """
        password = str(self.cleaned_data["new_password"])
        if check_password(password, self._person.password):
            message = _("This is your password now: choose another one.")
            raise forms.ValidationError(message)
        validate_password(password, self._person)
        return password

    def clean(self) -> None:
        """Compare the two."""
        new, again = (self.cleaned_data.get(name) for name in ("new_password", "new_password_again"))
        if new and again and new != again:
            self.add_error("new_password_again", _("The two new passwords are not the same."))

    def save(self) -> None:
        """Set the new password."""
        self._person.set_password(self.cleaned_data["new_password"])
        self._person.save(update_fields=["password"])


class ForgottenForm(forms.Form):
    """Whose password was forgotten."""

    email = AddressField(
        label=gettext_lazy("E-mail address"),
        error_messages={"required": gettext_lazy("Type your e-mail address.")},
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
