"""A packet that is larger than the school's packets may be is refused before the work, with a sentence."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from jobs.models import Job, JobState, Person, School
from jobs.testing import run_parts
from packets import policies
from packets.capping import TooLarge
from packets.models import Packet

pytestmark = pytest.mark.django_db


@pytest.fixture
def limited(school: School, person: Person) -> Callable[..., None]:
    """Lets the school have these limits."""

    def chosen(**limits: int) -> None:
        usual = {"kept_days": None, "most_documents": None, "most_megabytes": None, "most_pages": None}
        wanted: dict[str, Any] = {**usual, **limits, "needs_consent": False, "notice": ""}
        policies.choose(school=school, by=person, now=timezone.now(), **wanted)

    return chosen


def test_too_many_documents_are_refused_in_the_form(
    students: Any, school: School, pdf: Callable[..., bytes], limited: Callable[..., None], client: Client
) -> None:
    chosen = [students.add(school, f"Student N{number}") for number in range(3)]
    for student in chosen:
        students.give(student, "resume", pdf("One"))
    limited(most_documents=2)
    sent = {"title": "Fair", "document_types": "resume", "students": [each.id for each in chosen]}
    page = client.post("/packets/new/", {**sent, "form_key": "6f1e5f1c-0a0f-4a7e-9a52-2f9b1f4f6a11"})
    assert page.status_code == 422
    assert "would have 3 documents; a packet of your school may have 2" in page.content.decode()
    assert not Packet.objects.exists()
    assert not Job.objects.exists()


def test_too_many_megabytes_are_refused(
    students: Any,
    school: School,
    pdf: Callable[..., bytes],
    limited: Callable[..., None],
    ask: Callable[..., Job],
) -> None:
    amy = students.add(school, "Amy Adams")
    students.give(amy, "resume", pdf("One").ljust(1_200_000, b"\n"))
    limited(most_megabytes=1)
    with pytest.raises(TooLarge, match=r"documents of 1.1 MB; a packet of your school may have 1 MB"):
        ask(amy)


def test_pages_that_are_known_only_when_read_end_the_packet_before_it_is_bound(
    students: Any,
    school: School,
    pdf: Callable[..., bytes],
    limited: Callable[..., None],
    ask: Callable[..., Job],
) -> None:
    amy = students.add(school, "Amy Adams")
    students.give(amy, "resume", pdf("One", "Two", "Three"))
    limited(most_pages=2)
    job = ask(amy)
    run_parts(lane="packets")
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "would have 3 pages; a packet of your school may have 2" in job.error
    with pytest.raises(TooLarge, match="3 pages"):  # by now they are known
        ask(amy)


def test_a_school_never_has_more_than_the_platform(
    school: School, limited: Callable[..., None], settings: Any
) -> None:
    limited(most_pages=900)
    settings.SWITCHYARD = {**settings.SWITCHYARD, "packets": {"pages": 500}}
    assert policies.policy_of(school).most_pages == 500
