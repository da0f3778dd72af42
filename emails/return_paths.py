"""Return paths: each recipient's mail has an address of its own that it comes back to (VERP, Bernstein 1997).

So a bounce needs no guess whose mail it is about; a keyed code keeps others from making addresses up.
"""

import re

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from emails import composing
from emails.models import Recipient
from emails.settings import mail_settings

SALT = "emails.return_paths"
CODE_LETTERS = 16
"""Hexadecimal: 64 bits. The part before the @ has 64 letters at most (RFC 5321, 4.5.3.1.1)."""
MARK = re.compile(r"(?P<recipient>\d{1,19})-(?P<code>[0-9a-f]{16})", re.IGNORECASE)


def return_path(recipient_id: int) -> str:
    """Return the envelope sender of a recipient's mail; the common one where no mailbox takes bounces."""
    mailbox, at, domain = mail_settings().bounces_to.rpartition("@")
    if not at:
        return composing.sender_address()
    return f"{mailbox}+{mark_of(recipient_id)}@{domain}"


def mark_of(recipient_id: int) -> str:
    """Return what names a recipient to others, such as a provider, and cannot be made up by them."""
    return f"{recipient_id}-{_code(recipient_id, secret=settings.SECRET_KEY)}"


def recipient_at(address: str) -> Recipient | None:
    """Return the recipient whose mail comes back to `address`; None when it is none of ours."""
    mailbox, _, domain = mail_settings().bounces_to.lower().rpartition("@")
    local, _, their_domain = address.strip().strip("<>").rpartition("@")
    their_mailbox, _, mark = local.rpartition("+")
    if not mailbox or (their_mailbox.lower(), their_domain.lower()) != (mailbox, domain):
        return None
    return recipient_marked(mark)


def recipient_marked(mark: str) -> Recipient | None:
    """Return the recipient whose mark this is; None when we did not make it, or they are pruned."""
    found = MARK.fullmatch(mark)
    if found is None:
        return None
    pk = int(found["recipient"])
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    codes = [_code(pk, secret=secret) for secret in secrets]
    if not any(constant_time_compare(code, found["code"].lower()) for code in codes):
        return None
    return Recipient.objects.select_related("school").filter(pk=pk).first()


def _code(recipient_id: int, *, secret: str) -> str:
    hashed = salted_hmac(SALT, str(recipient_id), secret=secret, algorithm="sha256")
    return hashed.hexdigest()[:CODE_LETTERS]
