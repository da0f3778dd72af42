"""Kinds are told who gets their jobs' results, before they are handed out."""

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from jobs import files, registry
from jobs.models import Job, Person, School, StoredFile
from jobs.registry import Kind
from jobs.submission import submit
from jobs.testing import make_person, make_school

pytestmark = pytest.mark.django_db


class Noting(Kind):
    """Notes who gets its results."""

    label = "Test"
    unit = "things"
    noted: ClassVar[list[tuple[str, str, str]]] = []

    def note_download(self, file: StoredFile, *, by: Person | None, program: str = "") -> None:
        """Note it."""
        self.noted.append((file.name, by.name if by else "", program))


@pytest.fixture
def noted() -> Iterator[list[tuple[str, str, str]]]:
    """What a kind of the test was told."""
    registry.register("tests.noting")(Noting)
    Noting.noted.clear()
    yield Noting.noted
    registry.forget("tests.noting")


@pytest.fixture
def school(db: None, settings: Any, tmp_path: Any) -> School:
    """A school whose files are kept for the test."""
    settings.MEDIA_ROOT = tmp_path / "files"
    return make_school()


@pytest.fixture
def person(school: School) -> Person:
    """Someone of the school."""
    return make_person(school=school)


@pytest.fixture
def result(school: School, person: Person) -> StoredFile:
    """A result of the kind's job."""
    job: Job = submit(
        kind="tests.noting", school=school, by=person, arguments={}, key="1", units=1, lane="mail"
    )
    return files.store(
        school=school, name="a.pdf", media_type="application/pdf", content=ContentFile(b"1"), job=job
    )


def test_a_download_on_the_page_is_told(
    noted: list[tuple[str, str, str]], client: Client, person: Person, result: StoredFile
) -> None:
    client.force_login(person)
    assert client.get(f"/files/{result.pk}/").getvalue() == b"1"
    assert noted == [("a.pdf", person.name, "")]


def test_nobody_of_another_school_gets_it_or_is_noted(
    noted: list[tuple[str, str, str]], client: Client, result: StoredFile
) -> None:
    client.force_login(make_person(school=make_school()))
    assert client.get(f"/files/{result.pk}/").status_code == 404
    assert noted == []
