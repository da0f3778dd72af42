"""What an authenticator app does (RFC 6238), apart from the library that checks it."""

import base64
import hmac
import struct


def code_at(secret: str, *, seconds: float) -> str:
    """Return the six digits that an app with the key `secret` shows at a time in seconds since 1970."""
    key = base64.b32decode(secret)
    digest = hmac.digest(key, struct.pack(">Q", int(seconds) // 30), "sha1")
    (number,) = struct.unpack_from(">I", digest, digest[-1] & 15)
    return f"{(number & 0x7FFFFFFF) % 1_000_000:06d}"
