"""Archives that are strange or meant to harm: none reaches beyond its place; umlauts are read."""

import io
import stat
import struct
import unicodedata
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from emails import handing_in
from emails.models import Mailing
from emails.unpacking import CannotUnpack
from jobs.models import Person, School, StoredFile
from tests.emails.archives import archive
from tests.emails.people import A, B, C, hand_in


@pytest.fixture
def mailing(draft: Mailing, students: Any, school: School) -> Mailing:
    """A draft to Ana (00000), Bea (00001) and Cem (00002)."""
    students.add(school, A, B, C)
    return draft


def with_name(content: bytes, *, placeholder: bytes, name: bytes) -> bytes:
    """Return the archive `content` with another `name` of the same length, in no alphabet that it tells."""
    assert len(placeholder) == len(name)
    assert content.count(placeholder) == 2
    return content.replace(placeholder, name)


def test_only_the_last_name_of_a_path_counts(mailing: Mailing) -> None:
    paths = ["/etc/00000.pdf", "../../a/00001.pdf", "C:\\letters\\00002.pdf", "..", "a/.."]
    kept = hand_in(mailing, {"all.zip": archive(dict.fromkeys(paths, b"x"))})
    assert (kept.matched, kept.unmatched) == (3, 0)
    assert set(mailing.own_files.values_list("name", flat=True)) == {"00000.pdf", "00001.pdf", "00002.pdf"}
    assert all(".." not in row.file.content.name for row in mailing.own_files.select_related("file"))


def test_link_to_another_file_is_refused(mailing: Mailing, author: Person) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        link = zipfile.ZipInfo("00000.pdf")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        packed.writestr(link, "/etc/passwd")
    uploaded = SimpleUploadedFile("all.zip", made.getvalue())
    with pytest.raises(CannotUnpack, match="is only a link to another file"):
        handing_in.keep(mailing=mailing, uploaded=[uploaded], by=author)
    assert not StoredFile.objects.exists()


def test_archive_within_an_archive_stays_as_it_is(mailing: Mailing) -> None:
    inner = archive({f"{number}.txt": bytes(10 << 20) for number in range(30)})
    hand_in(mailing, {"all.zip": archive({"00000.zip": inner})})
    [row] = mailing.own_files.select_related("file")
    assert (row.name, row.file.size) == ("00000.zip", len(inner))


def test_archive_with_a_password_is_refused(mailing: Mailing, author: Person) -> None:
    content = bytearray(archive({"00000.pdf": b"secret"}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(CannotUnpack, match="has a password"):
        handing_in.keep(mailing=mailing, uploaded=[SimpleUploadedFile("all.zip", bytes(content))], by=author)


def test_file_that_is_larger_than_its_archive_says_is_refused(mailing: Mailing, author: Person) -> None:
    content = bytearray(archive({"00000.pdf": bytes(1 << 20)}))
    directory = content.index(b"PK\x01\x02")
    for place in (22, directory + 24):
        content[place : place + 4] = (100).to_bytes(4, "little")
    with pytest.raises(CannotUnpack, match="cannot be read as a ZIP archive"):
        handing_in.keep(mailing=mailing, uploaded=[SimpleUploadedFile("all.zip", bytes(content))], by=author)
    assert not StoredFile.objects.exists()


def test_endless_list_of_files_is_not_read(
    mailing: Mailing, author: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zipfile, "ZipInfo", lambda *_: pytest.fail("the list was read"))
    head = b"PK\x01\x02" + struct.pack(
        "<4B4HL2L5H2L", 20, 3, 20, 0, 0, 0, 0, 33, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0
    )
    listed = (head + b"a") * 60_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 60_000, 60_000, len(listed), 0, 0)
    with pytest.raises(CannotUnpack, match="At most 1,000 files"):
        handing_in.keep(mailing=mailing, uploaded=[SimpleUploadedFile("all.zip", listed + end)], by=author)


@pytest.mark.parametrize("written", ["Müller_00000.pdf", unicodedata.normalize("NFD", "Müller_00000.pdf")])
def test_umlauts_are_read_however_the_archive_was_made(
    mailing: Mailing, author: Person, written: str
) -> None:
    name = written.encode()
    placeholder = b"~" * len(name)
    content = with_name(archive({placeholder.decode(): b"x"}), placeholder=placeholder, name=name)
    for uploaded in (
        SimpleUploadedFile("mac.zip", content),
        SimpleUploadedFile("other.zip", archive({written: b"x"})),
        SimpleUploadedFile(written, b"x"),
    ):
        kept = handing_in.keep(mailing=mailing, uploaded=[uploaded], by=author)
        assert (kept.matched, kept.unmatched) == (1, 0)
        assert mailing.own_files.get().name == "Müller_00000.pdf"


def test_umlauts_of_an_archive_made_by_an_old_windows_are_read(mailing: Mailing, author: Person) -> None:
    name = "Müller_00000.pdf".encode("cp850")
    content = with_name(archive({"M~ller_00000.pdf": b"x"}), placeholder=b"M~ller_00000.pdf", name=name)
    handing_in.keep(mailing=mailing, uploaded=[SimpleUploadedFile("all.zip", content)], by=author)
    assert mailing.own_files.get().name == "Müller_00000.pdf"
