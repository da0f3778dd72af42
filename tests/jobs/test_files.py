"""Files of a school, kept by content."""

from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from pytest_django import Settings

from jobs.files import store
from jobs.models import School, StoredFile
from jobs.testing import make_school


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Settings) -> Path:
    """A storage of the test's own."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def keep(school: School, content: bytes) -> StoredFile:
    """Store `content` for `school`."""
    return store(
        school=school, name="../../etc/passwd", media_type="text/plain", content=ContentFile(content)
    )


def files_below(folder: Path) -> int:
    """Count the files."""
    return sum(path.is_file() for path in folder.rglob("*"))


def test_stored_file_reads_back_with_its_size_and_hash(school: School) -> None:
    stored = keep(school, b"transcript")
    with StoredFile.objects.get(pk=stored.pk).content.open() as content:
        assert content.read() == b"transcript"
    assert stored.size == 10
    assert len(stored.sha256) == 64


def test_same_bytes_of_a_school_are_kept_once(school: School, folder: Path) -> None:
    keep(school, b"same")
    keep(school, b"same")
    assert (StoredFile.objects.count(), files_below(folder)) == (2, 1)


def test_same_bytes_of_two_schools_are_kept_apart(school: School, folder: Path) -> None:
    keep(school, b"same")
    keep(make_school(), b"same")
    assert files_below(folder) == 2


def test_name_that_a_person_typed_is_no_path(school: School, folder: Path) -> None:
    stored = keep(school, b"x")
    assert Path(stored.content.path).is_relative_to(folder)
