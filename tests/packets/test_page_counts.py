"""A packet tells its pages when it is asked for, once its documents were opened before."""

from collections.abc import Callable
from typing import Any

import pytest

from jobs.models import Job, School
from jobs.testing import make_school
from packets.models import PageCount
from packets.page_counts import note_pages

pytestmark = pytest.mark.django_db


def test_packet_tells_its_pages_once_some_of_its_documents_were_opened(
    students: Any,
    school: School,
    pdf: Callable[..., bytes],
    build: Callable[..., Any],
    ask: Callable[..., Job],
) -> None:
    amy, ben = students.add(school, "Amy Adams"), students.add(school, "Ben Brown")
    students.give(amy, "resume", pdf("1", "2", "3"))
    students.give(amy, "transcript", pdf("1"))
    assert "pages" not in build(amy).job.sizes
    assert ask(amy, title="Again").sizes["pages"] == 4
    students.give(ben, "resume", pdf("1", "2"))  # counts as the average of the others while nobody opened it
    sizes = ask(amy, ben, title="Both").sizes
    assert (sizes["documents"], sizes["pages"]) == (3, 6)


def test_pages_are_noted_once_and_for_one_school(school: School) -> None:
    other = make_school(name="Another")
    note_pages(school.pk, {7: 2})
    note_pages(school.pk, {7: 2, 8: 1})
    note_pages(other.pk, {7: 9})
    assert sorted(PageCount.objects.values_list("school", "document_id", "pages")) == sorted(
        [(school.pk, 7, 2), (school.pk, 8, 1), (other.pk, 7, 9)]
    )
