"""Formatting: from what a person wrote to the text and the HTML of a mail, both with merge fields."""

from dataclasses import dataclass
from functools import lru_cache

from markdown_it import MarkdownIt

from emails import merging
from emails.asides import Aside
from emails.cleaning import Cleaner
from emails.merging import Template
from emails.models.mailings import BodyFormat
from emails.plaintext import plain_text

PAGE = """<!doctype html>
<html>
<head><meta charset="utf-8"></head>
<body style="font-family: Helvetica, Arial, sans-serif; font-size: 16px; line-height: 1.5; color: #1c2330">
{body}
</body>
</html>
"""
BODIES_KEPT = 64


@dataclass(frozen=True, kw_only=True)
class Body:
    """What a mail says."""

    text: Template
    html: Template | None = None
    """The same, formatted; None for a mail of plain text."""

    @property
    def needed(self) -> frozenset[str]:
        """Fields that leave a gap when they are empty."""
        return self.text.needed | (self.html.needed if self.html else frozenset())


@lru_cache(maxsize=BODIES_KEPT)
def body(source: str, *, written_as: str) -> Body:
    """Compile `source`, of which the last ones are kept, so that a mailing's is read once.

    Raises:
        WrongTemplate: it cannot be read, or has a merge field that there is not or in a wrong place.
    """
    # The author's own text is what a message about its lines is about.
    text = merging.read(source)
    if written_as == BodyFormat.TEXT:
        return Body(text=text)
    aside = Aside.of(source)
    written = _markdown(aside.text) if written_as == BodyFormat.MARKDOWN else aside.text
    cleaner = Cleaner(aside=aside)
    html = cleaner.clean(written)
    restored = aside.restored(html, is_html=True, in_links=cleaner.in_links)
    plain = aside.restored(plain_text(html), in_links=cleaner.in_links)
    return Body(text=merging.read(plain), html=merging.read(PAGE.replace("{body}", restored), is_html=True))


def _markdown(text: str) -> str:
    """Return the HTML of Markdown; a single line break stays one, as in a letter."""
    return str(MarkdownIt("commonmark", {"breaks": True}).enable(["table", "strikethrough"]).render(text))
