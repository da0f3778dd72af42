"""Forms of second steps, under the limits on guessing."""

from typing import Any

from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm as LibraryForm
from allauth.mfa.models import Authenticator
from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails.code_limits import spoken
from jobs import guessing
from jobs.clients import client_address, network_of
from switchyard.accounts import second_steps


class AuthenticateForm(LibraryForm):  # type: ignore[misc]  # the package ships no types
    """The code from the app, or a recovery code; each lets in once."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=20,
        help_text=gettext_lazy("The six digits that your app shows now, or one of your recovery codes."),
        error_messages={"required": gettext_lazy("Type the code.")},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Ask for what the person has."""
        super().__init__(*args, **kwargs)
        kinds = second_steps.kinds_of(self.user)
        self.has_app = Authenticator.Type.TOTP in kinds
        self.has_passkey = Authenticator.Type.WEBAUTHN in kinds
        if not self.has_app:
            self.fields["code"].label = _("Recovery code")
            self.fields["code"].help_text = _("One of your recovery codes.")

    def clean_code(self) -> str:
        """Return the code, if it is right and was not used before.

        Raises:
            ValidationError: it is not, or there were too many that were not.
        """
        now, network = timezone.now(), network_of(client_address(context.request))
        try:
            taken = guessing.take_try(email=f"second step {self.user.email}", network=network, now=now)
        except guessing.TooManyGuesses as refusal:
            message = _("There were too many wrong codes. Please try again in {wait}.").format(
                wait=spoken(refusal.wait)
            )
            raise forms.ValidationError(message) from refusal
        code = str(super().clean_code())
        digits = "".join(code.split())
        if not guessing.use_once(f"{self.user.pk} {digits}", now=now):
            message = _("This code was used a moment ago. Please wait for the next one.")
            raise forms.ValidationError(message)
        taken.give_back()
        return code
