"""Whatever is wrong with a file, it is refused with a sentence or gives all of its pages."""

import random
from collections.abc import Callable
from contextlib import ExitStack
from io import BytesIO

import pikepdf
import pytest
from django.core.files.base import ContentFile

from jobs.directory import Document
from packets.checking import Unusable, open_document

PAGES = 3


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Return the content cut short, or with some of its bytes changed."""
    if chance.random() < 0.2:
        return content[: chance.randrange(1, len(content))]
    changed = bytearray(content)
    for _ in range(chance.choice([1, 3, 10, 40])):
        changed[chance.randrange(len(changed))] = chance.choice([chance.randrange(256), *b" 09/<R"])
    return bytes(changed)


def pages_taken(content: bytes) -> int | None:
    """Return how many pages a packet takes from the file; None when it is refused."""
    document = Document(
        id=1,
        student_id=1,
        document_type="resume",
        file_name="resume.pdf",
        size=len(content),
        file=ContentFile(content),
    )
    with ExitStack() as sources:
        try:
            source = open_document(document, sources=sources)
        except Unusable:
            return None
        merged = pikepdf.new()
        merged.pages.extend(source.pages)
        output = BytesIO()
        merged.save(output)
    return len(pikepdf.open(output).pages)


@pytest.mark.parametrize("mode", ["disable", "generate"])
def test_damaged_file_never_loses_pages_without_a_word(pdf: Callable[..., bytes], mode: str) -> None:
    whole = pdf(
        "One", "Two", "Three", deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode[mode]
    )
    chance = random.Random(f"damage {mode}")
    taken = [pages_taken(damaged(whole, chance)) for _ in range(400)]
    assert set(taken) == {None, PAGES}


def test_whole_file_gives_its_pages(pdf: Callable[..., bytes]) -> None:
    assert pages_taken(pdf("One", "Two", "Three")) == PAGES


def test_bytes_before_the_header_are_no_reason_to_refuse(pdf: Callable[..., bytes]) -> None:
    assert pages_taken(b"\r\n" + pdf("One", "Two", "Three")) == PAGES
