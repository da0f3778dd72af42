"""What a domain publishes about its mail: SPF (RFC 7208), DKIM keys (RFC 6376) and DMARC (RFC 7489)."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from emails.resolving import Texts

SPF, DMARC = "v=spf1", "v=dmarc1"
MOST_PARENTS = 4
"""A policy is looked for at the domain and at most so many above it."""


class Spf(Enum):
    """What a domain says of who may send its mail."""

    MISSING = auto()
    DOUBLED = auto()
    """More than one record: then none counts (RFC 7208, 4.5)."""
    THERE = auto()


class Published(Enum):
    """What stands in the DNS beside a key that signs."""

    NOTHING = auto()
    ANOTHER = auto()
    """A key that does not fit, or one that was taken back."""
    OURS = auto()


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A DMARC policy."""

    at: str
    """The domain that it was found at: the domain itself or one above it."""
    tags: Mapping[str, str]

    def is_strict(self, *, sender: str) -> bool:
        """Whether mail from the domain `sender` that does not pass is put into junk or refused.

        Domains below the one that has the policy may have a wish of their own in it, `sp` (section 6.3).
        """
        wish = self.tags.get("p", "none")
        if sender != self.at:
            wish = self.tags.get("sp", wish)
        return wish.lower() in {"quarantine", "reject"}

    def aligns(self, domain: str, *, sender: str, tag: str) -> bool:
        """Say whether what speaks for `domain` counts for mail from the domain `sender` (section 3.1).

        `tag` is `aspf` for SPF, `adkim` for a key.

        Honest limit: domains belong together here when one is above the other, or both are below the one that
        has the policy.
        """
        if self.tags.get(tag, "r").lower() == "s":
            return domain == sender
        is_above = f".{sender}".endswith(f".{domain}")
        return is_above or domain == self.at or domain.endswith(f".{self.at}")


def spf_of(domain: str, *, texts: Texts) -> Spf:
    """Return what `domain` says of who may send its mail.

    Raises:
        CannotAsk: the DNS does not tell.
    """
    records = [text for text in texts.at(domain) if text.lower().split(" ", maxsplit=1)[0] == SPF]
    return (Spf.MISSING, Spf.THERE, Spf.DOUBLED)[min(len(records), 2)]


def published_for(key: RSAPublicKey, *, domain: str, selector: str, texts: Texts) -> Published:
    """Return what `domain` publishes under `selector`, beside the public `key` of what we sign with.

    Raises:
        CannotAsk: the DNS does not tell.
    """
    records = [tags for text in texts.at(f"{selector}._domainkey.{domain}") if "p" in (tags := _tags(text))]
    if not records:
        return Published.NOTHING
    fits = any(_is_key(tags["p"], key) for tags in records)
    return Published.OURS if fits else Published.ANOTHER


def policy_of(domain: str, *, texts: Texts) -> Policy | None:
    """Return the DMARC policy of `domain` or of the nearest domain above it; None when there is none.

    Raises:
        CannotAsk: the DNS does not tell.
    """
    labels = domain.split(".")
    parents = [".".join(labels[start:]) for start in range(len(labels) - 1)]
    for parent in parents[: MOST_PARENTS + 1]:
        found = [text for text in texts.at(f"_dmarc.{parent}") if text.lower().startswith(DMARC)]
        if len(found) == 1:
            return Policy(at=parent, tags=_tags(found[0]))
    return None


def _tags(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip() for name, sign, value in pairs if sign}


def _is_key(written: str, key: RSAPublicKey) -> bool:
    try:
        found = load_der_public_key(base64.b64decode("".join(written.split())))
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        return False
    return isinstance(found, RSAPublicKey) and found.public_numbers() == key.public_numbers()
