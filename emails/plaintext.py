"""Plain text made from the HTML of a mail, for readers that show no HTML."""

import re
from html.parser import HTMLParser

BLOCKS = frozenset(
    ("blockquote", "center", "div", "h1", "h2", "h3", "h4", "ol", "p", "pre", "table", "ul", "caption")
)
LINES = frozenset(("br", "li", "tr"))
BLANKS = re.compile(r"\s+")
GAPS = re.compile(r"\n{3,}")


def plain_text(html: str) -> str:
    """Return what cleaned `html` says: blocks by blank lines, links with their address behind them."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (line.rstrip(" ") for line in "".join(reader.pieces).split("\n"))
    return GAPS.sub("\n\n", "\n".join(lines)).strip("\n") + "\n"


class _Reader(HTMLParser):
    """Writes down the text of what it reads."""

    def __init__(self) -> None:
        """Have read nothing."""
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._lists: list[int] = []
        """For each list that is open the number of its next item, 0 for a list with dots."""
        self._links: list[tuple[str, int]] = []
        """For each link that is open its address, and where its text begins."""
        self._preserved = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Begin a block, a line, an item or a link."""
        given = {name: value or "" for name, value in attributes}
        self._break(tag)
        match tag:
            case "ol" | "ul":
                self._lists.append(_start(given) if tag == "ol" else 0)
            case "li":
                self.pieces.append(self._item())
            case "a":
                self._links.append((given.get("href", ""), len(self.pieces)))
            case "img" if given.get("alt"):
                self.pieces.append(f"[{given['alt']}]")
            case "hr":
                self.pieces.append("\n\n---\n\n")
            case "pre":
                self._preserved += 1

    def handle_endtag(self, tag: str) -> None:
        """End a block, a cell or a link."""
        match tag:
            case "ol" | "ul" if self._lists:
                self._lists.pop()
            case "a" if self._links:
                self._end_link(*self._links.pop())
            case "td" | "th":
                self.pieces.append("  ")
            case "pre":
                self._preserved = max(0, self._preserved - 1)
        if tag in BLOCKS:
            self._break(tag)

    def handle_data(self, data: str) -> None:
        """Write text, its blanks as HTML has them."""
        if self._preserved:
            self.pieces.append(data)
            return
        text = BLANKS.sub(" ", data)
        if not self.pieces or self.pieces[-1].endswith(("\n", " ")):
            text = text.lstrip(" ")
        if text:
            self.pieces.append(text)

    def _break(self, tag: str) -> None:
        is_within_list = tag in {"ol", "ul"} and bool(self._lists)
        if tag in BLOCKS and not is_within_list:
            self.pieces.append("\n\n")
        elif tag == "br" or (
            (is_within_list or tag in LINES) and not "".join(self.pieces[-1:]).endswith("\n")
        ):
            self.pieces.append("\n")

    def _item(self) -> str:
        indent = "  " * max(0, len(self._lists) - 1)
        number = self._lists[-1] if self._lists else 0
        if not number:
            return f"{indent}- "
        self._lists[-1] += 1
        return f"{indent}{number}. "

    def _end_link(self, address: str, begin: int) -> None:
        shown = "".join(self.pieces[begin:]).strip()
        bare = address.removeprefix("mailto:").removeprefix("tel:")
        if bare and shown.rstrip("/") != bare.rstrip("/"):
            self.pieces.append(f" <{bare}>" if shown else bare)


def _start(given: dict[str, str]) -> int:
    start = given.get("start", "")
    return int(start) if start.isdecimal() and len(start) < len("10000") else 1
