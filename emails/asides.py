"""Putting merge fields aside while the text around them is read as Markdown, HTML or CSS.

Each is replaced by a word that means nothing there, and comes back afterwards. So a field never takes
part in a tag, and nothing that the author wrote between its braces is taken for HTML.
"""

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

LIQUID = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
ENCODED = re.compile(r"\|\s*url_encode\s*-?\}\}$")
"""The end of a field whose author has it encoded."""
LITERAL = re.compile(r"\{(?=[{%])")


@dataclass(frozen=True, kw_only=True)
class Aside:
    """A text without its merge fields, and those by the words that stand for them."""

    text: str
    fields: dict[str, str]
    word: re.Pattern[str]

    @classmethod
    def of(cls, source: str) -> Self:
        """Put a word, which nobody can guess, in the place of each field and tag."""
        mark, fields = f"q{secrets.token_hex(8)}x", dict[str, str]()

        def put_aside(found: re.Match[str]) -> str:
            word = f"{mark}{len(fields)}q"
            fields[word] = found[0]
            return word

        return cls(text=LIQUID.sub(put_aside, source), fields=fields, word=re.compile(rf"{mark}\d+q"))

    def words_in(self, text: str) -> list[str]:
        """Return the words of fields that stand in `text`."""
        return self.word.findall(text)

    def restored(self, text: str, *, is_html: bool = False, in_links: Collection[str] = ()) -> str:
        """Return `text` with the fields in their places, of those `in_links` encoded for an address.

        Braces that stood there as characters of HTML stay characters.
        """
        literal = LITERAL.sub("&#123;" if is_html else '{{ "{" }}', text)
        return self.word.sub(lambda found: self._field(found[0], in_links=in_links), literal)

    def _field(self, word: str, *, in_links: Collection[str]) -> str:
        field = self.fields[word]
        if word not in in_links or not field.startswith("{{") or ENCODED.search(field):
            return field
        end = -3 if field.endswith("-}}") else -2
        return f"{field[:end]} | url_encode {field[end:]}"
