"""Reading what a school's SAML provider answers: it is believed, or refused with a sentence.

The library proves the signature, the times and the audience. Beyond it we want what the web browser profile
demands of an answer to a request (SAML 2.0 Profiles, 4.1.4.2): an audience, and a confirmation within the
signed assertion that names the request, our address and an end. So no assertion serves twice: a request's id
stands in the session of one browser and is taken out of it by the first answer.
"""

import time
from dataclasses import dataclass
from typing import Any

from lxml.etree import LxmlError
from onelogin.saml2.constants import OneLogin_Saml2_Constants
from onelogin.saml2.errors import OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.utils import OneLogin_Saml2_Utils
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML

from switchyard.accounts.saml_metadata import SamlProvider
from switchyard.accounts.saml_platform import Place, settings_for
from switchyard.accounts.saml_refusals import AnswerRefused, Reason, reason_of

SCHEMA = "saml-schema-protocol-2.0.xsd"
ENCRYPTED = "//saml:EncryptedAssertion | //saml:EncryptedID"
CONFIRMED = (
    "/samlp:Response/saml:Assertion/saml:Subject"
    f"/saml:SubjectConfirmation[@Method='{OneLogin_Saml2_Constants.CM_BEARER}']/saml:SubjectConfirmationData"
)
TRANSFORMS = {
    "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
    "http://www.w3.org/2001/10/xml-exc-c14n#",
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
}
"""What may be done to an assertion before its digest is taken (SAML 2.0 Core, 5.4.4); others run programs."""
NAMES = ("urn:oasis:names:tc:SAML:attribute:subject-id", "urn:oasis:names:tc:SAML:attribute:pairwise-id")
"""Attributes that name a person for good."""
ADDRESSES = (
    "urn:oid:0.9.2342.19200300.100.1.3",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    "mail",
    "email",
)
"""Attributes in which providers tell a person's address."""
NAME_LETTERS = 191
"""As long as the library of accounts keeps a person's name at a provider."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """Whom a provider vouches for."""

    request_id: str
    """The request that it answers, as the signed assertion has it."""
    name: str
    """What the provider calls the person, each time they come."""
    address: str


def read_answer(
    encoded: str, *, provider: SamlProvider, place: Place, domains: list[str], address_attribute: str
) -> Said:
    """Return whom the answer vouches for: somebody with an address in one of the `domains`.

    `encoded` is the form field `SAMLResponse`; `address_attribute` holds the person's address where it is not
    empty, else one of the usual ones.

    Raises:
        AnswerRefused: it is not believed.
    """
    try:
        response = OneLogin_Saml2_Response(settings_for(place, provider), encoded)
        _check_shape(response.document)
        response.is_valid(place.request, raise_exceptions=True)
        request_id = _request_confirmed(response, place=place)
        said = _person(response, request_id=request_id, address_attribute=address_attribute)
    except OneLogin_Saml2_ValidationError as error:
        raise AnswerRefused(reason_of(error.code)) from error
    except OneLogin_Saml2_Error as error:
        if error.code == OneLogin_Saml2_Error.PRIVATE_KEY_NOT_FOUND:
            raise AnswerRefused(Reason.ENCRYPTED) from error
        raise AnswerRefused(Reason.UNREADABLE) from error
    except (LxmlError, ValueError) as error:
        raise AnswerRefused(Reason.UNREADABLE) from error
    if said.address.rpartition("@")[2].lower() not in domains:
        raise AnswerRefused(Reason.OUTSIDE)
    return said


def _check_shape(document: Any) -> None:
    """Refuse what the library must not begin to work on.

    Raises:
        AnswerRefused: it is no answer of SAML, encrypted, or its digests want more than SAML allows.
    """
    if isinstance(OneLogin_Saml2_XML.validate_xml(document, SCHEMA), str):
        raise AnswerRefused(Reason.UNREADABLE)
    if OneLogin_Saml2_XML.query(document, ENCRYPTED):
        raise AnswerRefused(Reason.ENCRYPTED)
    transforms = OneLogin_Saml2_XML.query(document, "//ds:Transform/@Algorithm")
    if not TRANSFORMS.issuperset(transforms):
        raise AnswerRefused(Reason.UNREADABLE)


def _request_confirmed(response: OneLogin_Saml2_Response, *, place: Place) -> str:
    """Return the request that the signed assertion answers.

    Raises:
        AnswerRefused: it names no audience, or confirms nobody who asked from here.
    """
    if place.entity_id not in response.get_audiences():
        raise AnswerRefused(Reason.FOR_OTHERS)
    request_id = response.get_in_response_to()
    confirmed = OneLogin_Saml2_XML.query(response.document, CONFIRMED)
    here = [each for each in confirmed if each.get("Recipient") == place.answers_at]
    if confirmed and not here:
        raise AnswerRefused(Reason.FOR_OTHERS)
    ours = [each for each in here if request_id and each.get("InResponseTo") == request_id]
    if not ours:
        raise AnswerRefused(Reason.NOT_BEGUN_HERE)
    ends = (OneLogin_Saml2_Utils.parse_SAML_to_time(each.get("NotOnOrAfter") or "") for each in ours)
    if max(ends) <= time.time():
        raise AnswerRefused(Reason.UNTIMELY)
    return str(request_id)


def _person(response: OneLogin_Saml2_Response, *, request_id: str, address_attribute: str) -> Said:
    """Return whom the assertion speaks of.

    Raises:
        AnswerRefused: it does not tell their address, or calls them something too long.
    """
    attributes = response.get_attributes()
    name, sort = response.get_nameid() or "", response.get_nameid_format()
    address = _first(attributes, [address_attribute] if address_attribute else ADDRESSES)
    if sort == OneLogin_Saml2_Constants.NAMEID_EMAIL_ADDRESS:
        address = address or name
    if not address:
        raise AnswerRefused(Reason.NAMELESS)
    lasts = "" if sort == OneLogin_Saml2_Constants.NAMEID_TRANSIENT else name
    called = _first(attributes, NAMES) or lasts or address.lower()
    if len(called) > NAME_LETTERS:
        raise AnswerRefused(Reason.UNREADABLE)
    return Said(request_id=request_id, name=called, address=address)


def _first(attributes: dict[str, list[str | None]], names: tuple[str, ...] | list[str]) -> str:
    """Return the first value that one of the attributes has."""
    values = (value.strip() for name in names for value in attributes.get(name, []) if isinstance(value, str))
    return next((value for value in values if value), "")
