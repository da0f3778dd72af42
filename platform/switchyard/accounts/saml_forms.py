"""The form in which administrators name a school's SAML provider."""

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from allauth.socialaccount.models import SocialApp
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from switchyard.accounts.provider_forms import LOOPBACK
from switchyard.accounts.saml_metadata import (
    CertificateUnusable,
    MetadataUnusable,
    SamlProvider,
    as_pem,
    ends_of,
    read_certificates,
    read_metadata,
)
from switchyard.accounts.schools_own import saml_of

DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
METADATA_LETTERS = 200_000
"""Those of one provider have some thousands."""
UNSAFE = gettext_lazy("People type their passwords there: the address begins with https://.")
LACKING = gettext_lazy("Paste the provider's metadata above, or fill this in.")


class SamlForm(forms.Form):
    """A SAML provider: its metadata, or what is in them."""

    metadata = forms.CharField(
        label=gettext_lazy("Metadata of the provider"),
        required=False,
        max_length=METADATA_LETTERS,
        help_text=gettext_lazy("Paste the XML. The three fields below then follow from it."),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )
    entity_id = forms.CharField(
        label=gettext_lazy("Entity ID of the provider"), required=False, max_length=1024
    )
    sign_in_url = forms.URLField(
        label=gettext_lazy("Address where people sign in"),
        required=False,
        assume_scheme="https",
        help_text=gettext_lazy("Its single sign-on service with the binding HTTP-Redirect."),
    )
    certificates = forms.CharField(
        label=gettext_lazy("Certificate with which it signs"),
        required=False,
        max_length=METADATA_LETTERS,
        help_text=gettext_lazy("Several, one after the other, while one takes the place of another."),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )
    domains = forms.CharField(
        label=gettext_lazy("Domains of the school's addresses"),
        max_length=1000,
        help_text=gettext_lazy(
            "Such as northfield.example, split by commas. It lets in people with no others."
        ),
    )
    address_attribute = forms.CharField(
        label=gettext_lazy("Attribute with the e-mail address"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Only where it is none of the usual, such as mail or email."),
    )

    def clean_domains(self) -> list[str]:
        """Return the domains.

        Raises:
            ValidationError: one of them is none.
        """
        domains = re.split(r"[,\s]+", str(self.cleaned_data["domains"]).lower().strip(" ,\n"))
        wrong = [each for each in domains if not DOMAIN.fullmatch(each)]
        if wrong:
            message = _(
                "{wrong} is no domain. Type what stands behind the @, such as northfield.example."
            ).format(wrong=wrong[0])
            raise forms.ValidationError(message)
        return domains

    def clean(self) -> dict[str, Any]:
        """Find the provider, in the metadata or in what was typed."""
        given = super().clean() or self.cleaned_data
        field = "metadata" if given.get("metadata") else "certificates"
        try:
            given["provider"] = read_metadata(given["metadata"]) if given.get("metadata") else self._typed()
        except (MetadataUnusable, CertificateUnusable) as error:
            self.add_error(field, str(error))
            return given
        if given["provider"] and not _is_safe(given["provider"].sign_in_url):
            self.add_error("metadata" if given.get("metadata") else "sign_in_url", UNSAFE)
        return given

    def _typed(self) -> SamlProvider | None:
        """Return the provider of the three fields; None while one of them is missing or wrong.

        Raises:
            CertificateUnusable: what stands for one is none.
        """
        for name in ("entity_id", "sign_in_url", "certificates"):
            if not self.cleaned_data.get(name) and name not in self.errors:
                self.add_error(name, LACKING)
        if self.errors.keys() & {"entity_id", "sign_in_url", "certificates"}:
            return None
        typed = self.cleaned_data
        certificates = read_certificates(typed["certificates"])
        return SamlProvider(
            entity_id=typed["entity_id"], sign_in_url=typed["sign_in_url"], certificates=certificates
        )

    @property
    def wanted(self) -> dict[str, Any]:
        """What was asked for, for `schools_own.set_saml`; only after `is_valid`."""
        names = ("provider", "domains", "address_attribute")
        return {name: self.cleaned_data[name] for name in names}


def shown_of(app: SocialApp | None) -> dict[str, Any]:
    """Return what the form shows of the provider that there is."""
    if app is None or "entity_id" not in app.settings:
        return {}
    provider = saml_of(app)
    return {
        "entity_id": provider.entity_id,
        "sign_in_url": provider.sign_in_url,
        "certificates": as_pem(provider.certificates),
        "domains": ", ".join(app.settings["verified_email"]),
        "address_attribute": app.settings["address_attribute"],
    }


def ends_shown(app: SocialApp | None) -> list[datetime]:
    """Return until when the certificates that are set hold."""
    return ends_of(saml_of(app).certificates) if app and "entity_id" in app.settings else []


def _is_safe(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
