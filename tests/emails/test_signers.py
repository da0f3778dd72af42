"""Who signs: the key of the domain in From, or of the nearest above it; a warning where none fits."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from django.core.checks import run_checks
from django.utils import timezone
from pytest_django.fixtures import Settings

from emails.codes import request_code
from emails.signers import signer_of
from jobs.models import Person
from jobs.testing import run_parts

CODES = "no-reply@codes.mail.example"
Sign = Callable[..., None]


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def sign_for(settings: Settings, tmp_path: Path, key: rsa.RSAPrivateKey) -> Sign:
    """Let the settings have this key for some domains; codes come from a domain of their own."""
    file = tmp_path / "dkim.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    settings.DEFAULT_FROM_EMAIL = "Careers <careers@mail.example>"
    settings.CODES = {"sender": CODES}

    def sign(*domains: str) -> None:
        settings.MAIL = {**settings.MAIL, "dkim": [f"{domain}:s1:{file}" for domain in domains]}

    return sign


def warnings() -> list[str]:
    return [str(found.msg) for found in run_checks() if found.id == "emails.W002"]


def test_codes_from_a_subdomain_are_signed_by_the_domain_above_it(
    steps: Any, author: Person, settings: Settings, sign_for: Sign, key: rsa.RSAPrivateKey
) -> None:
    sign_for("mail.example")
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", steps.port
    request_code(person=author, now=timezone.now())
    run_parts(lane="codes")
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    record = b"v=DKIM1; p=" + b"".join(public.splitlines()[1:-1])
    records = {b"s1._domainkey.mail.example.": record}
    [(_, content)] = steps.mails
    assert b"From:" in content
    assert CODES.encode() in content
    assert dkim.verify(content, dnsfunc=lambda name, **_: records.get(name))


@pytest.mark.parametrize(
    ("domain", "signed_by"),
    [
        ("mail.example", "mail.example"),
        ("a.b.Mail.example", "mail.example"),
        ("x.codes.mail.example", "codes.mail.example"),
        ("codes.mail.example", "codes.mail.example"),
        ("gmail.example", None),
        ("example", None),
    ],
)
def test_key_of_the_nearest_domain_signs(sign_for: Sign, domain: str, signed_by: str | None) -> None:
    sign_for("mail.example", "codes.mail.example")
    signer = signer_of(domain)
    assert (signer.domain if signer else None) == signed_by


def test_sender_without_a_key_that_fits_is_told_at_the_start(sign_for: Sign) -> None:
    sign_for("codes.mail.example")
    assert warnings() == ["No key signs mail from careers@mail.example (MAIL_FROM)."]
    sign_for("other.example", "mail.example.edu")
    assert warnings() == [
        "No key signs mail from careers@mail.example (MAIL_FROM).",
        f"No key signs mail from {CODES} (MAIL_CODES_FROM).",
    ]


def test_nothing_is_told_where_a_key_fits_or_where_nobody_wants_to_sign(sign_for: Sign) -> None:
    sign_for("mail.example")
    assert warnings() == []
    sign_for()
    assert warnings() == []


def test_mailings_that_a_provider_signs_need_no_key(sign_for: Sign, settings: Settings) -> None:
    sign_for("codes.mail.example")
    settings.MAIL_PROVIDER = {**settings.MAIL_PROVIDER, "name": "postmark", "key": "k"}
    assert warnings() == []
    settings.MAIL_PROVIDER = {**settings.MAIL_PROVIDER, "schools": ["northfield"]}
    assert len(warnings()) == 1
