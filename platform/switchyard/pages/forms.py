"""Forms of signing in."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.forms import AddressField

CODE_DIGITS = 6


class SignInForm(forms.Form):
    """E-mail address and password."""

    email = AddressField(
        label=gettext_lazy("E-mail address"),
        error_messages={"required": gettext_lazy("Type your e-mail address.")},
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        error_messages={"required": gettext_lazy("Type your password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(forms.Form):
    """The code from the mail; spaces between its digits are fine."""

    code = forms.CharField(
        label=gettext_lazy("Six-digit code"),
        error_messages={"required": gettext_lazy("Type the six digits of the code.")},
        max_length=12,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        ),
    )

    def clean_code(self) -> str:
        """Return the six digits.

        Raises:
            ValidationError: it is not six digits.
        """
        code = "".join(str(self.cleaned_data["code"]).split())
        if len(code) != CODE_DIGITS or not (code.isascii() and code.isdigit()):
            message = _("The code is the six digits in the mail; please type them again.")
            raise forms.ValidationError(message)
        return code
