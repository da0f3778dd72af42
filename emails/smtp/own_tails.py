"""The tail of a mail with files of its own: encoded as it is sent, in front of what it shares with others.

Nothing of it is kept on this host's disk or whole in memory; a mail that is signed is encoded twice.
"""

from collections.abc import Iterator, Sequence

from emails.smtp.fields import attachment_fields
from emails.smtp.tails import FINAL_DOT, LINE_BYTES, Enclosed, Tail, full_blocks
from emails.smtp.texts import base64_lines


class OwnTail:
    """What follows the text of one mail."""

    def __init__(self, own: Sequence[Enclosed], *, boundary: str, shared: Tail | None) -> None:
        """Put `own` files before the `shared` tail, whose boundary is `boundary` then."""
        self.boundary = boundary
        self._own = own
        self._shared = shared
        self._closing = b"" if shared else f"--{boundary}--\r\n".encode()
        self.size = sum(len(self._opening(file)) + encoded_size(file.size) for file in own) + (
            shared.size if shared else len(self._closing)
        )
        """In bytes, without the final dot."""

    def windows(self, *, until: int) -> Iterator[bytes | memoryview]:
        """Yield the bytes up to `until`: all, with or without the final dot behind them."""
        dot = until - self.size
        for file in self._own:
            yield self._opening(file)
            with file.open() as content:
                for block in full_blocks(content):
                    yield base64_lines(block)
        if self._shared:
            yield from self._shared.windows(until=self._shared.size + dot)
        else:
            yield self._closing + FINAL_DOT[:dot]

    def _opening(self, file: Enclosed) -> bytes:
        fields = attachment_fields(name=file.name, media_type=file.media_type)
        return f"--{self.boundary}\r\n".encode() + fields


def encoded_size(size: int) -> int:
    """Return how many bytes a file of `size` bytes has in base64, with the ends of its lines."""
    lines, rest = divmod(size, LINE_BYTES)
    return lines * (LINE_BYTES // 3 * 4 + 2) + (-(-rest // 3) * 4 + 2 if rest else 0)
