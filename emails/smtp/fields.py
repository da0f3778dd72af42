"""Header fields in the form in which they travel: folded, and in ASCII but for international addresses.

RFC 5322 (fields, folding), RFC 2047 (encoded words), RFC 2231 (parameters), RFC 6532 (addresses).
"""

import binascii
import re
from collections.abc import Iterator
from urllib.parse import quote

from django.utils.translation import gettext as _

LINE_LENGTH = 78
WORD_LINE_LENGTH = 76
"""Of a line with an encoded word (RFC 2047, section 2)."""
LONGEST_LINE = 900
"""Some way below the 998 bytes that no line may pass (RFC 5322, section 2.1.1)."""
OPENING, CLOSING = "=?utf-8?b?", "?="
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
PLAIN_PARAMETER = re.compile(r"[A-Za-z0-9!#$&+^_`{}~.()@,-]+(?: [A-Za-z0-9!#$&+^_`{}~.()@,-]+)*")
PARAMETER_LENGTH = 50
MEDIA_TYPE = re.compile(r'[A-Za-z0-9!#$&^_.+-]{1,60}/[A-Za-z0-9!#$&^_.+-]{1,100}(; charset="utf-8")?')


class WrongField(Exception):
    """A control character stands in a header's value: it could end the header and begin another."""


def text_field(name: str, text: str) -> bytes:
    """Return the field `name` with free text, such as a subject.

    Raises:
        WrongField: the text holds a control character.
    """
    require_one_line(text)
    opening = f"{name}: "
    if not _stands_plain(text):
        return f"{opening}{_encoded_words(text, used=len(opening))}\r\n".encode()
    return _folded(opening, text).encode()


def address_field(name: str, *, display_name: str, address: str) -> bytes:
    """Return the field `name` with one mailbox. An international address stays as it is, in UTF-8.

    Raises:
        WrongField: the display name or the address holds a control character.
    """
    require_one_line(display_name + address)
    opening = f"{name}: "
    if not display_name:
        return f"{opening}{address}\r\n".encode()
    phrase = _phrase(display_name, used=len(opening))
    last_line = len(opening) + len(phrase) if "\n" not in phrase else len(phrase) - phrase.rindex("\n")
    separator = " " if last_line + len(address) + 3 <= WORD_LINE_LENGTH else "\r\n "
    return f"{opening}{phrase}{separator}<{address}>\r\n".encode()


def attachment_fields(*, name: str, media_type: str) -> bytes:
    """Return the header of an attached file, encoded in base64, with its closing blank line.

    Its lines are already in DKIM's relaxed form (single blanks, none at an end), so that a signer may
    hash them as they are. A media type that is none becomes `application/octet-stream`; so do those
    that must not be encoded, `message` and `multipart` (RFC 2045, section 6.4).
    """
    if not MEDIA_TYPE.fullmatch(media_type) or media_type.lower().startswith(("message/", "multipart/")):
        media_type = "application/octet-stream"
    lines = [
        f"Content-Type: {media_type}",
        "Content-Transfer-Encoding: base64",
        "Content-Disposition: attachment;",
        *_filename(name),
    ]
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


def unsubscribe_fields(link: str) -> bytes:
    """Return the fields by which a mail program unsubscribes with one click (RFC 8058, section 3.1).

    Raises:
        WrongField: the link holds a control character or a blank.
    """
    require_one_line(link)
    if " " in link:
        message = _("A blank cannot stand in the address by which one unsubscribes.")
        raise WrongField(message)
    one_click = "List-Unsubscribe-Post: List-Unsubscribe=One-Click"
    return f"List-Unsubscribe: <{link}>\r\n{one_click}\r\n".encode()


def require_one_line(text: str) -> None:
    """Refuse what would end a header field.

    Raises:
        WrongField: the text holds a control character.
    """
    if CONTROL.search(text):
        message = _("A line break or control character cannot stand in a mail's subject, name or address.")
        raise WrongField(message)


def _stands_plain(text: str) -> bool:
    """Whether `text` may stand as it is: nothing in it would be lost, decoded or too long to fold."""
    if not text.isascii() or "=?" in text or text != text.strip(" "):
        return False
    return len(text) <= WORD_LINE_LENGTH // 2 or (
        "  " not in text and max(map(len, text.split(" "))) < LONGEST_LINE
    )


def _folded(opening: str, text: str) -> str:
    """Fold before blanks, so that unfolding brings the same text back (RFC 5322, section 2.2.3)."""
    lines, line = [], opening
    for number, word in enumerate(text.split(" ")):
        if number and len(line) + 1 + len(word) > LINE_LENGTH and line != opening:
            lines.append(line)
            line = f" {word}"
        else:
            line += f" {word}" if number else word
    return "".join(f"{line}\r\n" for line in (*lines, line))


def _phrase(display_name: str, *, used: int) -> str:
    if not display_name.isascii() or "=?" in display_name:
        return _encoded_words(display_name, used=used)
    if PHRASE.fullmatch(display_name):
        return display_name
    escaped = display_name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _encoded_words(text: str, *, used: int) -> str:
    """Return `text` as encoded words, the first on a line of which `used` characters are taken."""
    data = text.encode("utf-8", "replace")
    words = []
    while data:
        room = (WORD_LINE_LENGTH - used - len(OPENING) - len(CLOSING)) // 4 * 3
        end = _end_of_character(data, room)
        words.append(f"{OPENING}{binascii.b2a_base64(data[:end], newline=False).decode()}{CLOSING}")
        data, used = data[end:], 1
    return "\r\n ".join(words)


def _end_of_character(data: bytes, room: int) -> int:
    """Return the largest end up to `room` at which no character of UTF-8 is cut."""
    end = min(room, len(data))
    while end < len(data) and data[end] & 0xC0 == 0x80:  # noqa: PLR2004 - UTF-8's mark of a continuing byte
        end -= 1
    return end


def _filename(name: str) -> Iterator[str]:
    if len(name) <= PARAMETER_LENGTH and PLAIN_PARAMETER.fullmatch(name):
        yield f' filename="{name}"'
        return
    pieces = _percent_pieces(name)
    if len(pieces) == 1:
        yield f" filename*=utf-8''{pieces[0]}"
        return
    for number, piece in enumerate(pieces):
        charset = "utf-8''" if number == 0 else ""
        yield f" filename*{number}*={charset}{piece}{';' if number + 1 < len(pieces) else ''}"


def _percent_pieces(name: str) -> list[str]:
    """Cut the percent-encoded `name` into pieces, none within an encoded byte (RFC 2231, section 4)."""
    encoded = quote(name, safe="", errors="replace")
    units = re.findall(r"%..|[^%]", encoded)
    per_piece = PARAMETER_LENGTH // 3
    return ["".join(units[start : start + per_piece]) for start in range(0, len(units), per_piece)] or [""]
