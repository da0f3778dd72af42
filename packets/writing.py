"""Writing what a packet comes to: one PDF, or an archive with or without it."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import IO

import structlog

from jobs.confinement import OutOfBounds
from packets import confined
from packets.book import Book, BoundBook, bind_book
from packets.bundling import bundle
from packets.models import Packet
from packets.parting import own_pdf

log = structlog.get_logger()

MOST_OUTPUTS = 3
"""A packet as it is bound, as it is linearised, and an archive with it."""
PAUSE_SECONDS = 1.0
"""So often it is noted how many documents are bound."""


def write_output(
    packet: Packet, book: Book, *, empty: Sequence[IO[bytes]], check: Callable[[], None]
) -> tuple[IO[bytes], IO[bytes], BoundBook]:
    """Write what comes out into one of the `empty` files; return it, the PDF that shows it, and its pages.

    `check` is called between two documents and raises what ends the work there.
    """
    output, linearised, archive = empty
    if book.layout.output == "students":
        pages = sum(student.pages for student in book.students)
        bundle(book, None, output=archive, check=check)
        output.write(own_pdf(book.students[0]))
        output.flush()
        return archive, output, BoundBook(pages=pages, first_pages=[0] * len(book.students))
    bound = _bind(packet, book, output=output, check=check)
    output.flush()
    if book.layout.is_linearised:
        output = _linearised(packet, output, target=linearised)
    if book.layout.output == "all":
        bundle(book, output, output=archive, check=check)
    return archive if book.layout.output == "all" else output, output, bound


def _bind(packet: Packet, book: Book, *, output: IO[bytes], check: Callable[[], None]) -> BoundBook:
    told_at = time.monotonic()

    def step(done: int) -> None:
        nonlocal told_at
        check()
        if time.monotonic() - told_at >= PAUSE_SECONDS:
            told_at = time.monotonic()
            Packet.objects.filter(pk=packet.pk, edition=packet.edition).update(bound=done)

    # Pages are set in a thread, which must not ask the database.
    typeset = partial(confined.typeset, limits=confined.usual_limits())
    return bind_book(book, output, typeset=typeset, step=step)


def _linearised(packet: Packet, output: IO[bytes], *, target: IO[bytes]) -> IO[bytes]:
    """Return the packet in the order that browsers want; as it is where that takes more than it may."""
    try:
        confined.linearise(source=output.name, target=target.name)
    except OutOfBounds as error:
        log.warning("packet_not_linearised", packet=packet.pk, bound=str(error.bound))
        return output
    return target
