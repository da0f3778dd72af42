"""What the platform says of itself to SAML providers, and what it wants of their answers."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.constants import OneLogin_Saml2_Constants
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from switchyard.accounts.saml_metadata import SamlProvider

WANTED = {
    "wantAssertionsSigned": True,
    "rejectDeprecatedAlgorithm": True,
    "wantNameId": False,  # an address in an attribute will do
    "wantAttributeStatement": False,  # and so will one in the name
    "allowRepeatAttributeName": True,
    "allowSingleLabelDomains": True,  # a host in a network of one's own
    "requestedAuthnContext": False,  # how people prove who they are is their school's business
    "metadataValidUntil": "",  # as long as the platform has this address
}


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a school's provider finds us."""

    entity_id: str
    """What we call ourselves, and the address that tells about us."""
    answers_at: str
    """Where the provider sends its answers."""
    request: dict[str, str]
    """The address of answers in the library's words, whatever is asked for at the moment."""


def place_of(request: HttpRequest, slug: str) -> Place:
    """Return where the provider of a school finds us, by the host that was asked."""
    path = reverse("saml-answer", args=[slug])
    return Place(
        entity_id=request.build_absolute_uri(reverse("saml-about", args=[slug])),
        answers_at=request.build_absolute_uri(path),
        request={
            "https": "on" if request.is_secure() else "off",
            "http_host": request.get_host(),
            "script_name": "",
            "path_info": path,
        },
    )


def settings_for(place: Place, provider: SamlProvider) -> OneLogin_Saml2_Settings:
    """Return the library's settings for one provider."""
    identity = {
        "entityId": provider.entity_id,
        "singleSignOnService": {"url": provider.sign_in_url},
        "x509certMulti": {"signing": list(provider.certificates)},
    }
    return OneLogin_Saml2_Settings({**_ourselves(place), "idp": identity})


def address_to_sign_in(place: Place, provider: SamlProvider) -> tuple[str, str]:
    """Return the address at the provider where a person signs in, and the id that its answer must name."""
    auth = OneLogin_Saml2_Auth(place.request, settings_for(place, provider))
    address = auth.login(return_to="")
    return str(address), str(auth.get_last_request_id())


def metadata(place: Place) -> str:
    """Return our metadata, for whoever runs a school's provider."""
    about = OneLogin_Saml2_Settings(_ourselves(place), sp_validation_only=True).get_sp_metadata()
    return about if isinstance(about, str) else about.decode()


def _ourselves(place: Place) -> dict[str, Any]:
    answers = {"url": place.answers_at, "binding": OneLogin_Saml2_Constants.BINDING_HTTP_POST}
    ours = {"entityId": place.entity_id, "assertionConsumerService": answers}
    return {"strict": True, "sp": ours, "security": WANTED}
