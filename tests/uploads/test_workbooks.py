"""Workbooks and ZIP files: their cells as text, true row numbers, and what is made to do harm is refused."""

import io
import time
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile

from jobs.testing import run_parts
from uploads import reading
from uploads.datasets import STUDENTS
from uploads.looking import look_into
from uploads.models import Student, Upload
from uploads.reading import look_at, read
from uploads.tables.reading import preview
from uploads.tables.reading import read as read_here
from uploads.tables.refusing import UnreadableFile

HEADINGS = ["Student ID", "First Name", "Last Name", "Email", "Class Year"]
MAYA = ["0017", "Maya", "Lee", "maya@school.example", 2027]
CSV = ",".join(HEADINGS) + "\n0017,Maya,Lee,maya@school.example,2027\n"
REFUSED_SECONDS = 2
ODS_SHEET = (
    '<?xml version="1.0"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
    '<table:table table:name="Students">{rows}</table:table>'
    "</office:spreadsheet></office:body></office:document-content>"
)


def write_cell(sheet: Any, row: int, column: int, value: Any, dates: Any) -> None:
    """Write a value as a cell of its own type; a tuple is a formula and its value."""
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, value, dates)
    elif isinstance(value, tuple):
        sheet.write_formula(row, column, value[0], None, value[1])
    elif isinstance(value, str):
        sheet.write_string(row, column, value)
    else:
        sheet.write(row, column, value)


def workbook(*sheets: tuple[str, dict[tuple[int, int], Any]]) -> bytes:
    """Return an XLSX file with these sheets, cells by row and column."""
    output = io.BytesIO()
    book = xlsxwriter.Workbook(output, {"in_memory": True})
    dates = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, cells in sheets:
        sheet = book.add_worksheet(name)
        for (row, column), value in cells.items():
            write_cell(sheet, row, column, value, dates)
    book.close()
    return output.getvalue()


def placed(*rows: list[Any], first: int = 0) -> dict[tuple[int, int], Any]:
    return {
        (first + place, column): value for place, row in enumerate(rows) for column, value in enumerate(row)
    }


def zipped(files: dict[str, bytes]) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return output.getvalue()


def rows_of(data: bytes, *, sheet: str = "") -> list[tuple[Any, ...]]:
    with read(ContentFile(data), dataset=STUDENTS, sheet=sheet) as table:
        return [row for block in table.blocks() for row in block.rows()]


def refused(data: bytes, folder: Path) -> str:
    """Return the sentence of a refusal, within this process: no limit of a confined one helps."""
    path = folder / "received"
    path.write_bytes(data)
    asked: dict[str, Any] = {"path": str(path), "folder": str(folder), "known": list(STUDENTS.by_heading)}
    said = str(read_here(**asked).get("refused"))
    assert preview(**asked).get("refused") in {said, None}
    return said


def test_cells_of_a_workbook_are_text_as_a_person_sees_it() -> None:
    row = ["0017", 17, 2027.0, 52000.5, datetime(2027, 4, 3), ("=6*7", 42), True, None, "x"]  # noqa: DTZ001
    data = workbook(("Students", placed([f"h{place}" for place in range(9)], row)))
    assert rows_of(data) == [
        ("0017", "17", "2027", "52000.5", "2027-04-03 00:00:00", "42", "true", "", "x", 2)
    ]


def test_rows_of_a_workbook_have_their_true_numbers() -> None:
    cells = placed(HEADINGS, MAYA, first=3) | placed(MAYA, first=7) | {(9, 1): "  "}
    assert [row[-1] for row in rows_of(workbook(("Students", cells)))] == [5, 8]


def test_first_sheet_that_holds_something_is_read_unless_one_is_chosen() -> None:
    other = placed(HEADINGS, ["0018", *MAYA[1:]])
    data = workbook(("Notes", {}), ("Students", placed(HEADINGS, MAYA)), ("Old", other))
    look = look_at(ContentFile(data), dataset=STUDENTS)
    assert (look.sheet, look.sheets) == ("Students", ("Notes", "Students", "Old"))
    assert rows_of(data)[0][0] == "0017"
    assert rows_of(data, sheet="Old")[0][0] == "0018"
    assert rows_of(data, sheet=" oLD")[0][0] == "0018"
    with pytest.raises(UnreadableFile, match="has no sheet “New”"):
        rows_of(data, sheet="New")


def test_other_sheets_are_named_where_the_first_one_holds_notes() -> None:
    notes = placed(["Read me"], ["Ask the registrar"])
    data = workbook(("Notes", notes), ("Students", placed(HEADINGS, MAYA)), ("Old", {}))
    file = SimpleUploadedFile("students.xlsx", data)
    said = "read in the sheet “Notes”. If another one holds the rows, name it: Students, Old."
    with pytest.raises(UnreadableFile, match=said):
        look_into(file, dataset=STUDENTS)
    alone = SimpleUploadedFile("students.xlsx", workbook(("Notes", notes)))
    with pytest.raises(UnreadableFile, match="no column") as told:
        look_into(alone, dataset=STUDENTS)
    assert "Notes" not in str(told.value)


def test_a_file_of_a_zip_is_read_wherever_its_name_leads() -> None:
    held = {"../students.csv": CSV.encode(), "__MACOSX/._students.csv": b"x", "a/.DS_Store": b"x"}
    assert rows_of(zipped(held))[0][0] == "0017"


def test_an_ods_workbook_is_read() -> None:
    rows = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
            for cell in row
        )
        + "</table:table-row>"
        for row in (HEADINGS, [*MAYA[:4], "2027"])
    )
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS_SHEET.format(rows=rows))
        archive.writestr("META-INF/manifest.xml", '<?xml version="1.0"?><manifest/>')
    assert rows_of(output.getvalue()) == [("0017", "Maya", "Lee", "maya@school.example", "2027", 2)]


def test_an_uploaded_workbook_is_imported_like_a_csv_file(hand_in: Callable[..., Upload]) -> None:
    upload = hand_in(workbook(("Students", placed(HEADINGS, MAYA, ["", *MAYA[1:]]))))
    assert (upload.new_rows, upload.wrong_rows) == (1, 1)
    assert upload.problems[0]["row"] == 3
    assert not Student.objects.exists()


def test_workbook_is_known_by_its_content_whatever_its_name_and_size() -> None:
    data = workbook(("Students", placed(HEADINGS, MAYA)))
    with TemporaryUploadedFile("students.xls", "application/vnd.ms-excel", len(data), None) as large:
        large.write(data)
        large.seek(0)
        assert look_at(large, dataset=STUDENTS).sheet == "Students"


def test_a_stored_file_is_read_where_it_lies(
    hand_in: Callable[..., Upload], monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = hand_in(workbook(("Students", placed(HEADINGS, MAYA))), checked=False)
    monkeypatch.setattr(reading, "shutil", None)
    run_parts(lane="uploads")
    upload.refresh_from_db()
    assert upload.new_rows == 1


def test_a_zip_file_of_one_file_is_read() -> None:
    data = zipped({"__MACOSX/x.csv": b"", "folder/students.csv": CSV.encode()})
    assert rows_of(data) == [("0017", "Maya", "Lee", "maya@school.example", "2027", 2)]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (zipped({}), "holds no file"),
        (zipped({"a.csv": b"x", "b.csv": b"y"}), "holds 2 files"),
        (zipped({"a.csv": zipped({"b.csv": b"x"})}), "holds another ZIP file"),
        (zipped({"a.csv": CSV.encode()})[:-30], "is damaged"),
        (workbook(("Students", placed(HEADINGS, MAYA)))[:-200], "is damaged"),
        (workbook(("Students", {})), "holds no row"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "damaged, or needs a password"),
    ],
)
def test_what_is_no_workbook_or_zip_file_of_one_file_is_refused(
    data: bytes, sentence: str, tmp_path: Path
) -> None:
    assert sentence in refused(data, tmp_path)


def test_a_zip_file_that_lies_about_its_size_gives_no_more_than_it_says(tmp_path: Path) -> None:
    data = zipped({"a.csv": b"x" * 5000})
    lying = data.replace((5000).to_bytes(4, "little"), (50).to_bytes(4, "little"))
    assert "is damaged" in refused(lying, tmp_path)


@pytest.mark.parametrize("name", ["students.csv", "xl/worksheets/sheet1.xml"])
def test_a_bomb_is_refused_before_it_is_unpacked(name: str, tmp_path: Path) -> None:
    files = {name: b" " * (200 << 20), "[Content_Types].xml": b"x"}
    if name.endswith(".csv"):
        del files["[Content_Types].xml"]
    data = zipped(files)
    began = time.monotonic()
    assert "would unpack to 200 MB" in refused(data, tmp_path)
    assert time.monotonic() - began < REFUSED_SECONDS


def test_entities_within_entities_are_not_unfolded(tmp_path: Path) -> None:
    folds = "".join(f'<!ENTITY l{place + 1} "{f"&l{place};" * 10}">' for place in range(9))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{folds}]><sst><si><t>&l9;</t></si></sst>'
    book = io.BytesIO(workbook(("Students", placed(HEADINGS, MAYA))))
    output = io.BytesIO()
    with zipfile.ZipFile(book) as source, zipfile.ZipFile(output, "w") as target:
        for part in source.namelist():
            is_texts = part.endswith("sharedStrings.xml")
            target.writestr(part, bomb.encode() if is_texts else source.read(part))
    path = tmp_path / "received"
    path.write_bytes(output.getvalue())
    began = time.monotonic()
    found = read_here(path=str(path), folder=str(tmp_path), known=[])
    assert time.monotonic() - began < REFUSED_SECONDS
    texts = "".join(
        cell
        for part in tmp_path.glob("rows-*")
        for row in pl.read_ipc(part).drop("row").iter_rows()
        for cell in row
    )
    assert "refused" in found or len(texts) < 1000
