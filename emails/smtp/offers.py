"""What a relay says that it can do when it greets us."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Offer:
    """The extensions of SMTP that a relay offered (RFC 5321, section 2.2), as far as we use or tell them."""

    most_bytes: int
    """The largest mail that it takes (SIZE, RFC 1870); 0 when it names none."""
    starttls: bool
    """Also where TLS began with it, for it is not offered again within."""
    chunking: bool
    utf8: bool
    """Addresses with letters beyond ASCII (SMTPUTF8)."""
