"""The text of a mail as a MIME part: in seven bits, whatever characters and lines it has."""

import binascii
import re

LINE_LENGTH = 78
LINE_BREAK = re.compile(r"\r\n|\r|\n")
# Control characters, boundaries (each begins with "=_") and lines that are too long make a text be encoded.
NOT_PLAIN = re.compile(rf"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|=_|[^\n]{{{LINE_LENGTH + 1}}}")
BASE64_LINE = 76


def text_part(text: str, *, subtype: str = "plain") -> bytes:
    """Return `text` as a part of a mail: its header, a blank line, its lines.

    No line of it can be taken for a boundary that begins with `=_` (RFC 2045, section 6.7).
    """
    lines = LINE_BREAK.sub("\r\n", text).removesuffix("\r\n") + "\r\n"
    encoding, data = _encoded(lines)
    header = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    return header.encode() + data


def base64_lines(data: bytes) -> bytes:
    """Return `data` in base64, in lines of 76 characters that end with CRLF."""
    encoded = binascii.b2a_base64(data, newline=False)
    starts = range(0, len(encoded), BASE64_LINE)
    return b"\r\n".join([*(encoded[start : start + BASE64_LINE] for start in starts), b""])


def _encoded(lines: str) -> tuple[str, bytes]:
    if lines.isascii() and not NOT_PLAIN.search(lines):
        return "7bit", lines.encode()
    data = lines.encode("utf-8", "replace")
    quoted = binascii.b2a_qp(data, istext=True)
    in_base64 = base64_lines(data)
    return ("quoted-printable", quoted) if len(quoted) <= len(in_base64) else ("base64", in_base64)
