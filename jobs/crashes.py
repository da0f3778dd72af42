"""What pages and the log say of an exception that nobody expected, without mail addresses."""

import re
import traceback

MOST_CHARACTERS = 200
BETWEEN = r"""\s<>()\[\]{},;:"'=&"""
"""What stands around a mail address and not within."""
ADDRESS = re.compile(rf"""(?:"[^"]*"|(?<![^{BETWEEN}])[^{BETWEEN}]+)(?:@|%40)[^{BETWEEN}]+""", re.IGNORECASE)
"""What may be a mail address; rather more is masked than less."""
MASK = "[address]"


def told(error: Exception) -> str:
    """Return the type of `error` and the first line of its message, shortened, with mail addresses masked.

    Honest limit: other personal data in a message, such as a name, is not known for what it is.
    """
    # The first lines of a SyntaxError are indented: they show the place.
    said = next(line for line in traceback.format_exception_only(error) if not line.startswith(" "))
    line = masked(said.splitlines()[0].rstrip(": "))
    line = "".join(one if one.isprintable() else " " for one in line)
    return line if len(line) <= MOST_CHARACTERS else f"{line[: MOST_CHARACTERS - 1]}…"


def masked(text: str) -> str:
    """Return `text` with what may be a mail address masked."""
    return ADDRESS.sub(MASK, text)
