"""What a school's SAML provider says of itself: its name, where people sign in, and its certificates."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils.translation import gettext as _
from lxml.etree import LxmlError
from onelogin.saml2.errors import OneLogin_Saml2_Error
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML

PEM_BEGINS = "-----BEGIN CERTIFICATE-----"
PROVIDERS = "//md:EntityDescriptor[md:IDPSSODescriptor]"


class MetadataUnusable(ValueError):
    """What was pasted is no metadata of one SAML provider; the text says why and what to do."""


class CertificateUnusable(ValueError):
    """What was pasted is no certificate; the text says what to paste."""


@dataclass(frozen=True, kw_only=True)
class SamlProvider:
    """Whose answers are believed."""

    entity_id: str
    """What it calls itself."""
    sign_in_url: str
    """Where people are sent (HTTP-Redirect)."""
    certificates: tuple[str, ...]
    """With any of which it signs: DER as base64, as in metadata. Several while one replaces another."""


def read_metadata(text: str) -> SamlProvider:
    """Return the provider that metadata describe.

    Raises:
        MetadataUnusable: they are not XML, describe no provider or several, or lack what is needed.
        CertificateUnusable: a certificate in them is none.
    """
    try:
        root = OneLogin_Saml2_XML.to_etree(text.strip())
        count = len(OneLogin_Saml2_XML.query(root, PROVIDERS))
        found = OneLogin_Saml2_IdPMetadataParser.parse(root).get("idp", {}) if count == 1 else {}
    except (LxmlError, OneLogin_Saml2_Error, ValueError) as error:
        message = _(
            "This is not XML. Paste the whole of the provider's metadata, from its first < to its last >."
        )
        raise MetadataUnusable(message) from error
    if count != 1:
        message = _(
            "These metadata describe {count} identity providers. Paste those of your school's alone."
        ).format(count=count)
        raise MetadataUnusable(message)
    signing = found.get("x509certMulti", {}).get("signing") or [found.get("x509cert", "")]
    address = found.get("singleSignOnService", {}).get("url", "")
    if not (found.get("entityId") and address and signing[0]):
        message = _(
            "These metadata lack the provider's name, its certificate, or its address for HTTP-Redirect."
        )
        raise MetadataUnusable(message)
    certificates = tuple(der for each in dict.fromkeys(signing) for der in read_certificates(each))
    return SamlProvider(entity_id=found["entityId"], sign_in_url=address, certificates=certificates)


def read_certificates(text: str) -> tuple[str, ...]:
    """Return the certificates in `text`: PEM, one after the other, or the base64 of a single one.

    Raises:
        CertificateUnusable: there is none.
    """
    try:
        return tuple(
            base64.b64encode(each.public_bytes(Encoding.DER)).decode() for each in _load(text.strip())
        )
    except (ValueError, binascii.Error) as error:
        message = _(
            "This is no certificate. Paste it with its first line, {PEM_BEGINS}, and its last."
        ).format(PEM_BEGINS=PEM_BEGINS)
        raise CertificateUnusable(message) from error


def as_pem(certificates: tuple[str, ...]) -> str:
    """Return the certificates as people paste them."""
    lines = (x509.load_der_x509_certificate(base64.b64decode(each)) for each in certificates)
    return "".join(each.public_bytes(Encoding.PEM).decode() for each in lines)


def ends_of(certificates: tuple[str, ...]) -> list[datetime]:
    """Return until when each of the certificates says that it holds."""
    return [
        x509.load_der_x509_certificate(base64.b64decode(each)).not_valid_after_utc for each in certificates
    ]


def _load(text: str) -> list[x509.Certificate]:
    if PEM_BEGINS in text:
        return x509.load_pem_x509_certificates(text.encode())
    der = base64.b64decode("".join(text.split()), validate=True)
    return [x509.load_der_x509_certificate(der)]
