"""The keyed hash under which a suppressed address is found, also when the address itself was erased."""

from collections.abc import Iterable
from contextlib import suppress

from django.conf import settings
from django.utils.crypto import salted_hmac

SALT = "emails.suppression"


def normal(address: str) -> str:
    """Return the form in which equal mailboxes are equal: small letters, an international domain in ASCII."""
    local, _, domain = address.strip().lower().rpartition("@")
    with suppress(UnicodeError):  # no domain that a mail could reach, but it can still be on a list
        domain = domain.encode("idna").decode()
    return f"{local}@{domain}"


def hash_of(address: str) -> str:
    """Return the hash of `address` that new rows keep, keyed with SECRET_KEY."""
    return _hash(normal(address), secret=settings.SECRET_KEY)


def hashes_of(addresses: Iterable[str]) -> dict[str, str]:
    """Return which of `addresses` each hash stands for, one for each key that is or was in use.

    Hashes are made with SECRET_KEY; those of the keys in SECRET_KEY_FALLBACKS are still found.
    """
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return {_hash(normal(address), secret=secret): address for address in addresses for secret in secrets}


def _hash(address: str, *, secret: str) -> str:
    return salted_hmac(SALT, address, secret=secret, algorithm="sha256").hexdigest()
