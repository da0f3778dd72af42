"""The spool: encoded once, shared by processes, within its budget, and never taken from who uses it."""

import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from random import Random
from typing import Any

import pytest

from emails.smtp import spool as spools
from emails.smtp.heads import mixed_opening
from emails.smtp.spool import Spool, SpoolFull
from emails.smtp.tails import AttachmentChanged, Tail, room_for

MEGABYTE = 1 << 20


def content_of(tail: Tail) -> bytes:
    return b"".join(bytes(window) for window in tail.windows(until=tail.size))


def tails_in(tmp_path: Path) -> list[str]:
    return [path.name for path in (tmp_path / "spool").iterdir() if path.suffix != ".lock"]


def test_files_are_read_back_byte_for_byte(spool: Spool, enclosed: Any) -> None:
    contents = [Random(1).randbytes(3_000_001), b"", b".\r\n..\n.\n" * 99, b"x"]
    names = ["résumé Müller 履歴.pdf", "empty.txt", "dots.txt", "mail.eml"]
    files = [
        enclosed(content, name=name, media_type="message/rfc822" if name == "mail.eml" else "text/plain")
        for content, name in zip(contents, names, strict=True)
    ]
    with spool.tail(files) as tail:
        text = b"Content-Type: text/plain\r\n\r\nhello\r\n"
        wire = mixed_opening(tail.boundary) + text + content_of(tail)
    mail = message_from_bytes(wire, EmailMessage, policy=policy.default)
    parts = [(part.get_filename(), part.get_payload(decode=True)) for part in mail.iter_attachments()]
    assert parts == list(zip(names, contents, strict=True))
    assert not mail.defects
    lines = wire.split(b"\r\n")
    assert not [line for line in lines if line.startswith(b".") or len(line) > 100 or b"\n" in line]


def test_equal_files_are_encoded_once(spool: Spool, enclosed: Any, tmp_path: Path) -> None:
    with spool.tail([enclosed(b"map")]) as first:
        with spool.tail([enclosed(b"map")]) as second:
            assert second is first  # one mapping for all threads
        assert content_of(first).startswith(f"--{first.boundary}".encode())
    with spool.tail([enclosed(b"map", name="other.pdf")]) as other:
        assert other.boundary != first.boundary
    assert len(tails_in(tmp_path)) == 2


def test_many_who_come_at_once_wait_for_one_encoding(
    spool: Spool, enclosed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    encode = spools.write_tail
    monkeypatch.setattr(spools, "write_tail", lambda *given: (made.append(1), encode(*given)))
    barrier = threading.Barrier(8, timeout=10)
    boundaries: list[str] = []

    def come() -> None:
        barrier.wait()
        with spool.tail([enclosed(bytes(MEGABYTE))]) as tail:
            boundaries.append(tail.boundary)

    threads = [threading.Thread(target=come) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert len(boundaries) == 8
    assert len(set(boundaries)) == len(made) == 1


def test_longest_unused_tail_goes_first(tmp_path: Path, enclosed: Any) -> None:
    files = [enclosed(bytes([number]) * MEGABYTE) for number in range(4)]
    spool = Spool(folder=tmp_path / "spool", budget_bytes=3 * room_for(files[:1]) + 10)
    kept = {}
    for number in (0, 1, 2, 0, 3):
        with spool.tail([files[number]]) as tail:
            kept[number] = tail.boundary
    for number, is_kept in ((0, True), (2, True), (3, True), (1, False)):
        with spool.tail([files[number]]) as tail:
            assert (tail.boundary == kept[number]) == is_kept


def test_tail_in_use_is_never_evicted(tmp_path: Path, enclosed: Any) -> None:
    files = [enclosed(bytes([number]) * MEGABYTE) for number in range(2)]
    spool = Spool(folder=tmp_path / "spool", budget_bytes=room_for(files[:1]) + 10)
    with spool.tail(files[:1]) as tail:
        before = content_of(tail)
        with pytest.raises(SpoolFull), spool.tail(files[1:]):
            pass
        assert content_of(tail) == before
    with spool.tail(files[1:]):
        pass
    assert len(tails_in(tmp_path)) == 1


def test_half_a_tail_left_by_a_killed_worker_is_cleared_away(tmp_path: Path, enclosed: Any) -> None:
    file = enclosed(bytes(MEGABYTE))
    folder = tmp_path / "spool"
    folder.mkdir()
    (folder / "dead.unfinished").write_bytes(bytes(MEGABYTE))
    with Spool(folder=folder, budget_bytes=room_for([file]) + 10).tail([file]):
        assert len(tails_in(tmp_path)) == 1


def test_file_that_changed_in_the_store_is_not_sent(spool: Spool, enclosed: Any, tmp_path: Path) -> None:
    file = enclosed(b"the real map")
    object.__setattr__(file, "sha256", "0" * 64)
    with pytest.raises(AttachmentChanged, match=r"map\.pdf"), spool.tail([file]):
        pass
    assert tails_in(tmp_path) == []
