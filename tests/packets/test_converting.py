"""Pictures and texts become pages; where a text cannot be read, the reason says what to do."""

import os
import shutil
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

from packets import confined, converting
from packets.binding import Binder
from packets.layout import PLAIN
from tests.packets import corpus


@pytest.fixture
def made(tmp_path: Path) -> Callable[[bytes], dict[str, Any]]:
    """Normalises a document in a child process, and returns what came of it, with a reader of its pages."""

    def done(content: bytes) -> dict[str, Any]:
        source, target = tmp_path / "source", tmp_path / "piece"
        source.write_bytes(content)
        found = confined.normalise(source=str(source), target=str(target), pages=500)
        return found if "reason" in found else {**found, "reader": _reader(target, pages=found["pages"])}

    return done


def _reader(target: Path, *, pages: int) -> PdfReader:
    output = BytesIO()
    binder = Binder(output, layout=PLAIN)
    with target.open("rb") as piece:
        binder.add(piece, at=range(pages))
    binder.end(title="One", marks=(), places={})
    return PdfReader(output)


def picture(mode: str, name: str, *, size: tuple[int, int] = (300, 400), **options: Any) -> bytes:
    """Return a picture of one colour."""
    output = BytesIO()
    Image.new(mode, size, "red" if mode.startswith("RGB") else 1).save(output, name, **options)
    return output.getvalue()


def text_document() -> bytes:
    """Return a small text of Word's."""
    output = BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Override PartName="/word/document.xml" ContentType="application/'
            'vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
            'officeDocument" Target="word/document.xml"/></Relationships>',
        )
        archive.writestr(
            "word/document.xml",
            '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p>'
            "<w:r><w:t>Page 1 of a text</w:t></w:r></w:p></w:body></w:document>",
        )
    return output.getvalue()


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (picture("RGB", "JPEG"), [612, 792]),
        (picture("RGB", "PNG", size=(800, 300)), [792, 612]),
        (picture("RGBA", "PNG"), [612, 792]),
        (picture("P", "PNG", transparency=0), [612, 792]),
        (picture("1", "TIFF"), [612, 792]),
    ],
)
def test_picture_fills_a_page_of_letter_paper(
    made: Callable[[bytes], dict[str, Any]], content: bytes, size: list[int]
) -> None:
    found = made(content)
    [page] = found["reader"].pages
    assert [round(float(each)) for each in page.mediabox[2:]] == size
    assert len(page.images) == 1


def test_data_of_a_photo_stays_as_it_is(made: Callable[[bytes], dict[str, Any]]) -> None:
    photo = picture("RGB", "JPEG")
    [page] = made(photo)["reader"].pages
    [image] = page["/Resources"]["/XObject"].values()
    assert image.get_object()._data == photo


def test_each_picture_of_a_file_has_a_page(made: Callable[[bytes], dict[str, Any]]) -> None:
    second = Image.new("1", (200, 300))
    assert made(picture("1", "TIFF", save_all=True, append_images=[second]))["pages"] == 2


def test_damaged_picture_gives_a_reason(made: Callable[[bytes], dict[str, Any]]) -> None:
    assert made(picture("RGB", "PNG")[:60])["reason"] == converting.DAMAGED_PICTURE


def test_picture_with_too_many_pixels_is_not_called_damaged(made: Callable[[bytes], dict[str, Any]]) -> None:
    assert made(picture("1", "PNG", size=(30_000, 30_000)))["reason"] == converting.HUGE_PICTURE


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs are found; children that run already are ended."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    confined.confinement.close()
    return folder


@pytest.fixture(autouse=True)
def _fresh_children() -> Any:
    """End children that know another folder of programs."""
    yield
    confined.confinement.close()


@pytest.mark.parametrize("content", [text_document(), b"{\\rtf1 Hello}", converting.OLD_WORD + bytes(600)])
@pytest.mark.usefixtures("programs")
def test_text_without_libreoffice_gives_a_reason(
    made: Callable[[bytes], dict[str, Any]], content: bytes
) -> None:
    found = made(content)
    assert (found["reason"], found["is_lasting"]) == (converting.NO_OFFICE, False)


def test_text_is_converted_by_the_office_of_the_machine(
    made: Callable[[bytes], dict[str, Any]], programs: Path, tmp_path: Path
) -> None:
    (tmp_path / "made.pdf").write_bytes(corpus.saved(corpus.new(2)))
    office = programs / "soffice"
    office.write_text(
        "#!/bin/sh\n"
        'while [ "$1" != --outdir ]; do shift; done\n'
        f'{shutil.which("cp", path=os.defpath)} {tmp_path}/made.pdf "$2/text.pdf"\n'
    )
    office.chmod(0o755)
    assert made(text_document())["pages"] == 2


def test_text_that_the_office_does_not_read_gives_a_reason(
    made: Callable[[bytes], dict[str, Any]], programs: Path
) -> None:
    (programs / "soffice").write_text("#!/bin/sh\nexit 1\n")
    (programs / "soffice").chmod(0o755)
    assert made(text_document())["reason"] == converting.NOT_READ


def test_libreoffice_itself_converts_a_text_where_it_is_present(
    made: Callable[[bytes], dict[str, Any]],
) -> None:
    found = made(text_document())
    if shutil.which("soffice"):
        assert "Page 1 of a text" in found["reader"].pages[0].extract_text()
    else:
        assert found["reason"] == converting.NO_OFFICE
