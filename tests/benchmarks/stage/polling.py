"""Many browsers that ask a web server for parts of pages at fixed moments, however long answers take."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus


@dataclass(kw_only=True)
class Browser:
    """One that keeps its connection, and says what it has, as browsers do."""

    port: int
    path: str
    session: str
    """The cookie of who is signed in."""
    etag: str = ""
    answers: list[tuple[float, int]] = field(default_factory=list)
    """Seconds from the moment at which it was to ask, and the status."""
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, *, due: float) -> None:
        """Ask once, and note the answer; what was `due` earlier counts from then."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._streams
        known = f"If-None-Match: {self.etag}\r\n" if self.etag else ""
        head = f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nHX-Request: true\r\n"
        writer.write(f"{head}Cookie: sessionid={self.session}\r\n{known}\r\n".encode())
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        await reader.readexactly(int(headers.get("content-length", 0)))
        self.etag = headers.get("etag", self.etag)
        self.answers.append((time.monotonic() - due, int(lines[0].split()[1])))
        if headers.get("connection") == "close":
            writer.close()
            self._streams = None


async def poll(
    browsers: Sequence[Browser], *, every: float, warm_up: float, seconds: float
) -> Sequence[float]:
    """Let each browser ask once in `every` seconds, spread evenly, for `seconds` after the warm-up.

    Return what the answers of the warm-up took, in seconds.
    """
    await _poll(browsers, every=every, seconds=warm_up)
    first = [taken for browser in browsers for taken, _ in browser.answers]
    for browser in browsers:
        browser.answers.clear()
    await _poll(browsers, every=every, seconds=seconds)
    return first


async def _poll(browsers: Sequence[Browser], *, every: float, seconds: float) -> None:
    began = time.monotonic()

    async def go_on(browser: Browser, offset: float) -> None:
        due = began + offset
        while due < began + seconds:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await browser.ask(due=due)
            due += every

    offsets = (every * number / len(browsers) for number in range(len(browsers)))
    await asyncio.gather(*(go_on(browser, offset) for browser, offset in zip(browsers, offsets, strict=True)))


def failures(browsers: Sequence[Browser]) -> int:
    """Return how many answers were neither a page nor that it is the same."""
    good = {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED}
    return sum(status not in good for browser in browsers for _, status in browser.answers)
