"""A small SAML identity provider: it reads our requests and signs real assertions with a key of its own."""

import base64
import zlib
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.utils import timezone
from lxml import etree
from onelogin.saml2.constants import OneLogin_Saml2_Constants
from onelogin.saml2.utils import OneLogin_Saml2_Utils

MAIL = "urn:oid:0.9.2342.19200300.100.1.3"
NAMESPACES = (
    'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
)
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
RESPONSE = """<samlp:Response {namespaces} ID="{id}" Version="2.0" IssueInstant="{now}"
  Destination="{destination}" InResponseTo="{request}"><saml:Issuer>{issuer}</saml:Issuer>
  <samlp:Status><samlp:StatusCode Value="{status}"/></samlp:Status>{assertion}</samlp:Response>"""
ASSERTION = """<saml:Assertion {namespaces} ID="{id}" Version="2.0" IssueInstant="{now}">
  <saml:Issuer>{issuer}</saml:Issuer>
  <saml:Subject><saml:NameID Format="{format}">{name}</saml:NameID>
    <saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
      <saml:SubjectConfirmationData NotOnOrAfter="{ends}" Recipient="{recipient}" {confirmed}/>
    </saml:SubjectConfirmation></saml:Subject>
  <saml:Conditions NotBefore="{begins}" NotOnOrAfter="{ends}">{audience}</saml:Conditions>
  <saml:AuthnStatement AuthnInstant="{now}"><saml:AuthnContext><saml:AuthnContextClassRef>
    urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext>
  </saml:AuthnStatement>
  <saml:AttributeStatement><saml:Attribute Name="{attribute}">
    <saml:AttributeValue>{address}</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>
</saml:Assertion>"""
AUDIENCE = "<saml:AudienceRestriction><saml:Audience>{}</saml:Audience></saml:AudienceRestriction>"
METADATA = """<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"
    xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="{entity_id}">
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data>
      <ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:SingleSignOnService
      Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{location}"/>
  </md:IDPSSODescriptor></md:EntityDescriptor>"""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the platform asked for."""

    id: str
    issuer: str
    answer_to: str


class Key:
    """A key with a certificate."""

    def __init__(self) -> None:
        """Make both."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "idp.northfield.example")])
        now = timezone.now()
        made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=30))
        self.certificate = made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()
        self.private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    @property
    def der(self) -> str:
        """The certificate as metadata have it."""
        return "".join(self.certificate.strip().splitlines()[1:-1])


@dataclass(kw_only=True)
class Identity:
    """A provider that says of everybody that they are who stands here; tests change what it says."""

    entity_id: str = "https://idp.northfield.example/idp"
    location: str = "https://idp.northfield.example/sso"
    key: Key = field(default_factory=Key)
    name: str = "n-17"
    format: str = PERSISTENT
    address: str = "Noor@northfield.example"
    attribute: str = MAIL
    status: str = SUCCESS
    age: timedelta = timedelta()
    audience: str = ""
    """Whom it is meant for; empty is who asked."""
    recipient: str = ""
    confirms: bool = True
    """Whether the assertion itself names the request."""
    has_audience: bool = True
    signs: str = "assertion"
    algorithm: str = OneLogin_Saml2_Constants.RSA_SHA256

    @property
    def metadata(self) -> str:
        """What it says of itself."""
        return METADATA.format(entity_id=self.entity_id, location=self.location, certificate=self.key.der)

    def read(self, address: str) -> Request:
        """Return the request that a person was sent with."""
        assert address.startswith(self.location)
        [sent] = parse_qs(urlsplit(address).query)["SAMLRequest"]
        root = etree.fromstring(zlib.decompress(base64.b64decode(sent), -15))
        issuer = root.findtext("{urn:oasis:names:tc:SAML:2.0:assertion}Issuer")
        assert issuer
        return Request(id=root.get("ID"), issuer=issuer, answer_to=root.get("AssertionConsumerServiceURL"))

    def answer(self, request: Request) -> str:
        """Return the form field with the answer to a request."""
        return base64.b64encode(self.response(request).encode()).decode()

    def response(self, request: Request) -> str:
        """Return the XML of the answer."""
        assertion = self.assertion(request)
        if self.signs == "assertion":
            assertion = self.sign(assertion)
        response = RESPONSE.format(
            namespaces=NAMESPACES,
            id=f"_{uuid4().hex}",
            now=moment(),
            destination=request.answer_to,
            request=request.id,
            issuer=self.entity_id,
            status=self.status,
            assertion=assertion,
        )
        return self.sign(response) if self.signs == "response" else response

    def assertion(self, request: Request) -> str:
        """Return an assertion without a signature."""
        return ASSERTION.format(
            namespaces=NAMESPACES,
            id=f"_{uuid4().hex}",
            now=moment(-self.age),
            begins=moment(-self.age - timedelta(minutes=1)),
            ends=moment(-self.age + timedelta(minutes=5)),
            issuer=self.entity_id,
            format=self.format,
            name=self.name,
            recipient=self.recipient or request.answer_to,
            confirmed=f'InResponseTo="{request.id}"' if self.confirms else "",
            audience=AUDIENCE.format(self.audience or request.issuer) if self.has_audience else "",
            attribute=self.attribute,
            address=self.address,
        )

    def sign(self, xml: str) -> str:
        """Return the XML with the provider's signature."""
        signed = OneLogin_Saml2_Utils.add_sign(
            xml, self.key.private, self.key.certificate, sign_algorithm=self.algorithm
        )
        return signed if isinstance(signed, str) else signed.decode()


def moment(later: timedelta = timedelta()) -> str:
    """Return a time as SAML writes it."""
    return (timezone.now() + later).strftime("%Y-%m-%dT%H:%M:%SZ")
