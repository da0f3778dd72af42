"""A data file whose reading process is killed is read once more."""

from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from django.core.files.base import ContentFile

from jobs.confinement import Crashed
from uploads import reading
from uploads.datasets import STUDENTS
from uploads.reading import read
from uploads.tables.refusing import UnreadableFile

CSV = "number,first name,last name,email\n0017,Maya,Lee,maya@school.example\n"


def numbers_of(data: str) -> list[str]:
    with read(ContentFile(data.encode()), dataset=STUDENTS) as table:
        return [row[0] for block in table.blocks() for row in block.rows()]


@pytest.fixture
def crashes() -> Iterator[list[Exception]]:
    """How the next calls of the reading process end, before any is done."""
    ends: list[Exception] = []
    run = reading.CONFINEMENT.run

    def crash(*given: Any, **limits: Any) -> Any:
        if ends:
            raise ends.pop()
        return run(*given, **limits)

    with mock.patch.object(reading.CONFINEMENT, "run", crash):
        yield ends


def test_a_file_whose_reader_was_killed_is_read_once_more(crashes: list[Exception]) -> None:
    crashes.append(Crashed("ended by SIGKILL"))
    assert numbers_of(CSV) == ["0017"]
    assert not crashes


def test_a_file_whose_reader_breaks_off_twice_is_not_called_damaged(crashes: list[Exception]) -> None:
    crashes += [Crashed("ended by SIGKILL")] * 2
    with pytest.raises(UnreadableFile, match="could not be read, though it was tried twice"):
        numbers_of(CSV)
