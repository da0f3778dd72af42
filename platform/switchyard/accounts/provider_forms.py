"""The form in which administrators name a school's provider."""

from urllib.parse import urlsplit

from django import forms

LOOPBACK = ("127.0.0.1", "localhost")


class ProviderForm(forms.Form):
    """An OpenID Connect provider."""

    issuer = forms.URLField(
        label="Address of the provider",
        assume_scheme="https",
        help_text="Its issuer, such as https://login.northfield.example/realms/staff.",
    )
    client_id = forms.CharField(label="Client ID", max_length=191)
    secret = forms.CharField(
        label="Client secret",
        required=False,
        help_text="It is kept encrypted. Empty keeps the one there is.",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    trusts_addresses = forms.BooleanField(
        label="The provider does not say whether addresses are checked, and the school vouches for them",
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
            message = "Passwords pass there: the address begins with https://."
            raise forms.ValidationError(message)
        return issuer
