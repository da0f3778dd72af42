"""The choices of a layout: page numbers, the order of documents, logos and what comes out."""

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pypdf import PdfReader

from jobs.models import School, StoredFile
from packets.layout import Layout
from packets.logos import NoLogo, drawn, keep_logo
from packets.look_words import NUMBER_PLACES, wrong_number_format
from packets.models import Packet
from tests.packets import corpus

pytestmark = pytest.mark.django_db

RED = (200, 20, 30)


def content_of(packet: Packet) -> bytes:
    """Return the bytes of the result."""
    with packet.result.content.open("rb") as file:
        content: bytes = file.read()
    return content


def texts(content: bytes) -> list[str]:
    """Return the text of each page, as pypdf reads it."""
    return [page.extract_text() for page in PdfReader(BytesIO(content)).pages]


def picture(form: str = "PNG", *, size: tuple[int, int] = (300, 100)) -> bytes:
    """Return a picture in one red."""
    output = BytesIO()
    Image.new("RGB", size, RED).save(output, form)
    return output.getvalue()


def place_of(content: bytes, text: str, *, page: int) -> tuple[float, float, float, float]:
    """Return left, bottom, right and top of a text on a page, as PDFium sees it."""
    pdf = pypdfium2.PdfDocument(content)
    found_page = pdf[page]
    words = found_page.get_textpage()
    searcher = words.search(text)
    first, length = searcher.get_next()
    boxes = [words.get_charbox(index, loose=True) for index in range(first, first + length)]
    searcher.close()
    words.close()
    found_page.close()
    pdf.close()
    return boxes[0][0], boxes[0][1], boxes[-1][2], boxes[0][3]


@pytest.fixture
def amy(students: Any, school: School, pdf: Callable[..., bytes]) -> Any:
    """A student with a résumé of two pages and a transcript."""
    amy = students.add(school, "Amy Adams")
    students.give(amy, "resume", pdf("Amy R1", "Amy R2"))
    students.give(amy, "transcript", pdf("Amy T"))
    return amy


@pytest.mark.parametrize("place", NUMBER_PLACES)
def test_page_number_stands_at_its_place_in_its_format(
    amy: Any, build: Callable[..., Packet], place: str
) -> None:
    layout = Layout(number_format="Page {page} of {pages} — fair", number_place=place)
    content = content_of(build(amy, layout=layout))
    assert [f"Page {number} of 6 — fair" in text for number, text in enumerate(texts(content), 1)] == [
        False, True, True, True, True, True,
    ]  # fmt: skip
    left, bottom, right, top = place_of(content, "Page 4 of 6 — fair", page=3)
    assert top < 40 if place.startswith("bottom") else bottom > 750
    middle = {"bottom": (left + right) / 2 - 306, "bottom-left": left - 36}.get(place, right - (612 - 36))
    assert abs(middle) < 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Page {page} of {pages}", ""),
        ("{page}", ""),
        ("Page", "Write {page} where the number is to stand"),
        ("{page} {total}", "“{total}” means nothing here"),
        ("{page} }", "“}” means nothing here"),
        ("{page} ☎", "“☎” cannot be printed"),
    ],
)
def test_wrong_formats_of_page_numbers_are_told(text: str, sentence: str) -> None:
    assert sentence in wrong_number_format(text)
    assert bool(sentence) == bool(wrong_number_format(text))


def test_documents_of_a_student_stand_in_the_chosen_order(amy: Any, build: Callable[..., Packet]) -> None:
    packet = build(amy, types=["transcript", "resume"], layout=Layout())
    found = texts(content_of(packet))
    assert [text.split("\n")[0] for text in found[3:]] == ["Amy T", "Amy R1", "Amy R2"]
    outline: list[Any] = PdfReader(BytesIO(content_of(packet))).outline
    assert [each.title for each in outline[2]] == ["Transcript", "Résumé"]


@pytest.fixture
def logo(school: School) -> StoredFile:
    """A red logo of the school."""
    return keep_logo(drawn(SimpleUploadedFile("logo.exe", picture("JPEG"))), school=school, by=None)


def test_logo_stands_on_the_cover(amy: Any, build: Callable[..., Packet], logo: StoredFile) -> None:
    content = content_of(build(amy, layout=Layout(), logo=logo))
    pdf = pypdfium2.PdfDocument(content)
    cover = pdf[0]
    drawn_cover = cover.render().to_pil()
    colours = [count for count, colour in drawn_cover.getcolors(1 << 20) if _is_red(colour)]
    assert sum(colours) == pytest.approx(230 * 230 / 3, rel=0.05)
    cover.close()
    pdf.close()
    assert content == content_of(build(amy, layout=Layout(), logo=logo))


def _is_red(colour: Any) -> bool:
    return all(abs(found - wanted) < 12 for found, wanted in zip(colour, RED, strict=True))


@pytest.mark.parametrize(
    "content",
    [b"", b"GIF89a and no more", b"<svg xmlns='http://www.w3.org/2000/svg'/>", corpus.saved(corpus.new())],
)
def test_what_is_no_picture_is_no_logo(content: bytes) -> None:
    with pytest.raises(NoLogo, match="no picture"):
        drawn(SimpleUploadedFile("logo.png", content, content_type="image/png"))


def test_picture_of_too_many_pixels_is_no_logo() -> None:
    with pytest.raises(NoLogo, match="very large"):
        drawn(SimpleUploadedFile("logo.png", picture(size=(8000, 6000))))


def test_logo_is_kept_small_and_without_what_else_its_file_holds() -> None:
    content = drawn(SimpleUploadedFile("logo.png", picture(size=(3000, 1000)) + b"<script>"))
    with Image.open(BytesIO(content)) as found:
        assert (found.format, found.size) == ("PNG", (1200, 400))
    assert b"<script>" not in content


def entries(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the names and contents of an archive."""
    with ZipFile(BytesIO(content)) as archive:
        for name in archive.namelist():
            yield name, archive.read(name)


def test_packet_may_be_an_archive_with_a_pdf_for_each_student(
    amy: Any, students: Any, school: School, pdf: Callable[..., bytes], build: Callable[..., Packet]
) -> None:
    other = students.add(school, "Amy ADAMS")
    students.give(other, "resume", pdf("Other R"))
    packet = build(amy, other, layout=Layout(output="students"))
    content = content_of(packet)
    found = dict(entries(content))
    assert (packet.result.name, packet.result.media_type) == ("Spring fair.zip", "application/zip")
    assert packet.pages == 4
    assert list(found) == ["Amy Adams.pdf", "Amy ADAMS 2.pdf"]
    assert [text.split("\n")[0] for text in texts(found["Amy Adams.pdf"])] == ["Amy R1", "Amy R2", "Amy T"]
    assert content == content_of(build(amy, other, layout=Layout(output="students")))


def test_packet_may_be_an_archive_with_the_whole_and_a_pdf_for_each_student(
    amy: Any, build: Callable[..., Packet]
) -> None:
    packet = build(amy, layout=Layout(output="all"), own_files=True)
    whole, own = entries(content_of(packet))
    assert (whole[0], own[0]) == ("Spring fair.pdf", "Students/Amy Adams.pdf")
    assert whole[1] == content_of(build(amy, layout=Layout()))
    assert len(texts(own[1])) == 3
    names = packet.job.files.order_by("name").values_list("name", flat=True)
    assert list(names) == ["Spring fair, each student.zip", "Spring fair.zip"]
