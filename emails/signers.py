"""Who signs our mail: the key of the domain that it comes from, or of one above that."""

from functools import cache

from emails.settings import SigningKey, mail_settings
from emails.smtp.signing import Signer


def signer_of(domain: str) -> Signer | None:
    """Return who signs mails from `domain`; None when the settings name no key that fits.

    The key of the nearest domain above it does too: it counts for DMARC's relaxed alignment, which is usual
    (RFC 7489, section 3.1.1).

    Raises:
        WrongKey: its file holds none any more; the system check emails.E005 has told before.
    """
    key = key_for(domain)
    return _read(key) if key else None


def key_for(domain: str) -> SigningKey | None:
    """Return the key that signs mails from `domain`."""
    keys = mail_settings().signing_keys
    labels = domain.lower().split(".")
    names = (".".join(labels[start:]) for start in range(len(labels)))
    return next((keys[name] for name in names if name in keys), None)


@cache
def _read(key: SigningKey) -> Signer:
    return Signer.read(domain=key.domain, selector=key.selector, file=key.file)
