"""Archives that are sealed: whole, or a clear sentence."""

from io import BufferedIOBase, BytesIO
from tarfile import TarInfo

import pytest
from switchyard.backups import CannotBackUp
from switchyard.backups.sealing import Identity, reading, writing

CONTENT = bytes(range(256)) * 4000
KEY = Identity.generate()


def seal(target: BufferedIOBase) -> None:
    with writing(target, recipient=KEY.to_public()) as archive:
        for name in ("first", "second"):
            member = TarInfo(name)
            member.size = len(CONTENT)
            archive.addfile(member, BytesIO(CONTENT))


def sealed() -> bytes:
    target = BytesIO()
    seal(target)
    return target.getvalue()


def opened(archive: bytes, *, identity: Identity = KEY) -> list[tuple[str, bytes]]:
    with reading(BytesIO(archive), identity=identity) as members:
        return [(name, content.read()) for name, content in members]


def test_what_was_sealed_is_opened() -> None:
    assert opened(sealed()) == [("first", CONTENT), ("second", CONTENT)]


@pytest.mark.parametrize("place", [0.3, 0.5, 0.9, 0.9999])
def test_cut_archive_is_refused(place: float) -> None:
    whole = sealed()

    with pytest.raises(CannotBackUp, match="damaged or cut off"):
        opened(whole[: int(len(whole) * place)])


@pytest.mark.parametrize("place", [0.3, 0.5, 0.9, 0.9999])
def test_changed_archive_is_refused(place: float) -> None:
    changed = bytearray(sealed())
    changed[int(len(changed) * place)] ^= 1

    with pytest.raises(CannotBackUp, match="damaged or cut off"):
        opened(bytes(changed))


def test_another_key_opens_nothing() -> None:
    with pytest.raises(CannotBackUp, match="does not open this backup"):
        opened(sealed(), identity=Identity.generate())


@pytest.mark.parametrize("content", [b"", b"no archive", b"x" * 100_000])
def test_what_is_no_backup_is_refused(content: bytes) -> None:
    with pytest.raises(CannotBackUp, match="or this is none"):
        opened(content)


def test_reader_may_leave_early() -> None:
    with reading(BytesIO(sealed()), identity=KEY) as members:
        name, _ = next(members)

    assert name == "first"


def test_own_error_of_the_reader_stays_its_own() -> None:
    def stumble() -> None:
        with reading(BytesIO(sealed()), identity=KEY) as members:
            next(members)
            raise KeyError

    with pytest.raises(KeyError):
        stumble()


class Full(BufferedIOBase):
    """A disk that takes nothing."""

    def write(self, _block: object) -> int:
        raise OSError(28, "No space left on device")


def test_full_disk_is_told() -> None:
    with pytest.raises(CannotBackUp, match="No space left"):
        seal(Full())


def test_content_is_not_readable() -> None:
    assert CONTENT[:64] not in sealed()
