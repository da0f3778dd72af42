"""Signing mails: DKIM (RFC 6376) with rsa-sha256, relaxed/relaxed.

A tail is hashed as it stands in the page cache, for it is written in the relaxed form already. It cannot
be hashed once for all: what differs comes before it.
"""

import base64
import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from emails.smtp.messages import Message

SIGNED = (
    *("from", "reply-to", "to", "cc", "subject", "date", "message-id", "mime-version", "content-type"),
    *("content-transfer-encoding", "list-unsubscribe", "list-unsubscribe-post"),
)
FEWEST_KEY_BITS = 1024
"""Verifiers take no shorter keys (RFC 8301, section 3.2); 2048 are usual."""
FIELD_END = re.compile(rb"\r\n(?![ \t])")
BLANKS = re.compile(rb"[ \t]+")
BLANK_AT_END = re.compile(rb" (?=\r\n)")
SIGNATURE_LINE = 72


class WrongKey(Exception):
    """A file holds no private key that can sign; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Signs for one domain, with the key whose public half its DNS shows under the selector."""

    domain: str
    selector: str
    key: RSAPrivateKey

    @classmethod
    def read(cls, *, domain: str, selector: str, file: Path) -> Self:
        """Return the signer whose private key is in the PEM `file`.

        Raises:
            WrongKey: it cannot be read, is no RSA key, has a passphrase or is too short.
        """
        try:
            key = load_pem_private_key(file.read_bytes(), password=None)
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
            message = f"{file} cannot be read as a private key in PEM without a passphrase."
            raise WrongKey(message) from error
        if not isinstance(key, RSAPrivateKey) or key.key_size < FEWEST_KEY_BITS:
            message = f"{file} is no RSA key of at least {FEWEST_KEY_BITS} bits."
            raise WrongKey(message)
        return cls(domain=domain, selector=selector, key=key)

    def signed(self, message: Message, *, now: datetime) -> Message:
        """Return `message` with a signature before its header."""
        header, _, body = message.head.partition(b"\r\n\r\n")
        fields = [field.partition(b":")[::2] for field in FIELD_END.split(header)]
        named = {name.strip().lower().decode(): value for name, value in fields}
        names = [name for name in SIGNED if name in named]
        # "from" once more than it is there: a second one cannot be added (section 8.15).
        opening = (
            f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={self.domain}; s={self.selector};\r\n"
            f" t={int(now.timestamp())}; h={':'.join((*names, 'from'))};\r\n"
            f" bh={_body_hash(body, message)};\r\n b="
        ).encode()
        signed = [_relaxed(name.encode(), named[name]) for name in names]
        to_sign = b"\r\n".join([*signed, _relaxed(*opening.split(b":", 1))])
        signature = base64.b64encode(self.key.sign(to_sign, PKCS1v15(), SHA256())).decode()
        starts = range(0, len(signature), SIGNATURE_LINE)
        folded = "\r\n ".join(signature[start : start + SIGNATURE_LINE] for start in starts)
        return Message(head=opening + folded.encode() + b"\r\n" + message.head, tail=message.tail)


def _relaxed(name: bytes, value: bytes) -> bytes:
    """Return a header field in the relaxed form (section 3.4.2), without its end."""
    return name.lower().strip() + b":" + BLANKS.sub(b" ", value.replace(b"\r\n", b"")).strip()


def _body_hash(body: bytes, message: Message) -> str:
    """Hash the body in the relaxed form (section 3.4.4)."""
    relaxed = BLANK_AT_END.sub(b"", BLANKS.sub(b" ", body))
    if message.tail is None:
        text = relaxed.rstrip(b"\r\n")
        return base64.b64encode(sha256(text + b"\r\n" if text else b"").digest()).decode()
    digest = sha256(relaxed)
    for window in message.tail.windows(until=message.tail.size):
        digest.update(window)
    return base64.b64encode(digest.digest()).decode()
