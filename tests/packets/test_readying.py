"""A document is normalised once for each school and content, and forgotten when unused for long."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.conf import LazySettings
from django.core.files.storage import default_storage
from django.utils import timezone

from jobs.confinement import Bound, Crashed, OutOfBounds
from jobs.directory import Document
from jobs.models import School, StoredFile
from jobs.pruning import prune
from jobs.testing import make_school
from packets import checking, confined, forgetting, opening
from packets.models import Packet, ReadyDocument
from packets.opening import Unusable
from packets.readying import ready
from tests.switchyard.pseudo import speak

pytestmark = pytest.mark.django_db


@pytest.fixture
def document(students: Any, school: School, pdf: Callable[..., bytes]) -> Document:
    """A résumé of two pages."""
    given: Document = students.give(students.add(school, "Amy Adams"), "resume", pdf("Amy R1", "Amy R2"))
    return given


def test_document_is_normalised_once(document: Document, school: School) -> None:
    first = ready(document, school=school)
    with mock.patch.object(confined, "normalise") as again:
        assert ready(document, school=school) == first
    assert not again.called
    assert (first.pages, first.reason) == (2, "")


def test_each_school_has_its_own(document: Document, school: School) -> None:
    other = make_school(name="Other")
    assert ready(document, school=school) != ready(document, school=other)
    assert set(ReadyDocument.objects.values_list("school", flat=True)) == {school.pk, other.pk}


def test_reason_that_lies_in_the_file_is_kept(students: Any, school: School) -> None:
    broken = students.give(students.add(school, "Ben Brown"), "resume", b"broken")
    for _ in range(2):
        with pytest.raises(Unusable, match="damaged"):
            ready(broken, school=school)
    assert ReadyDocument.objects.get().reason == opening.DAMAGED


def test_reason_is_told_in_the_readers_language_and_kept_in_none(
    students: Any, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = students.give(students.add(school, "Ben Brown"), "resume", b"broken")
    speak(monkeypatch)
    for _ in range(2):
        with pytest.raises(Unusable) as unusable:
            ready(broken, school=school)
        assert str(unusable.value) == f"⟦{opening.DAMAGED}⟧"
    assert ReadyDocument.objects.get().reason == opening.DAMAGED


def test_reason_with_numbers_is_told_in_the_readers_language(
    document: Document, school: School, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SWITCHYARD = {**settings.SWITCHYARD, "files": {"document_pages": 1}}
    speak(monkeypatch)
    with pytest.raises(Unusable) as unusable:
        ready(document, school=school)
    assert str(unusable.value) == "⟦It has ⟧2⟦ pages; a document may have ⟧1⟦. Ask for a shorter copy.⟧"


def test_reason_that_hangs_on_a_limit_is_not_kept(
    document: Document, school: School, settings: LazySettings
) -> None:
    settings.SWITCHYARD = {**settings.SWITCHYARD, "files": {"document_pages": 1}}
    with pytest.raises(Unusable, match="may have 1"):
        ready(document, school=school)
    settings.SWITCHYARD = {**settings.SWITCHYARD, "files": {"document_pages": 2}}
    assert ready(document, school=school).pages == 2


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OutOfBounds(Bound.MEMORY), checking.TOO_MUCH_MEMORY),
        (OutOfBounds(Bound.CPU), checking.TOO_MUCH_TIME),
        (OutOfBounds(Bound.TIME), checking.TOO_MUCH_TIME),
        (Crashed("ended by SIGSEGV"), checking.NOT_READ),
    ],
)
def test_document_that_ends_its_child_is_left_out(
    document: Document, school: School, error: Exception, reason: str
) -> None:
    with mock.patch.object(confined, "normalise", side_effect=error), pytest.raises(Unusable) as told:
        ready(document, school=school)
    assert str(told.value) == reason
    assert not ReadyDocument.objects.exists()


def test_document_whose_child_was_killed_is_opened_once_more(document: Document, school: School) -> None:
    answers = [Crashed("ended by SIGKILL"), confined.normalise]

    def normalise(**given: Any) -> dict[str, Any]:
        answer = answers.pop(0)
        if isinstance(answer, Crashed):
            raise answer
        return answer(**given)

    with mock.patch.object(confined, "normalise", normalise):
        assert ready(document, school=school).pages == 2
    assert not answers


def test_document_that_no_packet_took_for_long_is_forgotten(document: Document, school: School) -> None:
    piece = ready(document, school=school).piece
    assert piece is not None
    now = timezone.now()
    prune(now=now + timedelta(days=59))
    assert ReadyDocument.objects.exists()
    with mock.patch("django.db.transaction.on_commit", lambda do, **_: do()):
        prune(now=now + timedelta(days=62))
    assert not ReadyDocument.objects.exists()
    assert not StoredFile.objects.exists()
    assert not default_storage.exists(piece.content.name)


def test_document_that_is_taken_again_meanwhile_stays(document: Document, school: School) -> None:
    found = ready(document, school=school)
    ReadyDocument.objects.update(used_on="2020-01-01")
    is_unused = forgetting.Q(used_on__lt="2021-01-01")
    ready(document, school=school)
    assert not forgetting.forget(found, where=is_unused)
    assert ReadyDocument.objects.get().used_on == timezone.localdate()


def test_packet_takes_what_is_ready(
    document: Document, students: Any, school: School, build: Callable[..., Packet]
) -> None:
    [amy] = [student for _, student in students.kept.values()]
    assert build(amy).pages == 2
    with mock.patch.object(confined, "normalise") as again:
        assert build(amy).pages == 2
    assert not again.called
