"""Each odd document gives its pages, or a reason; whatever it would do besides is gone."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pypdf import PdfReader

from jobs.confinement import Bound, OutOfBounds
from packets import confined, opening
from packets.binding import Binder
from packets.layout import PLAIN, Layout
from packets.normalising import normalise
from tests.packets import corpus

NUMBERED = Layout(has_cover=False, has_contents=False, has_dividers=False, has_manifest=False)


@pytest.fixture
def made(tmp_path: Path) -> Callable[[bytes], dict[str, Any]]:
    """Normalises a document in a child process, and returns what came of it, with the path of its piece."""

    def done(content: bytes) -> dict[str, Any]:
        source, target = tmp_path / "source", tmp_path / "piece"
        source.write_bytes(content)
        found = confined.normalise(source=str(source), target=str(target), pages=500)
        return {**found, "piece": target}

    return done


def bound(made: dict[str, Any], *, layout: Layout = PLAIN) -> bytes:
    """Return a packet of the one document."""
    output = BytesIO()
    binder = Binder(output, layout=layout)
    with made["piece"].open("rb") as piece:
        binder.add(piece, at=range(made["pages"]))
    binder.end(title="One", marks=(), places={})
    return output.getvalue()


@pytest.mark.parametrize(
    ("document", "pages"), corpus.USABLE.items(), ids=lambda each: getattr(each, "__name__", None)
)
def test_odd_document_gives_all_its_pages(
    made: Callable[[bytes], dict[str, Any]], document: Callable[[], bytes], pages: int
) -> None:
    found = made(document())
    assert found.get("reason") is None
    packet = bound(found, layout=NUMBERED)
    with pikepdf.open(BytesIO(packet)) as pdf:
        assert pdf.check_pdf_syntax() == []
    texts = [page.extract_text() for page in PdfReader(BytesIO(packet)).pages]
    assert len(texts) == pages
    for number, text in enumerate(texts, start=1):
        assert f"Page {number}" in text
        assert text.strip().endswith(f"{number} / {pages}")


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (corpus.encrypted, opening.PASSWORD),
        (corpus.no_pages, opening.NO_PAGES),
        (corpus.many_pages, "It has 10,000 pages; a document may have 500. Ask for a shorter copy."),
        (lambda: b"", opening.EMPTY),
        (lambda: corpus.deep_tree(depth=300), opening.DAMAGED),
    ],
)
def test_document_that_cannot_be_used_gives_a_reason(
    made: Callable[[bytes], dict[str, Any]], document: Callable[[], bytes], reason: str
) -> None:
    assert made(document())["reason"] == reason


def test_bomb_is_ended_at_the_limit_of_memory(
    made: Callable[[bytes], dict[str, Any]],
) -> None:
    with pytest.raises(OutOfBounds) as told:
        made(corpus.bomb())
    assert told.value.bound == Bound.MEMORY


@pytest.mark.parametrize("document", [corpus.broken_table])
def test_repair_is_told(made: Callable[[bytes], dict[str, Any]], document: Callable[[], bytes]) -> None:
    assert made(document())["is_repaired"]


@pytest.mark.parametrize("document", [corpus.form, corpus.attachment])
def test_nothing_that_acts_is_left(
    made: Callable[[bytes], dict[str, Any]], document: Callable[[], bytes]
) -> None:
    packet = bound(made(document()))
    with pikepdf.open(BytesIO(packet)) as pdf:
        objects = [each for each in pdf.objects if isinstance(each, pikepdf.Object)]
        streams = [each.stream_dict.unparse() for each in objects if isinstance(each, pikepdf.Stream)]
        texts = b"\n".join([*(each.unparse(resolved=True) for each in objects), *streams])
    for word in (
        b"JavaScript",
        b"javascript",
        b"/JS",
        b"Launch",
        b"EmbeddedFile",
        b"evil",
        b"/XFA",
        b"/AA",
        b"AcroForm",
    ):
        assert word not in texts


@pytest.mark.parametrize("document", [corpus.undrawn_form, corpus.form_to_draw])
def test_value_that_nobody_has_drawn_is_part_of_its_page(
    made: Callable[[bytes], dict[str, Any]], document: Callable[[], bytes]
) -> None:
    packet = bound(made(document()))
    assert "Typed in" in PdfReader(BytesIO(packet)).pages[0].extract_text()


def test_value_of_a_form_field_is_part_of_its_page(made: Callable[[bytes], dict[str, Any]]) -> None:
    packet = bound(made(corpus.form()))
    assert "Filled in" in PdfReader(BytesIO(packet)).pages[0].extract_text()


def test_page_that_a_tree_gives_its_size_keeps_it(made: Callable[[bytes], dict[str, Any]]) -> None:
    assert PdfReader(BytesIO(bound(made(corpus.deep_tree())))).pages[0].mediabox[2:] == [300, 400]


def test_same_document_makes_the_same_piece(tmp_path: Path) -> None:
    source, first, second = tmp_path / "source", tmp_path / "first", tmp_path / "second"
    source.write_bytes(corpus.attachment())
    for target in (first, second):
        normalise(source=str(source), target=str(target), pages=500)
    assert first.read_bytes() == second.read_bytes()
