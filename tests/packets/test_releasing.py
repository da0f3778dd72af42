"""What students have not released to employers is in no packet, and the packet says so."""

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from jobs import lifecycle
from jobs.directory import Document
from jobs.execution import answer
from jobs.models import Job, JobState, Person, School
from jobs.testing import make_school, run_parts
from packets import policies, releasing
from packets.layout import Layout
from packets.mailing import BEING_REPLACED, TAKEN_BACK
from packets.models import DeliveryState, Packet
from packets.planning import NOTHING_RELEASED
from tests.packets.breaking import broken_off
from tests.packets.shares import SITE, record_of, share_on_page, way_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def amy_and_ben(students: Any, school: School, pdf: Callable[..., bytes]) -> tuple[Any, Any]:
    """Two students, each with a résumé and a transcript."""
    both = students.add(school, "Amy Adams"), students.add(school, "Ben Brown")
    for student in both:
        for document_type in ("resume", "transcript"):
            students.give(student, document_type, pdf(f"{student.last_name} {document_type}"))
    return both


def ask_for_consent(school: School, by: Person) -> None:
    nothing = {"kept_days": None, "most_documents": None, "most_megabytes": None, "most_pages": None}
    policies.choose(school=school, by=by, now=timezone.now(), needs_consent=True, notice="", **nothing)


def texts(packet: Packet) -> list[str]:
    with packet.result.content.open("rb") as file:
        return [page.extract_text().strip() for page in PdfReader(file).pages]


def withheld(packet: Packet) -> dict[str, list[str]]:
    return {each.name: each.withheld_types for each in packet.students.all() if each.withheld_types}


def test_what_was_refused_stays_out_and_is_told(
    students: Any, amy_and_ben: tuple[Any, Any], build: Callable[..., Packet], client: Client
) -> None:
    amy, ben = amy_and_ben
    students.said[ben.id, "transcript"] = False
    packet = build(amy, ben)
    assert texts(packet) == ["Adams resume", "Adams transcript", "Brown resume"]
    assert packet.job.state == JobState.DONE
    assert packet.job.units_done == 3
    assert withheld(packet) == {"Ben Brown": ["transcript"]}
    page = client.get(f"/jobs/{packet.job_id}/").content.decode()
    assert "has not released them to employers" in page
    assert "<strong>1</strong><span>not released</span>" in page


def test_where_consent_is_needed_only_what_was_released_is_in(
    students: Any,
    school: School,
    person: Person,
    amy_and_ben: tuple[Any, Any],
    build: Callable[..., Packet],
) -> None:
    amy, ben = amy_and_ben
    ask_for_consent(school, person)
    students.said[amy.id, "resume"] = True
    packet = build(amy, ben)
    assert texts(packet) == ["Adams resume"]
    assert withheld(packet) == {"Amy Adams": ["transcript"], "Ben Brown": ["resume", "transcript"]}


def test_what_another_school_decided_changes_nothing(
    amy_and_ben: tuple[Any, Any], build: Callable[..., Packet], person: Person
) -> None:
    ask_for_consent(make_school(), person)
    assert len(texts(build(*amy_and_ben))) == 4


def test_a_packet_of_nothing_released_says_so(
    students: Any, amy_and_ben: tuple[Any, Any], ask: Callable[..., Job]
) -> None:
    amy, _ = amy_and_ben
    students.said[amy.id, "resume"] = students.said[amy.id, "transcript"] = False
    job = ask(amy)
    run_parts(lane="packets")
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.FAILED, NOTHING_RELEASED)


@pytest.mark.parametrize("parts_before", [1, 2])
def test_what_is_refused_while_the_packet_is_built_stays_out(
    students: Any,
    amy_and_ben: tuple[Any, Any],
    ask: Callable[..., Job],
    monkeypatch: pytest.MonkeyPatch,
    parts_before: int,
) -> None:
    amy, ben = amy_and_ben
    job = ask(amy, ben)
    for _ in range(parts_before):  # the plan; then the part that reads the documents
        assert answer(lane="packets", worker="test")
    students.said[amy.id, "resume"] = students.said[amy.id, "transcript"] = False
    run_parts(lane="packets")
    packet = Packet.objects.select_related("job", "result").get(job=job)
    assert texts(packet) == ["Brown resume", "Brown transcript"]
    assert withheld(packet) == {"Amy Adams": ["resume", "transcript"]}
    assert (packet.job.state, packet.job.units_done, packet.job.units_failed) == (JobState.DONE, 4, 0)
    assert packet.students.get(name="Amy Adams").pages == 0


def test_joining_that_is_done_again_goes_by_what_is_released_by_then(
    students: Any, amy_and_ben: tuple[Any, Any], ask: Callable[..., Job]
) -> None:
    amy, ben = amy_and_ben
    job = ask(amy, ben)
    for _ in ("plan", "documents"):
        assert answer(lane="packets", worker="test")
    students.said[ben.id, "resume"] = False
    assert withheld(broken_off(job)) == {"Ben Brown": ["resume"]}
    students.said[ben.id, "resume"] = True
    run_parts(lane="packets")
    packet = Packet.objects.select_related("result").get(job=job)
    assert len(texts(packet)) == 4
    assert withheld(packet) == {}
    assert packet.students.get(name="Ben Brown").pages == 2
    students.said[ben.id, "resume"] = False
    assert releasing.taken_back(packet) == 1


def test_the_packet_itself_lists_what_is_not_released(
    students: Any, amy_and_ben: tuple[Any, Any], build: Callable[..., Packet]
) -> None:
    amy, ben = amy_and_ben
    students.said[ben.id, "transcript"] = False
    packet = build(amy, ben, layout=Layout())
    last = texts(packet)[-1]
    assert "not released" in last.lower()
    assert "Ben Brown" in last


def test_a_released_document_comes_in_when_the_packet_is_built_again(
    students: Any, amy_and_ben: tuple[Any, Any], build: Callable[..., Packet], person: Person
) -> None:
    amy, ben = amy_and_ben
    students.said[ben.id, "transcript"] = False
    packet = build(amy, ben)
    students.said[ben.id, "transcript"] = True
    lifecycle.retry(packet.job, by=person, why="")
    run_parts(lane="packets")
    packet = Packet.objects.select_related("result").get(pk=packet.pk)
    assert len(texts(packet)) == 4
    assert withheld(packet) == {}


def test_a_packet_is_not_shared_once_a_student_took_a_release_back(
    students: Any, amy_and_ben: tuple[Any, Any], build: Callable[..., Packet], client: Client, person: Person
) -> None:
    amy, ben = amy_and_ben
    students.said[ben.id, "transcript"] = False
    packet = build(amy, ben)
    place = f"/packets/{packet.pk}/share/"
    assert client.get(place).status_code == 200
    students.said[ben.id, "resume"] = False
    assert "1 student took the release" in client.get(place, follow=True).content.decode()
    lifecycle.retry(packet.job, by=person, why="")
    run_parts(lane="packets")
    assert client.get(place).status_code == 200


def test_a_link_rests_once_a_student_took_a_release_back_until_the_packet_is_built_again(
    students: Any, amy_and_ben: tuple[Any, Any], build: Callable[..., Packet], client: Client, settings: Any
) -> None:
    settings.SITE_URL = SITE
    _, ben = amy_and_ben
    packet = build(*amy_and_ben)
    employer, link = Client(), way_to(share_on_page(client, packet))
    assert employer.get(link).status_code == 200
    students.said[ben.id, "resume"] = False
    for resting in (employer.get(link), employer.post(link)):
        assert resting.status_code == 410
        assert "brings this file up to date" in resting.content.decode()
    assert record_of(packet) == []
    lifecycle.retry(packet.job, by=None, why="")
    run_parts(lane="packets")
    with closing(employer.post(link)) as file:
        assert file["Content-Disposition"].startswith("attachment")


def test_a_file_that_is_being_replaced_is_handed_to_nobody(  # noqa: PLR0917 - fixtures
    students: Any,
    amy_and_ben: tuple[Any, Any],
    build: Callable[..., Packet],
    client: Client,
    person: Person,
    settings: Any,
) -> None:
    settings.SITE_URL = SITE
    _, ben = amy_and_ben
    packet = build(*amy_and_ben)
    employer, link = Client(), way_to(share_on_page(client, packet))
    share_on_page(client, packet, recipients="Harbor Health <jobs@harbor.example>", way="mail-link")
    students.said[ben.id, "resume"] = False
    lifecycle.retry(packet.job, by=person, why="")
    assert [employer.get(link).status_code, employer.post(link).status_code] == [410, 410]
    place = f"/packets/{packet.pk}/share/"
    assert "is to be built again" in client.get(place, follow=True).content.decode()
    run_parts(lane="mail")
    mail = packet.deliveries.get()
    assert (mail.state, mail.said) == (DeliveryState.REFUSED, BEING_REPLACED)
    assert record_of(packet) == []


def test_no_mail_hands_out_what_a_student_took_back_meanwhile(
    students: Any,
    amy_and_ben: tuple[Any, Any],
    build: Callable[..., Packet],
    client: Client,
    settings: Any,
) -> None:
    settings.SITE_URL = SITE
    _, ben = amy_and_ben
    packet = build(*amy_and_ben)
    share_on_page(client, packet, recipients="Harbor Health <jobs@harbor.example>", way="mail-link")
    students.said[ben.id, "resume"] = False
    run_parts(lane="mail")
    mail = packet.deliveries.get()
    assert (mail.state, mail.said) == (DeliveryState.REFUSED, TAKEN_BACK)


def test_a_document_that_is_withheld_is_never_opened(
    students: Any,
    amy_and_ben: tuple[Any, Any],
    build: Callable[..., Packet],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from packets import assembly  # noqa: PLC0415 - its own `ready` is watched

    opened: list[Document] = []
    real = assembly.ready
    monkeypatch.setattr(
        assembly, "ready", lambda document, **rest: (opened.append(document), real(document, **rest))[1]
    )
    amy, ben = amy_and_ben
    students.said[ben.id, "transcript"] = False
    build(amy, ben)
    assert [each.file_name for each in opened] == [
        "Adams resume.pdf",
        "Adams transcript.pdf",
        "Brown resume.pdf",
    ]
