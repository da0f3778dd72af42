"""Who signs our mail: the key of the domain that it comes from."""

from functools import cache

from emails.settings import SigningKey, mail_settings
from emails.smtp.signing import Signer


def signer_of(domain: str) -> Signer | None:
    """Return who signs mails from `domain`; None when the settings name no key for it.

    Raises:
        WrongKey: its file holds none any more; the system check emails.E005 has told before.
    """
    key = mail_settings().signing_keys.get(domain.lower())
    return _read(key) if key else None


@cache
def _read(key: SigningKey) -> Signer:
    return Signer.read(domain=key.domain, selector=key.selector, file=key.file)
