"""Whatever is wrong with a file, it is refused with a sentence or gives all of its pages."""

import random
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from packets.binding import Binder
from packets.layout import PLAIN
from packets.normalising import normalise

PAGES = 3


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Return the content cut short, or with some of its bytes changed."""
    if chance.random() < 0.2:
        return content[: chance.randrange(1, len(content))]
    changed = bytearray(content)
    for _ in range(chance.choice([1, 3, 10, 40])):
        changed[chance.randrange(len(changed))] = chance.choice([chance.randrange(256), *b" 09/<R"])
    return bytes(changed)


def pages_taken(content: bytes, folder: Path) -> int | None:
    """Return how many pages a packet takes from the file; None when it is refused."""
    source, target, output = folder / "source.pdf", folder / "piece", BytesIO()
    source.write_bytes(content)
    made = normalise(source=str(source), target=str(target), pages=500)
    if "reason" in made:
        return None
    binder = Binder(output, layout=PLAIN)
    with target.open("rb") as piece:
        binder.add(piece, at=range(made["pages"]))
    binder.end(title="", marks=(), places={})
    with pikepdf.open(output) as pdf:
        return len(pdf.pages)


@pytest.mark.parametrize("mode", ["disable", "generate"])
def test_damaged_file_never_loses_pages_without_a_word(
    pdf: Callable[..., bytes], tmp_path: Path, mode: str
) -> None:
    whole = pdf(
        "One", "Two", "Three", deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode[mode]
    )
    chance = random.Random(f"damage {mode}")
    taken = [pages_taken(damaged(whole, chance), tmp_path) for _ in range(400)]
    assert set(taken) == {None, PAGES}


def test_whole_file_gives_its_pages(pdf: Callable[..., bytes], tmp_path: Path) -> None:
    assert pages_taken(pdf("One", "Two", "Three"), tmp_path) == PAGES


def test_bytes_before_the_header_are_no_reason_to_refuse(pdf: Callable[..., bytes], tmp_path: Path) -> None:
    assert pages_taken(b"\r\n" + pdf("One", "Two", "Three"), tmp_path) == PAGES
