"""Archives of files: unpacked one by one, within limits, all of them or none."""

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from pytest_django.fixtures import Settings

from emails import handing_in, sending
from emails.models import Mailing, OwnFile
from emails.unpacking import CannotUnpack
from jobs.models import Person, School, StoredFile
from tests.emails.archives import archive
from tests.emails.people import A, B, C, hand_in


@pytest.fixture
def mailing(draft: Mailing, students: Any, school: School) -> Mailing:
    """A draft to Ana (00000), Bea (00001) and Cem (00002)."""
    students.add(school, A, B, C)
    return draft


def in_archive(contents: Mapping[str, bytes], *, zipped: str) -> Mapping[str, bytes]:
    """Return `contents` as the one file `zipped`, an archive; as they are if it has no name."""
    return {zipped: archive(contents)} if zipped else contents


def test_archive_is_unpacked(mailing: Mailing) -> None:
    contents = {
        "letters/00000.pdf": b"a",
        "letters/00001.pdf": b"b",
        "__MACOSX/letters/._00000.pdf": b"x",
        ".DS_Store": b"x",
        "readme.txt": b"hello",
    }
    kept = hand_in(mailing, in_archive(contents, zipped="letters.zip"))
    assert (kept.matched, kept.unmatched) == (2, 1)
    assert kept.told == "3 files were handed in; 1 of them could be matched to nobody."
    assert set(mailing.own_files.values_list("name", flat=True)) == {"00000.pdf", "00001.pdf", "readme.txt"}


@pytest.mark.parametrize(
    ("contents", "zipped", "says"),
    [
        ({"00000.pdf": b""}, "", "is empty"),
        ({"a/00000.pdf": b"x", "b/00000.pdf": b"y"}, "all.zip", "Two of the files are called"),
        ({"00000.pdf": b"x" * (11 << 20)}, "all.zip", "a mail can carry 10.0 MB"),
        ({f"{number}.txt": b"x" for number in range(1001)}, "all.zip", "At most 1,000 files"),
        (dict.fromkeys(map("{}.txt".format, range(41)), bytes(10 << 20)), "all.zip", "of 400.0 MB in all"),
    ],
)
def test_upload_that_cannot_be_taken_keeps_nothing(
    mailing: Mailing, contents: Mapping[str, bytes], zipped: str, says: str
) -> None:
    with pytest.raises(CannotUnpack, match=says):
        hand_in(mailing, in_archive({"00002.pdf": b"good"} | contents, zipped=zipped))
    assert not OwnFile.objects.exists()
    mailing.refresh_from_db()
    assert not mailing.has_own_files


def test_archive_of_too_many_files_is_refused_before_any_is_stored(
    mailing: Mailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing_in.files, "store", lambda **_: pytest.fail("a file was stored"))
    with pytest.raises(CannotUnpack, match="At most 1,000 files"):
        hand_in(mailing, in_archive({f"{number}.pdf": b"x" for number in range(1001)}, zipped="all.zip"))


def damaged(content: bytes) -> bytes:
    return content[:60] + bytes(byte ^ 0xFF for byte in content[60:90]) + content[90:]


@pytest.mark.parametrize("spoil", [lambda content: content[:-30], lambda _: b"no archive", damaged])
def test_damaged_archive_is_refused(
    mailing: Mailing, author: Person, spoil: Callable[[bytes], bytes]
) -> None:
    content = spoil(archive({"00000.pdf": Random(1).randbytes(500)}))
    with pytest.raises(CannotUnpack, match="cannot be read as a ZIP archive"):
        handing_in.keep(mailing=mailing, uploaded=[SimpleUploadedFile("all.zip", content)], by=author)
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_archive_packed_in_a_rare_way_is_refused(mailing: Mailing, author: Person, method: int) -> None:
    content = damaged(archive({"00000.pdf": Random(1).randbytes(500)}, method=method))
    with pytest.raises(CannotUnpack, match="packed in a way that is not read here"):
        handing_in.keep(mailing=mailing, uploaded=[SimpleUploadedFile("all.zip", content)], by=author)
    assert not StoredFile.objects.exists()


def bytes_kept(folder: str) -> int:
    """Return how many files the store has."""
    return sum(path.is_file() for path in Path(folder).rglob("*"))


@pytest.mark.django_db(transaction=True)
def test_upload_that_cannot_be_taken_leaves_no_bytes_behind(mailing: Mailing, settings: Settings) -> None:
    with pytest.raises(CannotUnpack):
        hand_in(mailing, {"00000.pdf": b"good", "00001.pdf": b"too", "00002.pdf": b""})
    assert bytes_kept(settings.MEDIA_ROOT) == 0
    hand_in(mailing, {"00000.pdf": b"good"})
    assert bytes_kept(settings.MEDIA_ROOT) == 1


@pytest.mark.django_db(transaction=True)
def test_upload_for_a_mailing_that_was_sent_meanwhile_leaves_no_bytes_behind(
    mailing: Mailing, author: Person, settings: Settings
) -> None:
    sending.send(mailing=mailing, by=author, confirmed=None)
    with pytest.raises(sending.AlreadySent):
        hand_in(mailing, {"00000.pdf": b"good"})
    assert bytes_kept(settings.MEDIA_ROOT) == 0


@pytest.mark.django_db(transaction=True)
def test_upload_holds_few_locks_of_the_database(
    mailing: Mailing, author: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    store = handing_in.files.store

    def count_locks(**given: Any) -> StoredFile:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
            )
            seen.append(cursor.fetchone()[0])
        return store(**given)

    monkeypatch.setattr(handing_in.files, "store", count_locks)
    uploaded = [SimpleUploadedFile(f"{number}.pdf", b"%d" % number) for number in range(5)]
    handing_in.keep(mailing=mailing, uploaded=uploaded, by=author)
    assert seen == [0] * 5
