"""Reading files of many dialects and encodings, and refusing what is no CSV."""

import codecs
import csv
import io
import json
import random
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from uploads.datasets import STUDENTS
from uploads.mapping import mapped
from uploads.tables import chunks
from uploads.tables.handing_over import BEGINNING
from uploads.tables.layouts import DELIMITERS
from uploads.tables.reading import preview, read
from uploads.tables.refusing import UnreadableFile

HEADINGS = [column.heading for column in STUDENTS.columns]
ENCODINGS = {
    "utf-8": b"",
    "utf-8-sig": b"",
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
}
MAYA = "00017,Maya,Lee,maya.lee@school.example,Nursing,2027"


def written(
    rows: list[list[str]], *, delimiter: str = ",", encoding: str = "utf-8", line_end: str = "\r\n"
) -> bytes:
    text = io.StringIO(newline="")
    # With another line end, Python's writer leaves a lone \r or \n within a cell without quotation marks.
    quoting = csv.QUOTE_MINIMAL if line_end == "\r\n" else csv.QUOTE_ALL
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
    writer.writerows(rows)
    return ENCODINGS.get(encoding, b"") + text.getvalue().encode(encoding)


def rows_of(data: bytes) -> list[tuple[int, list[str]]]:
    """Return the rows of a file, as a confined process reads it; refuse what is no file of students."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "received")
        path.write_bytes(data)
        asked = {"path": str(path), "folder": folder, "known": list(STUDENTS.by_heading)}
        found = read(**asked)
        if "refused" in found:
            assert "sample" not in preview(**asked) or found["refused"].startswith("Row ")
            raise UnreadableFile(found["refused"])
        beginning = json.loads(Path(folder, BEGINNING).read_text())
        mapped(beginning["headings"], dataset=STUDENTS, has_rows=found["rows"] + found["ragged"] > 0)
        assert list(preview(**asked)["headings"]) == beginning["headings"]
        rows = [
            (row[-1], list(row[:-1]))
            for part in sorted(Path(folder).glob("rows-*"))
            for row in pl.read_ipc(part).iter_rows()
        ]
        if found["ragged"]:
            rows += pl.read_ipc(Path(folder, "ragged.arrow")).rows()
        return sorted(rows)


def cells_of(data: bytes) -> list[list[str]]:
    return [cells for _, cells in rows_of(data)]


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
western = st.text(st.sampled_from("abcXYZ 019'\"\n\r,;\t-@éüñøÅß€š…"), max_size=12)


def tables(cell: st.SearchStrategy[str]) -> st.SearchStrategy[list[list[str]]]:
    row = st.lists(cell, min_size=len(HEADINGS), max_size=len(HEADINGS)).filter(
        lambda cells: any(cell.strip() for cell in cells)
    )
    return st.lists(row, min_size=1, max_size=6)


@given(
    rows=tables(cells),
    delimiter=st.sampled_from(DELIMITERS),
    encoding=st.sampled_from(list(ENCODINGS)),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_any_table_reads_back_as_it_was_written(
    rows: list[list[str]], delimiter: str, encoding: str, line_end: str
) -> None:
    data = written([HEADINGS, *rows], delimiter=delimiter, encoding=encoding, line_end=line_end)
    assert cells_of(data) == rows


@given(rows=tables(western), delimiter=st.sampled_from(DELIMITERS))
def test_any_western_table_reads_back_from_windows_1252(rows: list[list[str]], delimiter: str) -> None:
    data = written([HEADINGS, *rows], delimiter=delimiter, encoding="windows-1252")
    # Bytes that happen to be UTF-8 as well are read as UTF-8: nothing in the file could tell otherwise.
    assume(not _is_utf_8(data) or data.isascii())
    # No word has these behind an é; together they are a sign of UTF-8.
    assume(not re.search(rb"\xe9[\x80\x85\x9a]{2}", data))
    assert cells_of(data) == rows


def _is_utf_8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


@given(st.binary(max_size=400), st.integers(0, 400))
def test_a_file_of_any_bytes_is_read_or_refused_with_a_sentence(noise: bytes, place: int) -> None:
    good = written([HEADINGS, MAYA.split(",")])
    data = good[:place] + noise + good[place:]
    sentence = "."
    try:
        cells_of(data)
    except UnreadableFile as error:
        sentence = str(error)
    assert sentence.endswith(".")


def mixed(*rows: int, count: int = 20, mark: bytes = b"") -> bytes:
    """Return a file in UTF-8 but for these of its rows, which are in Windows-1252."""
    lines = [MAYA.replace("Maya", "José").replace("Lee", '"Lee\nLó"') for _ in range(count)]
    head = ",".join(HEADINGS).encode()
    encoded = (line.encode("cp1252" if row in rows else "utf-8") for row, line in enumerate(lines, start=2))
    return mark + b"\n".join([head, *encoded])


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_rows_in_another_encoding_than_the_others_are_named(mark: bytes) -> None:
    with pytest.raises(UnreadableFile, match=r"^Row 17 is not written in UTF-8 as the other rows are"):
        cells_of(mixed(17, mark=mark))
    with pytest.raises(UnreadableFile, match=r"^Rows 3, 4, 5, 6, 7 and 2 more are not written in UTF-8"):
        cells_of(mixed(*range(3, 10), mark=mark))


def test_two_rows_in_two_encodings_are_mixed_too() -> None:
    with pytest.raises(UnreadableFile, match="Row 3 is not written in UTF-8"):
        cells_of(mixed(3, count=2))


def test_one_sign_of_utf_8_by_chance_does_not_make_a_file_mixed() -> None:
    data = mixed(*range(2, 22)).replace(b"Nursing", "“MANHÔ".encode("cp1252"), 1)
    assert cells_of(data)[0][4] == "“MANHÔ"
    assert cells_of(data)[1][1] == "José"


def test_headings_are_known_by_other_words_and_in_any_order() -> None:
    found = mapped(
        ["Class_Year", "SURNAME", "E-Mail", "Student ID", "Given  Name", "Phone"], dataset=STUDENTS
    )
    assert found.places == {"graduation_year": 0, "last_name": 1, "email": 2, "number": 3, "first_name": 4}
    assert found.unused == ["Phone"]


def test_rows_are_numbered_as_a_spreadsheet_numbers_them() -> None:
    lines = ["", ",".join(HEADINGS), MAYA, "", ",,,,,", MAYA.replace("Nursing", '"Two\nlines"'), MAYA]
    assert [number for number, _ in rows_of("\n".join(lines).encode())] == [3, 6, 7]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b"\n \n\n", "no row"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "a picture"),
        (b"PK\x03\x04" + b"\0" * 40, "The file is damaged"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"number,name\0,\x01", "not a CSV file: what row 1 holds is no text"),
        (b'a,b\n1,"x\ny"\n\n2,z\0\n', "not a CSV file: what row 4 holds is no text"),
        (b"a,b\n1,Zo\xeb\n2,\x81\n", "not a CSV file: what row 3 holds is no text"),
        (codecs.BOM_UTF16_LE + b"a\0b", "not a CSV file"),
        (random.Random(1).randbytes(5000), "not a CSV file"),
        (",".join(HEADINGS).encode() + b"\r\n", "headings but no rows"),
        (",".join(HEADINGS).encode() + b"\r\n,,,,,\r\n", "headings but no rows"),
        (b"number,first name,email\n1,Maya,m@s.example\n", "no column for: last name"),
        (b"0017,Maya,Lee,m@s.example\n", "Its first row must hold the headings; it holds: 0017, Maya"),
        (b"number,id number,first name,last name,email\n1,1,a,b,c@d.example\n", "Two columns hold"),
        (",".join(HEADINGS).encode() + b'\n1,"Maya,Lee,m@s.example\n', "Row 2 cannot be read"),
    ],
)
def test_what_is_no_csv_of_students_is_refused_with_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(UnreadableFile, match=sentence):
        cells_of(data)


def test_an_unclosed_quotation_mark_is_found_before_the_memory_is_full() -> None:
    data = ",".join(HEADINGS).encode() + b'\n1,"' + b"Maya,Lee\n" * 100_000
    with pytest.raises(UnreadableFile, match="Row 2 cannot be read: a quotation mark is not closed"):
        cells_of(data)


def test_a_file_of_three_hundred_columns_is_read() -> None:
    extra = [f"extra {number}" for number in range(294)]
    data = written([[*HEADINGS, *extra], [*MAYA.split(","), *["x"] * 294]])
    assert cells_of(data) == [[*MAYA.split(","), *["x"] * 294]]


def test_usual_rows_doubtful_marks_and_ragged_rows_stay_in_their_places(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 64)
    lines = [",".join(HEADINGS)]
    for number in range(40):
        lines.append(f"{number},Maya,Lee,m@s.example,,")
        lines.append(
            [f'{number},5" pipe,Lee,m@s.example,,', f"{number},Bo", "", f'{number},"a\n""b",L,m,,'][
                number % 4
            ]
        )
    text = "\r\n".join(lines)
    records = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    wanted = [(place, cells) for place, cells in enumerate(records, start=1) if place > 1 and any(cells)]
    assert rows_of(text.encode()) == wanted
    assert rows_of(text.encode("utf-16")) == wanted


def test_the_error_of_an_open_mark_names_the_true_row_in_any_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 64)
    data = ",".join(HEADINGS) + "\n" + (MAYA + "\n") * 30 + '1,"Maya,Lee\n'
    with pytest.raises(UnreadableFile, match="Row 32 cannot be read"):
        cells_of(data.encode())
