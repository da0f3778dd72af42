"""A school with a person, and files handed in by that person."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from jobs import letters
from jobs.models import Person, School
from jobs.testing import make_person, make_school, run_parts
from tests.uploads.offices import Office
from uploads import picking_up
from uploads.datasets import DATASETS
from uploads.models import Upload
from uploads.pickup_folders import Watch
from uploads.reading import look_at
from uploads.receiving import receive

HandIn = Callable[..., Upload]


@pytest.fixture
def school(db: None) -> School:
    """A school."""
    return make_school(name="Northfield University")


@pytest.fixture
def person(school: School) -> Person:
    """One of the school's staff."""
    return make_person(school=school)


@pytest.fixture
def hand_in(person: Person) -> HandIn:
    """Hand in a file and let its check run; `checked=False` leaves the check waiting."""

    def hand_in(content: str | bytes, *, by: Person = person, checked: bool = True, **asked: Any) -> Upload:
        data = content.encode() if isinstance(content, str) else content
        file = SimpleUploadedFile("students.csv", data, content_type="text/csv")
        assert by.school is not None
        upload = receive(file=file, key=uuid4(), school=by.school, by=by, **asked)
        if checked:
            run_parts(lane="uploads")
        upload.refresh_from_db()
        return upload

    return hand_in


@pytest.fixture
def hand_in_odd(hand_in: HandIn) -> HandIn:
    """Hand in a file that was looked into, as the page does, so that its columns may have to be chosen."""

    def hand_in_odd(content: str, *, dataset: str = "students", **asked: Any) -> Upload:
        look = look_at(io.BytesIO(content.encode()), dataset=DATASETS[dataset])
        return hand_in(content, dataset=dataset, look=look, is_asked=True, **asked)

    return hand_in_odd


@pytest.fixture
def root(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """The folder below which files are picked up; the process has seen nothing of it before."""
    settings.PICKUP = {"folder": str(tmp_path), "stable_seconds": 30}
    with mock.patch.object(picking_up, "watch", Watch()):
        yield tmp_path


@pytest.fixture
def folder(root: Path, school: School) -> Path:
    """The school's folder for students."""
    return root / school.slug / "students"


@pytest.fixture
def office() -> Iterator[Office]:
    """What takes the letters in place of a mail relay."""
    office = Office()
    with mock.patch.object(letters, "_offered", [office]):
        yield office
