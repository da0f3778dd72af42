"""The form in which administrators name a school's provider."""

from typing import Any
from urllib.parse import urlsplit

from allauth.socialaccount.models import SocialApp
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LOOPBACK = ("127.0.0.1", "localhost")


class ProviderForm(forms.Form):
    """An OpenID Connect provider."""

    issuer = forms.URLField(
        label=gettext_lazy("Address of the provider"),
        assume_scheme="https",
        help_text=gettext_lazy("Its issuer, such as https://login.northfield.example/realms/staff."),
    )
    client_id = forms.CharField(label=gettext_lazy("Client ID"), max_length=191)
    secret = forms.CharField(
        label=gettext_lazy("Client secret"),
        required=False,
        help_text=gettext_lazy("It is kept encrypted. Empty keeps the one there is."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    trusts_addresses = forms.BooleanField(
        label=gettext_lazy(
            "The provider does not say whether addresses are checked, and the school vouches for them"
        ),
        required=False,
    )

    def clean_issuer(self) -> str:
        """Return the address, over TLS.

        Raises:
            ValidationError: it is not.
        """
        issuer = str(self.cleaned_data["issuer"])
        parts = urlsplit(issuer)
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            message = _("Passwords pass there: the address begins with https://.")
            raise forms.ValidationError(message)
        return issuer


def shown_of(app: SocialApp | None) -> dict[str, Any]:
    """Return what the form shows of the provider that there is."""
    if app is None or "server_url" not in app.settings:
        return {}
    return {
        "issuer": app.settings["server_url"],
        "client_id": app.client_id,
        "trusts_addresses": app.settings.get("trusts_addresses"),
    }
